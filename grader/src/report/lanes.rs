//! Who held which partition, drawn over time: a lane for each partition, and one for each process.

use super::paper::Paper;
use crate::evidence::{Event, Evidence, Held, What, canonical};
use crate::wire::Request;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The picture of `topic` in `group`, of all partitions or of one; nothing where nobody ever held any.
pub fn lines(evidence: &Evidence, (group, topic): (&str, &str), only: Option<i32>, paper: &Paper) -> Vec<String> {
    let held = evidence.ownership(group, topic);
    if held.is_empty() {
        return Vec::new();
    }
    let mut partitions: BTreeSet<i32> = held.iter().map(|held| held.partition).collect();
    partitions.retain(|partition| only.is_none_or(|only| only == *partition));
    let lanes = Lanes::new(evidence, (group, topic), &held, paper);
    let mut lines = vec![lanes.axis()];
    lines.extend(partitions.iter().map(|partition| lanes.partition(*partition)));
    lines.extend(lanes.roles.iter().map(|role| lanes.process(role)));
    let small: Vec<String> = lanes.roles.iter().map(|role| lanes.letter(role).to_string()).collect();
    let names: Vec<String> = small.iter().map(|letter| letter.to_ascii_uppercase()).collect();
    let legend = [
        format!("{} works there, {} only holds it, · nobody does, ! two do", names.join(" "), small.join(" ")),
        "$ what is done is committed before it goes, × it is not".to_owned(),
        "> starts, s is asked to stop, k is killed".to_owned(),
    ];
    lines.extend(legend.iter().map(|line| format!("    {}", paper.dim(line))));
    lines
}

/// Who held which partition of `topic` in `group`, from when to when, in order of the beginnings.
pub fn data(evidence: &Evidence, group: &str, topic: &str) -> Value {
    let ms = |at: usize| evidence.events.get(at).map(|event| event.at as f64 / 1000.0);
    let held = evidence.ownership(group, topic);
    let held = held.iter().map(|held| {
        json!({
            "partition": held.partition, "role": held.role,
            "from": held.from, "from_ms": ms(held.from),
            "to": held.to, "to_ms": held.to.and_then(ms),
            "end": held.end,
        })
    });
    json!({ "group": group, "topic": topic, "held": held.collect::<Vec<_>>() })
}

/// All pictures that the evidence has to offer: each group and topic whose partitions somebody held.
pub fn all(evidence: &Evidence, only: Option<i32>, paper: &Paper) -> Vec<String> {
    let mut places: BTreeSet<(&str, &str)> = BTreeSet::new();
    let topics = evidence.events.iter().filter_map(|event| match &event.what {
        What::Input { topic, .. } => Some(topic.as_str()),
        _ => None,
    });
    let topics: BTreeSet<&str> = topics.collect();
    for event in &evidence.events {
        if let What::Request {
            body: Request::JoinGroup { group, .. } | Request::ConsumerGroupHeartbeat { group, .. },
            ..
        } = &event.what
        {
            places.extend(topics.iter().map(|topic| (group.as_str(), *topic)));
        }
    }
    let mut text = Vec::new();
    for (group, topic) in places {
        let picture = lines(evidence, (group, topic), only, paper);
        if !picture.is_empty() {
            text.push(format!("{}, group {group}", paper.bold(topic)));
            text.extend(picture);
        }
    }
    text
}

/// A letter for each role, the first of its name that no role before it has; for want of one, another of the alphabet.
/// A digit would not do: it has no capital, and who works would look like who only holds.
fn letters(roles: &[&str]) -> Vec<char> {
    let mut letters: Vec<char> = Vec::new();
    for role in roles {
        let own = role.chars().map(|c| c.to_ascii_lowercase()).filter(char::is_ascii_lowercase);
        let free = own.chain('a'..='z').find(|letter| !letters.contains(letter));
        letters.push(free.unwrap_or('?'));
    }
    letters
}

