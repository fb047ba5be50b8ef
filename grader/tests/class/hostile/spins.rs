//! Takes a processor and gives nothing for it.

fn main() {
    let mut number = 0u64;
    loop {
        number = std::hint::black_box(number.wrapping_add(1));
    }
}
