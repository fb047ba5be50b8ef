//! The mistake: what comes too early waits in a list, and its offset is committed. The list dies with the process.

use ex10_retry_topic_solution::{Ending, Label, Worker, now};

fn main() -> Ending {
    let worker = Worker::start()?;
    let mut waiting = Vec::new();
    while !worker.shutdown.requested() {
        let due = waiting.iter().position(|(label, _): &(Label, _)| label.not_before <= now());
        if let Some((label, message)) = due.map(|due| waiting.swap_remove(due)) {
            if let Err(failure) = worker.attempt(&message, Ok(label)) {
                worker.pass_on(&message, &failure)?;
            }
            continue;
        }
        let Some(message) = worker.next()? else { continue };
        match Label::of(&message) {
            Ok(label) if label.not_before > now() => {
                worker.commit(&message);
                waiting.push((label, message));
                continue;
            }
            label => {
                if let Err(failure) = worker.attempt(&message, label) {
                    worker.pass_on(&message, &failure)?;
                }
            }
        }
        worker.commit(&message);
    }
    Ok(())
}
