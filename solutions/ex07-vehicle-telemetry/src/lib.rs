//! What the programs beside the solution share, so that each of them shows only what it is about: the mistakes in
//! `src/bin` are wrong in one way each, the programs in `examples` are right in different styles.

mod alerts;
mod simulator;

pub use alerts::{
    Alert, Seen, State, alert, commit, config as reading, raise, watch, watch_as, watch_battery, watch_records,
    watch_with,
};
pub use simulator::{INTERVAL, Reading, Vehicle, config, fleet, producer, send, simulate, simulate_with};
pub use solutions_shared::{Ending, next};

/// The program in the role that it has been started in.
pub fn run(simulator: impl FnOnce() -> Ending, alerts: impl FnOnce() -> Ending) -> Ending {
    match kit::role().as_str() {
        "alerts" => alerts(),
        _ => simulator(),
    }
}

/// The right simulator.
pub fn simulator() -> Ending {
    simulate(|reading| (reading.vehicle_id.clone(), reading.json()))
}

/// The right consumer.
pub fn alerts() -> Ending {
    let mut fleet = std::collections::HashMap::<String, State>::new();
    watch(move |seen| fleet.entry(seen.vehicle_id.clone()).or_default().alerts(seen))
}
