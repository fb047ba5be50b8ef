//! What a scenario wants drawn of its evidence: lines for people, and the same as data.

use super::paper::Paper;
use super::{bars, crashes, lanes};
use crate::course::Picture;
use crate::verdict::Played;
use serde_json::{Value, json};

/// The picture; empty where the scenario wants none, or there is nothing to draw.
pub fn lines(played: &Played<'_>, paper: &Paper) -> Vec<String> {
    let evidence = &played.evidence;
    match &played.scenario.picture {
        None => Vec::new(),
        Some(Picture::Crashes) => crashes::lines(evidence, paper),
        Some(Picture::Ownership { group, topic }) => lanes::lines(evidence, (group, topic), None, paper),
        Some(Picture::Bars { topic, file, explained }) => {
            let mut lines = bars::lines(evidence, topic, file, paper);
            if *explained {
                lines.extend(bars::meaning(evidence, topic, file, paper));
            }
            lines
        }
    }
}

/// What is drawn, under the name of its kind; null where the scenario wants no picture.
pub fn data(played: &Played<'_>) -> Value {
    let evidence = &played.evidence;
    match &played.scenario.picture {
        None => Value::Null,
        Some(Picture::Crashes) => json!({ "crashes": crashes::crashes(evidence) }),
        Some(Picture::Ownership { group, topic }) => json!({ "ownership": lanes::data(evidence, group, topic) }),
        Some(Picture::Bars { topic, file, .. }) => json!({ "bars": bars::rows(evidence, topic, file) }),
    }
}
