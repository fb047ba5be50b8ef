//! What a broker's properties would say.

/// How a cluster is made. The defaults are those that the course sets on Apache Kafka, too, so that both behave alike.
#[derive(Clone, Debug)]
pub struct Settings {
    /// One to three.
    pub nodes: i32,
    /// `node.id` of the first node; the others follow.
    pub first_node: i32,
    /// `auto.create.topics.enable`
    pub auto_create: bool,
    /// `num.partitions` of a topic that does not say how many it has.
    pub partitions: i32,
    /// `default.replication.factor`; never more than there are nodes.
    pub replication: i16,
    /// `min.insync.replicas`
    pub min_in_sync: i32,
    /// `group.initial.rebalance.delay.ms`
    pub initial_rebalance_delay_ms: i64,
    /// `group.min.session.timeout.ms`
    pub min_session_ms: i32,
    /// `group.max.session.timeout.ms`
    pub max_session_ms: i32,
    /// `group.consumer.session.timeout.ms` (KIP-848): how long a silent member stays one. Long, because a machine that
    /// stands still for some seconds must not cost a member its partitions.
    pub consumer_session_ms: i32,
    /// `group.consumer.heartbeat.interval.ms` (KIP-848): the pace of rebalances, so it is short. But librdkafka waits no
    /// longer than this for the answer either, and then opens another connection, and what was on the old one (commits,
    /// say) goes out again, out of order: longer than a busy machine stands still.
    pub consumer_heartbeat_ms: i32,
    /// `group.consumer.assignment.interval.ms` (KIP-1263), which is 1,000 in Kafka if nobody sets it.
    pub consumer_assignment_interval_ms: u64,
    /// `group.max.size` and `group.consumer.max.size`: members of a group, with those that have not joined yet. As many as
    /// may have a connection.
    pub most_group_members: usize,
    /// `offset.metadata.max.bytes`
    pub max_offset_metadata: usize,
    /// Groups: a bound of ours, far above what a class needs.
    pub most_groups: usize,
    /// Bytes of all groups' members and offsets together: a bound of ours, beyond which nobody joins or commits.
    pub group_bytes: usize,
    /// `transaction.max.timeout.ms`
    pub max_transaction_ms: i32,
    /// Transactional ids: a bound of ours. The one that has not been used for the longest time gives way.
    pub most_transactional_ids: usize,
    /// `message.max.bytes`
    pub max_batch_bytes: usize,
    /// Bytes of all logs together: a bound of ours, beyond which nothing more is accepted.
    pub log_bytes: usize,
    /// Partitions of all topics together: a bound of ours.
    pub most_partitions: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            nodes: 1,
            first_node: 1,
            auto_create: false,
            partitions: 1,
            replication: 1,
            min_in_sync: 1,
            initial_rebalance_delay_ms: 0,
            min_session_ms: 500,
            max_session_ms: 1_800_000,
            consumer_session_ms: 30_000,
            consumer_heartbeat_ms: 300,
            consumer_assignment_interval_ms: 0,
            most_group_members: 2_000,
            max_offset_metadata: 4_096,
            most_groups: 10_000,
            group_bytes: 64 << 20,
            max_transaction_ms: 900_000,
            most_transactional_ids: 2_000,
            max_batch_bytes: 1_048_588,
            log_bytes: 512 << 20,
            most_partitions: 20_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;

    /// 10000 as it stands in a text: 10,000.
    fn with_commas(number: usize) -> String {
        let digits = number.to_string();
        let groups: Vec<&str> =
            digits.as_bytes().rchunks(3).rev().map(|group| str::from_utf8(group).unwrap()).collect();
        groups.join(",")
    }

    #[test]
    fn the_page_about_the_embedded_kafka_says_what_is_set() {
        let page = include_str!("../../../modules/reference/embedded-kafka.md").replace("\n  ", " ");
        let settings = Settings::default();
        let said = [
            format!("{} MiB of records", settings.log_bytes >> 20),
            format!("{} partitions", with_commas(settings.most_partitions)),
            format!("{} groups", with_commas(settings.most_groups)),
            format!("{} members each", with_commas(settings.most_group_members)),
            format!("{} MiB of members", settings.group_bytes >> 20),
            format!("{} transactional ids", with_commas(settings.most_transactional_ids)),
            format!("| `group.initial.rebalance.delay.ms` | {} |", settings.initial_rebalance_delay_ms),
            format!("| `group.min.session.timeout.ms` | {} |", settings.min_session_ms),
            format!("| `group.consumer.heartbeat.interval.ms` | {} |", settings.consumer_heartbeat_ms),
            format!("| `group.consumer.session.timeout.ms` | {} |", settings.consumer_session_ms),
            format!("| `group.consumer.assignment.interval.ms` | {} |", settings.consumer_assignment_interval_ms),
        ];
        for words in said {
            assert!(page.contains(&words), "{words}");
        }
    }
}
