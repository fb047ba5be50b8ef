//! The mistake: auto-commit is on, beside the program's own commits. By its timer, a reading is committed whose alert is
//! still on its way.

use std::collections::HashMap;

use ex07_vehicle_telemetry_solution::{Ending, Seen, State, commit, raise, reading, run, simulator, watch_as};
use rdkafka::message::Message;

fn main() -> Ending {
    run(simulator, alerts)
}

fn alerts() -> Ending {
    let mut config = reading();
    config.remove("enable.auto.commit");
    let mut fleet = HashMap::<String, State>::new();
    watch_as(&config, "true", |consumer, message, producer| {
        if let Ok(seen) = serde_json::from_slice::<Seen>(message.payload().unwrap_or_default()) {
            let alerts = fleet.entry(seen.vehicle_id.clone()).or_default().alerts(&seen);
            alerts.iter().try_for_each(|alert| raise(producer, alert))?;
        }
        commit(consumer, message);
        Ok(())
    })
}
