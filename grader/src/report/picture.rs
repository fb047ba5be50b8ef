//! What a scenario wants drawn of its evidence: as data, and as lines for people.

use super::bars::Bars;
use super::crashes::{self, Crash};
use super::lanes::Lanes;
use super::paper::Paper;
use crate::course;
use crate::evidence::Evidence;
use serde_json::{Value, json};

/// A picture of a run.
#[derive(Debug, Clone)]
pub enum Picture {
    Crashes(Vec<Crash>),
    Ownership(Lanes),
    Bars(Bars),
}

impl Picture {
    /// The picture that is `wanted` of the evidence.
    pub fn new(wanted: &course::Picture, evidence: &Evidence) -> Picture {
        match wanted {
            course::Picture::Crashes => Picture::Crashes(crashes::crashes(evidence)),
            course::Picture::Ownership { group, topic } => Picture::Ownership(Lanes::new(evidence, group, topic)),
            course::Picture::Bars { topic, file, explained } => {
                Picture::Bars(Bars::new(evidence, topic, file, *explained))
            }
        }
    }

    /// The picture for a terminal; empty where there is nothing to draw.
    pub fn lines(&self, paper: &Paper) -> Vec<String> {
        match self {
            Picture::Crashes(crashes) => crashes::lines(crashes, paper),
            Picture::Ownership(lanes) => lanes.lines(None, paper),
            Picture::Bars(bars) => bars.lines(paper),
        }
    }

    /// What is drawn, under the name of its kind: `modules/reference/json.md` is the schema.
    pub fn data(&self) -> Value {
        match self {
            Picture::Crashes(crashes) => json!({ "crashes": crashes }),
            Picture::Ownership(lanes) => json!({ "ownership": lanes.data() }),
            Picture::Bars(bars) => json!({ "bars": bars.rows }),
        }
    }
}
