//! Waits for longer than anybody has.

fn main() {
    loop {
        std::thread::park();
    }
}
