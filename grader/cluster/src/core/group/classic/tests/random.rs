//! Members that come and go in any order, and what holds in all of them.

use std::collections::{HashMap, HashSet};

use kafka_protocol::ResponseError;
use kafka_protocol::messages::ResponseKind;
use proptest::prelude::*;

use super::super::group::State;
use super::{Asked, Scene, joining, syncing};
use crate::core::call::Call;
use crate::core::group::Members;

/// A member that does what a client does.
#[derive(Default)]
struct Peer {
    instance: Option<&'static str>,
    member: String,
    generation: i32,
    /// Those to assign to, if it leads.
    members: Vec<String>,
    waits: Option<Call>,
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Join,
    Sync,
    Beat,
    Leave,
    /// Its process is killed, and started again without knowing anything.
    Crash,
    Pass(u64),
}

struct World {
    scene: Scene,
    peers: Vec<Peer>,
    /// The newest generation that anybody has heard of.
    newest: i32,
    /// By generation: who has got what.
    assigned: HashMap<i32, HashMap<String, String>>,
}

impl World {
    fn new() -> World {
        let peer = |instance| Peer { instance, ..Peer::default() };
        let peers = [None, None, None, Some("i"), Some("k")].map(peer);
        World { scene: Scene::new(), peers: peers.into(), newest: 0, assigned: HashMap::new() }
    }

    fn act(&mut self, peer: usize, act: Act) {
        self.hear();
        let Peer { instance, member, generation, waits, .. } = &self.peers[peer];
        let (instance, member, generation, waits) = (*instance, member.clone(), *generation, waits.is_some());
        match act {
            Act::Pass(ms) => self.scene.pass(ms),
            Act::Crash => {
                if let Some(call) = self.peers[peer].waits.take() {
                    self.scene.core.disconnected(call.caller.connection);
                }
                self.peers[peer] = Peer { instance, ..Peer::default() };
            }
            _ if waits => {} // one request at a time
            Act::Join => {
                let request = joining(&member).with_group_instance_id(instance.map(Into::into));
                let asked = self.scene.join(if peer == 0 { 2 } else { 5 }, request);
                self.result(peer, asked);
            }
            Act::Sync if generation > 0 => {
                let mut request = syncing(&member, generation, &[]).with_group_instance_id(instance.map(Into::into));
                for to in &self.peers[peer].members {
                    let assignment = syncing("", 0, &[(to, "")]).assignments.remove(0);
                    let part = format!("{generation}/{to}");
                    request.assignments.push(assignment.with_assignment(part.into()));
                }
                let asked = self.scene.ask(3, request);
                self.result(peer, asked);
            }
            Act::Beat if generation > 0 => match self.scene.beat(&member, generation) {
                None | Some(ResponseError::RebalanceInProgress) => {}
                Some(_) => self.forget(peer),
            },
            Act::Leave if !member.is_empty() => {
                self.scene.leave(3, &[(&member, None)]);
                self.forget(peer);
            }
            Act::Sync | Act::Beat | Act::Leave => {}
        }
        self.check();
    }

    /// Looks at the requests that wait.
    fn hear(&mut self) {
        for peer in 0..self.peers.len() {
            if let Some(call) = self.peers[peer].waits.take() {
                let asked = self.scene.look(call);
                self.result(peer, asked);
            }
        }
    }

    fn result(&mut self, peer: usize, asked: Asked) {
        match asked {
            Asked::Waits(call) => self.peers[peer].waits = Some(call),
            Asked::Answer(ResponseKind::JoinGroup(joined)) => {
                let required = joined.error_code == ResponseError::MemberIdRequired.code();
                if required || joined.error_code == 0 {
                    self.peers[peer].member = joined.member_id.to_string();
                } else {
                    self.forget(peer);
                }
                if joined.error_code == 0 {
                    assert!(joined.generation_id >= self.peers[peer].generation, "generations only rise");
                    self.newest = self.newest.max(joined.generation_id);
                    self.peers[peer].generation = joined.generation_id;
                    let members = joined.members.iter().map(|member| member.member_id.to_string());
                    self.peers[peer].members = members.collect();
                    let leads = joined.leader == joined.member_id;
                    assert!(!leads || self.peers[peer].members.contains(&self.peers[peer].member));
                }
            }
            Asked::Answer(ResponseKind::SyncGroup(synced)) => {
                if synced.error_code == 0 {
                    let part = String::from_utf8(synced.assignment.to_vec()).unwrap();
                    let of = &self.peers[peer];
                    // A static member that comes back has another id, and the same part.
                    let who = of.instance.map_or_else(|| of.member.clone(), str::to_owned);
                    self.assigned.entry(of.generation).or_default().insert(who, part);
                } else if synced.error_code != ResponseError::RebalanceInProgress.code() {
                    self.forget(peer);
                }
            }
            Asked::Answer(other) => panic!("{other:?}"),
        }
    }

    fn forget(&mut self, peer: usize) {
        self.peers[peer] = Peer { instance: self.peers[peer].instance, ..Peer::default() };
    }

    fn check(&self) {
        for parts in self.assigned.values() {
            let parts: Vec<_> = parts.values().filter(|part| !part.is_empty()).collect();
            let owners: HashSet<_> = parts.iter().collect();
            assert_eq!(owners.len(), parts.len(), "two members of one generation have got the same: {parts:?}");
        }
        let Some(Members::Classic(group)) = self.scene.core.groups.get("g").map(|group| &group.members) else { return };
        assert!(group.generation >= self.newest);
        match group.state {
            State::Empty => assert!(group.members.is_empty()),
            // All have left while somebody who was given an id may still come.
            State::PreparingRebalance => {}
            State::CompletingRebalance | State::Stable => assert!(!group.members.is_empty()),
        }
        if !group.members.is_empty() {
            let leader = group.leader.as_ref().expect("a leader");
            assert!(group.members.contains_key(leader), "the leader is a member");
        }
        for (instance, member) in &group.static_members {
            assert_eq!(group.members[member].instance.as_ref(), Some(instance));
        }
        let waiting = self.peers.iter().filter(|peer| peer.waits.is_some()).count();
        assert_eq!(self.scene.core.groups.answers.waiting(), waiting, "nobody is forgotten");
    }

    /// Lets time pass until nothing happens any more.
    fn run_out(&mut self) {
        for _ in 0..1_000 {
            let Some(at) = self.scene.core.next_timer() else { return };
            let ms = u64::try_from(at.as_millis()).unwrap();
            self.scene.pass(ms.saturating_sub(self.scene.ms));
            self.hear();
            self.check();
        }
        panic!("timers never run out");
    }
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => Just(Act::Join),
        5 => Just(Act::Sync),
        3 => Just(Act::Beat),
        1 => Just(Act::Leave),
        1 => Just(Act::Crash),
        1 => (1_u64..12_000).prop_map(Act::Pass),
    ]
}

proptest! {
    #[test]
    fn whatever_members_do(acts in prop::collection::vec((0_usize..5, act()), 1..80)) {
        let mut world = World::new();
        for (peer, act) in acts {
            world.act(peer, act);
        }
        world.run_out();
        prop_assert!(world.peers.iter().all(|peer| peer.waits.is_none()), "somebody waits for ever");
    }
}
