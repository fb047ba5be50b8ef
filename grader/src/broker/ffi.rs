//! The only `unsafe` code of the grader: a few calls into librdkafka that `rdkafka` does not wrap as we need them.
#![allow(unsafe_code)] // rdkafka's own MockCluster keeps its pointer private and has none of the group timers

use std::ffi::{CStr, CString, NulError};
use std::ptr::NonNull;
use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, FutureProducer, Producer};
use rdkafka_sys as c;

/// One broker that keeps its log in memory, listening on 127.0.0.1 and a free port.
///
/// librdkafka starts it as a part of a client: any client created with `test.mock.num.brokers` owns such a cluster
/// and destroys it when it is destroyed itself. So the producer below sends nothing; it is there to keep it alive.
pub struct TestCluster {
    cluster: NonNull<c::rd_kafka_mock_cluster_t>,
    _owner: BaseProducer,
}

#[derive(Debug, thiserror::Error)]
pub enum TestClusterError {
    #[error("librdkafka refused: {0}")]
    Kafka(#[from] KafkaError),
    #[error("librdkafka made no test cluster")]
    Missing,
    #[error("the name holds a zero byte")]
    Name(#[from] NulError),
    #[error("{0}")]
    Topic(RDKafkaErrorCode),
}

impl TestCluster {
    pub fn start() -> Result<Self, TestClusterError> {
        let owner: BaseProducer =
            ClientConfig::new().set("test.mock.num.brokers", "1").set("log_level", "0").create()?;
        // SAFETY: the pointer is that of a live client; librdkafka answers null where it has no test cluster.
        let cluster = unsafe { c::rd_kafka_handle_mock_cluster(owner.client().native_ptr()) };
        let cluster = NonNull::new(cluster).ok_or(TestClusterError::Missing)?;
        Ok(Self { cluster, _owner: owner })
    }

    /// `127.0.0.1:PORT`.
    pub fn bootstrap(&self) -> String {
        // SAFETY: the cluster lives as long as `_owner`; the string is its own, ends in zero and is copied at once.
        let text = unsafe { CStr::from_ptr(c::rd_kafka_mock_cluster_bootstraps(self.cluster.as_ptr())) };
        text.to_string_lossy().into_owned()
    }

    /// Makes groups form without waiting for members that might still come (3 s by default), and sets the pace of
    /// `group.protocol=consumer`, where the broker and not the client decides the intervals.
    pub fn hurry_groups(&self, session_ms: i32, heartbeat_ms: i32) {
        // SAFETY: the cluster lives as long as `_owner`; each call takes the cluster's own lock.
        unsafe {
            c::rd_kafka_mock_group_initial_rebalance_delay_ms(self.cluster.as_ptr(), 0);
            c::rd_kafka_mock_set_group_consumer_session_timeout_ms(self.cluster.as_ptr(), session_ms);
            c::rd_kafka_mock_set_group_consumer_heartbeat_interval_ms(self.cluster.as_ptr(), heartbeat_ms);
        }
    }

    pub fn create_topic(&self, name: &str, partitions: i32) -> Result<(), TestClusterError> {
        let name = CString::new(name)?;
        // SAFETY: the cluster lives as long as `_owner`; librdkafka copies the name.
        let error = unsafe { c::rd_kafka_mock_topic_create(self.cluster.as_ptr(), name.as_ptr(), partitions, 1) };
        match RDKafkaErrorCode::from(error) {
            RDKafkaErrorCode::NoError => Ok(()),
            code => Err(TestClusterError::Topic(code)),
        }
    }
}

/// Sends what the producer has gathered, whatever its `linger.ms`, and returns when all of it is delivered or given up,
/// at the latest after `limit`.
///
/// `Producer::flush` of rdkafka asks librdkafka for zero milliseconds again and again. `linger.ms` is void only during
/// such a call, so that a busy machine may not send a thing before it has passed.
pub fn flush(producer: &FutureProducer, limit: Duration) {
    let limit = i32::try_from(limit.as_millis()).unwrap_or(i32::MAX);
    // SAFETY: the pointer is that of a live client, which the borrow keeps alive; the call is safe in every thread.
    unsafe { c::rd_kafka_flush(producer.client().native_ptr(), limit) };
}
