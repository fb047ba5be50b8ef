//! A transaction begins with the first order and stays open for a moment, so that more orders find their way into it. An
//! order that is refused is tried again in place.

use std::time::{Duration, Instant};

use ex12_transactions_solution::{
    Ending, LIMIT, config, id, join, next, offsets, parse, payment, producer, send, send_offsets, undo,
};
use kit::{Downstream, Shutdown};
use rdkafka::message::BorrowedMessage;
use rdkafka::producer::Producer;

fn main() -> Ending {
    let (shutdown, downstream) = (Shutdown::listen(), Downstream::connect());
    let producer = producer(&id())?;
    let consumer = join(config().set("partition.assignment.strategy", "cooperative-sticky"))?;
    while !shutdown.requested() {
        let mut open: Option<Instant> = None;
        let mut batch: Vec<BorrowedMessage<'_>> = Vec::new();
        loop {
            let over = open.is_some_and(|open| open.elapsed() > Duration::from_millis(30));
            if over || shutdown.requested() {
                break;
            }
            for message in next(&consumer, 1)? {
                if open.is_none() {
                    producer.begin_transaction()?;
                    open = Some(Instant::now());
                }
                if let Some(order) = parse(&message) {
                    while downstream.call("approve", &order).is_err() {
                        std::thread::sleep(Duration::from_millis(20));
                    }
                    send(&producer, &message, &payment(&order))?;
                }
                batch.push(message);
            }
        }
        if open.is_none() {
            continue;
        }
        let sent = send_offsets(&offsets(&batch, 1)?, &consumer, &producer);
        if let Err(error) = sent.and_then(|()| producer.commit_transaction(LIMIT)) {
            undo(error.into(), &consumer, &producer)?;
        }
    }
    Ok(())
}
