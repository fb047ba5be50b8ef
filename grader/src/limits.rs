//! The bounds of what a learner's program may do. A correct program, however slow, stays far from each of them; one that
//! runs into a bound is ended, and its verdict says which.

/// Lines that are recorded of one stream of a process. What is printed beyond them is read and dropped.
pub const OUTPUT_LINES: usize = 1_000;

/// Bytes that are recorded of one line. A longer line is cut.
pub const OUTPUT_LINE_BYTES: usize = 4 << 10;
