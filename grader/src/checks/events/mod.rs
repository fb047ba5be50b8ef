//! Services that know each other by events alone: what is published, and what each makes of it.

mod called_once;
mod happened;
mod meanwhile;
mod own_group;
mod passed_by;
mod published;
mod reserved;
mod totals;

pub use called_once::CalledOnce;
pub use meanwhile::Meanwhile;
pub use own_group::OwnGroup;
pub use passed_by::PassedBy;
pub use published::Published;
pub use reserved::Reserved;
pub use totals::Totals;
