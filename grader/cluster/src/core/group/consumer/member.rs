//! A member of a group of KIP-848, as its coordinator sees it.

use std::collections::BTreeSet;
use std::time::Duration;

use super::ENTRY_BYTES;
use super::classic_member::Classic;
use super::partitions::Owned;

/// The member's epoch in the request by which it joins.
pub const JOINING: i32 = 0;
/// The member's epoch in the request by which it leaves.
pub const LEAVING: i32 = -1;
/// A static member leaves, and will be back before its session ends.
pub const LEAVING_FOR_A_WHILE: i32 = -2;

/// How far a member is on its way to its target (`MemberState`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// It has what it was meant to have at its epoch.
    #[default]
    Stable,
    /// It was asked to give partitions up, and has not said yet that it has.
    UnrevokedPartitions,
    /// It has to wait for partitions that another member still holds.
    UnreleasedPartitions,
}

#[derive(Clone, Debug, Default)]
pub struct Member {
    /// The epoch of the target that the member has reached. It is the coordinator's answer to each heartbeat, and comes
    /// back with the next one.
    pub epoch: i32,
    /// The one before, which is accepted from a member that may have missed an answer.
    pub previous_epoch: i32,
    pub state: State,
    /// `group.instance.id` of a static member.
    pub instance: Option<String>,
    pub rack: Option<String>,
    pub client_id: String,
    pub client_host: String,
    pub rebalance_timeout_ms: i32,
    /// `group.remote.assignor`
    pub assignor: Option<String>,
    pub topic_names: BTreeSet<String>,
    /// A pattern that names of topics have to match as a whole. Empty where it is subscribed to none.
    pub topic_regex: String,
    pub assigned: Owned,
    /// What it has to give up, and nobody else gets before.
    pub pending_revocation: Owned,
    /// Bytes of the texts above, about.
    pub bytes: usize,
    /// Without a heartbeat until then, it has gone.
    pub session_ends: Duration,
    /// Without a word until then that it has given up what it must, it is put out of the group.
    pub revocation_ends: Option<Duration>,
    /// What it has if it speaks the classic protocol.
    pub classic: Option<Classic>,
}

impl Member {
    /// Has it what the target of this epoch says?
    pub fn has_reached(&self, target_epoch: i32) -> bool {
        self.state == State::Stable && self.epoch == target_epoch
    }

    /// The pattern that it is subscribed to, if there is one.
    pub fn regex(&self) -> Option<&str> {
        Some(self.topic_regex.as_str()).filter(|regex| !regex.is_empty())
    }

    /// When its time runs out in one way or the other.
    pub fn deadline(&self) -> Duration {
        let classic = self.classic.as_ref().and_then(Classic::deadline);
        self.revocation_ends.into_iter().chain(classic).fold(self.session_ends, Duration::min)
    }

    /// How many bytes its texts take, about.
    pub fn measure(&self) -> usize {
        let texts = [&self.instance, &self.rack, &self.assignor];
        let names = self.topic_names.iter().map(|name| name.len() + ENTRY_BYTES);
        let texts = texts.into_iter().flatten().map(String::len);
        let protocols = self.classic.iter().flat_map(|classic| &classic.protocols);
        let protocols = protocols.map(|protocol| protocol.name.len() + protocol.metadata.len());
        let ours = names.chain(texts).chain(protocols).sum::<usize>();
        ours + self.topic_regex.len() + self.client_id.len() + self.client_host.len()
    }

    pub(super) fn move_to(&mut self, epoch: i32) {
        self.previous_epoch = self.epoch;
        self.epoch = epoch;
    }
}
