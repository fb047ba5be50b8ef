//! Errors that a learner may see, and their entries in `modules/reference/troubleshooting.md`.
//!
//! An entry's heading is the text of the error wherever that can be; the tests hold that each heading is there.

use crate::course::anchor::anchor;
use crate::evidence::{Evidence, What};

/// Entries about the end of a check.
pub const PANICKED: &str = "the program panicked";
pub const AT_ONCE: &str = "before it had sent or read anything";
pub const CRASHED: &str = "ended by a signal";
pub const STUCK: &str = "did not come to its end";
pub const NO_EVIDENCE: &str = "no evidence";
pub const HAD_ENDED: &str = "the program had ended";
/// The entries about what must be there before anything runs.
pub const BEFORE: &str = "Before anything runs";

/// Where a text differs from the heading of its entry: what the text has in it, and the heading.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("custom build command for `rdkafka-sys", "cc or make was not found"),
    ("Local: Unknown topic", "Local: Unknown partition"),
    ("Local: Purged in flight", "Local: Purged in queue"),
    ("Local: Maximum application poll interval", "Local: Maximum application poll interval exceeded"),
    ("(Fatal) Message consumption error", "Local: Fatal error"),
    ("Local: This instance has been fenced", "fenced"),
    ("Broker: There is a newer producer with the same", "fenced"),
    ("Broker: Producer attempted an operation with an old epoch", "fenced"),
    ("Broker: Coordinator not available", "Broker: Not coordinator"),
    ("Broker: Coordinator load in progress", "Broker: Not coordinator"),
    ("Broker: Leader not available", "Broker: Not leader for partition"),
    ("requires transactional.id to be configured", "requires transactional.id"),
    ("KafkaError (Client dropped)", "Client dropped"),
    ("The image ", "The image is not on this machine"),
    ("A Docker engine runs here", "No Docker engine answered"),
    ("Docker has no space left", "Kafka did not start in Docker"),
    ("is at work on it", "Another command is at work on the container"),
    ("Docker refused:", "No Docker engine answered"),
    ("A container that is not kafkacourse's", "Kafka did not start in Docker"),
    ("The lock file ", "Another kafkacourse has been starting Kafka"),
    ("The topic ", "does not let topics be created"),
    ("The input could not be put into the topic", "the broker died"),
    ("temporary folder", "cannot write evidence"),
    ("Cargo said:", "Cargo said"),
];

/// Headings that stand in the text of their error as they are.
const SAME_WORDS: &[&str] = &[
    "cargo was not found",
    "is not a broker",
    "No Docker engine answered",
    "Kafka did not start in Docker",
    "Another kafkacourse has been starting Kafka",
    "No Kafka answered",
    "does not let topics be created",
    "the broker died",
    "cannot write evidence",
    HAD_ENDED,
    "none of the things at which it was to be killed",
    "there is no reactor running",
    "UNIQUE constraint failed",
    "database is locked",
    "EOF while parsing a value",
    "the outside world hung up",
    "the outside world refused",
    "Client config error",
    "Client creation error",
    "Connection refused",
    "Local: Broker transport failure",
    "Local: All broker connections are down",
    "Local: Host resolution failure",
    "Local: Message timed out",
    "Local: Queue full",
    "Local: Timed out",
    "Local: Purged in queue",
    "Local: Unknown group",
    "Local: Unknown partition",
    "Local: No offset stored",
    "Local: Erroneous state",
    "Local: Group partition assignment lost",
    "Local: No offset to automatically reset to",
    "Local: Fatal error",
    "Local: Required feature not supported by broker",
    "Broker: Unknown topic or partition",
    "Broker: Unknown member",
    "Broker: Specified group generation id is not valid",
    "Broker: Group rebalance in progress",
    "Broker: The member epoch is stale",
    "Broker: Not coordinator",
    "Broker: Not leader for partition",
    "Broker: Not enough in-sync replicas",
    "Broker: Invalid timestamp",
    "Broker: Request timed out",
    "Broker: Message size too large",
    "Broker: Broker failed to validate record",
    "Broker: Topic authorization failed",
    "Broker: Offset out of range",
    "Broker: Inconsistent group protocol",
    "Broker: Invalid session timeout",
    "Broker: Broker received an out of order sequence number",
];

/// The command that shows the entry with this heading.
pub fn command(heading: &str) -> String {
    format!("kafkacourse read troubleshooting#{}", anchor(heading))
}

