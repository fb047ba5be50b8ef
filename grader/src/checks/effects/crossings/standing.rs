//! How each reading stands to each limit.

use super::{Crossings, Limit};
use crate::evidence::Input;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// How a reading stands to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The first beyond it.
    Crossing,
    /// So was the one before.
    Inside,
    /// So was the last one that had the number, and one since did not have it.
    InsideAfterAbsent,
    /// So was the one before, and between them came something that is no reading.
    InsideAfterNone,
    Outside,
    /// It does not have that number.
    Absent,
    /// Its source was further on already.
    OldNews,
}

pub(super) struct Reading<'i, 'e> {
    input: &'i Input<'e>,
    /// Of each limit.
    numbers: Vec<Option<f64>>,
    standings: Vec<Standing>,
}

impl Reading<'_, '_> {
    pub(super) fn standing(&self, limit: usize) -> Standing {
        self.standings[limit]
    }

    pub(super) fn number(&self, limit: usize) -> Option<f64> {
        self.numbers[limit]
    }
}

/// A crossing: whose, of which limit, when, and by which number.
pub(super) struct Crossing<'f, 'i, 'e> {
    pub source: &'f str,
    pub limit: usize,
    pub time: &'f str,
    pub number: f64,
    pub input: &'i Input<'e>,
}

/// The readings of each source, in the order in which they were put there.
pub(super) struct Followed<'i, 'e> {
    limits: usize,
    sources: Vec<(String, Source<'i, 'e>)>,
    /// The times, as text, of what is no reading.
    none: HashSet<String>,
}

#[derive(Default)]
struct Source<'i, 'e> {
    readings: Vec<(String, Reading<'i, 'e>)>,
    by_time: HashMap<String, usize>,
    /// Of the latest one.
    latest: Option<String>,
    /// Which limits the latest number is beyond, and whether there was a reading without it since.
    beyond: Vec<bool>,
    absent: Vec<bool>,
    /// Was there something since its latest reading that is none?
    none_since: bool,
}

impl<'i, 'e> Followed<'i, 'e> {
    pub(super) fn new(check: &Crossings, inputs: &'i [Input<'e>]) -> Followed<'i, 'e> {
        let mut followed = Followed { limits: check.limits.len(), sources: Vec::new(), none: HashSet::new() };
        for input in inputs {
            let Some((source, time, numbers)) = read(check, input) else {
                followed.passes_over(check, input);
                continue;
            };
            let place = followed.sources.iter().position(|(known, _)| *known == source).unwrap_or_else(|| {
                let none = vec![false; check.limits.len()];
                let fresh = Source { beyond: none.clone(), absent: none, ..Source::default() };
                followed.sources.push((source, fresh));
                followed.sources.len() - 1
            });
            followed.sources[place].1.add(&check.limits, time, Reading { input, numbers, standings: Vec::new() });
        }
        followed
    }

    /// Takes note of what is no reading: its time, and whose it seems to be.
    fn passes_over(&mut self, check: &Crossings, input: &Input<'_>) {
        let Some(value) = input.data.and_then(|data| data.json()) else { return };
        self.none.extend(time_of(check, &value));
        let source = value.get(&check.by).and_then(Value::as_str);
        if let Some((_, source)) = self.sources.iter_mut().find(|(known, _)| Some(known.as_str()) == source) {
            source.none_since = true;
        }
    }

    pub(super) fn knows(&self, source: &str) -> bool {
        self.sources.iter().any(|(known, _)| known == source)
    }

    /// The reading that the source took then. Of several, the first that was put there with this number, or else the first.
    pub(super) fn reading(
        &self,
        source: &str,
        time: &str,
        limit: usize,
        number: Option<f64>,
    ) -> Option<&Reading<'i, 'e>> {
        let (_, source) = self.sources.iter().find(|(known, _)| known == source)?;
        let first = *source.by_time.get(time)?;
        let mut same = source.readings[first..].iter().filter(|(at, _)| at == time).map(|(_, reading)| reading);
        same.find(|reading| number.is_some() && reading.number(limit) == number).or(Some(&source.readings[first].1))
    }

    /// Is this the time of something that is no reading?
    pub(super) fn is_of_no_reading(&self, time: &str) -> bool {
        self.none.contains(time)
    }

    /// How the source's reading of this moment writes it.
    pub(super) fn as_read(&self, source: &str, time: &str) -> Option<&str> {
        let (_, source) = self.sources.iter().find(|(known, _)| known == source)?;
        let moment = |text: &str| text.parse::<Timestamp>().ok();
        if let Some((text, _)) = source.by_time.get_key_value(time) {
            return Some(text);
        }
        let at = moment(time)?;
        source.readings.iter().map(|(text, _)| text.as_str()).find(|text| moment(text) == Some(at))
    }

    pub(super) fn crossings(&self) -> impl Iterator<Item = Crossing<'_, 'i, 'e>> {
        self.sources
            .iter()
            .flat_map(move |(source, of)| (0..self.limits).flat_map(move |limit| of.crossings(source, limit)))
    }

    /// Was of each source and limit the first crossing told, and no later one; and were there later ones?
    pub(super) fn only_first(&self, told: impl Fn(&str, usize, &str) -> bool) -> bool {
        let mut later = 0;
        for (source, of) in &self.sources {
            for limit in 0..self.limits {
                let mut crossings = of.crossings(source, limit).map(|crossing| told(source, limit, crossing.time));
                if crossings.next() == Some(false)
                    || crossings.any(|told| {
                        later += 1;
                        told
                    })
                {
                    return false;
                }
            }
        }
        later > 0
    }
}

