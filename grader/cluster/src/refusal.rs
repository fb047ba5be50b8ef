//! Why something is refused: an error, and the sentence that goes with it where an answer has room for one.

use kafka_protocol::ResponseError;
use kafka_protocol::protocol::StrBytes;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub error: ResponseError,
    /// Empty if there is none.
    pub message: String,
}

impl Refusal {
    pub fn new(error: ResponseError, message: impl Into<String>) -> Refusal {
        Refusal { error, message: message.into() }
    }

    /// The message as it stands in an answer: null if there is none.
    pub fn wire_message(&self) -> Option<StrBytes> {
        Some(StrBytes::from_string(self.message.clone())).filter(|message| !message.is_empty())
    }
}

/// With the sentence that Kafka has for every error.
impl From<ResponseError> for Refusal {
    fn from(error: ResponseError) -> Refusal {
        Refusal::new(error, sentence(error))
    }
}

/// What Kafka says of an error when it has nothing more to say (`Errors`). Only those that are refused like that here.
fn sentence(error: ResponseError) -> String {
    match error {
        ResponseError::UnknownTopicOrPartition => "This server does not host this topic-partition.".to_owned(),
        ResponseError::UnknownTopicId => "This server does not host this topic ID.".to_owned(),
        ResponseError::NotCoordinator => "This is not the correct coordinator.".to_owned(),
        ResponseError::CoordinatorNotAvailable => "The coordinator is not available.".to_owned(),
        other => other.to_string(),
    }
}
