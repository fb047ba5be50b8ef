//! A setting of a topic or of a node: what it can be, and where its value comes from.

/// Where a value comes from (`DescribeConfigsResponse.ConfigSource`).
pub const FROM_TOPIC: i8 = 1;
pub const FROM_CLUSTER: i8 = 3;
pub const FROM_FILE: i8 = 4;
pub const FROM_DEFAULT: i8 = 5;

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

impl Kind {
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

/// What a setting of a topic says.
#[derive(Debug)]
pub struct Value {
    pub name: &'static str,
    pub value: String,
    pub kind: Kind,
    /// Where it could come from, the first one counts: name, value, source.
    pub synonyms: Vec<(&'static str, String, i8)>,
}
