//! Asks for what only nightly compilers have. Outcome: refused.
#![feature(rustc_private)]
fn main() {}
