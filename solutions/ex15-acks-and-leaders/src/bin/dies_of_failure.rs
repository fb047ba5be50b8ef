//! Wrong: the first payment that is not acknowledged ends the program, and nobody hears of the others.

use ex15_acks_and_leaders_solution::{SAFE, producer, send_payments, word};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let or_die = |report: &_| match report {
        Ok(()) => word(report),
        Err(error) => panic!("a payment was not acknowledged: {error}"),
    };
    send_payments(producer(SAFE), or_die).await
}
