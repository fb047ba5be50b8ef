//! Small clients that do random things to a small cluster, in virtual time and with faults: connections break before and
//! after an answer, nodes go away, leaders and coordinators move, replicas fall behind, clients crash. After each step it
//! is looked at whether what Kafka promises still holds ([`truth`]).
//!
//! A run is its seed. One that fails is run again by `SIMULATION_SEED=… cargo test -p cluster simulation`, which also prints
//! what happened; `SIMULATION_RUNS` says how many runs there are.

mod admin;
mod chaos;
mod classic;
mod modern;
mod network;
mod offsets;
mod payload;
mod producer;
mod reader;
mod transactional;
mod truth;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

use world::World;

/// Runs of an ordinary test, some ten seconds of them.
const RUNS: u64 = 120;

/// Steps of the clients while there are faults. Afterwards all heals, and everybody has to come to an end.
const STEPS: usize = 1_500;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn run(seed: u64, loud: bool) {
    let mut world = World::new(seed, loud);
    for _ in 0..STEPS {
        world.go_on();
    }
    world.heal();
    world.come_to_rest();
    world.audit();
}

#[test]
fn what_kafka_promises_is_kept() {
    if let Some(seed) = number("SIMULATION_SEED") {
        return run(seed, true);
    }
    for seed in 0..number("SIMULATION_RUNS").unwrap_or(RUNS) {
        if catch_unwind(AssertUnwindSafe(|| run(seed, false))).is_err() {
            panic!("SIMULATION_SEED={seed} cargo test -p cluster simulation");
        }
    }
}
