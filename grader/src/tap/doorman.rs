//! Who may join a group on librdkafka's test cluster.
//!
//! A Kafka broker refuses a member that has no assignor in common with those that are there. The test cluster looks only
//! at the first assignor of each member, and aborts its process where they differ. With a hundred members it also aborts
//! when one is late. So the tap refuses in its place, with the errors that Kafka has for this.

use super::members::Member;
use crate::wire::Request;
use crate::wire::error::{GROUP_MAX_SIZE_REACHED, INCONSISTENT_GROUP_PROTOCOL};

/// As Kafka's `group.max.size` would have it; more than any lesson needs.
const MOST_MEMBERS: usize = 12;

/// The error with which a JoinGroup request is to be refused, if it is, where `members` are there already.
pub(super) fn refusal(members: &[Member], request: &Request) -> Option<i16> {
    let Request::JoinGroup { group, member, protocols, .. } = request else { return None };
    let others = members.iter().filter(|other| other.group == *group && !other.is(group, member));
    let others: Vec<_> = others.filter_map(|other| other.classic.as_ref()).collect();
    if others.iter().any(|other| other.assignor.as_ref() != protocols.first()) {
        return Some(INCONSISTENT_GROUP_PROTOCOL);
    }
    (others.len() >= MOST_MEMBERS).then_some(GROUP_MAX_SIZE_REACHED)
}

#[cfg(test)]
mod tests {
    use super::super::members::{Members, Origin};
    use super::*;
    use crate::wire::Response;

    /// What the doorman says to one request after the other; who is let in is named `m`.
    #[derive(Default)]
    struct Door {
        members: Members,
        asked: i32,
    }

    impl Door {
        fn asked(&mut self, request: &Request) -> Option<i16> {
            self.asked += 1;
            let origin = Origin { role: "a", conn: 1, correlation: self.asked, patient: false };
            self.members.request(origin, request, refusal)
        }

        fn asks(&mut self, member: &str, assignor: &str) -> Option<i16> {
            let request = Request::JoinGroup {
                group: "g".into(),
                member: member.into(),
                instance: None,
                session_timeout_ms: 1,
                rebalance_timeout_ms: 1,
                protocols: vec![assignor.into()],
                topics: Vec::new(),
                owned: Vec::new(),
            };
            self.asked(&request)
        }

        fn answered(&mut self, member: &str, error: i16) {
            let (member, leader) = (member.to_owned(), member.to_owned());
            let answer =
                Response::JoinGroup { error, generation: 1, member, leader, protocol: None, members: Vec::new() };
            self.members.response((1, self.asked), &answer);
        }
    }

    #[test]
    fn another_assignor_is_refused_while_somebody_is_there() {
        let mut door = Door::default();
        assert_eq!(door.asks("", "range"), None, "the first one sets the tone");
        door.answered("m", 0);
        assert_eq!(door.asks("", "sticky"), Some(INCONSISTENT_GROUP_PROTOCOL));
        assert_eq!(door.asks("m", "sticky"), None, "who is alone may change its mind");
        let mut door = Door::default();
        door.asks("", "range");
        door.answered("m", 0);
        assert_eq!((door.asks("", "range"), door.asks("m", "range")), (None, None));
        let mut door = Door::default();
        door.asks("", "range");
        door.answered("m", 0);
        door.asked(&Request::LeaveGroup { group: "g".into(), members: vec!["m".into()] });
        assert_eq!(door.asks("", "sticky"), None);
    }

    #[test]
    fn who_was_refused_is_not_there() {
        let mut door = Door::default();
        door.asks("", "range");
        door.answered("m", 79); // MEMBER_ID_REQUIRED
        assert_eq!(door.asks("m", "sticky"), None);
    }

    #[test]
    fn a_crowd_is_refused() {
        let mut door = Door::default();
        for _ in 0..MOST_MEMBERS {
            assert_eq!(door.asks("", "range"), None);
        }
        assert_eq!(door.asks("", "range"), Some(GROUP_MAX_SIZE_REACHED));
    }
}
