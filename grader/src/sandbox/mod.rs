//! Programs that are not trusted, and what holds them.
//!
//! A confined program runs in a *cell*: it has namespaces of its own (processes, network, mounts and the rest), a root
//! file system made from nothing, no rights, no capability, no dangerous system call, and bounds for whatever can
//! run out. What it may have is data, a [`Confinement`].
//!
//! Three processes build a cell. The supervisor of the program ([`Cell`]) makes a namespace for process ids, and, where it
//! is not root, one for users, in which it is. Its child, [`init`], is the first process in there; it makes all the other
//! namespaces, changes its root, gives up what rights it has, and starts the third, which is the program. As long as the
//! cell lives, the supervisor looks whether it stays within its bounds. When the first process ends, the kernel ends the
//! others, wherever they have gone.
//!
//! The listeners on which the program finds Kafka and the outside world are bound in its network, and handed out
//! ([`handover`]) to the grader, which serves them: so whoever connects there is in the cell.

mod confinement;
mod layers;
mod plan;
mod words;

#[cfg(target_os = "linux")]
mod access;
#[cfg(target_os = "linux")]
mod cell;
#[cfg(target_os = "linux")]
mod cgroup;
#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod footprint;
#[cfg(target_os = "linux")]
pub mod handover;
#[cfg(target_os = "linux")]
mod identity;
#[cfg(target_os = "linux")]
mod init;
#[cfg(target_os = "linux")]
mod network;
#[cfg(target_os = "linux")]
mod root;
#[cfg(target_os = "linux")]
mod syscalls;

#[cfg(target_os = "linux")]
pub use cell::Cell;
pub use confinement::{Bounds, Confinement, Exceeded};
#[cfg(not(target_os = "linux"))]
pub use elsewhere::{Cell, handover, serve_init};
#[cfg(target_os = "linux")]
pub use init::serve as serve_init;
pub use layers::{Layers, Level, SUPERVISOR};
pub use plan::Plan;
pub use words::{End, Held, NotBuilt, START, Version, Word, hear, say};

/// The port of the first listener in the network of a cell; the others have the ports above it. In a network of its own
/// every port is free, so that it is known before there is a listener.
pub const FIRST_PORT: u16 = 9092;

/// The first argument that makes this program the first process of a cell.
pub const INIT: &str = "__init";
