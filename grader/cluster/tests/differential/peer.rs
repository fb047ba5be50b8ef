//! Connections to a broker: a frame is written, a frame is read.

use std::collections::{HashMap, VecDeque};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::ApiKey;
use wire::schema::{self, Direction, Value};

/// No answer takes so long. Kafka ends joining after the longest rebalance timeout in the scripts.
const PATIENCE: Duration = Duration::from_secs(20);

/// What came of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// What the answer says, and how many bytes are behind it.
    Answer(Value, usize),
    /// The broker closed the connection.
    Closed,
    Unreadable(String),
}

/// All connections of a script to one broker.
pub struct Peer {
    address: String,
    open: HashMap<String, Connection>,
}

struct Connection {
    stream: TcpStream,
    /// Requests that have not been answered: kind and version.
    pending: VecDeque<(i16, i16)>,
    correlation: i32,
}

impl Peer {
    pub fn new(address: &str) -> Peer {
        Peer { address: address.to_owned(), open: HashMap::new() }
    }

    /// Sends a request on this connection, which is opened where it is not.
    pub fn send(&mut self, connection: &str, api: i16, version: i16, body: &[u8]) {
        let address = &self.address;
        let open = self.open.entry(connection.to_owned()).or_insert_with(|| {
            let stream = TcpStream::connect(address).unwrap_or_else(|why| panic!("{address}: {why}"));
            stream.set_nodelay(true).expect("a socket");
            stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
            Connection { stream, pending: VecDeque::new(), correlation: 0 }
        });
        open.correlation += 1;
        open.pending.push_back((api, version));
        let mut frame = BytesMut::new();
        frame.put_i16(api);
        frame.put_i16(version);
        frame.put_i32(open.correlation);
        frame.put_i16(4);
        frame.put_slice(b"test");
        let flexible = schema::message(api, Direction::Request).is_some_and(|it| it.flexible.contain(version));
        if flexible {
            frame.put_u8(0);
        }
        frame.put_slice(body);
        // A broker that has closed the connection is noticed when its answer is awaited.
        open.stream.write_all(&(frame.len() as u32).to_be_bytes()).ok();
        open.stream.write_all(&frame).ok();
    }

    /// The answer to the earliest request of this connection that has none.
    pub fn receive(&mut self, connection: &str) -> Outcome {
        let Some(open) = self.open.get_mut(connection) else { return Outcome::Closed };
        let (api, version) = open.pending.pop_front().expect("a request that awaits an answer");
        let answer = match frame(&mut open.stream) {
            Ok(answer) => answer,
            Err(_) => {
                self.open.remove(connection);
                return Outcome::Closed;
            }
        };
        let key = ApiKey::try_from(api).expect("a kind that is known");
        let header = 4 + key.response_header_version(version) as usize; // no tagged fields, in a byte
        let body = if header <= answer.len() { answer.slice(header..) } else { Bytes::new() };
        match schema::read(api, version, Direction::Response, &body) {
            Ok((value, rest)) => Outcome::Answer(value, rest),
            Err(why) => Outcome::Unreadable(format!("{why} in {answer:?}")),
        }
    }

    /// Forgets that the earliest request awaits an answer: there will be none.
    pub fn expect_nothing(&mut self, connection: &str) {
        if let Some(open) = self.open.get_mut(connection) {
            open.pending.pop_front();
        }
    }

    pub fn close(&mut self, connection: &str) {
        self.open.remove(connection);
    }
}

fn frame(stream: &mut TcpStream) -> std::io::Result<Bytes> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let mut frame = vec![0; u32::from_be_bytes(length) as usize];
    stream.read_exact(&mut frame)?;
    Ok(frame.into())
}
