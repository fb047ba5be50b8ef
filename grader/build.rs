//! How the programs are linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |what: &str| std::env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    // A program at a fixed address has nothing to relocate when it starts. That halves its start (150,000 addresses are
    // a millisecond and a half), and a check starts a dozen processes of it. `grader` handles what strangers hand in, and
    // keeps its random address.
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo::rustc-link-arg-bin=kafkacourse=-no-pie");
    }
}
