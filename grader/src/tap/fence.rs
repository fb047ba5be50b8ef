//! On a broker that programs of several people share, each sees and reaches only what belongs to its own run.
//!
//! Names of a run cannot be guessed, and whoever lists topics gets those of the run. What is asked for by another name is
//! refused, and requests that name no topics or groups that we could look at (those of admin clients) are not served.

use super::names::{Named, visit};
use crate::recorder::Names;
use crate::wire::{self, Request};

/// `TOPIC_AUTHORIZATION_FAILED` and `GROUP_AUTHORIZATION_FAILED`.
const NO_SUCH_TOPIC_FOR_YOU: i16 = 29;
const NO_SUCH_GROUP_FOR_YOU: i16 = 30;

/// The error with which a request is refused, where it is about something that is not of this run. It names topics and
/// groups as the broker does.
pub(super) fn refusal(names: &Names, request: &mut Request) -> Option<i16> {
    // A pattern is matched by the broker, against everybody's topics (KIP-848).
    if let Request::ConsumerGroupHeartbeat { regex: Some(_), .. } = request {
        return Some(NO_SUCH_TOPIC_FOR_YOU);
    }
    let mut error = None;
    visit(request, &mut |what, name| {
        if error.is_none() && names.known(name).is_none() {
            error = Some(match what {
                Named::Topic => NO_SUCH_TOPIC_FOR_YOU,
                Named::Group => NO_SUCH_GROUP_FOR_YOU,
            });
        }
    });
    error
}

/// Is a request of this kind served at all?
pub(super) fn serves(api: i16) -> bool {
    wire::is_decoded(api)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let mut names = Names::default();
        names.insert("orders-kafkacourse-1".into(), "orders".into());
        names.insert("AAAAAAAAAAAAAAAAAAAAAQ".into(), "orders".into());
        names.insert("billing-kafkacourse-1".into(), "billing".into());
        names
    }

    #[test]
    fn only_names_of_the_run_pass() {
        let topics =
            |names: &[&str]| Request::Metadata { topics: Some(names.iter().map(|name| (*name).to_owned()).collect()) };
        let heartbeat = |group: &str| Request::Heartbeat { group: group.into(), generation: 1, member: "m".into() };
        let coordinator = |key_type, key: &str| Request::FindCoordinator { key_type, keys: vec![key.into()] };
        let table = [
            (topics(&["orders-kafkacourse-1"]), None),
            (topics(&["orders-kafkacourse-1", "orders-kafkacourse-2"]), Some(29)),
            (topics(&["__consumer_offsets"]), Some(29)),
            (topics(&["AAAAAAAAAAAAAAAAAAAAAQ"]), None),
            (topics(&["AAAAAAAAAAAAAAAAAAAAAg"]), Some(29)),
            (Request::Metadata { topics: None }, None),
            (heartbeat("billing-kafkacourse-1"), None),
            (heartbeat("billing-kafkacourse-2"), Some(30)),
            (coordinator(0, "somebody-elses"), Some(30)),
            (coordinator(1, "a-transactional-id"), None),
        ];
        for (mut request, wanted) in table {
            assert_eq!(refusal(&names(), &mut request), wanted, "{request:?}");
        }
    }
}
