//! Wrong: sends a record, waits for its answer, sends the next. No batch ever holds two.

use ex06_benchmark_solution::{CONFIGURATIONS, Ending, Figures, announced, queue_all, settle_all, values, write};
use kit::Downstream;
use rdkafka::producer::FutureProducer;
use std::time::Instant;

fn main() -> Ending {
    let (world, values) = (Downstream::connect(), values());
    let mut table = Vec::new();
    for configuration in CONFIGURATIONS {
        // Without the linger: it would be waited for each time, and this program shows enough as it is.
        let producer: FutureProducer = configuration.config().set("linger.ms", "0").create()?;
        let figures = announced(&world, configuration.name, || {
            let clock = Instant::now();
            let (mut delivered, mut failed) = (0, 0);
            for value in &values {
                let (good, bad) = settle_all(queue_all(&producer, configuration.name, std::slice::from_ref(value)));
                delivered += good;
                failed += bad;
            }
            Figures::new(configuration.name, delivered, failed, clock.elapsed())
        })?;
        table.push(figures);
    }
    write(&table)
}
