//! From saving a file to the verdict, warm, against the floor: building the same change, and running the bare program
//! once against the same kind of broker, without tap, faults or checks.

mod bare;

use anyhow::Result;
use bare::{CONSUMER, Exercise, PRODUCER, check, fill, floor, median};
use grader::broker::{Brokers, Choice};
use tokio::runtime::Runtime;

const ROUNDS: usize = 7;

fn main() -> Result<()> {
    println!("edit to verdict, {ROUNDS} pairs, medians (goal: at most 1.3)");
    let runtime = Runtime::new()?;
    for choice in [Choice::Embedded, Choice::Docker] {
        let brokers = match runtime.block_on(Brokers::choose(choice.clone(), &|_| {})) {
            Ok(brokers) => brokers,
            Err(why) => {
                println!("  {choice}: skipped. {why}");
                continue;
            }
        };
        for exercise in [PRODUCER, CONSUMER] {
            pairs(&runtime, &brokers, &choice, &exercise)?;
        }
    }
    Ok(())
}

fn pairs(runtime: &Runtime, brokers: &Brokers, choice: &Choice, exercise: &Exercise) -> Result<()> {
    let (mut floors, mut checks, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let topic = format!("orders-bench-{}-{}-{round}", exercise.id, std::process::id());
        let broker = runtime.block_on(async { brokers.open_to_everybody() })?;
        runtime.block_on(broker.create_topic(&topic, 4))?;
        if exercise.consumes {
            runtime.block_on(fill(broker.address(), &topic))?;
        }
        let floor = floor(exercise, broker.address(), &topic)?;
        runtime.block_on(broker.clean(std::slice::from_ref(&topic), &[]));
        let check = check(exercise, &choice.to_string())?;
        // The first round warms cargo, the disk cache and the container.
        if round > 0 {
            floors.push(floor);
            checks.push(check);
            ratios.push(check / floor);
        }
    }
    let [floor, check, ratio] = [floors, checks, ratios].map(median);
    println!("  {} on {choice}: floor {floor:.2} s, check {check:.2} s, ratio {ratio:.2}", exercise.id);
    Ok(())
}
