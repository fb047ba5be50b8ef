//! The mistake: commits as it should, and leaves `enable.auto.commit` on as well. On closing, the client commits what it
//! has handed out, the record included that came together with the wish to stop and was not processed any more.

use ex02_manual_commits_solution::{Done, Ending, config, join, next, parse};
use kit::{Downstream, Shutdown};

fn main() -> Ending {
    let shutdown = Shutdown::listen();
    let downstream = Downstream::connect();
    let consumer = join(config().remove("enable.auto.commit"))?; // the default is "true"
    let mut done = Done::default();
    let mut processed = 0;
    loop {
        let message = next(&consumer)?;
        if shutdown.requested() {
            break; // a record in hand is left to the next start …
        }
        let Some(message) = message else { continue };
        let order = parse(&message);
        if let Some(order) = &order {
            downstream.call("process", order)?;
            processed += 1;
        }
        done.note(&message);
        if order.is_some() && processed % 10 == 0 {
            done.commit(&consumer);
        }
    }
    done.commit(&consumer); // … and not in here, but in the commit that the client makes when it is dropped
    Ok(())
}
