//! The outside world: whatever a program does besides talking to Kafka is one call here.
//!
//! On the wire it is a TCP connection with one JSON object per line, strictly question and answer:
//! `{"op":"process","args":{…}}` and `{"ok":true,"value":null}` or `{"ok":false,"error":"…"}`.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Between two questions, where nobody asks.
const BY_HAND: Duration = Duration::from_secs(2);

/// A connection to the outside world. Clones share it; a call returns when the outside world has answered,
/// so what you do after a call has truly happened after it.
#[derive(Clone)]
pub struct Downstream {
    connection: Option<Arc<Mutex<BufReader<TcpStream>>>>,
}

/// The outside world said no, or could not be reached; the text says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the outside world refused: {}", self.0)
    }
}

impl std::error::Error for Refused {}

#[derive(Serialize)]
struct Call<'a, T> {
    op: &'a str,
    args: &'a T,
}

#[derive(Deserialize)]
struct Answer {
    ok: bool,
    #[serde(default)]
    value: Value,
    #[serde(default)]
    error: String,
}

impl Downstream {
    /// Connects to the address in `KAFKACOURSE_DOWNSTREAM`; without one, calls are printed and succeed.
    ///
    /// # Panics
    /// When the address is set and nothing listens there: the program was started by a grader that is gone.
    pub fn connect() -> Downstream {
        let connection = std::env::var("KAFKACOURSE_DOWNSTREAM").ok().map(|address| {
            let stream = TcpStream::connect(&address)
                .unwrap_or_else(|error| panic!("KAFKACOURSE_DOWNSTREAM={address} cannot be reached: {error}"));
            // A call is one small line: waiting to fill a packet would cost 40 ms for each.
            stream.set_nodelay(true).ok();
            Arc::new(Mutex::new(BufReader::new(stream)))
        });
        Downstream { connection }
    }

    /// Is somebody listening, or is this a run by hand?
    pub(crate) fn is_watched(&self) -> bool {
        self.connection.is_some()
    }

    /// Asks the outside world to do `op` with `args` (anything that serialises to JSON) and waits for its answer.
    ///
    /// # Errors
    /// [`Refused`] with the outside world's reason; trying again may help, or not.
    pub fn call(&self, op: &str, args: &impl Serialize) -> Result<Value, Refused> {
        let line = serde_json::to_string(&Call { op, args }).map_err(|error| Refused(error.to_string()))?;
        let Some(connection) = &self.connection else {
            println!("{line}");
            return Ok(Value::Null);
        };
        let mut connection = connection.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let answer = ask(&mut connection, &line).map_err(|error| Refused(error.to_string()))?;
        if answer.ok { Ok(answer.value) } else { Err(Refused(answer.error)) }
    }

    /// Waits until the outside world wants to know something, the call `next`: true when it does, false when nobody will
    /// ask any more. By hand, somebody wants to know every two seconds.
    pub fn asked(&self) -> bool {
        if !self.is_watched() {
            std::thread::sleep(BY_HAND);
            return true;
        }
        self.call("next", &serde_json::json!({})).is_ok()
    }
}

fn ask(connection: &mut BufReader<TcpStream>, line: &str) -> std::io::Result<Answer> {
    connection.get_mut().write_all(format!("{line}\n").as_bytes())?;
    let mut answer = String::new();
    if connection.read_line(&mut answer)? == 0 {
        return Err(std::io::Error::other("the outside world hung up without an answer"));
    }
    Ok(serde_json::from_str(&answer)?)
}
