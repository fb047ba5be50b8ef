//! Somebody who looks at everything.

use kafka_protocol::messages::{
    DescribeGroupsRequest, DescribeTransactionsRequest, FindCoordinatorRequest, GroupId, ListGroupsRequest,
    ListTransactionsRequest, MetadataRequest, ResponseKind, TransactionalId,
};

use super::offsets::text;
use super::world::{Client, World};

#[derive(Default)]
pub struct Admin;

impl Client for Admin {
    fn act(&mut self, me: usize, world: &mut World) {
        let node = 1 + world.below(3) as i32;
        let key = world.pick(&["classic", "modern", "a", "b", "nobody"]);
        match world.below(6) {
            0 => {
                let version = world.pick(&[0, 1, 5, 9, 12, 13]);
                let request = MetadataRequest::default().with_topics(if version == 0 { Some(vec![]) } else { None });
                world.send(me, node, version, request);
            }
            1 => {
                let version = world.pick(&[0, 3, 4, 6]);
                let request = match version >= 4 {
                    true => FindCoordinatorRequest::default().with_coordinator_keys(vec![text(key)]),
                    false => FindCoordinatorRequest::default().with_key(text(key)),
                };
                world.send(me, node, version, request);
            }
            2 => {
                let version = world.pick(&[0, 3, 5, 6]);
                world.send(me, node, version, DescribeGroupsRequest::default().with_groups(vec![GroupId(text(key))]));
            }
            3 => {
                let version = world.pick(&[0, 3, 4, 5]);
                world.send(me, node, version, ListGroupsRequest::default());
            }
            4 => {
                let ids = vec![TransactionalId(text(key))];
                world.send(me, node, 0, DescribeTransactionsRequest::default().with_transactional_ids(ids));
            }
            _ => {
                let version = world.pick(&[0, 1, 2]);
                world.send(me, node, version, ListTransactionsRequest::default());
            }
        }
    }

    fn hear(&mut self, me: usize, _heard: Option<ResponseKind>, world: &mut World) {
        world.rest(me, 4_000);
    }

    fn is_done(&self) -> bool {
        true
    }
}
