//! What a program sends: where it goes, how it is sent, and what the program says about it.

mod accounted;
mod acknowledged;
mod acks;
mod affinity;
mod batched;
mod delivered;
mod fate;
mod flushed;
mod idempotent;
mod kept;
mod keyed;
mod outcomes;
mod pipelined;
mod reported;
mod retried;
mod series;
mod stops_taking;
mod window;

pub use accounted::Accounted;
pub use acknowledged::Acknowledged;
pub use acks::Acks;
pub use affinity::Affinity;
pub use batched::Batched;
pub use delivered::Delivered;
pub use flushed::Flushed;
pub use idempotent::Idempotent;
pub use kept::Kept;
pub use keyed::Keyed;
pub use outcomes::Outcomes;
pub use pipelined::Pipelined;
pub use reported::Reported;
pub use retried::Retried;
pub use series::Series;
pub use stops_taking::StopsTaking;
pub use window::Window;