/// The heading of the entry about an error text.
pub fn entry(text: &str) -> Option<&'static str> {
    let same = SAME_WORDS.iter().find(|heading| text.contains(**heading)).copied();
    same.or_else(|| OTHER_WORDS.iter().find(|(part, _)| text.contains(part)).map(|(_, heading)| *heading))
}

/// Errors of the Kafka client that programs of this run printed: the first line of each, and its entry's heading.
pub fn printed(evidence: &Evidence) -> Vec<(&str, &'static str)> {
    let mut found: Vec<(&str, &'static str)> = Vec::new();
    for event in &evidence.events {
        if let What::Output { line, .. } = &event.what
            && let Some(heading) = entry(line)
            && found.iter().all(|(_, known)| *known != heading)
        {
            found.push((line, heading));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::BrokerError;
    use crate::build::BuildError;
    use crate::checks::Kind;
    use crate::course::anchor::part;
    use crate::run::RunError;

    const PAGE: &str = include_str!("../../../modules/reference/troubleshooting.md");

    #[test]
    fn every_entry_that_is_pointed_to_exists() {
        let ends = [PANICKED, AT_ONCE, CRASHED, STUCK, NO_EVIDENCE, BEFORE];
        let all = ends.into_iter().chain(SAME_WORDS.iter().copied()).chain(OTHER_WORDS.iter().map(|(_, to)| *to));
        for heading in all {
            assert!(part(PAGE, &anchor(heading)).is_some(), "troubleshooting.md has no heading “{heading}”");
        }
    }

    #[test]
    fn every_entry_about_the_client_is_pointed_to() {
        for line in PAGE.lines().filter_map(|line| line.strip_prefix("### ")) {
            if line.starts_with("Local: ") || line.starts_with("Broker: ") {
                assert_eq!(entry(&format!("Message production error: Code ({line})")), Some(line));
            }
        }
    }

    /// The parts of a real line: a broken connection, told by librdkafka through a logger.
    #[test]
    fn the_plainest_word_wins() {
        let line = "Global error: BrokerTransportFailure (Local: Broker transport failure): localhost:9092/bootstrap: \
                    Connect to ipv4#127.0.0.1:9092 failed: Connection refused (after 0ms in state CONNECT)";
        assert_eq!(entry(line), Some("Connection refused"));
        let line =
            "Commit error: PollExceeded (Local: Maximum application poll interval (max.poll.interval.ms) exceeded)";
        assert_eq!(entry(line), Some("Local: Maximum application poll interval exceeded"));
        assert_eq!(entry("order o-1 could not be shipped"), None);
    }

    #[test]
    fn every_fault_that_is_not_the_learners_has_an_entry() {
        let text = String::new;
        let brokers = [
            BrokerError::Choice(text()),
            BrokerError::NoEngine(text()),
            BrokerError::NotAllowed(text()),
            BrokerError::NoImage(text()),
            BrokerError::NoSpace(text()),
            BrokerError::InUse { container: text(), why: text(), user: text() },
            BrokerError::ContainerStart { why: text() },
            BrokerError::NameTaken(text()),
            BrokerError::Engine(text()),
            BrokerError::Locked { seconds: 1, file: text() },
            BrokerError::LockFile { file: text(), why: text() },
            BrokerError::NoAnswer { address: text(), why: text() },
            BrokerError::NoTopics { address: text(), why: text() },
            BrokerError::Topic { topic: text(), why: text() },
            BrokerError::Write { topic: text(), why: text() },
        ];
        let texts = brokers
            .iter()
            .map(ToString::to_string)
            .chain([BuildError::NoCargo.to_string(), RunError::BrokerDied(text()).to_string()]);
        for text in texts {
            assert!(entry(&text).is_some(), "no entry about “{text}”");
        }
    }

    #[test]
    fn every_kind_of_check_has_an_entry_with_all_its_codes() {
        let checks = part(PAGE, "what-a-check-found").expect("a chapter");
        for (kind, codes) in Kind::ALL {
            let entry = part(checks, kind).unwrap_or_else(|| panic!("troubleshooting.md has no heading “{kind}”"));
            for code in *codes {
                assert!(entry.contains(&format!("| `{code}` |")), "troubleshooting.md, “{kind}”: no row for {code}");
            }
        }
    }
}
