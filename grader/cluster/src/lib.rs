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
//! | [`call`] | a request on its way through the core, and what becomes of it |
//! | [`watch`] | who waits for what |
//! | `refusal` | why something is refused |
//! | `batch`, `records` | what producers send and consumers get, as bytes |
//! | `validate`, `log_config` | what a log accepts |
//! | `log`, `epochs`, `producer_state`, `partition`, `topics`, `nodes` | the state that requests read and change |
//! | `group` | consumer groups: classic, KIP-848, and their offsets |
//! | `producers`, `transactions` | producer ids, and the coordinator of transactions |
//! | `produce`, `fetch`, `list_offsets`, … | one file for each request, or group of requests |
//! | `admin` | topics, settings, and what the cluster is made of |
//! | [`core`] | all state, and the way from a request to its handler |
//! | [`versions`] | the requests that are served, and in which versions |
//! | [`frame`] | frames to requests, answers to frames |
//! | [`drill`] | what a scenario does to the cluster: a leader moves, a replica falls behind, a node goes away |
//! | [`server`] | the shell: listeners, connections, time |

#![allow(dead_code)] // TODO while it is being built

pub mod call;
pub mod core;
pub mod drill;
pub mod frame;
pub mod server;
pub mod settings;
pub mod time;
pub mod versions;
pub mod watch;

mod admin;
#[cfg(test)]
mod bad_input;
mod batch;
mod delete_records;
mod epochs;
mod fetch;
mod find_coordinator;
mod group;
mod list_offsets;
mod log;
mod log_config;
mod metadata;
mod nodes;
mod partition;
mod produce;
mod producer_state;
mod producers;
mod records;
mod refusal;
#[cfg(test)]
mod sending;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod testing;
mod topics;
mod transactions;
mod validate;

pub use admin::NewTopic;
pub use drill::{Drill, DrillError};
pub use server::{Cluster, Refused};
pub use settings::Settings;
