//! Requests to a coordinator, which may not be there yet: a new Kafka first makes the topic that it keeps commits, or
//! transactions, in.

use std::time::Duration;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::FindCoordinatorRequest;
use kafka_protocol::protocol::Request;
use tokio::time::{Instant, sleep};

use super::Broker;
use super::request::text;

const LIMIT: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);

/// The version of FindCoordinator that every Kafka since 2.0 knows.
const FIND_COORDINATOR: i16 = 2;

/// Of what a coordinator is asked for: the `key_type` of FindCoordinator.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of {
    Group = 0,
    Transaction = 1,
}

/// The address of the coordinator of the group, or of the transactional id.
pub(super) async fn coordinator(broker: &Broker, of: Of, id: &str) -> Result<String, String> {
    let request = FindCoordinatorRequest::default().with_key(text(id)).with_key_type(of as i8);
    let found = granted(broker, &broker.live_address(), &request, FIND_COORDINATOR, |answer| answer.error_code).await?;
    Ok(format!("{}:{}", found.host.as_str(), found.port))
}

/// The answer, once it has another error than “not yet” or none.
pub(super) async fn answered<R: Request>(
    broker: &Broker,
    address: &str,
    request: &R,
    version: i16,
    error: impl Fn(&R::Response) -> i16,
) -> Result<(R::Response, Option<ResponseError>), String> {
    let give_up = Instant::now() + LIMIT;
    loop {
        let answer = broker.ask(address, request, version).await.map_err(|error| error.to_string())?;
        match ResponseError::try_from_code(error(&answer)) {
            Some(error) if is_early(error) && Instant::now() < give_up => sleep(PAUSE).await,
            error => return Ok((answer, error)),
        }
    }
}

/// The answer without an error.
pub(super) async fn granted<R: Request>(
    broker: &Broker,
    address: &str,
    request: &R,
    version: i16,
    error: impl Fn(&R::Response) -> i16,
) -> Result<R::Response, String> {
    match answered(broker, address, request, version, error).await? {
        (answer, None) => Ok(answer),
        (_, Some(error)) => Err(error.to_string()),
    }
}

fn is_early(error: ResponseError) -> bool {
    use ResponseError::*;
    matches!(error, CoordinatorLoadInProgress | CoordinatorNotAvailable | NotCoordinator | ConcurrentTransactions)
}
