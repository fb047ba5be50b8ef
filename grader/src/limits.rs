//! The bounds of what a learner's program may do. A correct program, however slow, stays far from each of them; one that
//! runs into a bound is ended, and its verdict says which.

/// Lines that are recorded of one stream of a process. What is printed beyond them is read and dropped.
pub const OUTPUT_LINES: usize = 1_000;

/// Bytes that are recorded of one line. A longer line is cut.
pub const OUTPUT_LINE_BYTES: usize = 4 << 10;

/// Bytes of one stream of a process that are looked at: so much is in as many lines of that length as are recorded.
pub const OUTPUT_READ_BYTES: u64 = (OUTPUT_LINES * OUTPUT_LINE_BYTES) as u64;

/// Bytes that a process may print on one stream. Whoever logs each record at length prints some MiB.
pub const OUTPUT_BYTES: u64 = 256 << 20;

/// Bytes that the files in a scenario's folder may take up on the disk. A database of an exercise takes some KiB.
pub const FOLDER_BYTES: u64 = 256 << 20;

/// Events of programs in one scenario. The longest run of a right program has some thousands.
pub const EVENTS: usize = 100_000;

/// Calls of the outside world in one scenario. No scenario gives a program more than some hundred records, and none is to
/// be tried more than a few dozen times.
pub const CALLS: usize = 10_000;

/// Bytes of evidence in one scenario: what programs put into records, calls and lines, and what the events that carry it
/// take up. The longest run of a right program has about one MiB.
pub const EVIDENCE_BYTES: usize = 24 << 20;

/// Bytes of an evidence file that are read, once unpacked. JSON takes up more room than [`EVIDENCE_BYTES`] counts.
pub const FILE_BYTES: u64 = 64 << 20;

/// Events of an evidence file that are read: those of programs, and what the grader did to them.
pub const FILE_EVENTS: usize = 250_000;

/// Bytes of one line of an evidence file, which holds one event.
pub const FILE_LINE_BYTES: u64 = 32 << 20;

/// Files that the grader itself has open, whatever it grades: its own binary's, the broker's, pipes to cargo.
pub const OWN_DESCRIPTORS: u64 = 64;

/// Files that the grader has open for one scenario: three processes with their pipes, listeners and some twenty
/// connections, each of which has two ends here.
pub const DESCRIPTORS_PER_SCENARIO: u64 = 64;

/// Files that the grader lets itself open, where the system allows as many.
pub const DESCRIPTORS: u64 = 16_384;
