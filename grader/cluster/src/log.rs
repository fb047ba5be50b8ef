//! The records of one partition: batches, kept as the bytes that producers sent.

/// The log of a partition.
#[derive(Debug, Default)]
pub struct Log {}
