//! Any sequence of what members do: a partition has never two owners, and in the end everybody has what it shall have.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Action {
    Beat(usize),
    /// The answer is lost on its way.
    LoseAnswer(usize),
    Leave(usize),
    Subscribe(usize, bool),
    Vanish(usize),
    Wait(u64),
    AddPartition,
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        20 => (0..4_usize).prop_map(Action::Beat),
        3 => (0..4_usize).prop_map(Action::LoseAnswer),
        2 => (0..4_usize).prop_map(Action::Leave),
        2 => (0..4_usize, any::<bool>()).prop_map(|(who, both)| Action::Subscribe(who, both)),
        1 => (0..4_usize).prop_map(Action::Vanish),
        1 => (1..50_000_u64).prop_map(Action::Wait),
        1 => Just(Action::AddPartition),
    ]
}

/// A heartbeat as a client sends it, with what a client does about refusals: it gives everything up and joins again.
fn client_beat(core: &mut Core, consumer: &mut Consumer, ms: u64) {
    match consumer.beat(core, ms) {
        Ok(_) => {}
        Err(FencedMemberEpoch | UnknownMemberId | GroupIdNotFound) => {
            consumer.epoch = 0;
            consumer.owned.clear();
        }
        Err(error) => panic!("{error:?}"),
    }
}

fn check_owners(core: &Core) {
    let Some(Members::Consumer(group)) = core.groups.get("g").map(|group| &group.members) else { return };
    let mut owners = BTreeSet::new();
    for member in group.members.values() {
        for owned in [&member.assigned, &member.pending_revocation] {
            for (topic, index, _) in crate::core::group::consumer::partitions::each_owned(owned) {
                assert!(owners.insert((topic, index)), "two members own {topic} {index}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]
    #[test]
    fn never_two_owners_and_always_an_end(actions in prop::collection::vec(any_action(), 1..80)) {
        let mut core = with_topic("t", 3);
        add_topic(&mut core, "u", 2);
        let mut consumers: Vec<Consumer> = (0..4).map(|n| Consumer::new(&format!("m{n}"), &["t"])).collect();
        let (mut ms, mut partitions, mut epoch) = (0, 3, 0);
        for action in actions {
            match action {
                Action::Beat(who) => client_beat(&mut core, &mut consumers[who], ms),
                Action::LoseAnswer(who) => {
                    let _ = consumers[who].clone().beat(&mut core, ms);
                    consumers[who].unsure = true;
                }
                Action::Leave(who) => drop(consumers[who].leave(&mut core, -1)),
                Action::Subscribe(who, both) => {
                    let consumer = &mut consumers[who];
                    consumer.topics = if both { vec!["t".to_owned(), "u".to_owned()] } else { vec!["u".to_owned()] };
                    consumer.unsure = true;
                    client_beat(&mut core, consumer, ms);
                }
                Action::Vanish(who) => consumers[who] = Consumer::new(&format!("m{who}.{ms}"), &["t"]),
                Action::Wait(some) => ms += some,
                Action::AddPartition => {
                    add_partitions(&mut core, "t", partitions..partitions + 1);
                    partitions += 1;
                }
            }
            check_owners(&core);
            let described = described(&mut core, ms, "g");
            prop_assert!(described.error_code != 0 || described.group_epoch >= epoch, "epochs only rise");
            epoch = described.group_epoch;
        }
        // Those that have vanished time out; the others go on, and then everybody has what it shall have.
        for round in 0..60 {
            ms += if round < 6 { 10_000 } else { 100 };
            for consumer in &mut consumers {
                client_beat(&mut core, consumer, ms);
                check_owners(&core);
            }
        }
        let group = described(&mut core, ms, "g");
        prop_assert_eq!(group.group_state.as_str(), "Stable");
        prop_assert_eq!(group.members.len(), 4);
        let owned: usize = consumers.iter().flat_map(|consumer| consumer.owned.values()).map(BTreeSet::len).sum();
        let wants = |topic: &str| consumers.iter().any(|consumer| consumer.topics.iter().any(|name| name == topic));
        let all = if wants("t") { partitions as usize } else { 0 } + if wants("u") { 2 } else { 0 };
        prop_assert_eq!(owned, all, "{:?}", consumers);
    }
}

#[test]
#[ignore = "measures"]
fn a_group_of_many() {
    for (members, partitions) in [(100, 100), (1_000, 1_000)] {
        let mut core = with_topic("t", partitions);
        let mut consumers: Vec<Consumer> = (0..members).map(|n| Consumer::new(&format!("m{n}"), &["t"])).collect();
        let started = std::time::Instant::now();
        for consumer in &mut consumers {
            consumer.beat(&mut core, 0).unwrap();
        }
        let joined = started.elapsed();
        let mut beats = 0;
        while state(&mut core, 0) != "Stable" {
            for consumer in &mut consumers {
                consumer.beat(&mut core, 0).unwrap();
                beats += 1;
            }
        }
        let settled = started.elapsed() - joined;
        let again = std::time::Instant::now();
        for consumer in &mut consumers {
            consumer.beat(&mut core, 0).unwrap();
        }
        println!(
            "{members} members, {partitions} partitions: joined in {joined:?}, {beats} beats in {settled:?}, a quiet round in {:?}",
            again.elapsed()
        );
    }
}
