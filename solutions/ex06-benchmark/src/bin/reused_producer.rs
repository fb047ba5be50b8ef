//! Wrong: the settings change, but the producer that exists has been created with those of the first run.

use ex06_benchmark_solution::{CONFIGURATIONS, Ending, announced, measure, values, write};
use kit::Downstream;
use rdkafka::producer::FutureProducer;

fn main() -> Ending {
    let (world, values) = (Downstream::connect(), values());
    let mut config = CONFIGURATIONS[1].config();
    let producer: FutureProducer = config.create()?;
    let mut table = Vec::new();
    for configuration in CONFIGURATIONS {
        config
            .set("acks", configuration.acks)
            .set("batch.size", configuration.batch_size)
            .set("compression.type", configuration.compression);
        let name = configuration.name;
        table.push(announced(&world, name, || measure(&producer, name, &values))?);
    }
    write(&table)
}
