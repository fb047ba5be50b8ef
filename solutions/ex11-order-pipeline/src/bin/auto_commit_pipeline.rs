//! The mistake: whatever was handed to the program is committed by a timer, and at the end.

use ex11_order_pipeline_solution::{Ending, Pipeline, Reading, config, right, run};
use rdkafka::ClientConfig;

fn main() -> Ending {
    let reading = Reading { config: automatic, commits: false, ..right().reading };
    run(Pipeline { reading, ..right() })
}

fn automatic(service: &str) -> ClientConfig {
    let mut config = config(service);
    config.set("enable.auto.commit", "true").set("auto.commit.interval.ms", "50");
    config
}
