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

mod access;
mod cell;
mod cgroup;
mod confinement;
mod footprint;
pub mod handover;
mod identity;
mod init;
mod layers;
mod network;
mod plan;
mod root;
mod syscalls;
mod words;

pub use cell::{Cell, End, NotBuilt};
pub use cgroup::Version;
pub use confinement::{Bounds, Confinement, Exceeded};
pub use init::serve as serve_init;
pub use layers::{Layers, Level, SUPERVISOR};
pub use network::FIRST_PORT;
pub use plan::Plan;
pub use words::{Held, START, Word, hear, say};

/// The first argument that makes this program the first process of a cell.
pub const INIT: &str = "__init";
