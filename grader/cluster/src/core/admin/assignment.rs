//! Which nodes hold the partitions of a topic.

use kafka_protocol::ResponseError::{InvalidReplicaAssignment, InvalidReplicationFactor};
use kafka_protocol::messages::BrokerId;

use crate::nodes::Nodes;
use crate::refusal::Refusal;

/// The nodes of each partition, the leader first: the nodes in turn, so that partition `first` and the following ones
/// begin with another one each.
///
/// # Errors
/// `InvalidReplicationFactor`.
pub fn assign_in_turn(nodes: &Nodes, first: usize, partitions: usize, copies: i16) -> Result<Vec<Vec<i32>>, Refusal> {
    let there: Vec<i32> = nodes.up().map(|node| node.id).collect();
    let wanted = usize::try_from(copies).unwrap_or(0);
    if !(1..=there.len()).contains(&wanted) {
        let why = format!(
            "Unable to replicate the partition {copies} time(s): The target replication factor of {copies} cannot be \
             reached because only {} broker(s) are registered or some brokers have all their log directories cordoned.",
            there.len()
        );
        return Err(Refusal::new(InvalidReplicationFactor, why));
    }
    let holders = |partition: usize| there.iter().cycle().skip(partition % there.len()).take(wanted).copied().collect();
    Ok((first..first.saturating_add(partitions)).map(holders).collect())
}

/// The nodes of partitions as somebody wants them. `copies` is how many each has to have, if that is known.
///
/// # Errors
/// `InvalidReplicaAssignment`: `ReplicationControlManager.validateManualPartitionAssignment`.
pub fn check_assignment<'a>(
    nodes: &Nodes,
    wanted: impl IntoIterator<Item = &'a Vec<BrokerId>>,
    mut copies: Option<usize>,
) -> Result<Vec<Vec<i32>>, Refusal> {
    let refuse = |why: String| Err(Refusal::new(InvalidReplicaAssignment, why));
    let mut assignment = Vec::new();
    for holders in wanted {
        let holders: Vec<i32> = holders.iter().map(|id| id.0).collect();
        if holders.is_empty() {
            return refuse("The manual partition assignment includes an empty replica list.".to_owned());
        }
        for (place, id) in holders.iter().enumerate() {
            if !nodes.is_up(*id) {
                return refuse(format!(
                    "The manual partition assignment includes broker {id}, but no such broker is registered."
                ));
            }
            if holders[..place].contains(id) {
                return refuse(format!("The manual partition assignment includes the broker {id} more than once."));
            }
        }
        let before = *copies.get_or_insert(holders.len());
        if before != holders.len() {
            return refuse(format!(
                "The manual partition assignment includes a partition with {} replica(s), but this is not consistent with \
                 previous partitions, which have {before} replica(s).",
                holders.len()
            ));
        }
        assignment.push(holders);
    }
    Ok(assignment)
}
