//! Wrong: all runs at the same time, each in a thread of its own.

use ex06_benchmark_solution::{CONFIGURATIONS, Ending, Figures, announced, measure, values, write};
use kit::Downstream;
use rdkafka::producer::FutureProducer;
use std::sync::Barrier;
use std::thread;

fn main() -> Ending {
    let (world, values, ready) = (Downstream::connect(), values(), Barrier::new(CONFIGURATIONS.len()));
    let table: Vec<Figures> = thread::scope(|scope| {
        let runs = CONFIGURATIONS.map(|configuration| {
            let (world, values, ready) = (&world, &values, &ready);
            scope.spawn(move || {
                let producer: FutureProducer = configuration.config().create().expect("a producer");
                ready.wait();
                announced(world, configuration.name, || measure(&producer, configuration.name, values))
            })
        });
        runs.into_iter().map(|run| run.join().expect("no run panics")).collect::<Result<_, _>>()
    })?;
    write(&table)
}
