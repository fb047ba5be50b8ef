//! How Kafka runs in the container: the image, its `KAFKA_*` environment, and what marks the container as ours.

use crate::cluster::Settings;

// The tests below have containers of their own: they must not remove the ones that a person is using.
/// Each container's name is this and its [`identity`], so that two images or settings can run side by side.
const NAME: &str = if cfg!(test) { "kafkacourse-test-kafka" } else { "kafkacourse-kafka" };
/// Found by label and not by name, so that nothing else is ever removed.
pub(super) const LABEL: &str = "kafkacourse";
pub(super) const LABEL_VALUE: &str = if cfg!(test) { "broker-test" } else { "broker" };
pub(super) const LABEL_PORT: &str = "kafkacourse.port";
pub(super) const LABEL_IDENTITY: &str = "kafkacourse.identity";

/// The port inside the container that the host's port leads to.
pub(super) const INNER_PORT: u16 = 9092;

/// Names another image; it has to follow the official one's contract.
pub(super) const IMAGE_VARIABLE: &str = "KAFKACOURSE_KAFKA_IMAGE";
pub(super) const OFFICIAL_IMAGE: &str = "apache/kafka:4.4.0";
/// What machines without a container registry build instead of pulling the official image.
pub(super) const LOCAL_IMAGE: &str = "kafkacourse/kafka:4.4.0";

/// The whole environment. Any single `KAFKA_*` variable makes the image drop its default configuration, so everything
/// that Kafka has no default for is here: set all or none.
pub(super) fn environment(port: u16) -> Vec<(&'static str, String)> {
    let mut all: Vec<(&'static str, String)> = FIXED.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    // Clients reach the broker at the host's port. The broker reaches itself at the second listener: inside the
    // container nobody listens at the host's port, and without a way to itself the transaction coordinator could not
    // write its markers; transactions would hang for ever with CONCURRENT_TRANSACTIONS.
    let advertised = format!("HOST://127.0.0.1:{port},INTERNAL://localhost:19092");
    all.push(("KAFKA_ADVERTISED_LISTENERS", advertised));
    // The pace of `group.protocol=consumer` is the broker's; the same as on the embedded one.
    let Settings { consumer_session_ms, consumer_heartbeat_ms, .. } = Settings::default();
    all.push(("KAFKA_GROUP_CONSUMER_SESSION_TIMEOUT_MS", consumer_session_ms.to_string()));
    all.push(("KAFKA_GROUP_CONSUMER_HEARTBEAT_INTERVAL_MS", consumer_heartbeat_ms.to_string()));
    all
}

/// Where Kafka keeps its logs: in memory. Each topic that is created is synced to the controller's log; this way nobody
/// waits for a disk that is busy with something else, such as a build. What is here is for one lesson.
pub(super) const LOG_DIRS: &str = "/tmp/kraft-combined-logs";

const FIXED: &[(&str, &str)] = &[
    ("CLUSTER_ID", "a2Fma2Fjb3Vyc2UtMDAwMQ"), // 16 bytes in base64, as Kafka wants it
    // One node that is broker and controller (KRaft); nothing but the three listeners below.
    ("KAFKA_NODE_ID", "1"),
    ("KAFKA_PROCESS_ROLES", "broker,controller"),
    ("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9093"),
    ("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER"),
    ("KAFKA_LISTENERS", "HOST://:9092,INTERNAL://localhost:19092,CONTROLLER://localhost:9093"),
    ("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "HOST:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT"),
    ("KAFKA_INTER_BROKER_LISTENER_NAME", "INTERNAL"),
    ("KAFKA_LOG_DIRS", LOG_DIRS),
    // With the default of 3 replicas, one broker could never create its internal topics.
    ("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1"),
    ("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1"),
    ("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1"),
    ("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR", "1"),
    ("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR", "1"),
    // 50 partitions each by default: work for a cluster, only waiting here.
    ("KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS", "1"),
    ("KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS", "1"),
    ("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_NUM_PARTITIONS", "1"),
    // It is its own controller. Nine seconds without a processor, on a busy machine, and it would declare itself dead.
    ("KAFKA_BROKER_SESSION_TIMEOUT_MS", "60000"),
    // A typing error in a topic's name must be an error, not a new topic.
    ("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false"),
    // Groups: no waiting for members that might still come, and sessions as short as a scenario wants them.
    ("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0"),
    ("KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS", "500"),
    ("KAFKA_GROUP_CONSUMER_MIN_SESSION_TIMEOUT_MS", "500"),
    ("KAFKA_GROUP_CONSUMER_MIN_HEARTBEAT_INTERVAL_MS", "100"),
    // A second by default since 4.4 (KIP-1263): dead time for every member that comes.
    ("KAFKA_GROUP_CONSUMER_ASSIGNMENT_INTERVAL_MS", "0"),
    // A broker that runs briefly on a learner's machine: quick start and little memory before peak throughput.
    ("KAFKA_HEAP_OPTS", "-Xmx512m"),
    ("KAFKA_JVM_PERFORMANCE_OPTS", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"),
];

/// Differs between images and between settings, so that a container of another image, or of another kafkacourse, is never
/// taken for this one. (FNV-1a: short, and unlike the standard library's hash the same in every release.)
pub(super) fn identity(image_id: &str) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut add = |text: &str| {
        for byte in text.bytes().chain([b'\n']) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    add(image_id);
    add("logs in memory");
    for (name, value) in environment(0) {
        add(name);
        add(&value);
    }
    format!("{hash:016x}")
}

/// The name of the container with this identity.
pub(super) fn name(identity: &str) -> String {
    format!("{NAME}-{}", &identity[..8.min(identity.len())])
}

/// The name and the tag of an image; a colon before the last slash belongs to a registry's port.
pub(super) fn split(image: &str) -> (&str, &str) {
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (image, "latest"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_split() {
        assert_eq!(split("apache/kafka:4.4.0"), ("apache/kafka", "4.4.0"));
        assert_eq!(split("localhost:5000/kafka"), ("localhost:5000/kafka", "latest"));
    }

    #[test]
    fn each_image_has_a_container_of_its_own() {
        let (this, other) = (identity("sha256:1"), identity("sha256:2"));
        assert_ne!(name(&this), name(&other));
        assert_eq!(name(&this), name(&identity("sha256:1")));
    }

    #[test]
    fn no_variable_is_set_twice() {
        let mut names: Vec<_> = environment(1).into_iter().map(|(name, _)| name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
