//! Well-known stacks of goroutines: what it often means that there are more of them.

use super::frames::Frame;

/// A well-known stack. Seen in Go 1.19 to 1.27; those of gRPC in profiles that people published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pattern {
    /// Reads the connection of an HTTP client, whose response is not read to its end.
    HttpClientRead,
    /// Writes a connection of an HTTP client.
    HttpClientWrite,
    /// Serves an HTTP connection, on which no handler runs.
    HttpServerConnection,
    /// Runs a handler of an HTTP server.
    HttpHandler,
    /// Watches the connection of a handler that runs.
    HttpHandlerWatch,
    /// Waits for the end of `sql.Rows`.
    SqlRows,
    /// Waits for a context of another implementation, to cancel its child.
    ContextParent,
    /// Reads a client's connection of gRPC.
    GrpcClientRead,
    /// Writes a client's connection of gRPC.
    GrpcClientWrite,
    /// Serves a connection of gRPC.
    GrpcServerConnection,
    /// Runs a handler of a gRPC stream.
    GrpcStream,
}

impl Pattern {
    /// All.
    pub const ALL: [Pattern; 11] = [
        Pattern::HttpClientRead,
        Pattern::HttpClientWrite,
        Pattern::HttpServerConnection,
        Pattern::HttpHandler,
        Pattern::HttpHandlerWatch,
        Pattern::SqlRows,
        Pattern::ContextParent,
        Pattern::GrpcClientRead,
        Pattern::GrpcClientWrite,
        Pattern::GrpcServerConnection,
        Pattern::GrpcStream,
    ];

    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Pattern::HttpClientRead => "http_client_read",
            Pattern::HttpClientWrite => "http_client_write",
            Pattern::HttpServerConnection => "http_server_connection",
            Pattern::HttpHandler => "http_handler",
            Pattern::HttpHandlerWatch => "http_handler_watch",
            Pattern::SqlRows => "sql_rows",
            Pattern::ContextParent => "context_parent",
            Pattern::GrpcClientRead => "grpc_client_read",
            Pattern::GrpcClientWrite => "grpc_client_write",
            Pattern::GrpcServerConnection => "grpc_server_connection",
            Pattern::GrpcStream => "grpc_stream",
        }
    }

    /// The pattern of the other goroutine that each of these has, if it has one.
    pub fn companion(self) -> Option<Pattern> {
        match self {
            Pattern::HttpClientRead => Some(Pattern::HttpClientWrite),
            Pattern::HttpHandler => Some(Pattern::HttpHandlerWatch),
            Pattern::GrpcClientRead => Some(Pattern::GrpcClientWrite),
            _ => None,
        }
    }

    /// The function below which the heap of each of these is allocated, if it is not where the goroutine is.
    pub(super) fn heap_function(self) -> Option<&'static str> {
        match self {
            Pattern::HttpClientRead => Some("net/http.(*Transport).dialConn"),
            Pattern::SqlRows => Some("database/sql.(*DB).queryDC"),
            _ => None,
        }
    }

    /// The pattern of a stack, leaf first.
    pub(super) fn of(stack: &[&Frame]) -> Option<Self> {
        let find = |name: &str| stack.iter().position(|frame| &*frame.name == name);
        let has = |name: &str| find(name).is_some();
        let has_end = |end: &str| stack.iter().position(|frame| frame.name.ends_with(end));
        let entry = stack.iter().rev().find(|frame| !frame.is_runtime()).map_or("", |frame| &*frame.name);
        let first = stack.iter().find(|frame| !frame.is_runtime()).map_or("", |frame| &*frame.name);
        let own_before = |at: usize, not_in: &str| {
            stack[..at].iter().any(|frame| frame.is_own() && (not_in.is_empty() || !frame.name.starts_with(not_in)))
        };
        const GRPC: &str = "google.golang.org/grpc";
        if entry.starts_with(GRPC) {
            let stream = has_end(".(*Server).processStreamingRPC").or_else(|| has_end(".(*Server).processUnaryRPC"));
            if stream.is_some_and(|at| own_before(at, GRPC)) {
                return Some(Pattern::GrpcStream);
            } else if has_end("internal/transport.(*http2Client).reader").is_some() {
                return Some(Pattern::GrpcClientRead);
            } else if has_end("internal/transport.(*loopyWriter).run").is_some() && entry.contains("HTTP2Client") {
                return Some(Pattern::GrpcClientWrite);
            } else if has_end("internal/transport.(*http2Server).HandleStreams").is_some() {
                return Some(Pattern::GrpcServerConnection);
            }
            return None;
        }
        match first {
            // An idle connection in the pool waits below bufio.(*Reader).Peek.
            "net/http.(*persistConn).readLoop" => return Some(Pattern::HttpClientRead),
            "net/http.(*persistConn).writeLoop" => return Some(Pattern::HttpClientWrite),
            "database/sql.(*Rows).awaitDone" => return Some(Pattern::SqlRows),
            _ => {}
        }
        if find("net/http.serverHandler.ServeHTTP").is_some_and(|at| own_before(at, "")) {
            return Some(Pattern::HttpHandler);
        }
        if has("net/http.(*connReader).backgroundRead") {
            return Some(Pattern::HttpHandlerWatch);
        }
        if entry == "net/http.(*conn).serve" && !has("net/http.serverHandler.ServeHTTP") {
            let reads = has("bufio.(*Reader).Peek") || has("net/http.(*conn).readRequest");
            return reads.then_some(Pattern::HttpServerConnection);
        }
        let is_parent = first.starts_with("context.(*cancelCtx).propagateCancel.func")
            || first.starts_with("context.propagateCancel.func");
        is_parent.then_some(Pattern::ContextParent)
    }
}
