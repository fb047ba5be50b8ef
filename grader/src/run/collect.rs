//! What a program leaves in its folder, taken into the evidence: a JSON file, or a table of a SQLite database.
//!
//! The file is the program's, so anything may be in it: whatever is wrong with it becomes a sentence in the evidence.

use super::stage::Stage;
use crate::course::Collect;
use crate::evidence::What;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Map, Value};
use std::io::Read;
use std::path::Path;
use std::time::Duration;

/// More than any exercise needs.
const MOST_BYTES: u64 = 8 << 20;
const MOST_ROWS: usize = 100_000;
/// How long a database may be locked by a program that is still at work.
const BUSY: Duration = Duration::from_secs(2);

pub(super) async fn collect(stage: &Stage, what: &Collect) {
    let (path, table) = (stage.file(&what.file), what.table.clone());
    let read = tokio::task::spawn_blocking(move || match table {
        Some(table) => rows(&path, &table).map_err(|error| error.to_string()),
        None => json(&path),
    });
    let read = read.await.unwrap_or_else(|error| Err(error.to_string()));
    let (value, error) = match read {
        Ok(value) => (value, String::new()),
        Err(error) => (Value::Null, error),
    };
    stage.recorder.record(None, What::Collected { file: what.file.clone(), table: what.table.clone(), value, error });
}

fn json(path: &Path) -> Result<Value, String> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err("the program wrote no such file".into());
        }
        Err(error) => return Err(error.to_string()),
    };
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(format!("it is longer than {} MiB", MOST_BYTES >> 20));
    }
    serde_json::from_slice(&bytes).map_err(|error| format!("it is not JSON: {error}"))
}

/// The rows of `table`, each an object; blobs as lists of numbers.
fn rows(path: &Path, table: &str) -> rusqlite::Result<Value> {
    // Not read-only: after a crash SQLite first takes back what was not committed, and writes for that.
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(BUSY)?;
    let name = table.replace('"', "\"\"");
    let mut query = connection.prepare(&format!("SELECT * FROM \"{name}\" ORDER BY rowid LIMIT {MOST_ROWS}"))?;
    let columns: Vec<String> = query.column_names().map(str::to_owned).collect();
    let mut found = query.query([])?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let mut object = Map::new();
        for (at, column) in columns.iter().enumerate() {
            let value = match row.get_ref(at)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => number.into(),
                ValueRef::Real(number) => number.into(),
                ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
                ValueRef::Blob(bytes) => bytes.into(),
            };
            object.insert(column.clone(), value);
        }
        rows.push(Value::Object(object));
    }
    Ok(Value::Array(rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_and_whatever_is_wrong_is_a_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("payments.db");
        assert!(rows(&path, "ledger").unwrap_err().to_string().contains("unable to open"));
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch("CREATE TABLE ledger (id TEXT, cents INTEGER); INSERT INTO ledger VALUES ('a', 5)")
            .unwrap();
        assert_eq!(rows(&path, "ledger").unwrap(), serde_json::json!([{"id": "a", "cents": 5}]));
        assert!(rows(&path, "led\"ger").unwrap_err().to_string().contains("no such table"));
        std::fs::write(&path, "not a database, whatever its name says; and long enough to be looked at".repeat(20))
            .unwrap();
        assert!(rows(&path, "ledger").unwrap_err().to_string().contains("not a database"));
    }

    #[test]
    fn a_file_is_json_or_a_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("benchmark.json");
        assert_eq!(json(&path).unwrap_err(), "the program wrote no such file");
        std::fs::write(&path, "{\"rate\": NaN}").unwrap();
        assert!(json(&path).unwrap_err().starts_with("it is not JSON"));
        std::fs::write(&path, "[1]").unwrap();
        assert_eq!(json(&path).unwrap(), serde_json::json!([1]));
    }
}
