//! The bounds of what is read off the wire.

/// Bytes of one frame of Kafka's protocol: Kafka's own `socket.request.max.bytes`. What producers may send in one record
/// batch (`max.message.bytes`) is far below.
pub const FRAME_BYTES: usize = 100 << 20;

/// Entries of all lists in one frame. An entry costs one byte on the wire and a hundred in memory.
pub const FRAME_ENTRIES: usize = 1_000_000;

/// Bytes to which the records of one batch may inflate.
pub const BATCH_INFLATED_BYTES: usize = 64 << 20;

/// Bytes to which all batches of one request may inflate. A request may carry very many batches, each of them small until
/// it is inflated.
pub const REQUEST_INFLATED_BYTES: usize = 2 * BATCH_INFLATED_BYTES;

/// Bytes of a request that carries no records. Nothing that clients send is nearly as long, and in kafka-protocol's types
/// it takes up a hundred times as much.
pub const PLAIN_FRAME_BYTES: usize = 1 << 20;
