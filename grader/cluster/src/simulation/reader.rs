//! A consumer without a group: reads one partition after the other, from wherever it is.

use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::{BrokerId, FetchRequest, ListOffsetsRequest, ResponseKind};

use super::offsets::topic_name;
use super::payload;
use super::world::{Client, World};

pub struct Reader {
    committed_only: bool,
    partition: Option<(&'static str, i32)>,
    offset: i64,
}

impl Reader {
    pub fn new(committed_only: bool) -> Reader {
        Reader { committed_only, partition: None, offset: 0 }
    }
}

impl Client for Reader {
    fn act(&mut self, me: usize, world: &mut World) {
        if self.partition.is_none() || world.chance(10) {
            self.partition = Some(world.pick_partition());
            self.offset = 0;
        }
        let Some((topic, index)) = self.partition else { return };
        let node = world.leader((topic, index));
        let isolation = i8::from(self.committed_only);
        if world.chance(10) {
            let version = world.pick(&[1, 2, 4, 7, 10]);
            let timestamp = world.pick(&[-1, -2, -3, 0]);
            let timestamp = if version < 7 { timestamp.max(-2) } else { timestamp };
            let partition = ListOffsetsPartition::default().with_partition_index(index).with_timestamp(timestamp);
            let topic = ListOffsetsTopic::default().with_name(topic_name(topic)).with_partitions(vec![partition]);
            let request = ListOffsetsRequest::default()
                .with_replica_id(BrokerId(-1))
                .with_isolation_level(if version < 2 { 0 } else { isolation })
                .with_topics(vec![topic]);
            return world.send(me, node, version, request);
        }
        let version = world.pick(&[4, 7, 11, 12, 13, 15, 16, 17]);
        let most = world.pick(&[1, 100, 1 << 20]);
        let partition = FetchPartition::default()
            .with_partition(index)
            .with_fetch_offset(self.offset)
            .with_partition_max_bytes(most);
        let topic_named = FetchTopic::default().with_partitions(vec![partition]);
        let topic = match version >= 13 {
            true => topic_named.with_topic_id(world.topic_id(topic)),
            false => topic_named.with_topic(topic_name(topic)),
        };
        let request = FetchRequest::default()
            .with_max_wait_ms(world.pick(&[0, 100, 500]))
            .with_min_bytes(world.pick(&[0, 1, 500]))
            .with_max_bytes(1 << 20)
            .with_isolation_level(isolation)
            .with_topics(vec![topic]);
        world.send(me, node, version, request);
    }

    fn hear(&mut self, me: usize, heard: Option<ResponseKind>, world: &mut World) {
        let ms = if world.is_calm() { 10_000 } else { 1_500 };
        world.rest(me, ms);
        let Some(ResponseKind::Fetch(answer)) = heard else { return };
        let read = &answer.responses[0].partitions[0];
        match read.error_code {
            0 => {
                let batches = read.records.as_ref().map(payload::batches).unwrap_or_default();
                self.offset = batches.last().map_or(self.offset, |(header, _)| header.last_offset() + 1);
            }
            // OFFSET_OUT_OF_RANGE: what it has read was lost.
            1 => self.offset = 0,
            _ => {}
        }
    }

    fn is_done(&self) -> bool {
        true
    }
}
