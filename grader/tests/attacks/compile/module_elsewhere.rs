//! Has the compiler quote a file of the machine in its complaints. Outcome: refused.
macro_rules! load {
    () => {
        #[path = "SECRET"]
        mod elsewhere;
    };
}
load!();
fn main() {}
