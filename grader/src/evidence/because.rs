//! Why the grader stopped waiting for a program.

use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// Why a step of the scenario waited in vain. Verdicts go by it; its words are the report's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// No process of the program was left.
    HadEnded,
    /// The program would not do the work any more, whatever the time: it had read everything, had nothing in hand, and
    /// only asked for more.
    AtRest,
    /// It had read every record, and asked for more again and again. Only old files say so: whether it had something in
    /// hand was not known then.
    AskedForMore,
    /// For so many seconds nothing moved on.
    NothingMovedOn { seconds: u64 },
    /// For so many seconds a process that was to end did nothing more, and did not end.
    DidNotEnd { seconds: u64 },
    /// The scenario had taken as many seconds as it may.
    TookTooLong { seconds: u64 },
    /// The program has done none of the things at which a drill was to kill it.
    NoMoment,
    /// The moment at which a drill was to kill the program did not come again.
    MomentGone,
    /// A program has reached a limit; what it did after that is not recorded.
    Limit(Limit),
}

/// What a program has reached the limit of in one scenario, and that limit: see [`limits`](crate::limits).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    Events(usize),
    Calls(usize),
    /// Bytes of evidence.
    Bytes(usize),
    /// Bytes that one process has printed on one stream.
    Output(u64),
    /// Bytes in the scenario's folder.
    Folder(u64),
    /// Connections of one process that are open at once.
    OpenConnections(usize),
    /// Connections of one process in all.
    Connections(usize),
    /// Bytes of memory of a confined program.
    Memory(u64),
    /// Processes and threads of a confined program.
    Processes(u64),
    /// Seconds of a processor's time of a confined program.
    CpuSeconds(u64),
    /// Bytes of one file that a confined program writes.
    FileBytes(u64),
    /// Seconds on the clock of a confined program.
    Seconds(u64),
}

impl Limit {
    /// What it is a limit of, in a word, as evidence writes it.
    pub fn name(&self) -> String {
        let written = serde_json::to_value(self).unwrap_or_default();
        written.as_object().and_then(|object| object.keys().next().cloned()).unwrap_or_default()
    }
}

impl Because {
    /// The reason that a file of format 2 or older gives as a sentence.
    fn from_sentence(sentence: &str) -> Option<Because> {
        let seconds = |before: &str, after: &str| sentence.strip_prefix(before)?.strip_suffix(after)?.parse().ok();
        match sentence {
            "the program had ended" => Some(Because::HadEnded),
            "it was at the end of every partition, had nothing in hand, and only asked for more" => {
                Some(Because::AtRest)
            }
            "it had read every record, and asked for more again and again" => Some(Because::AskedForMore),
            "the program has done none of the things at which it was to be killed" => Some(Because::NoMoment),
            "that moment did not come again" => Some(Because::MomentGone),
            _ => {
                let nothing_moved_on = seconds("for ", " s nothing moved on");
                let did_not_end = seconds("for ", " s it did nothing more");
                let took_too_long = seconds("it went on for ", " s");
                nothing_moved_on
                    .map(|seconds| Because::NothingMovedOn { seconds })
                    .or(did_not_end.map(|seconds| Because::DidNotEnd { seconds }))
                    .or(took_too_long.map(|seconds| Because::TookTooLong { seconds }))
            }
        }
    }
}

/// Reads a reason, or the sentence of an older format.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Because, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Reason(Because),
        Sentence(String),
    }
    match Written::deserialize(deserializer)? {
        Written::Reason(because) => Ok(because),
        Written::Sentence(sentence) => Because::from_sentence(&sentence)
            .ok_or_else(|| D::Error::custom(format_args!("there is no such reason to give up: {sentence:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::What;
    use serde_json::{Value, json};

    fn read(because: Value) -> Result<Because, String> {
        let what = json!({"event": "gave-up", "waited_for": "something", "because": because});
        match serde_json::from_value(what) {
            Ok(What::GaveUp { because, .. }) => Ok(because),
            Ok(other) => Err(format!("{other:?}")),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn a_reason_is_read_as_it_was_written() {
        for because in [
            Because::HadEnded,
            Because::AtRest,
            Because::AskedForMore,
            Because::NothingMovedOn { seconds: 10 },
            Because::DidNotEnd { seconds: 10 },
            Because::TookTooLong { seconds: 90 },
            Because::NoMoment,
            Because::MomentGone,
            Because::Limit(Limit::Events(5)),
            Because::Limit(Limit::Calls(5)),
            Because::Limit(Limit::Bytes(5)),
            Because::Limit(Limit::Output(5)),
            Because::Limit(Limit::Folder(5)),
            Because::Limit(Limit::OpenConnections(5)),
            Because::Limit(Limit::Connections(5)),
            Because::Limit(Limit::Memory(5)),
            Because::Limit(Limit::Processes(5)),
            Because::Limit(Limit::CpuSeconds(5)),
            Because::Limit(Limit::FileBytes(5)),
            Because::Limit(Limit::Seconds(5)),
        ] {
            assert_eq!(read(serde_json::to_value(because).expect("a value")), Ok(because));
        }
    }

    #[test]
    fn the_sentences_of_older_formats_are_understood() {
        for (sentence, because) in [
            ("the program had ended", Because::HadEnded),
            ("it was at the end of every partition, had nothing in hand, and only asked for more", Because::AtRest),
            ("it had read every record, and asked for more again and again", Because::AskedForMore),
            ("for 10 s nothing moved on", Because::NothingMovedOn { seconds: 10 }),
            ("for 10 s it did nothing more", Because::DidNotEnd { seconds: 10 }),
            ("it went on for 90 s", Because::TookTooLong { seconds: 90 }),
            ("the program has done none of the things at which it was to be killed", Because::NoMoment),
            ("that moment did not come again", Because::MomentGone),
        ] {
            assert_eq!(read(json!(sentence)), Ok(because));
        }
        assert!(read(json!("for ever")).is_err_and(|why| why.contains("no such reason")));
    }
}
