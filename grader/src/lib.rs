//! kafkacourse grades Kafka programs by what they say to Kafka and by what they do when things break.
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
//! | [`wire`] | Kafka frames: decoded, rewritten, refused; never panics, whatever the bytes | a further request kind: `wire/request.rs`, `wire/response.rs`, `wire/names.rs`, `wire/decode` |
//! | [`cluster`] | the embedded Kafka: one to three nodes in memory | a request: one file of `cluster/src`, one line of its `core.rs` |
//! | [`evidence`] | the timeline as data: events, patterns, rules, views; versioned JSON lines | an event: `evidence/event.rs`, `evidence/pattern.rs`; a fault: `evidence/rule.rs`, `recorder/effect.rs` |
//! | [`checks`] | pure functions from evidence to findings | a check: one file in the folder of its subject, one line in the registry of `checks/mod.rs` |
//! | [`course`] | `course.toml`, `exercise.toml` and `quiz.toml` to typed data; errors with file and line | a scenario step: `course/spec.rs`, then `run/steps.rs` |
//! | [`journal`] | locked, append-only JSON lines; damaged ones are skipped and reported | |
//! | [`store`] | where evidence lies, how long it is kept; the latest run | |
//! | [`workspace`] | the learner's tree: where it is, stubs, backups, resets | |
//! | [`submission`] | what was handed in: whose it is, and the few files of it that count | an export of a platform, a kind of archive |
//! | [`recorder`] | a run while it goes on: one order, the log, rules that strike, waiting | |
//! | [`sandbox`] | programs that are not trusted, and what holds them | a system call that is refused: `sandbox/syscalls.rs`; a bound: `sandbox/confinement.rs` |
//! | [`process`] | programs and tools: start, read, end with all that they have started | |
//! | [`build`] | crate to program, by cargo | |
//! | [`broker`] | start, watch and stop Kafka: embedded, Docker, an address | a kind of broker: `broker/choice.rs`, `broker/mod.rs` |
//! | [`gate`] | who may speak on a port that was opened for a program: the program itself, within bounds | |
//! | [`tap`] | forward, record and disturb the Kafka protocol | |
//! | [`downstream`] | the outside world that a program calls | |
//! | [`run`] | one scenario, step by step, to evidence | a generator of input: `run/input.rs`; a playground takes steps of its own with `run::Session` |
//! | [`play`] | the playground: real clients as children of this program, and what their events come to | a key: `play/controls.rs`; a sentence: `play/news.rs` |
//! | [`verdict`] | outcomes of all scenarios to one verdict and a diagnosis | |
//! | [`grade`] | one program: built, run, judged | whatever grades programs is a caller of [`grade::Grader`]: grading a class is a module below this one, a check at each save a subcommand |
//! | [`class`] | many submissions: a queue and a journal over `grade`, and marks | |
//! | [`progress`] | what the learner has done: a journal | |
//! | [`remembered`] | the command line that stands for a program of the learner's: a journal | |
//! | [`theory`] | the pages of the course as trees, the way through them, rounds of a quiz | |
//! | [`report`] | what there is to say (`story`), and its formatters: terminal, JSON | an output format (HTML, JUnit, a learning platform's), a picture of a run: one file in `report/` |
//! | [`proofread`] | the texts, held against each other and the manifest | a kind of complaint: one file in `proofread/` |
//! | [`commands`] | parse, call, print: one file per subcommand | a subcommand |

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