struct Lanes<'e> {
    evidence: &'e Evidence,
    held: &'e [Held],
    roles: Vec<&'e str>,
    /// One for each of the roles.
    letters: Vec<char>,
    /// Role, partition and position of each call.
    calls: Vec<(&'e str, i32, usize)>,
    /// Role, partition and position of each commit.
    commits: Vec<(&'e str, i32, usize)>,
    paper: &'e Paper,
    /// Microseconds.
    begin: u64,
    end: u64,
    columns: usize,
}

const LABEL: usize = 13;

impl<'e> Lanes<'e> {
    fn new(evidence: &'e Evidence, (group, topic): (&str, &str), held: &'e [Held], paper: &'e Paper) -> Lanes<'e> {
        let events = &evidence.events;
        let mut roles: Vec<&str> = Vec::new();
        let mut places: HashMap<String, i32> = HashMap::new();
        let (mut calls, mut commits) = (Vec::new(), Vec::new());
        for (at, event) in evidence.iter() {
            let role = event.role.as_deref().unwrap_or_default();
            match &event.what {
                What::Started { .. } if !roles.contains(&role) => roles.push(role),
                What::Input { topic: of, partition, value: Some(value), .. } if of == topic => {
                    value.json().map(|value| places.insert(canonical(&value), *partition));
                }
                What::Call { args, .. } => {
                    calls.extend(places.get(&canonical(args)).map(|partition| (role, *partition, at)));
                }
                What::Request { body: Request::OffsetCommit { group: of, offsets, .. }, .. } if of == group => {
                    let here = offsets.iter().filter(|offset| offset.topic == topic);
                    commits.extend(here.map(|offset| (role, offset.partition, at)));
                }
                _ => {}
            }
        }
        let first = events.iter().find(|event| matches!(event.what, What::Started { .. }));
        let begin = first.map_or(0, |event| event.at);
        let end = events.last().map_or(0, |event| event.at).max(begin + 1);
        let columns = paper.width.saturating_sub(LABEL + 4).clamp(20, 100);
        Lanes { evidence, held, letters: letters(&roles), roles, calls, commits, paper, begin, end, columns }
    }

    fn at(&self, position: usize) -> u64 {
        self.evidence.events.get(position).map_or(self.end, |event| event.at)
    }

    fn column(&self, at: u64) -> usize {
        let part = (at.saturating_sub(self.begin)) as f64 / (self.end - self.begin) as f64;
        ((part * self.columns as f64) as usize).min(self.columns - 1)
    }

    /// Stands for the role.
    fn letter(&self, role: &str) -> char {
        let at = self.roles.iter().position(|known| *known == role);
        at.and_then(|at| self.letters.get(at)).copied().unwrap_or('?')
    }

    fn coloured(&self, role: &str, text: &str) -> String {
        match self.roles.iter().position(|known| *known == role).unwrap_or_default() % 3 {
            0 => self.paper.cyan(text),
            1 => self.paper.yellow(text),
            _ => self.paper.green(text),
        }
    }

    fn labelled(&self, label: &str, lane: &str) -> String {
        format!("    {}{lane}", self.paper.dim(&format!("{label:<LABEL$}")))
    }

    fn axis(&self) -> String {
        let seconds = format!("{:.1} s", (self.end - self.begin) as f64 / 1e6);
        let line = format!("0{}{seconds}", " ".repeat(self.columns.saturating_sub(seconds.chars().count() + 1)));
        self.labelled("", &self.paper.dim(&line))
    }

    fn partition(&self, partition: i32) -> String {
        let mut cells: Vec<(char, Option<&str>)> = vec![('·', None); self.columns];
        let mut held: Vec<&Held> = self.held.iter().filter(|held| held.partition == partition).collect();
        held.sort_by_key(|held| held.from);
        for one in &held {
            let (from, to) = (self.at(one.from), one.to.map_or(self.end, |to| self.at(to)));
            // The column in which it ends belongs to what follows, so that the shortest gap is seen.
            let last = self.column(to) + usize::from(one.to.is_none());
            for cell in &mut cells[self.column(from)..last.min(self.columns)] {
                *cell = (self.letter(&one.role), Some(&one.role));
            }
        }
        for one in &held {
            let working = self.calls.iter().filter(|(role, of, at)| {
                *of == partition && *role == one.role && one.from < *at && one.to.is_none_or(|to| *at < to)
            });
            for (.., at) in working {
                let cell = &mut cells[self.column(self.at(*at))];
                if cell.1 == Some(&one.role) {
                    cell.0 = self.letter(&one.role).to_ascii_uppercase();
                }
            }
        }
        for one in &held {
            let (Some(to), true) = (one.to, one.was_planned()) else { continue };
            let last = |of: &[(&str, i32, usize)]| {
                let here = of
                    .iter()
                    .rev()
                    .find(|(role, of, at)| *of == partition && *role == one.role && one.from < *at && *at < to);
                here.map(|(.., at)| *at)
            };
            match (last(&self.calls), last(&self.commits)) {
                (Some(call), Some(commit)) if commit > call => {
                    cells[self.column(self.at(commit))] = ('$', Some(&one.role));
                }
                (Some(_), _) => cells[self.column(self.at(to))] = ('×', Some(&one.role)),
                (None, _) => {} // nothing was done there
            }
        }
        for (at, one) in held.iter().enumerate() {
            for both in held[at + 1..].iter().filter(|both| one.lasts_at(both.from)) {
                cells[self.column(self.at(both.from))] = ('!', None);
            }
        }
        let lane = self.runs(&cells);
        self.labelled(&format!("partition {partition}"), &lane)
    }

    /// Cells to text, with one change of colour for each run of the same role.
    fn runs(&self, cells: &[(char, Option<&str>)]) -> String {
        let mut lane = String::new();
        for run in cells.chunk_by(|one, next| one.1 == next.1) {
            let text: String = run.iter().map(|(cell, _)| *cell).collect();
            lane.push_str(&match run.first() {
                Some((_, Some(role))) => self.coloured(role, &text),
                Some(('!', _)) => self.paper.red(&text),
                _ => self.paper.dim(&text),
            });
        }
        lane
    }

    fn process(&self, role: &str) -> String {
        let mut cells = vec![' '; self.columns];
        let mut began = None;
        let of_role = |event: &&Event| event.role.as_deref() == Some(role);
        let mut marks = BTreeMap::new();
        for event in self.evidence.events.iter().filter(of_role) {
            let column = self.column(event.at);
            match event.what {
                What::Started { .. } => {
                    began = Some(column);
                    marks.insert(column, '>');
                }
                What::Stopping => drop(marks.insert(column, 's')),
                What::Killed => drop(marks.insert(column, 'k')),
                What::Exited { .. } => {
                    cells[began.take().unwrap_or(column)..=column].fill('-');
                }
                _ => {}
            }
        }
        if let Some(began) = began {
            cells[began..].fill('-');
        }
        marks.into_iter().for_each(|(column, mark)| cells[column] = mark);
        let lane: String = cells.into_iter().collect();
        self.labelled(&format!("process {role}"), &self.coloured(role, lane.trim_end()))
    }
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn no_two_roles_share_a_letter() {
        assert_eq!(letters(&["a", "b"]), ['a', 'b']);
        assert_eq!(letters(&["worker", "writer", "w", "Ö"]), ['w', 'r', 'a', 'b']);
    }
}
