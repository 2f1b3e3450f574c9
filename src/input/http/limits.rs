//! How much of a server's time and data is taken.

use std::time::Duration;

/// Limits on the time and size of a response.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Time from looking up the host to the last byte.
    pub timeout: Duration,
    /// Maximum size of the body, bytes.
    pub size: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { timeout: Duration::from_secs(60), size: 1 << 30 }
    }
}
