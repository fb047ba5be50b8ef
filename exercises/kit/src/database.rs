//! A SQLite database of your own, which a service would use: `kit::database("payments.db", &downstream)`.

use crate::{Downstream, file};
use rusqlite::Connection;
use serde_json::json;
use std::time::Duration;

/// How long one process waits while another one writes. On a busy machine that may take a while.
const PATIENCE: Duration = Duration::from_secs(60);

/// Opens (or makes) the database `name` in this program's folder.
///
/// While a check runs, each row that is written and each transaction that is about to be committed is told to the
/// outside world (ops `db.write` and `db.commit`), so that a check can pull the plug at exactly that moment. Whoever
/// wants to write while another process does waits for up to a minute. Nothing else differs from `Connection::open`.
///
/// # Errors
/// SQLite's, when the file cannot be opened or is not a database.
pub fn database(name: &str, downstream: &Downstream) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open(file(name))?;
    connection.busy_timeout(PATIENCE)?;
    if downstream.is_watched() {
        let world = downstream.clone();
        connection.update_hook(Some(move |_, _: &str, table: &str, _| {
            world.call("db.write", &json!({ "table": table })).ok();
        }))?;
        let world = downstream.clone();
        connection.commit_hook(Some(move || {
            world.call("db.commit", &json!({})).ok();
            false // true would turn the commit into a rollback
        }))?;
    }
    Ok(connection)
}
