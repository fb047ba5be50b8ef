//! Ends before it has done anything, with a signal.

fn main() {
    std::process::abort();
}
