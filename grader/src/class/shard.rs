//! A part of a class, for one of several machines. Who belongs to it depends on the learner's id alone, so it stays the
//! same when others join or leave.

use crate::submission::LearnerId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// More would be a slip of the finger.
const MOST: u32 = 10_000;

/// One of `count` parts, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Shard {
    pub number: u32,
    pub count: u32,
}

impl Shard {
    /// Where a learner belongs in a class of `count` parts.
    pub fn home(learner: &LearnerId, count: u32) -> Shard {
        let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(Sha256::digest(learner.as_str()));
        let place = u64::from_le_bytes([a, b, c, d, e, f, g, h]) % u64::from(count.max(1));
        Shard { number: place as u32 + 1, count }
    }

    pub fn holds(self, learner: &LearnerId) -> bool {
        Shard::home(learner, self.count) == self
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.count)
    }
}

/// `2/5` is the second of five. Some engines count from 0: `0/5` is the same as `5/5`, so that the numbers from 0 to 4
/// cover a class as well as those from 1 to 5.
impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let wrong = || format!("“{text}”: it wants NUMBER/COUNT: 2/5 is the second of five parts");
        let (number, count) = text.split_once('/').ok_or_else(wrong)?;
        let number = number.trim().parse().map_err(|_| wrong())?;
        let count: u32 = count.trim().parse().map_err(|_| wrong())?;
        if !(1..=MOST).contains(&count) {
            return Err(format!("“{text}”: a class can have 1 to {MOST} parts"));
        }
        match number {
            0 => Ok(Shard { number: count, count }),
            number if number <= count => Ok(Shard { number, count }),
            _ => Err(format!("“{text}”: there is no part {number} of {count}. Parts are counted from 1 (or from 0)")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn each_learner_is_in_one_part_and_parts_are_alike() {
        let mut sizes: BTreeMap<Shard, u32> = BTreeMap::new();
        for number in 0..1000 {
            let learner = LearnerId::new(&format!("s{number}")).unwrap();
            let holding: Vec<u32> =
                (1..=8).filter(|number| Shard { number: *number, count: 8 }.holds(&learner)).collect();
            assert_eq!(holding.len(), 1);
            *sizes.entry(Shard::home(&learner, 8)).or_default() += 1;
        }
        assert!(sizes.len() == 8 && sizes.values().all(|size| (90..=165).contains(size)), "{sizes:?}");
        // Other machines and other versions must agree.
        assert_eq!(Shard::home(&LearnerId::new("ada").unwrap(), 1000).to_string(), "374/1000");
    }

    #[test]
    fn engines_count_from_one_or_from_zero() {
        let parse = |text: &str| text.parse::<Shard>();
        assert_eq!(parse("2/5"), Ok(Shard { number: 2, count: 5 }));
        assert_eq!(parse("0/5"), parse("5/5"));
        assert_eq!(parse("1/1"), parse("0/1"));
        for (text, why) in [
            ("5/4", "“5/4”: there is no part 5 of 4. Parts are counted from 1 (or from 0)"),
            ("1/0", "“1/0”: a class can have 1 to 10000 parts"),
            ("1/99999", "“1/99999”: a class can have 1 to 10000 parts"),
            ("-1/4", "“-1/4”: it wants NUMBER/COUNT: 2/5 is the second of five parts"),
            ("3", "“3”: it wants NUMBER/COUNT: 2/5 is the second of five parts"),
            ("/", "“/”: it wants NUMBER/COUNT: 2/5 is the second of five parts"),
        ] {
            assert_eq!(parse(text), Err(why.to_owned()));
        }
    }
}
