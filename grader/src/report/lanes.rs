//! Who held which partition, drawn over time: a lane for each partition, and one for each process.

mod steps;

use super::paper::Paper;
use super::words::cut;
use crate::evidence::{Evidence, Held, What, canonical};
use crate::foreign::Foreign;
use crate::wire::Request;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Who held which partition of a topic in a group, and what each did there.
#[derive(Debug, Clone)]
pub struct Lanes {
    pub group: Foreign,
    pub topic: Foreign,
    /// In order of the beginnings.
    held: Vec<Held>,
    /// In order of their first process.
    roles: Vec<String>,
    /// What each role did on which partition: calls to the outside world, and commits.
    calls: Vec<Act>,
    commits: Vec<Act>,
    /// Each with its position.
    lives: Vec<(String, usize, Turn)>,
    /// When each event was, in microseconds since the run began.
    times: Vec<u64>,
    /// When the first process began, and when all was over.
    begin: u64,
    end: u64,
    /// Time is not told: these are columns for each of so many steps.
    steps: Option<usize>,
}

/// Something that a role did on a partition.
#[derive(Debug, Clone)]
struct Act {
    role: String,
    partition: i32,
    /// Its position.
    event: usize,
}

/// What a process's life turns at.
#[derive(Debug, Clone, Copy)]
enum Turn {
    Started,
    Stopping,
    Killed,
    Exited,
}

impl Lanes {
    /// Those of `topic` in `group`.
    pub fn new(evidence: &Evidence, group: &str, topic: &str) -> Lanes {
        let mut lanes = Lanes {
            group: group.into(),
            topic: topic.into(),
            held: evidence.ownership(group, topic),
            roles: Vec::new(),
            calls: Vec::new(),
            commits: Vec::new(),
            lives: Vec::new(),
            times: evidence.events.iter().map(|event| event.at).collect(),
            begin: 0,
            end: 0,
            steps: None,
        };
        // All of them first: a record may be processed before it is noted that it was put into the topic.
        let inputs = evidence.events.iter().filter_map(|event| match &event.what {
            What::Input { topic: of, partition, value: Some(value), .. } if of == topic => {
                Some((canonical(&value.json()?), *partition))
            }
            _ => None,
        });
        let places: HashMap<String, i32> = inputs.collect();
        for (at, event) in evidence.iter() {
            let role = event.role.clone().unwrap_or_default();
            let mut turn = |turn: Turn| lanes.lives.push((role.clone(), at, turn));
            match &event.what {
                What::Started { .. } => {
                    turn(Turn::Started);
                    if !lanes.roles.contains(&role) {
                        lanes.roles.push(role);
                    }
                }
                What::Stopping => turn(Turn::Stopping),
                What::Killed => turn(Turn::Killed),
                What::Exited { .. } => turn(Turn::Exited),
                What::Call { args, .. } => {
                    let partition = places.get(&canonical(args));
                    lanes.calls.extend(partition.map(|partition| Act { role, partition: *partition, event: at }));
                }
                What::Request { body: Request::OffsetCommit { group: of, offsets, .. }, .. } if of == group => {
                    let here = offsets.iter().filter(|offset| offset.topic == topic);
                    let act = |partition| Act { role: role.clone(), partition, event: at };
                    lanes.commits.extend(here.map(|offset| act(offset.partition)));
                }
                _ => {}
            }
        }
        let first = lanes.lives.iter().find(|(.., turn)| matches!(turn, Turn::Started));
        lanes.begin = first.and_then(|(_, at, _)| lanes.times.get(*at).copied()).unwrap_or(0);
        lanes.end = lanes.times.last().copied().unwrap_or(0).max(lanes.begin.saturating_add(1));
        lanes
    }

