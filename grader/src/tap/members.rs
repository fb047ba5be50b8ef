//! Who is in which consumer group, by what its members and the broker say on the wire.
//!
//! A scenario has one such list. Every tap adds to it, and whoever asks about membership asks here: heartbeats in a
//! member's name, and the step that ends the membership of a dead process. Groups and members have the names that the
//! broker knows.

use crate::wire::{Request, Response};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One member of one group.
#[derive(Debug, Clone, Default)]
pub(super) struct Member {
    pub group: String,
    /// Empty until the broker has named it.
    pub id: String,
    pub role: String,
    /// The connection on which it last spoke to its coordinator; none once that is closed.
    pub conn: Option<u32>,
    /// The broker has taken it in.
    is_in: bool,
    /// None in a KIP-848 group, where one request does everything.
    pub classic: Option<Classic>,
}

/// What there is to know about a member of a classic group.
#[derive(Debug, Clone, Default)]
pub(super) struct Classic {
    /// Connection and correlation id of its last JoinGroup request.
    asked: (u32, i32),
    /// The session timeout that it asked for, in milliseconds.
    pub session_ms: i32,
    pub generation: i32,
    /// It takes part in a rebalance: from its JoinGroup to the answer to its SyncGroup.
    pub joining: bool,
}

/// A membership that `Upstream::leave` can end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// As the broker knows it.
    pub group: String,
    pub member: String,
    /// Not a KIP-848 group.
    pub classic: bool,
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<'a> {
    pub role: &'a str,
    pub conn: u32,
    pub correlation: i32,
}

#[derive(Debug, Default)]
pub(super) struct Members(Mutex<Vec<Member>>);

impl Members {
    /// Takes note of a request before it is forwarded.
    pub fn request(&self, origin: Origin<'_>, request: &Request) {
        ask(&mut self.lock(), origin, request);
    }

    /// Takes note of the answer to the request `correlation` on the connection `conn`.
    pub fn response(&self, (conn, correlation): (u32, i32), response: &Response) {
        match response {
            Response::JoinGroup { .. } => joined(&mut self.lock(), (conn, correlation), response),
            Response::SyncGroup { error: 0, .. } => self.change(conn, |member| member.joining = false),
            _ => {}
        }
    }

    /// The connection is closed. Its member stays in the group until it leaves or its session times out.
    pub fn disconnected(&self, conn: u32) {
        silence(&mut self.lock(), conn);
    }

    /// The membership has been ended.
    pub fn remove(&self, membership: &Membership) {
        self.lock().retain(|member| !member.is(&membership.group, &membership.member));
    }

    /// Is this the member's present generation?
    pub fn is_in_generation(&self, group: &str, generation: i32, member: &str) -> bool {
        let members = self.lock();
        let member = members.iter().find(|other| other.is(group, member)).and_then(|member| member.classic.as_ref());
        member.is_some_and(|member| member.generation == generation)
    }

    /// The memberships that processes of `role` began and did not end. Whoever was given an id by the broker belongs to them
    /// before it has joined: the broker already counts on it.
    pub fn memberships(&self, role: &str) -> Vec<Membership> {
        let members = self.lock();
        let mine = members.iter().filter(|member| member.role == role && !member.id.is_empty());
        mine.map(|member| Membership {
            group: member.group.clone(),
            member: member.id.clone(),
            classic: member.classic.is_some(),
        })
        .collect()
    }

    /// The member of a classic group that last spoke on this connection.
    pub fn on_connection(&self, conn: u32) -> Option<Member> {
        self.lock().iter().find(|member| member.conn == Some(conn) && member.classic.is_some()).cloned()
    }

