"""https_server.py KEY CERTIFICATE PROFILE: serves a heap profile over https to those who have a token; prints its port."""

import http.server
import pathlib
import ssl
import sys

KEY, CERTIFICATE, PROFILE = sys.argv[1:]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        has_token = self.headers.get("Authorization") == "Bearer token"
        body = pathlib.Path(PROFILE).read_bytes() if has_token else b"no token"
        self.send_response(200 if has_token else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(CERTIFICATE, KEY)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
