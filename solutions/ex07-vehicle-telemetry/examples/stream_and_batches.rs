//! Right: one asynchronous program. The simulator has an interval of tokio, the alerts have a StreamConsumer and send those
//! of several readings together before one commit covers them all.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use ex07_vehicle_telemetry_solution::{Alert, Ending, INTERVAL, Seen, State, config, fleet, run};
use kit::Shutdown;
use rdkafka::consumer::{CommitMode, Consumer, StreamConsumer};
use rdkafka::message::Message;
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};
use rdkafka::topic_partition_list::Offset;
use tokio::runtime::Builder;
use tokio::time::{MissedTickBehavior, interval, timeout};

const MOST: usize = 16;

fn main() -> Ending {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    run(|| runtime.block_on(simulator()), || runtime.block_on(alerts()))
}

async fn simulator() -> Ending {
    let shutdown = Shutdown::listen();
    let producer: FutureProducer = config().set("linger.ms", "20").create()?;
    let (topic, mut fleet) = (kit::topic("vehicle.telemetry"), fleet());
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.wait() => break,
            _ = ticks.tick() => {}
        }
        for vehicle in &mut fleet {
            let reading = vehicle.drive();
            let value = reading.json().to_string();
            let record = FutureRecord::to(&topic).key(&reading.vehicle_id).payload(&value);
            drop(producer.send_result(record).map_err(|(error, _)| error)?);
        }
    }
    producer.flush(Duration::from_secs(30))?;
    Ok(())
}

async fn alerts() -> Ending {
    let shutdown = Shutdown::listen();
    let mut config = solutions_shared::config("vehicle-alerts");
    let consumer: StreamConsumer = config.set("partition.assignment.strategy", "cooperative-sticky").create()?;
    consumer.subscribe(&[&kit::topic("vehicle.telemetry")])?;
    let producer: FutureProducer = kit::config().set("enable.idempotence", "true").create()?;
    let mut fleet = HashMap::<String, State>::new();
    while !shutdown.requested() {
        let (mut read, mut alerts) = (0, Vec::new());
        // Not the consumer's state: an asynchronous commit of that may cover what is read by the time it is made.
        let mut next = BTreeMap::new();
        // As many as there are, and no more than MOST.
        while read < MOST
            && let Ok(message) = timeout(Duration::from_millis(50), consumer.recv()).await
        {
            let Ok(message) = message else { break };
            read += 1;
            next.insert((message.topic().to_owned(), message.partition()), message.offset() + 1);
            if let Ok(seen) = serde_json::from_slice::<Seen>(message.payload().unwrap_or_default()) {
                alerts.extend(fleet.entry(seen.vehicle_id.clone()).or_default().alerts(&seen));
            }
        }
        for alert in alerts {
            raise(&producer, alert).await?;
        }
        if read > 0 {
            let next = next.into_iter().map(|(place, offset)| (place, Offset::Offset(offset)));
            consumer.commit(&next.collect(), CommitMode::Async)?;
        }
    }
    Ok(())
}

async fn raise(producer: &FutureProducer, alert: Alert) -> Ending {
    let (topic, value) = (kit::topic("vehicle.alerts"), alert.value.to_string());
    let record = FutureRecord::to(&topic).key(&alert.key).payload(&value);
    producer.send(record, Duration::from_secs(30)).await.map_err(|(error, _)| error)?;
    Ok(())
}
