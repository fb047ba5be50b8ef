//! The mistake: commits what is done, and then ends the process on the spot. `exit` drops nothing, so nobody says
//! goodbye to the group, which waits for the session timeout.

use ex03_group_scaling_solution::{Ending, HandOver, commit, config, join, next, parse};
use kit::{Downstream, Shutdown};
use rdkafka::consumer::Consumer;

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(&config(), HandOver::default())?;
    while !shutdown.requested() {
        let Some(message) = next(&consumer)? else { continue };
        downstream.call("process", &parse(&message)?)?;
        consumer.context().0.note(&message);
    }
    let mine = consumer.assignment()?;
    commit(&consumer, &consumer.context().0.hand_over(&mine));
    std::process::exit(0)
}
