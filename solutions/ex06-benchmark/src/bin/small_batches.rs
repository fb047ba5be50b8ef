//! Wrong: lets each record leave at once, in a batch of its own. Nobody waits for an answer.

use ex06_benchmark_solution::{CONFIGURATIONS, Ending, Figures, announced, queue_all, settle_all, values, write};
use kit::Downstream;
use rdkafka::producer::FutureProducer;
use std::time::Instant;

fn main() -> Ending {
    let (world, values) = (Downstream::connect(), values());
    let mut table = Vec::new();
    for configuration in CONFIGURATIONS {
        let mut config = configuration.config();
        let producer: FutureProducer = config.set("linger.ms", "0").set("batch.num.messages", "1").create()?;
        let figures = announced(&world, configuration.name, || {
            let clock = Instant::now();
            let (delivered, failed) = settle_all(queue_all(&producer, configuration.name, &values));
            Figures::new(configuration.name, delivered, failed, clock.elapsed())
        })?;
        table.push(figures);
    }
    write(&table)
}
