//! What the user asked for with `--broker`.

use std::{fmt, str::FromStr};

use super::BrokerError;

/// Which broker shall run: the value of `--broker auto|embedded|docker|HOST:PORT`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// Real Kafka where Docker has it at hand, the embedded broker otherwise.
    #[default]
    Auto,
    /// A Kafka of our own in this process. Opened in microseconds; needs nothing installed.
    Embedded,
    /// Apache Kafka in a container that stays warm between runs.
    Docker,
    /// A Kafka that somebody else runs, as `HOST:PORT`.
    Address(String),
}

impl FromStr for Choice {
    type Err = BrokerError;

    fn from_str(text: &str) -> Result<Self, BrokerError> {
        match text.trim() {
            "auto" => Ok(Self::Auto),
            "embedded" => Ok(Self::Embedded),
            "docker" => Ok(Self::Docker),
            address if is_host_port(address) => Ok(Self::Address(address.to_owned())),
            other => Err(BrokerError::Choice(other.to_owned())),
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Embedded => f.write_str("embedded"),
            Self::Docker => f.write_str("docker"),
            Self::Address(address) => f.write_str(address),
        }
    }
}

/// `kafka.example:9092`, `10.0.0.7:9092` and `[::1]:9092`; not `:9092`, `host`, `a:1,b:2` or `http://host:9092`.
fn is_host_port(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else {
        return false;
    };
    let bracketed = host.starts_with('[') && host.ends_with(']') && host.len() > 2;
    let plain = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
    (bracketed || plain) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_is_shown() {
        for text in ["auto", "embedded", "docker", "kafka.example:9092", "127.0.0.1:1", "[::1]:9092"] {
            let choice: Choice = text.parse().unwrap();
            assert_eq!(choice.to_string(), text);
        }
    }

    #[test]
    fn anything_else_is_refused_with_the_remedy() {
        for text in ["", "dokcer", ":9092", "host:", "host:0", "host:70000", "a:1,b:2", "http://host:9092"] {
            let error = text.parse::<Choice>().unwrap_err().to_string();
            assert!(error.contains("--broker auto"), "{text}: {error}");
        }
    }
}
