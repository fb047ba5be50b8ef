//! Only here so that cargo builds the `build-dependencies`: see Cargo.toml.

fn main() {}
