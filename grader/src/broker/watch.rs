//! Is the broker still there? Asked all the time, so that its death is told as what it is, and not as what it does to a
//! program.

use std::time::Duration;

use kafka_protocol::messages::ApiVersionsRequest;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::timeout;

use super::Broker;
use super::exchange::ask;
use crate::wire::message::write_request;

/// Between two questions.
const INTERVAL: Duration = Duration::from_secs(1);
/// For an answer: Kafka on a busy machine stands still for seconds now and then.
const PATIENCE: Duration = Duration::from_secs(3);

/// Returns when the broker at `address` has hung up, or does not answer any more. Whoever asks should look again: a
/// broker may close a connection and live.
pub(super) async fn until_silent(address: &str) {
    let Ok(Ok(mut stream)) = timeout(PATIENCE, TcpStream::connect(address)).await else { return };
    let Ok(question) = write_request(1, 0, &ApiVersionsRequest::default()) else { return };
    while let Ok(Ok(_)) = timeout(PATIENCE, ask(&mut stream, &question)).await {
        // Nothing comes unasked but the end of the connection.
        if timeout(INTERVAL, stream.peek(&mut [0])).await.is_ok() {
            return;
        }
    }
}

/// Watches a broker until it is dropped.
#[derive(Debug)]
pub struct Watch {
    died: watch::Receiver<Option<String>>,
    task: AbortHandle,
}

impl Watch {
    pub(super) fn over(broker: Broker) -> Self {
        let (tell, died) = watch::channel(None);
        let task = tokio::spawn(async move {
            tell.send_replace(Some(broker.death().await));
        });
        Self { died, task: task.abort_handle() }
    }

    /// Does `work` as long as the broker lives.
    ///
    /// # Errors
    /// It died: what [`Broker::died`] says, at most ten seconds later.
    pub async fn during<T>(&self, work: impl Future<Output = T>) -> Result<T, String> {
        let mut died = self.died.clone();
        let death = async {
            match died.wait_for(Option::is_some).await {
                Ok(why) => why.clone().unwrap_or_default(),
                Err(_) => std::future::pending().await, // only a panic of the watching task ends it without a word
            }
        };
        tokio::select! {
            biased;
            done = work => Ok(done),
            why = death => Err(why),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}
