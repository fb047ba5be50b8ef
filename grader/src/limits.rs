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

/// Bytes of memory of a confined program, with all its processes. A client takes some 50 MiB, one on the JVM 400.
pub const MEMORY_BYTES: u64 = 1 << 30;

/// Bytes of a confined program's temporary files, which lie in memory.
pub const TEMPORARY_BYTES: u64 = 64 << 20;

/// Processes and threads of a confined program. librdkafka has some five threads for each client, the JVM some forty.
pub const PROCESSES: u64 = 256;

/// Files that one process of a confined program has open; one connection is one of them.
pub const OPEN_FILES: u64 = 1_024;

/// Seconds of a processor's time that one process of a confined program takes. A right one waits most of the time.
pub const CPU_SECONDS: u64 = 60;

/// Seconds on the clock of a confined program, a little more than a scenario has.
pub const RUN_SECONDS: u64 = 100;

/// Bytes of memory of a compiler that is given a learner's sources. rustc takes some 400 MiB for an exercise.
pub const COMPILER_MEMORY_BYTES: u64 = 4 << 30;

/// Bytes of one file that a compiler writes. A program of an exercise has some 40 MiB.
pub const COMPILED_BYTES: u64 = 512 << 20;

/// Seconds of a processor's time that a compiler may take for a learner's sources; an exercise takes two.
pub const COMPILER_SECONDS: u64 = 60;

/// Events of programs in one scenario. The longest run of a right program has some thousands.
pub const EVENTS: usize = 100_000;

/// Calls of the outside world in one scenario. No scenario gives a program more than some hundred records, and none is to
/// be tried more than a few dozen times.
pub const CALLS: usize = 10_000;

/// Bytes of evidence in one scenario: what programs put into records, calls and lines, and what the events that carry it
/// take up. The longest run of a right program has about one MiB.
pub const EVIDENCE_BYTES: usize = 24 << 20;

/// Bytes of a file of the course: a page, a specification, a solution. The longest has some tens of KiB.
pub const COURSE_FILE_BYTES: u64 = 4 << 20;

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

/// Bytes of the large frames of one process that are read at the same time. Further ones wait.
pub const FRAMES_BYTES: usize = 256 << 20;

/// Requests of one connection that have no answer yet. Further ones are read when an answer has been sent, so a program
/// that never reads answers is soon not read from either.
pub const REQUESTS_IN_FLIGHT: usize = 1_000;

/// Connections of one process to Kafka that are open at once.
pub const OPEN_CONNECTIONS: usize = 1_000;

/// Connections of one process to the outside world that are open at once, each of which may be in the middle of a call.
pub const OPEN_CALLERS: usize = 250;

/// Connections of one process in all, to Kafka or to the outside world.
pub const CONNECTIONS: usize = 20_000;

/// Connections of other processes of the machine that are recorded; further ones are only dropped.
pub const STRANGERS: usize = 20;

/// Bytes of one call of the outside world.
pub const CALL_BYTES: usize = 1 << 20;

/// Bytes of one source file that was handed in. The longest of the course has some tens of KiB.
pub const SOURCE_BYTES: u64 = 256 << 10;

/// Source files of one exercise that was handed in.
pub const SOURCES: usize = 100;

/// Bytes of all source files of one exercise that was handed in.
pub const SOURCES_BYTES: u64 = 2 << 20;

/// Files and links of one submission. Whoever packs a checkout of the course with all that was built in it has some tens
/// of thousands.
pub const SUBMITTED_ENTRIES: usize = 100_000;

/// Archives that are looked into where they lie in the folder of a submission: one for each exercise, say.
pub const SUBMITTED_ARCHIVES: usize = 16;

/// Bytes to which one submission may unpack. A checkout of the course with all that was built in it has some hundred MiB.
pub const UNPACKED_BYTES: u64 = 1 << 30;

/// How many times its size an archive may unpack to. Sources shrink to a fifth, and what a compiler makes to a third.
pub const UNPACKED_RATIO: u64 = 200;

/// Bytes up to which nobody minds how much an archive grows.
pub const UNPACKED_UNSUSPECTED_BYTES: u64 = 32 << 20;

/// Bytes of the directory of a zip archive, which is held in memory: one entry takes about a hundred.
pub const DIRECTORY_BYTES: u64 = 16 << 20;

/// Bytes of a zip archive that are read for the sources in it.
pub const PACKED_SOURCES_BYTES: u64 = 64 << 20;

/// Files in an archive of a whole class.
pub const CLASS_ENTRIES: usize = 1_000_000;

/// Bytes to which an archive of a whole class may unpack. It holds what learners have handed in as it is.
pub const CLASS_BYTES: u64 = 16 << 30;
