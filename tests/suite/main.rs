//! The tests, one program. `proto` and `run` are what they share.

// A test fails by panicking, and its modules are public to each other.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod damage;
mod decode;
mod laws;
mod layering;
mod oracle;
mod proto;
mod readme;
mod run;
mod sites;
mod transcripts;
