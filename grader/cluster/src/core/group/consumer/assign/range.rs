//! `range`: of each topic, members in their order get partitions that follow each other (`RangeAssignor`).

use super::{Group, Subscriber, Targets};

pub fn assign(group: &Group<'_>) -> Targets {
    let mut targets: Targets = group.members.keys().map(|id| ((*id).to_owned(), Default::default())).collect();
    let mut members: Vec<(&str, &Subscriber<'_>)> = group.members.iter().map(|(id, member)| (*id, member)).collect();
    // Static members come first, in the order of their instances, which outlive their ids.
    members.sort_by_key(|(id, member)| (member.instance.is_none(), member.instance.unwrap_or(id)));
    for (topic, partitions) in &group.topics {
        let subscribers: Vec<&str> =
            members.iter().filter(|(_, member)| member.topics.contains(topic)).map(|(id, _)| *id).collect();
        for (id, range) in subscribers.iter().zip(ranges(*partitions, subscribers.len())) {
            if let Some(target) = targets.get_mut(*id).filter(|_| !range.is_empty()) {
                target.insert(*topic, range.collect());
            }
        }
    }
    targets
}

/// Divides so many partitions among so many members; the first ones get one more where it does not come out even.
fn ranges(partitions: i32, members: usize) -> impl Iterator<Item = std::ops::Range<i32>> {
    let members = i32::try_from(members).unwrap_or(i32::MAX).max(1);
    let (share, extra) = (partitions / members, partitions % members);
    (0..members).scan(0, move |next, member| {
        let first = *next;
        *next = first + share + i32::from(member < extra);
        Some(first..*next)
    })
}
