//! What goes wrong.

use super::world::{TOPICS, World};
use crate::drill::Drill;

/// Groups and transactional ids whose coordinator may move.
const KEYS: [&str; 4] = ["classic", "modern", "a", "b"];

impl World {
    /// Something goes wrong, or is repaired.
    pub fn chaos(&mut self) {
        let (topic, partition) = self.pick_partition();
        let topic = topic.to_owned();
        let node = 1 + self.below(3) as i32;
        match self.below(100) {
            0..15 => self.try_out(Drill::LeaderMoves { topic, partition, to: node }),
            15..17 => self.elect_uncleanly(topic, partition, node),
            17..25 => self.try_out(Drill::ReplicaStops { topic, partition, node }),
            25..33 => self.try_out(Drill::ReplicaFallsOut { topic, partition, node }),
            33..53 => self.try_out(Drill::ReplicaResumes { topic, partition, node }),
            53..59 if self.core.nodes.up().count() > 1 => {
                self.break_off_node(node);
                self.try_out(Drill::NodeLeaves { node });
            }
            53..69 => self.try_out(Drill::NodeReturns { node }),
            69..79 => {
                let key = self.pick(&KEYS).to_owned();
                self.try_out(Drill::CoordinatorMoves { group: key, to: node });
            }
            79..95 => {
                let waiting = self.waiting_clients();
                if !waiting.is_empty() {
                    let client = self.pick(&waiting);
                    self.break_off(client);
                }
            }
            _ => {
                let ms = i64::from(self.below(20_000)) - 10_000;
                self.say(|| format!("the clock jumps by {ms} ms"));
                self.jump(ms);
            }
        }
    }

    fn try_out(&mut self, drill: Drill) {
        let outcome = self.core.drill(&drill);
        self.say(|| format!("{drill:?}: {outcome:?}"));
        self.truth.check(&self.core);
        self.truth.check_logs(&self.core);
    }

    /// What the new leader has not copied is lost, and nobody has promised anything else.
    fn elect_uncleanly(&mut self, topic: String, partition: i32, to: i32) {
        let found = self.core.topics.get(&topic).and_then(|topic| topic.partition(partition)).expect("a partition");
        let up = self.core.nodes.is_up(to);
        if let Some(replica) = found.replica(to).filter(|_| up && found.leader != Some(to)) {
            self.truth.lose(&topic, partition, replica.end.min(found.log.end()));
        }
        self.try_out(Drill::UncleanElection { topic, partition, to });
    }

    /// Everything is as it should be.
    pub fn repair(&mut self) {
        for node in 1..=3 {
            self.try_out(Drill::NodeReturns { node });
        }
        for (topic, partitions, _) in TOPICS {
            for partition in 0..partitions {
                for node in 1..=3 {
                    self.try_out(Drill::ReplicaResumes { topic: topic.to_owned(), partition, node });
                }
            }
        }
    }
}
