//! Work in small portions until a state holds: an occasion is arranged, not hoped for.

use super::stage::Stage;
use super::steps::processed;
use super::wait::Halt;
use crate::course::{Feed, Work};
use crate::evidence::{Following, What};

/// Puts record after record, each when the one before it is processed, until the state holds or there are no more.
/// What could not be arranged is no fault of the program's: one that commits each record never has any uncommitted.
pub(super) async fn feed(stage: &mut Stage, feed: &Feed) -> Result<(), Halt> {
    let topic = feed.input.topic.clone().unwrap_or_default();
    let work = Work::Op(feed.op.clone());
    let mut state = Following::new(&feed.until);
    let mut came = stage.recorder.look(|events| state.holds(events));
    for (record, turn) in stage.make(&feed.input).into_iter().zip(0..) {
        if came {
            break;
        }
        stage.put(&topic, vec![record], feed.input.spread.then_some(turn)).await?;
        processed(stage, &work).await?;
        came = stage.recorder.look(|events| state.holds(events));
    }
    stage.recorder.record(None, What::Arranged { state: feed.until.told(), came });
    Ok(())
}
