//! What is wrong with a URL.

use thiserror::Error;

/// An error in a URL.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UrlError {
    /// Another scheme.
    #[error("not a URL that can be fetched; expected one such as http://localhost:6060")]
    Scheme,
    /// No host.
    #[error("it has no host; expected a URL such as http://localhost:6060")]
    Host,
    /// No socket.
    #[error("it names no socket; expected unix:/run/docker.sock or unix:/run/docker.sock:/debug/pprof/heap")]
    Socket,
    /// An invalid port.
    #[error("its port is not a number from 1 to 65535")]
    Port,
    /// A character that must be percent-encoded.
    #[error("{0:?} must be percent-encoded in a URL")]
    Character(char),
}