    /// All that the evidence has to offer: each group and topic whose partitions somebody held.
    pub fn of_each_group(evidence: &Evidence) -> Vec<Lanes> {
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
        let lanes = places.into_iter().map(|(group, topic)| Lanes::new(evidence, group, topic));
        lanes.filter(|lanes| !lanes.held.is_empty()).collect()
    }

    /// The picture of all partitions, or of `only` one; nothing where nobody ever held any.
    pub fn lines(&self, only: Option<i32>, paper: &Paper) -> Vec<String> {
        if self.held.is_empty() {
            return Vec::new();
        }
        let mut partitions: BTreeSet<i32> = self.held.iter().map(|held| held.partition).collect();
        partitions.retain(|partition| only.is_none_or(|only| only == *partition));
        let drawing = Drawing::new(self, paper);
        let mut lines = vec![drawing.axis()];
        lines.extend(partitions.iter().map(|partition| drawing.partition(*partition)));
        lines.extend(self.roles.iter().map(|role| drawing.process(role)));
        let small: Vec<String> = drawing.letters.iter().map(char::to_string).collect();
        let names: Vec<String> = small.iter().map(|letter| letter.to_ascii_uppercase()).collect();
        let legend = [
            format!("{} works there, {} only holds it, · nobody does, ! two do", names.join(" "), small.join(" ")),
            "$ what is done is committed before it goes, × it is not".to_owned(),
            "> starts, s is asked to stop, k is killed".to_owned(),
        ];
        lines.extend(legend.iter().map(|line| paper.dim(&paper.wrap(line, 4))));
        lines
    }

    /// As the fields of a JSON report.
    pub fn data(&self) -> Value {
        let ms = |at: usize| self.times.get(at).map(|micros| *micros as f64 / 1000.0);
        let held = self.held.iter().map(|held| {
            json!({
                "partition": held.partition, "role": held.role,
                "from": held.from, "from_ms": ms(held.from),
                "to": held.to, "to_ms": held.to.and_then(ms),
                "end": held.end,
            })
        });
        json!({ "group": self.group, "topic": self.topic, "held": held.collect::<Vec<_>>() })
    }
}

/// A letter for each role, the first of its name that no role before it has; for want of one, another of the alphabet.
/// A digit would not do: it has no capital, and who works would look like who only holds.
fn letters(roles: &[String]) -> Vec<char> {
    let mut letters: Vec<char> = Vec::new();
    for role in roles {
        let own = role.chars().map(|c| c.to_ascii_lowercase()).filter(char::is_ascii_lowercase);
        let free = own.chain('a'..='z').find(|letter| !letters.contains(letter));
        letters.push(free.unwrap_or('?'));
    }
    letters
}

const LABEL: usize = 13;
/// Roles are named by the exercise, but evidence may come from anywhere.
const LONGEST_LABEL: usize = 30;

/// Lanes as a paper has room for them.
struct Drawing<'l> {
    lanes: &'l Lanes,
    /// One for each of the roles.
    letters: Vec<char>,
    paper: &'l Paper,
    columns: usize,
}

