//! Who in a consumer group holds what, and how partitions change hands.

mod agrees;
mod handed_over;
mod in_groups;
mod keeps;
mod leaves;
mod owned_once;
mod reads_on;
mod shares;
mod stays_member;
mod works_on_own;

pub use agrees::Agrees;
pub use handed_over::HandedOver;
pub use in_groups::InGroups;
pub use keeps::Keeps;
pub use leaves::Leaves;
pub use owned_once::OwnedOnce;
pub use reads_on::ReadsOn;
pub use shares::Shares;
pub use stays_member::StaysMember;
pub use works_on_own::WorksOnOwn;
