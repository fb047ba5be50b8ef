//! Wrong: names and times are kept apart, and put together one off.

use ex06_benchmark_solution::{CONFIGURATIONS, Ending, Figures, announced, measure, values, write};
use kit::Downstream;
use rdkafka::producer::FutureProducer;
use std::time::Duration;

fn main() -> Ending {
    let (world, values) = (Downstream::connect(), values());
    let mut runs = Vec::new();
    for configuration in CONFIGURATIONS {
        let producer: FutureProducer = configuration.config().create()?;
        runs.push(announced(&world, configuration.name, || measure(&producer, configuration.name, &values))?);
    }
    let mut times: Vec<f64> = runs.iter().map(|run| run.seconds).collect();
    times.rotate_left(1);
    let of =
        |(run, time): (&Figures, f64)| Figures::new(run.name, run.delivered, run.failed, Duration::from_secs_f64(time));
    let table: Vec<Figures> = runs.iter().zip(times).map(of).collect();
    write(&table)
}
