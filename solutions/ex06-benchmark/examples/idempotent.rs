//! Right, with idempotence where acks allow it, and another codec.

use ex06_benchmark_solution::{CONFIGURATIONS, Configuration, Ending, announced, measure, values, write};
use kit::Downstream;
use rdkafka::producer::{FutureProducer, FutureRecord};
use std::time::Duration;

#[tokio::main]
async fn warm(producer: &FutureProducer) {
    let topic = kit::topic("benchmark");
    for n in 0..5 {
        let value = format!("warm-up {n}");
        producer.send(FutureRecord::to(&topic).key("warm-up").payload(&value), Duration::from_secs(10)).await.ok();
    }
}

fn main() -> Ending {
    let (world, values) = (Downstream::connect(), values());
    let mut table = Vec::new();
    for configuration in CONFIGURATIONS {
        let compression = if configuration.compression == "none" { "none" } else { "zstd" };
        let mut config = Configuration { compression, ..configuration }.config();
        config.set("enable.idempotence", if configuration.acks == "all" { "true" } else { "false" });
        let producer: FutureProducer = config.create()?;
        warm(&producer);
        let name = configuration.name;
        table.push(announced(&world, name, || measure(&producer, name, &values))?);
    }
    write(&table)
}
