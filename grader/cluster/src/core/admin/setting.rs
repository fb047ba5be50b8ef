//! A setting of a topic, a node or a group: what it can be, and where its value comes from.

use kafka_protocol::ResponseError::InvalidConfig;

use crate::refusal::Refusal;

/// Where a value comes from (`DescribeConfigsResponse.ConfigSource`).
pub const FROM_TOPIC: i8 = 1;
pub const FROM_CLUSTER: i8 = 3;
pub const FROM_FILE: i8 = 4;
pub const FROM_DEFAULT: i8 = 5;
pub const FROM_GROUP: i8 = 8;

/// What values a setting takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Boolean,
    /// From, to.
    Int(i32, i32),
    Long(i64),
    Ratio,
    /// One of these.
    Choice(&'static [&'static str]),
    /// Some of these, with commas between them.
    List(&'static [&'static str]),
    /// `*`, or pairs of a partition and a broker.
    Replicas,
    Text,
}

/// Bytes of a value.
const MOST_BYTES: usize = 32_767;

impl Kind {
    /// A value of this kind, without the blanks around it that Kafka forgives.
    ///
    /// # Errors
    /// `InvalidConfig`.
    pub fn parse(self, name: &str, value: &str) -> Result<String, Refusal> {
        let value = value.trim();
        if let Err(why) = check(self, value) {
            let shown = match (self, value.parse::<f64>()) {
                (Kind::Ratio, Ok(number)) => format!("{number:?}"),
                (Kind::Replicas, _) => format!("[{value}]"),
                _ => value.to_owned(),
            };
            let why = if self == Kind::Replicas { format!("{name} {why}") } else { why };
            return Err(Refusal::new(InvalidConfig, format!("Invalid value {shown} for configuration {name}: {why}")));
        }
        Ok(if self == Kind::Boolean { value.to_ascii_lowercase() } else { value.to_owned() })
    }

    /// The number of its type in answers (`DescribeConfigsResponse.ConfigType`).
    pub fn number(self) -> i8 {
        match self {
            Kind::Boolean => 1,
            Kind::Choice(_) | Kind::Text => 2,
            Kind::Int(..) => 3,
            Kind::Long(_) => 5,
            Kind::Ratio => 6,
            Kind::List(_) | Kind::Replicas => 7,
        }
    }
}

/// What a setting says.
#[derive(Debug)]
pub struct Value {
    pub name: &'static str,
    pub value: String,
    pub kind: Kind,
    /// Where it could come from, the first one counts: name, value, source.
    pub synonyms: Vec<(&'static str, String, i8)>,
}

impl Value {
    pub fn source(&self) -> i8 {
        self.synonyms.first().map_or(FROM_DEFAULT, |(_, _, source)| *source)
    }
}

/// Is this value short enough to be kept?
pub fn check_length(value: &str) -> Result<(), Refusal> {
    if value.len() > MOST_BYTES {
        let why = format!(
            "The configuration value cannot be added because it exceeds the maximum value size of {MOST_BYTES} bytes."
        );
        return Err(Refusal::new(InvalidConfig, why));
    }
    Ok(())
}

/// Kafka's words for what is wrong with a value (`ConfigDef`).
fn check(kind: Kind, value: &str) -> Result<(), String> {
    let not_a_number = |kind: &str| format!("Not a number of type {kind}");
    let at_least = |least: String| Err(format!("Value must be at least {least}"));
    match kind {
        Kind::Text => Ok(()),
        Kind::Boolean if value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false") => Ok(()),
        Kind::Boolean => Err("Expected value to be either true or false".to_owned()),
        Kind::Int(least, most) => match value.parse::<i32>().map_err(|_| not_a_number("INT"))? {
            // Only gzip's level is like that.
            number if (least, most) == (-1, 9) && (number < least || number > most || number == 0) => {
                Err("Value must be between 1 and 9 or equal to -1".to_owned())
            }
            number if number < least => at_least(least.to_string()),
            number if number > most => Err(format!("Value must be no more than {most}")),
            _ => Ok(()),
        },
        Kind::Long(least) => match value.parse::<i64>().map_err(|_| not_a_number("LONG"))? {
            number if number < least => at_least(least.to_string()),
            _ => Ok(()),
        },
        Kind::Ratio => match value.parse::<f64>().map_err(|_| not_a_number("DOUBLE"))? {
            number if number < 0.0 => at_least("0".to_owned()),
            number if number > 1.0 => Err("Value must be no more than 1".to_owned()),
            _ => Ok(()),
        },
        Kind::Choice(choices) if !choices.contains(&value) => {
            Err(format!("String must be one of: {}", choices.join(", ")))
        }
        Kind::List(choices) if !value.is_empty() && !value.split(',').all(|part| choices.contains(&part.trim())) => {
            Err(format!("String must be one of: {}", choices.join(", ")))
        }
        Kind::Replicas if !is_replicas(value) => Err("must be the literal '*' or a list of replicas in the following \
             format: [partitionId]:[brokerId],[partitionId]:[brokerId],..."
            .to_owned()),
        Kind::Choice(_) | Kind::List(_) | Kind::Replicas => Ok(()),
    }
}

fn is_replicas(value: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_pair = |pair: &str| pair.trim().split_once(':').is_some_and(|(a, b)| is_number(a) && is_number(b));
    matches!(value, "" | "*") || value.split(',').all(is_pair)
}
