//! A new topic.

use std::collections::BTreeMap;

use kafka_protocol::ResponseError;
use uuid::Uuid;

use crate::core::Core;
use crate::partition::Partition;
use crate::topics::Topic;

/// What is known of a topic that is to be made. What is not said is as the settings of the cluster say.
#[derive(Clone, Debug, Default)]
pub struct NewTopic {
    pub partitions: Option<i32>,
    pub replication: Option<i16>,
    /// The nodes that hold each partition, the leader first; instead of the two above.
    pub assignment: Option<Vec<Vec<i32>>>,
    pub settings: BTreeMap<String, String>,
}

/// Makes a topic whose partitions are led by the nodes in turn.
///
/// # Errors
/// What CreateTopics answers: the name is bad or taken, there are too many partitions, or fewer nodes than replicas.
pub(crate) fn create_topic(core: &mut Core, name: &str, wanted: &NewTopic) -> Result<Uuid, ResponseError> {
    if !is_topic_name(name) {
        return Err(ResponseError::InvalidTopicException);
    }
    if core.topics.get(name).is_some() {
        return Err(ResponseError::TopicAlreadyExists);
    }
    let assignment = match &wanted.assignment {
        Some(assignment) => assignment.clone(),
        None => assign(core, wanted)?,
    };
    if assignment.len() + core.topics.partitions() > core.settings.most_partitions {
        return Err(ResponseError::InvalidPartitions);
    }
    let partitions = (0..).zip(&assignment).map(|(index, nodes)| Partition::new(index, nodes)).collect();
    let id = core.new_id();
    core.topics.insert(Topic { name: name.to_owned(), id, partitions, settings: wanted.settings.clone() });
    Ok(id)
}

/// Who holds each partition: the first leads, the next ones follow.
fn assign(core: &Core, wanted: &NewTopic) -> Result<Vec<Vec<i32>>, ResponseError> {
    let nodes: Vec<i32> = core.nodes.up().map(|node| node.id).collect();
    let partitions = wanted.partitions.unwrap_or(core.settings.partitions);
    let partitions = usize::try_from(partitions).ok().filter(|count| *count > 0);
    let partitions = partitions.filter(|count| *count <= core.settings.most_partitions);
    let partitions = partitions.ok_or(ResponseError::InvalidPartitions)?;
    let copies = usize::try_from(wanted.replication.unwrap_or(core.settings.replication)).unwrap_or(0);
    if !(1..=nodes.len()).contains(&copies) {
        return Err(ResponseError::InvalidReplicationFactor);
    }
    let from = |first: usize| nodes.iter().cycle().skip(first % nodes.len()).take(copies).copied().collect();
    Ok((0..partitions).map(from).collect())
}

/// May a topic be called that? (`org.apache.kafka.common.internals.Topic`)
pub(crate) fn is_topic_name(name: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    !matches!(name, "" | "." | "..") && name.len() <= 249 && name.chars().all(known)
}
