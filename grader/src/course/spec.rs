//! What an `exercise.toml` may hold. Unknown keys are refused; the type is the documentation.

use crate::checks::Kind;
use crate::evidence::{Pattern, Rule};
use serde::Deserialize;

/// One run of the program, with what happens to it and how it is judged.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Stable: `--scenario` and file names use it.
    pub id: String,
    /// A sentence for the learner.
    pub title: String,
    pub input: Option<InputSpec>,
    #[serde(default)]
    pub rules: Vec<Rule>,
    pub steps: Vec<Step>,
    #[serde(rename = "check")]
    pub checks: Vec<CheckSpec>,
}

/// What the program works on, made from the seed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSpec {
    pub generator: Generator,
    /// How many: a number drawn from this range, both ends included.
    pub count: [u32; 2],
    /// Never a multiple of this.
    pub not_multiple_of: Option<u32>,
    /// How many records among them are not JSON.
    #[serde(default)]
    pub poison: u32,
    /// Into this topic; without one it is a file that the program reads.
    pub topic: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Generator {
    /// `{order_id, customer_id, product, quantity, price}`, keyed by customer.
    Orders,
}

/// One step of a scenario. Waiting is always for evidence.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// Start a process of this role.
    Start(String),
    /// Wait until events that fit have been seen.
    Wait(Wait),
    /// Wait until each good record of the input has an answered call of this `op`.
    Processed(String),
    /// Wait until the role's process has ended.
    Ended(String),
    /// SIGTERM, then wait until it has ended.
    Stop(String),
    /// SIGKILL.
    Kill(String),
    /// Start the (ended) role again; its old membership is ended at once, as if its session had timed out.
    Restart(String),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wait {
    #[serde(rename = "for")]
    pub pattern: Pattern,
    #[serde(default)]
    pub count: Count,
}

/// How many events, at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Count(pub u32);

impl Default for Count {
    fn default() -> Self {
        Count(1)
    }
}

/// A check of one scenario, with the words that the learner reads.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckSpec {
    /// Unique in the exercise.
    pub id: String,
    /// What is required, as a short line: "each customer's orders stay in one partition".
    pub title: String,
    pub kind: Kind,
    /// Why it matters, one or two sentences.
    pub why: String,
    /// The section that explains it: `producers/03-acks`.
    pub read: String,
    /// What the broker must be for this check to mean anything.
    #[serde(default)]
    pub needs: Needs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Needs {
    #[default]
    AnyBroker,
    /// Not librdkafka's test cluster.
    RealKafka,
}

/// A known wrong turn, recognised by the findings that it leads to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mistake {
    /// The program's name: `solutions/…/src/bin/NAME.rs`.
    pub name: String,
    pub title: String,
    pub explanation: String,
    pub read: String,
    /// Findings that give it away, all of them, as `CHECK/CODE`. The first mistake in the file that fits is the
    /// diagnosis, so the more specific one stands first.
    pub codes: Vec<String>,
    /// Findings that rule it out.
    #[serde(default)]
    pub unless: Vec<String>,
}