    fn change(&self, conn: u32, change: impl FnOnce(&mut Classic)) {
        let mut members = self.lock();
        let mut here = members.iter_mut().filter(|member| member.conn == Some(conn));
        if let Some(classic) = here.find_map(|member| member.classic.as_mut()) {
            change(classic);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Member>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Member {
    pub fn is(&self, group: &str, id: &str) -> bool {
        self.group == group && self.id == id && !id.is_empty()
    }
}

fn ask(members: &mut Vec<Member>, origin: Origin<'_>, request: &Request) {
    let known = |group: &str, id: &str| members.iter().position(|member| member.is(group, id));
    match request {
        Request::JoinGroup { group, member: id, session_timeout_ms, .. } => {
            let mut member = known(group, id).map(|at| members.remove(at)).unwrap_or_default();
            let before = member.classic.take().unwrap_or_default();
            silence(members, origin.conn);
            member.classic = Some(Classic {
                asked: (origin.conn, origin.correlation),
                session_ms: *session_timeout_ms,
                joining: true,
                ..before
            });
            (member.group, member.id) = (group.clone(), id.clone());
            (member.role, member.conn) = (origin.role.to_owned(), Some(origin.conn));
            members.push(member);
        }
        Request::Heartbeat { group, member, .. } => {
            if let Some(at) = known(group, member) {
                silence(members, origin.conn);
                members[at].conn = Some(origin.conn);
            }
        }
        Request::LeaveGroup { group, members: left } => {
            members.retain(|member| !left.iter().any(|id| member.is(group, id)));
        }
        Request::ConsumerGroupHeartbeat { group, member: id, epoch, .. } => {
            let before = known(group, id);
            if *epoch < 0 {
                before.map(|at| members.remove(at));
            } else if before.is_none() && !id.is_empty() {
                let (group, id, role) = (group.clone(), id.clone(), origin.role.to_owned());
                members.push(Member { group, id, role, conn: Some(origin.conn), is_in: true, classic: None });
            }
        }
        _ => {}
    }
}

/// The broker gives a new member an id, under which it is to ask again.
const MEMBER_ID_REQUIRED: i16 = 79;

/// Whoever has spoken on this connection, another one that the broker has dropped perhaps, does so no longer.
fn silence(members: &mut [Member], conn: u32) {
    members.iter_mut().filter(|member| member.conn == Some(conn)).for_each(|member| member.conn = None);
}

fn joined(members: &mut Vec<Member>, asked: (u32, i32), answer: &Response) {
    let Response::JoinGroup { error, generation, member: id, .. } = answer else { return };
    let is_asker = |member: &Member| member.classic.as_ref().is_some_and(|classic| classic.asked == asked);
    let Some(at) = members.iter().rposition(is_asker) else { return };
    let member = &mut members[at];
    if *error == 0 {
        (member.is_in, member.id) = (true, id.clone());
        member.classic.get_or_insert_default().generation = *generation;
    } else if *error == MEMBER_ID_REQUIRED && !id.is_empty() {
        // The group waits for it from now on, in every rebalance, until its session times out.
        member.id = id.clone();
    } else if !member.is_in {
        members.remove(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(conn: u32) -> Origin<'static> {
        Origin { role: "a", conn, correlation: 1 }
    }

    fn join(member: &str) -> Request {
        Request::JoinGroup {
            group: "g".into(),
            member: member.into(),
            instance: None,
            session_timeout_ms: 6_000,
            rebalance_timeout_ms: 1,
            protocols: vec!["range".into()],
            topics: Vec::new(),
            owned: Vec::new(),
        }
    }

    fn joined(error: i16) -> Response {
        let (member, leader) = ("m".to_owned(), "m".to_owned());
        Response::JoinGroup { error, generation: 3, member, leader, protocol: None, members: Vec::new() }
    }

    fn says(members: &Members, conn: u32, request: &Request) {
        members.request(origin(conn), request);
    }

    #[test]
    fn a_member_is_in_its_group_from_the_answer_until_it_leaves() {
        let members = Members::default();
        says(&members, 1, &join(""));
        assert_eq!(members.memberships("a"), [], "nobody has said yes");
        members.response((1, 1), &joined(0));
        let membership = Membership { group: "g".into(), member: "m".into(), classic: true };
        assert_eq!(members.memberships("a"), std::slice::from_ref(&membership));
        assert_eq!(members.memberships("b"), []);
        members.disconnected(1);
        says(&members, 2, &join("m"));
        members.response((2, 1), &joined(27));
        assert_eq!(members.memberships("a"), [membership], "neither a connection nor a refusal ends it");
        says(&members, 2, &Request::LeaveGroup { group: "g".into(), members: vec!["m".into()] });
        assert_eq!(members.memberships("a"), []);
        says(&members, 2, &join("n"));
        assert_eq!(members.memberships("a").len(), 1, "the broker has named it, and waits for the others");
        members.response((2, 1), &joined(23));
        assert_eq!(members.memberships("a"), [], "it was not let in");
        says(&members, 2, &join(""));
        members.response((2, 1), &joined(23));
        assert!(members.on_connection(2).is_none(), "who was never let in is not there");
    }

    #[test]
    fn a_member_of_the_next_generation_protocol_joins_and_leaves_by_heartbeat() {
        let members = Members::default();
        let heartbeat = |epoch: i32| Request::ConsumerGroupHeartbeat {
            group: "g".into(),
            member: "m".into(),
            epoch,
            instance: None,
            rebalance_timeout_ms: -1,
            topics: None,
            regex: None,
            assignor: None,
            owned: None,
        };
        says(&members, 1, &heartbeat(0));
        says(&members, 1, &heartbeat(1));
        let membership = Membership { group: "g".into(), member: "m".into(), classic: false };
        assert_eq!(members.memberships("a"), std::slice::from_ref(&membership));
        says(&members, 1, &heartbeat(-1));
        assert_eq!(members.memberships("a"), []);
        says(&members, 1, &heartbeat(0));
        members.remove(&membership);
        assert_eq!(members.memberships("a"), []);
    }

    #[test]
    fn a_heartbeat_says_on_which_connection_its_member_is() {
        let members = Members::default();
        says(&members, 1, &join(""));
        members.response((1, 1), &joined(0));
        members.response((1, 2), &Response::SyncGroup { error: 0, partitions: Vec::new() });
        says(&members, 2, &Request::Heartbeat { group: "g".into(), generation: 3, member: "m".into() });
        let classic = members.on_connection(2).and_then(|member| member.classic).expect("the member");
        assert_eq!((classic.joining, classic.session_ms, classic.generation), (false, 6_000, 3));
        assert!(members.is_in_generation("g", 3, "m") && !members.is_in_generation("g", 2, "m"));
    }
}
