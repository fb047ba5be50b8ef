//! `uniform` where all members are subscribed to the same topics (`UniformHomogeneousAssignmentBuilder`).

use uuid::Uuid;

use super::super::partitions::{self, Partitions};
use super::{Group, Targets};

pub fn assign(group: &Group<'_>) -> Targets {
    let members = group.members.len();
    let total: usize = group.topics.values().map(|count| usize::try_from(*count).unwrap_or(0)).sum();
    let Some(share) = total.checked_div(members) else { return Targets::new() };
    // So many members get one more than the others.
    let mut larger = total % members;

    let mut targets = Targets::new();
    let mut taken = Partitions::new();
    let mut room: Vec<(String, usize)> = Vec::new();
    for (index, (id, member)) in group.members.iter().enumerate() {
        let may_be_larger = larger > 0;
        let mut quota = share + usize::from(may_be_larger);
        let mut target = Partitions::new();
        for (topic, partition) in partitions::each(&member.target).filter(|(topic, _)| group.topics.contains_key(topic))
        {
            if quota > 0 && !partitions::contains(&taken, topic, partition) {
                quota -= 1;
                partitions::add(&mut target, topic, partition);
                partitions::add(&mut taken, topic, partition);
            }
        }
        // A later member may have the larger share already: it keeps it, if there are enough later ones.
        let gives_way = may_be_larger && quota > 0 && members - index > larger;
        let quota = quota - usize::from(gives_way);
        larger -= usize::from(may_be_larger && !gives_way);
        if quota > 0 {
            room.push(((*id).to_owned(), quota));
        }
        targets.insert((*id).to_owned(), target);
    }

    let mut free = free(group, &taken).into_iter();
    for (id, quota) in room {
        let target = targets.entry(id).or_default();
        for (topic, partition) in free.by_ref().take(quota) {
            partitions::add(target, topic, partition);
        }
    }
    targets
}

/// The partitions that nobody keeps.
fn free(group: &Group<'_>, taken: &Partitions) -> Vec<(Uuid, i32)> {
    let each = group.topics.iter().flat_map(|(topic, count)| (0..*count).map(|partition| (*topic, partition)));
    each.filter(|(topic, partition)| !partitions::contains(taken, *topic, *partition)).collect()
}
