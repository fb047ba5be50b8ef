//! Has the linker take a file of the machine for a library. Outcome: refused.
#[link(name = "planted", kind = "static")]
unsafe extern "C" {
    fn planted();
}
fn main() {
    unsafe { planted() }
}
