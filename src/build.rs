//! Links the program at a fixed address, where it can be said to the linker in a word. Then nothing is relocated at
//! each start: 0.2 of the 4.7 ms of a small pair, 0.3 of 10 MB, and 220 of 3970 KB. Go's own tools are linked like
//! that, too, and safe Rust has little that a random address would guard.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=src/build.rs");
    let target = |what: &str| env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    let is_static = target("FEATURE").split(',').any(|feature| feature == "crt-static");
    if target("OS") == "linux" && target("ENV") == "gnu" && !is_static {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
