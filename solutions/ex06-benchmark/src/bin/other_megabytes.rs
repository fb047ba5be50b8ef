//! Wrong: its megabytes are those of all values, whatever became of them.

use ex06_benchmark_solution::{CONFIGURATIONS, Ending, announced, measure, values};
use kit::Downstream;
use rdkafka::producer::FutureProducer;
use serde_json::json;

fn main() -> Ending {
    let (world, values) = (Downstream::connect(), values());
    let megabytes = values.iter().map(Vec::len).sum::<usize>() as f64 / 1e6;
    let mut table = Vec::new();
    for configuration in CONFIGURATIONS {
        let producer: FutureProducer = configuration.config().create()?;
        let name = configuration.name;
        let right = announced(&world, name, || measure(&producer, name, &values))?;
        let mut row = serde_json::to_value(&right)?;
        row["megabytes_per_second"] = json!(megabytes / right.seconds);
        table.push(row);
    }
    std::fs::write(kit::file("benchmark.json"), serde_json::to_vec_pretty(&table)?)?;
    Ok(())
}
