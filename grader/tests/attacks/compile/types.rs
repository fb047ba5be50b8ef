//! A type without end. Outcome: refused|memory|cpu|crashed.
#![recursion_limit = "1000000"]
trait Deep {
    fn go(n: u64) -> u64;
}
impl<T> Deep for T {
    fn go(n: u64) -> u64 {
        <(T, T) as Deep>::go(n + 1)
    }
}
fn main() {
    println!("{}", <u8 as Deep>::go(0));
}
