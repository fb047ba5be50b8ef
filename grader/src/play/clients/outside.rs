//! The outside world, as a client calls it: one line of JSON, one answer.

use super::Trouble;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

/// The connection of one client.
pub(super) struct Outside(BufReader<TcpStream>);

impl Outside {
    /// # Errors
    /// Whoever has started us is gone.
    pub(super) fn connect() -> Result<Outside, Trouble> {
        let stream = TcpStream::connect(std::env::var("KAFKACOURSE_DOWNSTREAM")?)?;
        stream.set_nodelay(true)?;
        Ok(Outside(BufReader::new(stream)))
    }

    /// Does it, and returns when it is done.
    ///
    /// # Errors
    /// Whoever has started us is gone.
    pub(super) fn call(&mut self, op: &str, args: &Value) -> Result<(), Trouble> {
        writeln!(self.0.get_mut(), "{}", json!({ "op": op, "args": args }))?;
        let mut answer = String::new();
        if self.0.read_line(&mut answer)? == 0 {
            return Err("the outside world hung up".into());
        }
        Ok(())
    }
}
