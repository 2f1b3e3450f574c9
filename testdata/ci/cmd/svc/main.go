// Svc serves sessions, and its profiles at /debug/pprof.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	_ "net/http/pprof"

	"example.com/svc/server"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "the address to serve on")
	flag.Parse()
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	srv := server.New()
	http.Handle("/login", srv)
	http.Handle("/logout", srv)
	fmt.Printf("http://%s\n", listener.Addr())
	log.Fatal(http.Serve(listener, nil))
}
