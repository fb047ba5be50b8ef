//! What a program leaves in its folder, taken into the evidence: a JSON file, or a table of a SQLite database.
//!
//! The file is the program's, so anything may be in it: whatever is wrong with it becomes a sentence in the evidence.

use super::stage::Stage;
use crate::course::Collect;
use crate::evidence::What;
use crate::files;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, ErrorCode, OpenFlags};
use serde_json::{Map, Value};
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant};

/// More than any exercise needs.
const MOST_BYTES: usize = 8 << 20;
const MOST_ROWS: usize = 10_000;
/// How long a database may be locked by a program that is still at work.
const BUSY: Duration = Duration::from_secs(2);
/// How long SQLite may work: a table may be a view, and a view has no end where it is made so.
const LONGEST: Duration = Duration::from_secs(5);
/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// After so many steps of its machine, SQLite asks whether it is to go on.
const STEPS: i32 = 10_000;

pub(super) async fn collect(stage: &Stage, what: &Collect) {
    let (path, table) = (stage.file(&what.file), what.table.clone());
    let read = tokio::task::spawn_blocking(move || match table {
        Some(table) => {
            files::ordinary_database(&path).map_err(|error| words(&error)).and_then(|()| rows(&path, &table, LONGEST))
        }
        None => json(&path),
    });
    // Whatever a program does to its files meanwhile, the scenario goes on.
    let read = match tokio::time::timeout(PATIENCE, read).await {
        Ok(read) => read.unwrap_or_else(|error| Err(error.to_string())),
        Err(_) => Err(format!("it takes longer than {} s to read", PATIENCE.as_secs())),
    };
    let (value, error) = match read {
        Ok(value) => (value, String::new()),
        Err(error) => (Value::Null, error),
    };
    stage.recorder.record(None, What::Collected { file: what.file.clone(), table: what.table.clone(), value, error });
}

fn json(path: &Path) -> Result<Value, String> {
    let bytes = files::read(path, MOST_BYTES as u64).map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge => too_long(),
        _ => words(&error),
    })?;
    serde_json::from_slice(&bytes).map_err(|error| format!("it is not JSON: {error}"))
}

fn words(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "the program wrote no such file".into(),
        _ => error.to_string(),
    }
}

fn too_long() -> String {
    format!("it is longer than {} MiB", MOST_BYTES >> 20)
}

/// The rows of `table`, each an object; blobs as SQL writes them.
fn rows(path: &Path, table: &str, longest: Duration) -> Result<Value, String> {
    all_rows(path, table, longest).map_err(|error| match error {
        Error::SqlInputError { msg, .. } => msg, // without the query, which is ours
        other if other.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
            format!("it takes longer than {} s to read", longest.as_secs())
        }
        other => other.to_string(),
    })?
}

