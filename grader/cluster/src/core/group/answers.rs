//! Answers to requests that had to wait for other members: they are laid down here by whoever makes them possible.

use std::collections::HashMap;

use kafka_protocol::messages::ResponseKind;

use crate::watch::Connection;

/// By connection, because a connection has one request at a time.
#[derive(Debug, Default)]
pub struct Answers(HashMap<Connection, Option<Box<ResponseKind>>>);

impl Answers {
    /// From now on this connection waits for an answer.
    pub fn expect(&mut self, connection: Connection) {
        self.0.insert(connection, None);
    }

    /// Lays down the answer, unless the connection has been closed meanwhile. True if somebody has to be woken.
    pub fn put(&mut self, connection: Connection, answer: impl Into<ResponseKind>) -> bool {
        match self.0.get_mut(&connection) {
            Some(place) => {
                *place = Some(Box::new(answer.into()));
                true
            }
            None => false,
        }
    }

    /// The answer, if it is there; then the connection waits no more.
    pub fn take(&mut self, connection: Connection) -> Option<ResponseKind> {
        let answer = self.0.get_mut(&connection)?.take()?;
        self.0.remove(&connection);
        Some(*answer)
    }

    /// The connection is closed.
    pub fn withdraw(&mut self, connection: Connection) {
        self.0.remove(&connection);
    }

    /// How many connections wait.
    #[cfg(test)]
    pub fn waiting(&self) -> usize {
        self.0.len()
    }
}
