//! One record after the other, at the pace that is asked for.

use super::{Settings, Trouble};
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};
use serde_json::json;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Records of one key stay in one partition; so many keys fill all of them.
const KEYS: u64 = 24;

/// How often we look whether somebody wants something else.
const LOOK: Duration = Duration::from_millis(50);

/// How long what is on its way may take at the end.
const FLUSH: Duration = Duration::from_secs(3);

pub(super) fn run(settings: &Settings) -> Result<(), Trouble> {
    let producer: ThreadedProducer<_> = settings
        .client()
        .set("enable.idempotence", "true")
        .set("linger.ms", "20")
        .create_with_context(rdkafka::producer::DefaultProducerContext)?;
    let (mut number, mut poison, mut due) = (0_u64, settings.controls().poison, Instant::now());
    while !settings.stopped() {
        let controls = settings.controls();
        if poison < controls.poison {
            poison += 1;
            number += 1;
            send(&producer, settings, number, "this is no JSON {".into())?;
        }
        if Instant::now() >= due {
            number += 1;
            send(&producer, settings, number, json!({ "number": number }).to_string())?;
            due = (due + controls.pause()).max(Instant::now());
        }
        sleep(due.saturating_duration_since(Instant::now()).min(LOOK));
    }
    producer.flush(FLUSH)?;
    Ok(())
}

fn send(
    producer: &ThreadedProducer<rdkafka::producer::DefaultProducerContext>,
    settings: &Settings,
    number: u64,
    value: String,
) -> Result<(), Trouble> {
    let key = format!("key-{}", number % KEYS);
    producer.send(BaseRecord::to(&settings.topic).key(&key).payload(&value)).map_err(|(error, _)| error)?;
    Ok(())
}