fn all_rows(path: &Path, table: &str, longest: Duration) -> rusqlite::Result<Result<Value, String>> {
    // Not read-only: after a crash SQLite first takes back what was not committed, and writes for that.
    let mut connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(BUSY)?;
    let began = Instant::now();
    connection.progress_handler(STEPS, Some(move || began.elapsed() > longest))?;
    let name = table.replace('"', "\"\"");
    let mut query = connection.prepare(&format!("SELECT * FROM \"{name}\" LIMIT {}", MOST_ROWS + 1))?;
    let columns: Vec<String> = query.column_names().map(str::to_owned).collect();
    let mut found = query.query([])?;
    let (mut rows, mut bytes) = (Vec::new(), 0);
    while let Some(row) = found.next()? {
        let mut object = Map::new();
        for (at, column) in columns.iter().enumerate() {
            let value = row.get_ref(at)?;
            bytes += value.as_bytes_or_null().ok().flatten().map_or(0, <[u8]>::len);
            if bytes > MOST_BYTES {
                return Ok(Err(too_long()));
            }
            let value = match value {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => number.into(),
                ValueRef::Real(number) => number.into(),
                ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
                ValueRef::Blob(bytes) => {
                    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                    format!("x'{digits}'").into()
                }
            };
            object.insert(column.clone(), value);
        }
        rows.push(Value::Object(object));
        if rows.len() > MOST_ROWS {
            return Ok(Err(format!("it has more than {MOST_ROWS} rows")));
        }
    }
    Ok(Ok(Value::Array(rows)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read of the table `ledger` of a database made by `sql`.
    fn table_made_by(sql: &str) -> Result<Value, String> {
        within(LONGEST, sql)
    }

    fn within(longest: Duration, sql: &str) -> Result<Value, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("payments.db");
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        rows(&path, "ledger", longest)
    }

    #[test]
    fn a_table_is_read_however_it_was_made() {
        let ledger = serde_json::json!([{"id": "a", "cents": 5}]);
        let insert = "INSERT INTO ledger VALUES ('a', 5)";
        assert_eq!(table_made_by(&format!("CREATE TABLE ledger (id TEXT, cents INTEGER); {insert}")).unwrap(), ledger);
        let rowless = format!("CREATE TABLE ledger (id TEXT PRIMARY KEY, cents INTEGER) WITHOUT ROWID; {insert}");
        assert_eq!(table_made_by(&rowless).unwrap(), ledger);
        assert_eq!(table_made_by("CREATE VIEW ledger AS SELECT 'a' AS id, 5 AS cents").unwrap(), ledger);
        assert_eq!(
            table_made_by("CREATE VIEW ledger AS SELECT x'00ff' AS id").unwrap(),
            serde_json::json!([{"id": "x'00ff'"}])
        );
    }

    #[test]
    fn whatever_is_wrong_with_a_database_is_a_sentence() {
        assert_eq!(table_made_by("CREATE TABLE other (id)").unwrap_err(), "no such table: ledger");
        let endless = "CREATE VIEW ledger AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)";
        assert_eq!(table_made_by(&format!("{endless} SELECT i FROM n")).unwrap_err(), "it has more than 10000 rows");
        let counted = within(Duration::ZERO, &format!("{endless} SELECT count(*) FROM n"));
        assert_eq!(counted.unwrap_err(), "it takes longer than 0 s to read");
        let long = "CREATE VIEW ledger AS SELECT zeroblob(9000000)";
        assert_eq!(table_made_by(long).unwrap_err(), "it is longer than 8 MiB");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("payments.db");
        std::fs::write(&path, "not a database, whatever its name says; and long enough to be looked at".repeat(20))
            .unwrap();
        assert_eq!(rows(&path, "ledger", LONGEST).unwrap_err(), "file is not a database");
    }

    #[test]
    fn what_is_no_file_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |path: &Path| {
            let why = json(path).unwrap_err();
            assert_eq!(words(&files::ordinary_database(path).unwrap_err()), why);
            why
        };
        assert_eq!(refused(folder.path()), "it is a folder");
        let path = folder.path().join("payments.db");
        assert_eq!(refused(&path), "the program wrote no such file");
        assert_eq!(refused(Path::new("/dev/null")), "it is not an ordinary file");
        std::os::unix::fs::symlink("/etc/passwd", &path).unwrap();
        assert_eq!(refused(&path), "it is a link, which is not followed");
        std::fs::remove_file(&path).unwrap();
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE ledger (id)").unwrap();
        files::ordinary_database(&path).unwrap();
        std::os::unix::fs::symlink("/dev/zero", folder.path().join("payments.db-journal")).unwrap();
        assert_eq!(
            words(&files::ordinary_database(&path).unwrap_err()),
            "-journal: it is a link, which is not followed"
        );
    }

    #[test]
    fn a_file_is_json_or_a_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("benchmark.json");
        std::fs::write(&path, "{\"rate\": NaN}").unwrap();
        assert!(json(&path).unwrap_err().starts_with("it is not JSON"));
        std::fs::write(&path, "[1]").unwrap();
        assert_eq!(json(&path).unwrap(), serde_json::json!([1]));
    }
}