impl<'i, 'e> Source<'i, 'e> {
    fn add(&mut self, limits: &[Limit], time: String, mut reading: Reading<'i, 'e>) {
        let old = self.latest.as_ref().is_some_and(|latest| *latest >= time);
        for (at, limit) in limits.iter().enumerate() {
            let reached = reading.numbers[at].map(|number| limit.reached_by(number));
            reading.standings.push(match reached {
                _ if old => Standing::OldNews,
                None => Standing::Absent,
                Some(false) => Standing::Outside,
                Some(true) if self.beyond[at] && self.absent[at] => Standing::InsideAfterAbsent,
                Some(true) if self.beyond[at] && self.none_since => Standing::InsideAfterNone,
                Some(true) if self.beyond[at] => Standing::Inside,
                Some(true) => Standing::Crossing,
            });
            if !old {
                self.beyond[at] = reached.unwrap_or(self.beyond[at]);
                self.absent[at] = reached.is_none();
            }
        }
        if !old {
            self.latest = Some(time.clone());
            self.none_since = false;
        }
        self.by_time.entry(time.clone()).or_insert(self.readings.len());
        self.readings.push((time, reading));
    }

    fn crossings<'f>(&'f self, source: &'f str, limit: usize) -> impl Iterator<Item = Crossing<'f, 'i, 'e>> {
        let crossing = move |(_, reading): &&(String, Reading<'_, '_>)| reading.standings[limit] == Standing::Crossing;
        self.readings.iter().filter(crossing).filter_map(move |(time, reading)| {
            Some(Crossing { source, limit, time, number: reading.numbers[limit]?, input: reading.input })
        })
    }
}

/// The time of what is no reading, as a text: of an object, or of the first one in a list.
fn time_of(check: &Crossings, value: &Value) -> Option<String> {
    match value.get(0).unwrap_or(value).get(&check.time)? {
        Value::String(time) => Some(time.clone()),
        time => Some(time.to_string()),
    }
}

/// Whose reading it is, when it was taken, and the number of each limit; nothing where it is none.
fn read(check: &Crossings, input: &Input<'_>) -> Option<(String, String, Vec<Option<f64>>)> {
    let value = input.value.as_ref()?;
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut numbers = Vec::new();
    for limit in &check.limits {
        numbers.push(match value.get(&limit.field) {
            None | Some(Value::Null) if !limit.required => None,
            number => Some(number?.as_f64()?),
        });
    }
    Some((text(&check.by)?, text(&check.time)?, numbers))
}
