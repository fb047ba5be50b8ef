//! The topics of a cluster, by name and by id.

use std::collections::{BTreeMap, HashMap};

use kafka_protocol::ResponseError;
use kafka_protocol::messages::TopicName;
use kafka_protocol::protocol::StrBytes;
use uuid::Uuid;

use crate::partition::Partition;

#[derive(Debug)]
pub struct Topic {
    pub name: String,
    pub id: Uuid,
    pub partitions: Vec<Partition>,
    /// What was set for this topic: `min.insync.replicas`, `cleanup.policy`, …
    pub settings: BTreeMap<String, String>,
}

impl Topic {
    pub fn partition(&self, index: i32) -> Option<&Partition> {
        self.partitions.get(usize::try_from(index).ok()?)
    }

    pub fn partition_mut(&mut self, index: i32) -> Option<&mut Partition> {
        self.partitions.get_mut(usize::try_from(index).ok()?)
    }

    /// The name as it stands in requests and answers.
    pub fn wire_name(&self) -> TopicName {
        TopicName(StrBytes::from_string(self.name.clone()))
    }
}

#[derive(Debug, Default)]
pub struct Topics {
    by_name: BTreeMap<String, Topic>,
    names: HashMap<Uuid, String>,
    version: u64,
    partitions: usize,
}

impl Topics {
    pub fn insert(&mut self, topic: Topic) {
        self.remove(&topic.name);
        self.version += 1;
        self.partitions += topic.partitions.len();
        self.names.insert(topic.id, topic.name.clone());
        self.by_name.insert(topic.name.clone(), topic);
    }

    pub fn remove(&mut self, name: &str) -> Option<Topic> {
        let topic = self.by_name.remove(name)?;
        self.version += 1;
        self.partitions -= topic.partitions.len();
        self.names.remove(&topic.id);
        Some(topic)
    }

    pub fn get(&self, name: &str) -> Option<&Topic> {
        self.by_name.get(name)
    }

    pub fn get_mut(&mut self, name: &str) -> Option<&mut Topic> {
        self.by_name.get_mut(name)
    }

    pub fn by_id(&self, id: Uuid) -> Option<&Topic> {
        self.get(self.names.get(&id)?)
    }

    /// In the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Topic> {
        self.by_name.values()
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Topic> {
        self.by_name.values_mut()
    }

    /// Gives a topic more partitions. Nothing happens if there is no such topic.
    pub fn add_partitions(&mut self, name: &str, partitions: Vec<Partition>) {
        if let Some(topic) = self.by_name.get_mut(name) {
            self.partitions += partitions.len();
            topic.partitions.extend(partitions);
            self.version += 1;
        }
    }

    /// Rises whenever a topic comes or goes, or gets more partitions.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Partitions of all topics together.
    pub fn partitions(&self) -> usize {
        self.partitions
    }

    /// The topic that a request means. Newer versions name it by its id (KIP-516), and then the name is empty.
    ///
    /// # Errors
    /// What Kafka answers where there is none: `UnknownTopicId` or `UnknownTopicOrPartition`.
    pub fn find(&self, name: &TopicName, id: Uuid) -> Result<&Topic, ResponseError> {
        match id.is_nil() {
            true => self.get(name).ok_or(ResponseError::UnknownTopicOrPartition),
            false => self.by_id(id).ok_or(ResponseError::UnknownTopicId),
        }
    }
}
