use std::collections::BTreeSet;

use proptest::prelude::*;
use uuid::Uuid;

use super::super::partitions::{self, Partitions};
use super::{Assignor, Group, Subscriber, Targets};

fn topic(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn subscriber(topics: &[u128]) -> Subscriber<'static> {
    let topics = topics.iter().map(|number| topic(*number)).collect();
    Subscriber { instance: None, topics, target: Partitions::new() }
}

/// Members by name, each with the topics that it is subscribed to; topics with the number of their partitions.
fn group(members: &[(&'static str, &[u128])], topics: &[(u128, i32)]) -> Group<'static> {
    Group {
        members: members.iter().map(|(id, topics)| (*id, subscriber(topics))).collect(),
        topics: topics.iter().map(|(number, partitions)| (topic(*number), *partitions)).collect(),
    }
}

fn shown(targets: &Targets) -> Vec<String> {
    let each = |target: &Partitions| {
        partitions::each(target)
            .map(|(topic, index)| format!("{}.{index}", topic.as_u128()))
            .collect::<Vec<_>>()
            .join(" ")
    };
    targets.iter().map(|(id, target)| format!("{id}: {}", each(target))).collect()
}

#[test]
fn range_gives_the_same_ranges_of_topics_that_are_alike() {
    let group = group(&[("a", &[1, 2]), ("b", &[1, 2])], &[(1, 3), (2, 3)]);
    assert_eq!(shown(&Assignor::Range.assign(&group)), ["a: 1.0 1.1 2.0 2.1", "b: 1.2 2.2"]);
}

#[test]
fn range_puts_static_members_first_in_the_order_of_their_instances() {
    let mut group = group(&[("a", &[1]), ("b", &[1]), ("c", &[1])], &[(1, 3)]);
    group.members.get_mut("c").unwrap().instance = Some("i1");
    group.members.get_mut("b").unwrap().instance = Some("i2");
    assert_eq!(shown(&Assignor::Range.assign(&group)), ["a: 1.2", "b: 1.1", "c: 1.0"]);
}

#[test]
fn range_leaves_members_without_where_there_are_more_of_them_than_partitions() {
    let group = group(&[("a", &[1]), ("b", &[1, 2]), ("c", &[2])], &[(1, 1), (2, 1)]);
    assert_eq!(shown(&Assignor::Range.assign(&group)), ["a: 1.0", "b: 2.0", "c: "]);
}

#[test]
fn uniform_moves_no_more_than_it_must() {
    let mut three = group(&[("a", &[1]), ("b", &[1]), ("c", &[1])], &[(1, 6)]);
    three.members.get_mut("a").unwrap().target.insert(topic(1), BTreeSet::from([0, 2, 4]));
    three.members.get_mut("b").unwrap().target.insert(topic(1), BTreeSet::from([1, 3, 5]));
    assert_eq!(shown(&Assignor::Uniform.assign(&three)), ["a: 1.0 1.2", "b: 1.1 1.3", "c: 1.4 1.5"]);
}

#[test]
fn uniform_lets_the_member_keep_the_larger_share_that_has_it() {
    let mut group = group(&[("a", &[1]), ("b", &[1])], &[(1, 3)]);
    group.members.get_mut("a").unwrap().target.insert(topic(1), BTreeSet::from([0]));
    group.members.get_mut("b").unwrap().target.insert(topic(1), BTreeSet::from([1, 2]));
    assert_eq!(shown(&Assignor::Uniform.assign(&group)), ["a: 1.0", "b: 1.1 1.2"]);
}

#[test]
fn uniform_evens_out_what_different_subscriptions_allow() {
    let group = group(&[("a", &[1]), ("b", &[1, 2])], &[(1, 4), (2, 2)]);
    assert_eq!(shown(&Assignor::Uniform.assign(&group)), ["a: 1.0 1.1 1.2", "b: 1.3 2.0 2.1"]);
}

#[test]
fn nobody_and_nothing_to_assign() {
    for assignor in Assignor::EACH {
        assert!(assignor.assign(&Group::default()).is_empty(), "{assignor:?}");
        assert_eq!(shown(&assignor.assign(&group(&[("a", &[])], &[]))), ["a: "], "{assignor:?}");
    }
}

const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

/// A group of up to eight members with subscriptions among four topics, some of which has been assigned before.
fn any_group() -> impl Strategy<Value = Group<'static>> {
    let subscriptions = prop::collection::vec(prop::collection::btree_set(0_u128..4, 0..4), 1..8);
    let partitions = prop::collection::vec(1..7_i32, 4);
    let previous_owners = prop::collection::vec(0..12_usize, 28);
    (subscriptions, partitions, previous_owners).prop_map(|(subscriptions, partitions, owners)| {
        let mut group = Group::default();
        for (id, subscription) in NAMES.iter().zip(&subscriptions) {
            let topics: Vec<u128> = subscription.iter().copied().collect();
            group.members.insert(id, subscriber(&topics));
            group.topics.extend(topics.iter().map(|number| (topic(*number), partitions[*number as usize])));
        }
        for (place, owner) in owners.iter().enumerate() {
            let (number, index) = ((place / 7) as u128, (place % 7) as i32);
            let exists = group.topics.get(&topic(number)).is_some_and(|count| index < *count);
            let member = NAMES.get(*owner).and_then(|id| group.members.get_mut(id));
            if let Some(member) = member.filter(|_| exists) {
                partitions::add(&mut member.target, topic(number), index);
            }
        }
        group
    })
}

proptest! {
    #[test]
    fn each_partition_has_one_owner_who_is_subscribed(group in any_group()) {
        for assignor in Assignor::EACH {
            let targets = assignor.assign(&group);
            let mut given = BTreeSet::new();
            for (id, target) in &targets {
                for (topic, index) in partitions::each(target) {
                    prop_assert!(group.members[id.as_str()].topics.contains(&topic), "{assignor:?}: {id} {topic}");
                    prop_assert!(given.insert((topic, index)), "{assignor:?}: two owners");
                }
            }
            let wanted: i32 = group.topics.values().sum();
            prop_assert_eq!(given.len(), wanted as usize, "{:?}", assignor);
        }
    }

    #[test]
    fn uniform_is_even_and_stays_as_it_is(mut group in any_group()) {
        let targets = Assignor::Uniform.assign(&group);
        let load = |id: &str| targets[id].values().map(BTreeSet::len).sum::<usize>();
        for (more, member) in &group.members {
            for (less, other) in &group.members {
                let could_move = targets[*more].keys().any(|topic| other.topics.contains(topic));
                let even = load(more) <= load(less) + 1;
                prop_assert!(even || !could_move, "{more} has {}, {less} has {}", load(more), load(less));
            }
            prop_assert!(member.topics.len() <= 4);
        }
        for (id, member) in &mut group.members {
            member.target = targets[*id].clone();
        }
        prop_assert_eq!(Assignor::Uniform.assign(&group), targets);
    }
}
