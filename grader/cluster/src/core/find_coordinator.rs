//! FindCoordinator: which node looks after a consumer group or a transactional id.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::find_coordinator_response::Coordinator;
use kafka_protocol::messages::{BrokerId, FindCoordinatorRequest, FindCoordinatorResponse};
use kafka_protocol::protocol::StrBytes;

use crate::core::Core;
use crate::core::call::{Caller, Step};

pub(crate) fn step(core: &mut Core, request: &FindCoordinatorRequest, caller: &Caller) -> Step {
    // Several keys at once from version 4 on (KIP-699).
    if caller.version >= 4 {
        let found = request.coordinator_keys.iter().map(|key| find(core, key, request.key_type));
        return Step::answer(FindCoordinatorResponse::default().with_coordinators(found.collect()));
    }
    let found = find(core, &request.key, request.key_type);
    let answer = FindCoordinatorResponse::default()
        .with_error_code(found.error_code)
        .with_error_message(found.error_message)
        .with_node_id(found.node_id)
        .with_host(found.host)
        .with_port(found.port);
    Step::answer(answer)
}

fn find(core: &Core, key: &StrBytes, key_type: i8) -> Coordinator {
    let found = match key_type {
        0 | 1 => core.coordinator(key).and_then(|id| core.nodes.get(id)).ok_or(ResponseError::CoordinatorNotAvailable),
        _ => Err(ResponseError::InvalidRequest),
    };
    let answer = Coordinator::default().with_key(key.clone());
    match found {
        Ok(node) => answer
            .with_error_message(Some(StrBytes::from_static_str("NONE")))
            .with_node_id(BrokerId(node.id))
            .with_host(StrBytes::from_string(node.host.clone()))
            .with_port(node.port.into()),
        Err(error) => answer
            .with_error_code(error.code())
            .with_error_message(Some(StrBytes::from_string(error.to_string())))
            .with_node_id(BrokerId(-1))
            .with_port(-1),
    }
}

impl Core {
    /// The node that coordinates this group or transactional id, if one is there: always the same one while the same
    /// nodes are there, unless a drill has moved it.
    pub(crate) fn coordinator(&self, key: &str) -> Option<i32> {
        if let Some(moved) = self.moved_coordinators.get(key).filter(|node| self.nodes.is_up(**node)) {
            return Some(*moved);
        }
        let up: Vec<i32> = self.nodes.up().map(|node| node.id).collect();
        let number = key.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        up.get(number.checked_rem(up.len())?).copied()
    }

    /// Is the node that was asked the coordinator of this group or transactional id?
    ///
    /// # Errors
    /// `NotCoordinator`, which sends the client to look for it.
    pub(crate) fn check_coordinator(&self, key: &str, caller: &Caller) -> Result<(), ResponseError> {
        match self.coordinator(key) == Some(caller.node) {
            true => Ok(()),
            false => Err(ResponseError::NotCoordinator),
        }
    }
}
