//! Eight gigabytes that are in the program itself. Outcome: refused|memory|cpu|file-size|crashed.
#[used]
static LARGE: [u8; 8 << 30] = [1; 8 << 30];
fn main() {
    println!("{}", LARGE[7]);
}
