//! The way from a client to the cluster and back, where things get lost.

use kafka_protocol::messages::RequestKind;

use super::world::{Waiting, World};
use crate::core::call::{Call, Caller, Step};
use crate::testing::assert_sayable;
use crate::watch::Connection;

/// Requests that break on their way, and answers, in a hundred each.
const BROKEN: u32 = 3;

impl World {
    pub fn send(&mut self, me: usize, node: i32, version: i16, request: impl Into<RequestKind>) {
        let request = request.into();
        self.say(|| format!("{me} to {node} v{version}: {request:?}"));
        self.slots[me].busy = true;
        let lost = !self.is_calm() && self.chance(BROKEN);
        if lost || !self.core.nodes.is_up(node) {
            return self.break_off(me);
        }
        let connection = self.slots[me].connection;
        let caller = Caller { connection, node, version, client_id: format!("client-{me}"), host: "/127.0.0.1".into() };
        let call = Call::new(caller, request);
        self.truth.asked(&call, self.elapsed);
        self.step(me, call);
    }

    fn step(&mut self, me: usize, mut call: Call) {
        let now = self.now();
        let step = self.core.step(&mut call, now);
        self.truth.check(&self.core);
        match step {
            Step::Answer(answer) => {
                self.truth.answered(&call, &answer, &self.core, self.elapsed);
                if self.chance(20) {
                    assert_sayable(&answer, call.caller.version);
                }
                match !self.is_calm() && self.chance(BROKEN) {
                    true => self.break_off(me),
                    false => self.mail.push_back((me, Some(answer))),
                }
            }
            Step::Wait(until) => {
                self.waiting.insert(call.caller.connection, Waiting { client: me, call, until });
            }
            other => panic!("{other:?} to {call:?}"),
        }
    }

    /// The connection of a client breaks, and with it the request that is on its way.
    pub fn break_off(&mut self, me: usize) {
        let connection = self.slots[me].connection;
        self.waiting.remove(&connection);
        self.core.disconnected(connection);
        self.connections += 1;
        self.slots[me].connection = self.connections;
        if self.slots[me].busy {
            self.mail.push_back((me, None));
        }
    }

    /// The connections to a node break.
    pub fn break_off_node(&mut self, node: i32) {
        let broken = self.waiting.values().filter(|waiting| waiting.call.caller.node == node);
        let broken: Vec<usize> = broken.map(|waiting| waiting.client).collect();
        broken.into_iter().for_each(|client| self.break_off(client));
    }

    /// Clients whose requests wait for an answer.
    pub fn waiting_clients(&self) -> Vec<usize> {
        self.waiting.values().map(|waiting| waiting.client).collect()
    }

    pub(super) fn look_again(&mut self, connection: Connection) {
        if let Some(Waiting { client, call, .. }) = self.waiting.remove(&connection) {
            self.step(client, call);
        }
    }
}
