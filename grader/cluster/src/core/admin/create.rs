//! A new topic.

use std::collections::BTreeMap;

use kafka_protocol::ResponseError::{
    self, InvalidPartitions, InvalidReplicationFactor, InvalidTopicException, PolicyViolation, TopicAlreadyExists,
};
use uuid::Uuid;

use super::assignment::assign_in_turn;
use super::topic_settings;
use crate::core::Core;
use crate::partition::Partition;
use crate::refusal::Refusal;
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
    check_name(core, name).map_err(|refusal| refusal.error)?;
    let planned = plan(core, wanted).map_err(|refusal| refusal.error)?;
    Ok(insert(core, name, planned))
}

/// A topic that can be made.
pub(super) struct Planned {
    pub assignment: Vec<Vec<i32>>,
    pub settings: BTreeMap<String, String>,
}

/// # Errors
/// `InvalidTopicException`, `TopicAlreadyExists`.
pub(super) fn check_name(core: &Core, name: &str) -> Result<(), Refusal> {
    if core.topics.get(name).is_some() {
        return Err(Refusal::new(TopicAlreadyExists, format!("Topic '{name}' already exists.")));
    }
    if let Some(why) = fault_of_name(name) {
        return Err(Refusal::new(InvalidTopicException, format!("Topic name is invalid: {why}")));
    }
    // Names of metrics have underscores for dots, so two topics must not differ by that alone.
    let may_collide = name.contains(['.', '_']);
    match core.topics.iter().take_while(|_| may_collide).find(|topic| collide(&topic.name, name)) {
        Some(other) => {
            let why = format!("Topic '{name}' collides with existing topic: {}", other.name);
            Err(Refusal::new(InvalidTopicException, why))
        }
        None => Ok(()),
    }
}

fn collide(one: &str, other: &str) -> bool {
    let same = |(a, b): (u8, u8)| a == b || matches!((a, b), (b'.', b'_') | (b'_', b'.'));
    one.len() == other.len() && one.bytes().zip(other.bytes()).all(same)
}

/// # Errors
/// `InvalidConfig`, `InvalidReplicationFactor`, `InvalidPartitions`, `PolicyViolation`.
pub(super) fn plan(core: &Core, wanted: &NewTopic) -> Result<Planned, Refusal> {
    let settings = topic_settings::parse(wanted.settings.clone())?;
    let assignment = match &wanted.assignment {
        Some(assignment) => assignment.clone(),
        None => {
            let (partitions, copies) = counts(core, wanted)?;
            assign_in_turn(&core.nodes, 0, partitions, copies)?
        }
    };
    check_room(core, assignment.len())?;
    Ok(Planned { assignment, settings })
}

/// How many partitions and copies of each.
fn counts(core: &Core, wanted: &NewTopic) -> Result<(usize, i16), Refusal> {
    let copies = wanted.replication.unwrap_or(core.settings.replication);
    if copies < 1 {
        let why = "Replication factor must be larger than 0, or -1 to use the default value.";
        return Err(Refusal::new(InvalidReplicationFactor, why));
    }
    let partitions = usize::try_from(wanted.partitions.unwrap_or(core.settings.partitions)).unwrap_or(0);
    if partitions < 1 {
        let why = "Number of partitions was set to an invalid non-positive value.";
        return Err(Refusal::new(InvalidPartitions, why));
    }
    check_room(core, partitions)?;
    Ok((partitions, copies))
}

/// # Errors
/// `PolicyViolation` if there would be more partitions than the cluster holds.
pub(super) fn check_room(core: &Core, more: usize) -> Result<(), Refusal> {
    let most = core.settings.most_partitions;
    match core.topics.partitions().saturating_add(more) > most {
        true => Err(Refusal::new(PolicyViolation, format!("This cluster holds {most} partitions and no more."))),
        false => Ok(()),
    }
}

pub(super) fn insert(core: &mut Core, name: &str, planned: Planned) -> Uuid {
    let partitions = (0..).zip(&planned.assignment).map(|(index, nodes)| Partition::new(index, nodes)).collect();
    let id = core.new_id();
    core.topics.insert(Topic { name: name.to_owned(), id, partitions, settings: planned.settings });
    id
}

/// May a topic be called that? (`org.apache.kafka.common.internals.Topic`)
pub(crate) fn is_topic_name(name: &str) -> bool {
    fault_of_name(name).is_none()
}

/// What is wrong with the name of a topic.
pub(super) fn fault_of_name(name: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    match name {
        "" => Some("the empty string is not allowed".to_owned()),
        "." | ".." => Some(format!("'{name}' is not allowed")),
        _ if name.len() > 249 => Some(format!("the length of '{name}' is longer than the max allowed length 249")),
        _ if !name.chars().all(allowed) => {
            Some(format!("'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"))
        }
        _ => None,
    }
}
