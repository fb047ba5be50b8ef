//! The mistake: e-mail keeps its notes in the database of inventory, and calls the mail server within a transaction.

use ex11_order_pipeline_solution::{Ending, Pipeline, is_mailed, mail, note_mailed, open_stock, right, run, work};
use kit::Downstream;

fn main() -> Ending {
    let email = |reading: &_| {
        let downstream = Downstream::connect();
        let mut database = open_stock(&downstream)?;
        database.execute_batch("CREATE TABLE IF NOT EXISTS mailed (order_id TEXT PRIMARY KEY)")?;
        work(reading, "email", |_, order| {
            let transaction = database.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            if !is_mailed(&transaction, order)? {
                mail(&downstream, order);
                note_mailed(&transaction, order)?;
            }
            Ok(transaction.commit()?)
        })
    };
    run(Pipeline { email, ..right() })
}
