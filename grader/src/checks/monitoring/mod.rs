//! What a program says of consumer groups that it watches, held against the broker.

mod alerted;
mod lag_reported;
mod moments;
mod trend_reported;
mod undisturbed;

pub use alerted::Alerted;
pub use lag_reported::LagReported;
pub use trend_reported::TrendReported;
pub use undisturbed::Undisturbed;
