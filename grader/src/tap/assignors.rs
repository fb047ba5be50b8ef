//! Members of one group that agree on no assignor.
//!
//! A Kafka broker refuses the one that comes later, with INCONSISTENT_GROUP_PROTOCOL. librdkafka's test cluster looks at
//! the first assignor of each member only, and aborts its process where they differ; so the tap refuses in its place.

use crate::evidence::{Event, What};
use crate::wire::{Request, Response};

pub(super) const INCONSISTENT_GROUP_PROTOCOL: i16 = 23;

/// Does the JoinGroup request at `position` name another first assignor than a member that is already there?
pub(super) fn clash(events: &[Event], position: usize) -> bool {
    let Some(What::Request { body: Request::JoinGroup { group, member, protocols, .. }, .. }) =
        events.get(position).map(|event| &event.what)
    else {
        return false;
    };
    // Position of the request, member, first assignor.
    let mut there: Vec<(usize, &str, Option<&String>)> = Vec::new();
    for (at, event) in events[..position].iter().enumerate() {
        match &event.what {
            What::Request { body: Request::JoinGroup { group: of, member, protocols, .. }, .. } if of == group => {
                there.retain(|(_, known, _)| known.is_empty() || known != member);
                there.push((at, member, protocols.first()));
            }
            What::Response { to, body: Response::JoinGroup { error, member, .. }, .. } => {
                there.retain(|(at, ..)| *error == 0 || at != to);
                there.iter_mut().filter(|(at, ..)| at == to).for_each(|known| known.1 = member);
            }
            What::Request { body: Request::LeaveGroup { group: of, members, .. }, .. } if of == group => {
                there.retain(|(_, known, _)| !members.iter().any(|left| left == known));
            }
            What::Expired { group: of, member } if of == group => there.retain(|(_, known, _)| known != member),
            _ => {}
        }
    }
    there.iter().any(|(_, known, first)| (known.is_empty() || known != member) && *first != protocols.first())
}
