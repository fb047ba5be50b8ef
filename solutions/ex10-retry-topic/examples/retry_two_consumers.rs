//! Right: a thread for each topic, each with a consumer of its own, both in one group of the new protocol (KIP-848).

use ex10_retry_topic_solution::{Ending, Label, Worker, config};
use rdkafka::consumer::Consumer;

fn main() -> Ending {
    let retries = std::thread::spawn(|| work("orders.retry").map_err(|error| error.to_string()));
    work("orders")?;
    retries.join().expect("the thread ends")?;
    Ok(())
}

fn work(topic: &str) -> Ending {
    let mut config = config("order-processor");
    let worker = Worker::with(config.set("group.protocol", "consumer").create()?)?;
    worker.consumer.subscribe(&[&kit::topic(topic)])?;
    while !worker.shutdown.requested() {
        let Some(message) = worker.next()? else { continue };
        let label = Label::of(&message);
        if worker.too_early(&message, &label)? {
            continue;
        }
        if let Err(failure) = worker.attempt(&message, label) {
            worker.pass_on(&message, &failure)?;
        }
        worker.commit(&message);
    }
    Ok(())
}