impl<'l> Drawing<'l> {
    fn new(lanes: &'l Lanes, paper: &'l Paper) -> Drawing<'l> {
        let room = paper.width.saturating_sub(LABEL + 4).clamp(10, 100);
        let columns = lanes.steps.map_or(room, |steps| steps * steps::COLUMNS);
        Drawing { lanes, letters: letters(&lanes.roles), paper, columns }
    }

    fn at(&self, position: usize) -> u64 {
        self.lanes.times.get(position).copied().unwrap_or(self.lanes.end)
    }

    fn column(&self, at: u64) -> usize {
        let Lanes { begin, end, .. } = self.lanes;
        let part = u128::from(at.saturating_sub(*begin)) * self.columns as u128;
        let column = part / u128::from(end.saturating_sub(*begin).max(1));
        usize::try_from(column).unwrap_or(usize::MAX).min(self.columns - 1)
    }

    /// Stands for the role.
    fn letter(&self, role: &str) -> char {
        let at = self.lanes.roles.iter().position(|known| known == role);
        at.and_then(|at| self.letters.get(at)).copied().unwrap_or('?')
    }

    fn coloured(&self, role: &str, text: &str) -> String {
        match self.lanes.roles.iter().position(|known| known == role).unwrap_or_default() % 3 {
            0 => self.paper.cyan(text),
            1 => self.paper.yellow(text),
            _ => self.paper.green(text),
        }
    }

    fn labelled(&self, label: &str, lane: &str) -> String {
        let label = cut(label.to_owned(), LONGEST_LABEL);
        format!("    {}{lane}", self.paper.dim(&format!("{label:<LABEL$}")))
    }

    fn axis(&self) -> String {
        if let Some(steps) = self.lanes.steps {
            return self.labelled("", &self.paper.dim(&steps::axis(steps)));
        }
        let seconds = format!("{:.1} s", self.lanes.end.saturating_sub(self.lanes.begin) as f64 / 1e6);
        let line = format!("0{}{seconds}", " ".repeat(self.columns.saturating_sub(seconds.chars().count() + 1)));
        self.labelled("", &self.paper.dim(&line))
    }

    fn partition(&self, partition: i32) -> String {
        let mut cells: Vec<(char, Option<&str>)> = vec![('·', None); self.columns];
        let mut held: Vec<&Held> = self.lanes.held.iter().filter(|held| held.partition == partition).collect();
        held.sort_by_key(|held| held.from);
        for one in &held {
            let (from, to) = (self.at(one.from), one.to.map_or(self.lanes.end, |to| self.at(to)));
            // The column in which it ends belongs to what follows, so that the shortest gap is seen.
            let last = self.column(to) + usize::from(one.to.is_none());
            let held = cells.iter_mut().take(last).skip(self.column(from));
            for cell in held {
                *cell = (self.letter(&one.role), Some(&one.role));
            }
        }
        for one in &held {
            let here = |call: &&Act| call.partition == partition && call.role == one.role && one.lasts_at(call.event);
            for call in self.lanes.calls.iter().filter(here) {
                let cell = &mut cells[self.column(self.at(call.event))];
                if cell.1 == Some(&one.role) {
                    cell.0 = self.letter(&one.role).to_ascii_uppercase();
                }
            }
        }
        for one in &held {
            let (Some(to), true) = (one.to, one.was_planned()) else { continue };
            let here = |act: &&Act| act.partition == partition && act.role == one.role && one.lasts_at(act.event);
            let last = |acts: &[Act]| acts.iter().rev().find(here).map(|act| act.event);
            match (last(&self.lanes.calls), last(&self.lanes.commits)) {
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
        let mut marks = BTreeMap::new();
        for (_, at, turn) in self.lanes.lives.iter().filter(|(of, ..)| of == role) {
            let column = self.column(self.at(*at));
            match turn {
                Turn::Started => {
                    began = Some(column);
                    marks.insert(column, '>');
                }
                Turn::Stopping => drop(marks.insert(column, 's')),
                Turn::Killed => drop(marks.insert(column, 'k')),
                Turn::Exited => {
                    let life = cells.iter_mut().take(column + 1).skip(began.take().unwrap_or(column));
                    life.for_each(|cell| *cell = '-');
                }
            }
        }
        if let Some(began) = began {
            cells[began..].fill('-');
        }
        marks.into_iter().for_each(|(column, mark)| cells[column] = mark);
        let lane: String = cells.into_iter().collect();
        self.labelled(&format!("process {}", Foreign::from(role)), &self.coloured(role, lane.trim_end()))
    }
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn no_two_roles_share_a_letter() {
        assert_eq!(letters(&["a", "b"].map(str::to_owned)), ['a', 'b']);
        assert_eq!(letters(&["worker", "writer", "w", "Ö"].map(str::to_owned)), ['w', 'r', 'a', 'b']);
    }
}
