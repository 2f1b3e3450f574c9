//! Recognises well-known ways to keep memory of Go's library, by the functions that own or allocate it.

/// What the program keeps open, or does not stop; the most specific first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LibraryPattern {
    /// Connections of an HTTP client.
    HttpClient,
    /// Rows of an SQL query.
    SqlRows,
    /// Contexts that are not cancelled.
    Context,
    /// Tickers that are not stopped.
    Ticker,
    /// Timers that wait.
    Timer,
    /// Connections of an HTTP server.
    HttpServer,
}

impl LibraryPattern {
    /// The pattern that a function stands for, if any.
    pub(super) fn of(function: &str) -> Option<Self> {
        Some(match function {
            "net/http.(*Transport).dialConnFor"
            | "net/http.(*persistConn).readLoop"
            | "net/http.(*persistConn).writeLoop" => LibraryPattern::HttpClient,
            "database/sql.(*Rows).awaitDone" | "database/sql.(*DB).queryDC" | "database/sql.(*DB).addDepLocked" => {
                LibraryPattern::SqlRows
            }
            "context.(*cancelCtx).propagateCancel"
            | "context.withCancel"
            | "context.WithDeadlineCause"
            | "context.WithDeadline" => LibraryPattern::Context,
            "time.NewTicker" => LibraryPattern::Ticker,
            "time.NewTimer" | "time.After" => LibraryPattern::Timer,
            "net/http.(*conn).serve" | "net/http.(*Server).Serve" | "net/http.Serve" => LibraryPattern::HttpServer,
            _ => return None,
        })
    }
}
