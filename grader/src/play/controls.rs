//! What the clients are to do, as a file that they look into from time to time.

use crate::files;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;
use std::time::Duration;

/// What the keys have set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Controls {
    /// Records a second.
    pub rate: u32,
    pub batch: Batch,
    /// How many records that are no JSON have been asked for.
    pub poison: u32,
    /// Each consumer in a group of its own, rather than all in one. It counts when a consumer starts.
    pub own_groups: bool,
}

/// When a consumer processes what it has gathered, and commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Batch {
    /// At once.
    Each,
    /// When it has so many, or after [`Batch::PATIENCE`].
    Size(usize),
    /// When so many milliseconds have passed since the first of them came.
    Time(u64),
}

impl Batch {
    /// How long a batch waits to be full.
    pub const PATIENCE: Duration = Duration::from_secs(3);

    /// The one that comes next when somebody wants another one.
    pub fn next(self) -> Batch {
        match self {
            Batch::Each => Batch::Size(5),
            Batch::Size(_) => Batch::Time(2_000),
            Batch::Time(_) => Batch::Each,
        }
    }

    /// In words.
    pub fn told(self) -> String {
        match self {
            Batch::Each => "each record by itself".into(),
            Batch::Size(size) => format!("batches of {size}"),
            Batch::Time(ms) => format!("a batch every {} s", ms / 1_000),
        }
    }
}

/// The slowest and the fastest that the producer can be asked for, in records a second. The evidence of a whole hour at
/// the fastest still fits into memory.
const RATES: [u32; 2] = [1, 32];

impl Default for Controls {
    fn default() -> Controls {
        Controls { rate: 4, batch: Batch::Each, poison: 0, own_groups: false }
    }
}

impl Controls {
    /// Twice as fast, if that is not too fast.
    pub fn faster(&mut self) {
        self.rate = (self.rate * 2).min(RATES[1]);
    }

    /// Half as fast, if that is not too slow.
    pub fn slower(&mut self) {
        self.rate = (self.rate / 2).max(RATES[0]);
    }

    /// Between two records.
    pub fn pause(&self) -> Duration {
        Duration::from_secs(1) / self.rate.max(1)
    }

    /// What the file says; whatever was not written yet is as it is at the beginning.
    pub fn read(path: &Path) -> Controls {
        let text = std::fs::read(path).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// Replaces the file, so that whoever reads it meanwhile gets the old one or the new one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        files::replace(path, &serde_json::to_vec(self)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_back_as_it_was_written_and_a_missing_one_is_the_beginning() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("controls.json");
        assert_eq!(Controls::read(&path), Controls::default());
        let controls = Controls { rate: 8, batch: Batch::Time(2_000), poison: 3, own_groups: true };
        controls.write(&path).unwrap();
        assert_eq!(Controls::read(&path), controls);
    }

    #[test]
    fn the_pace_stays_within_bounds() {
        let mut controls = Controls::default();
        (0..40).for_each(|_| controls.faster());
        assert_eq!(controls.rate, RATES[1]);
        (0..40).for_each(|_| controls.slower());
        assert_eq!((controls.rate, controls.pause()), (RATES[0], Duration::from_secs(1)));
    }
}
