//! Has the assembler take a file of the machine into the program. Outcome: refused.
core::arch::global_asm!(".section .rodata", ".incbin \"SECRET\"");
fn main() {}
