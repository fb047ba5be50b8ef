//! kafkacourse grades Kafka programs by what they say to Kafka and by what they do when things break.
//!
//! There are two programs: `kafkacourse` for learners and authors, `grader` for instructors.
//!
//! Record first, judge later. The modules, in the order in which data flows through them; each uses only those above
//! it (a test holds that):
//!
//! | module | its one job | where something new goes |
//! | --- | --- | --- |
//! | [`foreign`] | text from outside: it does nothing to a terminal, and misleads no reader | |
//! | [`limits`] | the bounds of what a program may do, in one place | a bound, with its unit and its reason |
//! | [`files`] | ordinary files only, bounded: no link is followed, no FIFO is waited for | |
//! | [`ourselves`] | this program as a child of its own | |
//! | [`wire`] | Kafka frames: decoded, rewritten, refused; never panics, whatever the bytes | a newer version of a message: the table in `wire/src/api.rs`, its layout in `wire/src/schema/messages.txt`, and `wire/src/decode` where its meaning changes; a further kind of request: `request.rs`, `response.rs`, `names.rs`, too |
//! | [`cluster`] | the embedded Kafka: one to three nodes in memory | a request: one file in `cluster/src/core`, one line in its `mod.rs`, its versions in `cluster/src/versions.rs` |
//! | [`evidence`] | the timeline as data: events, patterns, rules, views; versioned JSON lines | an event, or a field of one (with a default, so that older files can be read): `evidence/event.rs`, `evidence/pattern.rs`; the format of the files: `evidence/file.rs`; what a fault does: `evidence/rule.rs`, `recorder/effect.rs`; a state in which it strikes: `evidence/state.rs`, `evidence/following.rs` |
//! | [`checks`] | pure functions from evidence to findings | a check: one file in the folder of its subject, one line in the registry of `checks/mod.rs` |
//! | [`course`] | `course.toml`, `exercise.toml` and `quiz.toml` to typed data, known mistakes among it; errors with file and line | a scenario step: `course/spec.rs`, then `run/steps.rs` |
//! | [`journal`] | locked, append-only JSON lines; damaged ones are skipped and reported | |
//! | [`store`] | where evidence lies, how long it is kept; the latest run | |
//! | [`workspace`] | the learner's tree: where it is, stubs, backups, resets | |
//! | [`submission`] | what was handed in: whose it is, and the few files of it that count | an export of a platform, a kind of archive; a language: `submission/sources.rs`, `submission/command.rs`, then `class/toolchain.rs` |
//! | [`recorder`] | a run while it goes on: one order, the log, rules that strike, waiting | |
//! | [`sandbox`] | programs that are not trusted, and what holds them | a system call that is refused: `sandbox/syscalls.rs`; a bound: `sandbox/confinement.rs` |
//! | [`process`] | programs and tools: start, read, end with all that they have started | |
//! | [`build`] | crate to program, by cargo or rustc; Rust alone | |
//! | [`broker`] | start, watch and stop Kafka: embedded, Docker, an address | a kind of broker: `broker/choice.rs` (how it is asked for), `broker/description.rs` (what evidence calls it), `broker/mod.rs` (how it is started; containers: `broker/container`) |
//! | [`gate`] | who may speak on a port that was opened for a program: the program itself, within bounds | |
//! | [`tap`] | forward, record and disturb the Kafka protocol | |
//! | [`downstream`] | the outside world that a program calls | |
//! | [`run`] | one scenario, step by step, to evidence | a generator of input: `run/input.rs`; a playground takes steps of its own with `run::Session` |
//! | [`play`] | the playground: real clients as children of this program, and what their events come to | a key: `play/controls.rs`; a sentence: `play/news.rs` |
//! | [`verdict`] | outcomes of all scenarios to one verdict and a diagnosis | a known mistake: in `exercise.toml`; when one fits: `course/spec.rs` |
//! | [`grade`] | one program: built, run, judged | whatever grades programs is a caller of [`grade::Grader`]: grading a class is a module below this one, a check at each save a subcommand |
//! | [`class`] | many submissions: toolchains, a queue and a journal over `grade`, and marks | |
//! | [`progress`] | what the learner has done: a journal | |
//! | [`remembered`] | the command line that stands for a program of the learner's: a journal | |
//! | [`theory`] | the pages of the course as trees, the way through them, rounds of a quiz | |
//! | [`report`] | what there is to say (`story`), and its formatters: terminal, JSON | an output format for one program, a picture of a run: one file in `report`; for a class (HTML, JUnit, a learning platform's), made of the marks: one in `report/class` |
//! | [`proofread`] | the texts, held against each other and the manifest | a kind of complaint: one file in `proofread/` |
//! | [`commands`] | parse, call, print: a file or a folder per subcommand, which may use another's | a subcommand: `commands/cli.rs`, `commands/mod.rs`; of `grader`: `commands/class` |

#![cfg_attr(not(test), deny(clippy::print_stdout, clippy::print_stderr))] // see `report::out`

pub mod broker;
pub mod build;
pub mod checks;
pub mod class;
pub mod commands;
pub mod course;
pub mod downstream;
pub mod evidence;
pub mod files;
pub mod foreign;
pub mod gate;
pub mod grade;
pub mod journal;
pub mod limits;
pub mod ourselves;
pub mod play;
pub mod process;
pub mod progress;
pub mod proofread;
pub mod recorder;
pub mod remembered;
pub mod report;
pub mod run;
pub mod sandbox;
pub mod store;
pub mod submission;
pub mod tap;
pub mod theory;
pub mod verdict;
pub mod workspace;

/// Rooms of their own, in folders beside this one: whatever is of the protocol alone.
pub use {::cluster, ::wire};
