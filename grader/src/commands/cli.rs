//! The command lines of `kafkacourse` and `grader`, as clap reads and explains them.

use crate::broker::Choice;
use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Exit codes, as `--help` shows them.
pub(super) const EXIT_CODES: &str = "\
Exit codes of check, replay and author check:
  0  passed              4  does not build
  1  not yet (failed)    5  timed out
  2  wrong command line  6  crashed
     or no such thing    7  fault of the grader (broker, disk): not your doing
  3  not started         130  stopped with Ctrl-C (143: with SIGTERM)
Of every command:        8  all went well, but standard output could not be written";

/// Learn Apache Kafka by building with it. Your programs are graded by what they say to Kafka.
#[derive(Debug, Parser)]
#[command(name = "kafkacourse", version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub(super) struct KafkaCourse {
    #[command(flatten)]
    pub(super) everywhere: Everywhere,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Grade a class by what its programs say to Kafka.
#[derive(Debug, Parser)]
#[command(name = "grader", version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub(super) struct Grader {
    #[command(flatten)]
    pub(super) everywhere: Everywhere,
    #[command(subcommand)]
    pub(super) command: GraderCommand,
}

#[derive(Debug, clap::Args)]
pub(super) struct Everywhere {
    /// The course's folder; else it is looked for from the current folder upwards.
    // An empty variable is one that is not set, and clap's own parser of paths takes it for a mistake.
    #[arg(long, global = true, value_name = "DIR", env = "KAFKACOURSE_DIR")]
    #[arg(value_parser = OsStringValueParser::new().map(PathBuf::from))]
    pub(super) course: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Where you are, the ways from here, and the one command to type
    Next(super::next::Args),
    /// The whole path: what to read, to do and to answer, in order, with your state
    List,
    /// Read a section of the theory; without a name, the next one
    Read(super::read::Args),
    /// Questions about a module, each answer explained at once
    Quiz(super::quiz::Args),
    /// Build your program, run it against Kafka, and tell what is right, what is wrong and which events prove it
    #[command(after_help = EXIT_CODES)]
    Check(super::check::Args),
    /// Run your program by hand on a Kafka of its own, with all that it says as it comes; no verdict
    Run(super::run::Args),
    /// Kafka live: a producer, consumers BRAVO and ZULU, and keys that break things
    Play(super::play::Args),
    /// Check your program at each save, with keys for hints and timelines
    Watch(super::watch::Args),
    /// The next hint for an exercise
    Hint(super::hint::Args),
    /// What you have done so far
    Progress(super::progress::Args),
    /// Put an exercise's stub back as it was; your work is kept as a backup
    Reset(super::reset::Args),
    /// The reference solution, once you have passed (or given up)
    Solution(super::solution::Args),
    /// The timeline of a recorded run
    Trace(super::trace::Args),
    /// Judge a recorded run again, without broker or build
    Replay(super::replay::Args),
    /// Start, stop or look at the Kafka that runs in Docker
    #[command(subcommand)]
    Broker(super::broker::Action),
    /// Is everything here that is needed? Each finding with its remedy
    Doctor,
    /// For those who write courses
    #[command(subcommand)]
    Author(super::author::Action),
    /// Completions for your shell
    Completions {
        /// Your shell; the script goes to standard output
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum GraderCommand {
    /// Grade a class: every submission, in parallel, with a journal that survives everything
    Run(super::class::RunArgs),
    /// Judge what a class's runs have left behind again, with today's checks; show what would change, and keep it or not
    Regrade(super::class::RegradeArgs),
    /// What one exercise of a learner came to, and everything that is known of it
    Show(super::class::ShowArgs),
    /// Which programs of a class are alike, and all of them laid out for JPlag and Dolos
    Similar(super::class::SimilarArgs),
    /// Write the reports of a class anew
    Report(super::class::ReportArgs),
    /// Put a class's grades into what you have exported from Canvas or Moodle, to be imported there
    Grades(super::class::GradesArgs),
    /// Put together what several machines have graded
    Merge(super::class::MergeArgs),
    /// Pack the course, built, for machines that have neither cargo nor a network
    Pack(super::class::PackArgs),
    /// Make the secret that all parts of a class share
    Secret {
        /// A file that is not there yet
        file: PathBuf,
    },
    /// Judge recorded runs again, without broker or build
    Replay(super::replay::Args),
    /// The timeline of a recorded run
    Trace(super::trace::Args),
    /// Completions for your shell
    Completions {
        /// Your shell; the script goes to standard output
        shell: clap_complete::Shell,
    },
}

/// `--broker`, wherever programs run.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct BrokerOption {
    /// Which Kafka: auto, embedded, docker, or HOST:PORT
    #[arg(long, value_name = "BROKER", env = "KAFKACOURSE_BROKER", default_value = "auto", value_parser = choice)]
    pub(super) broker: Choice,
}

fn choice(text: &str) -> Result<Choice, String> {
    text.parse().map_err(|error: crate::broker::BrokerError| error.to_string())
}
