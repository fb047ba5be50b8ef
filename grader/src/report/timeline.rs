//! The timeline on a terminal: one line for each event, with who it concerns, which way it goes, and what it says.

use super::paper::Paper;
use super::words::{Line, Weight, cut};
use crate::evidence::{Evidence, What, canonical};
use crate::foreign::Foreign;
use std::collections::HashMap;
use textwrap::core::display_width;

/// The event in one line; in two where the paper has no room for that.
pub fn line(line: &Line, paper: &Paper) -> String {
    const LEAST: usize = 20;
    let Line { event, ms, who, arrow, text, aside, weight } = line;
    let at = format!("{ms:>9.1} ms");
    let mut head = format!("{event:>5} {at}  {who:<9} {arrow} ");
    let mut room = paper.width.saturating_sub(display_width(&head));
    if room < LEAST {
        head = format!("{}\n      {arrow} ", cut(format!("{event:>5} {at}  {who}"), paper.width));
        room = paper.width.saturating_sub(8);
    }
    let text = cut(format!("{text}{aside}"), room);
    let text = match weight {
        Weight::Fault => paper.red(&text),
        Weight::Process => paper.cyan(&text),
        Weight::World => paper.yellow(&text),
        Weight::Wire => text,
        Weight::Noise => paper.dim(&text),
    };
    format!("{}{text}", paper.dim(&head))
}

/// What of a run is to be seen.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// Only what lies around this event.
    pub around: Option<usize>,
    /// Only what this role's processes do.
    pub role: Option<String>,
    /// Of what is about partitions, only what is about this one.
    pub partition: Option<i32>,
    /// What nobody wants to read, too: heartbeats, empty fetches, metadata.
    pub all: bool,
}

impl View {
    /// Is each event to be seen?
    fn chosen(&self, evidence: &Evidence) -> Vec<bool> {
        let mut places: HashMap<String, i32> = HashMap::new();
        let mut chosen: Vec<bool> = Vec::with_capacity(evidence.events.len());
        for (at, event) in evidence.iter() {
            const NEAR: usize = 12;
            let near = self.around.is_none_or(|around| at.abs_diff(around) <= NEAR);
            let of_role = self.role.is_none() || event.role == self.role;
            let of_partition = self.partition.is_none_or(|wanted| match &event.what {
                What::Call { args, .. } => places.get(&canonical(args)) == Some(&wanted),
                What::Answer { to, .. } | What::Fault { on: to, .. } => chosen.get(*to) == Some(&true),
                _ => {
                    let about = event.partitions();
                    about.is_empty() || about.contains(&wanted)
                }
            });
            if let What::Input { partition, value: Some(value), .. } = &event.what {
                value.json().map(|value| places.insert(canonical(&value), *partition));
            }
            chosen.push(near && of_role && of_partition);
        }
        chosen
    }
}

/// The whole run, or what `view` lets through.
pub fn whole(evidence: &Evidence, paper: &Paper, view: &View) -> String {
    let View { around, all, .. } = *view;
    let header = &evidence.header;
    let about = [&header.scenario, &header.program, &header.broker_version].map(|text| Foreign::from(text).to_string());
    let (name, began) = (Foreign::from(&header.exercise), Foreign::from(second(&header.began)));
    let title = format!("{} · {} · seed {} · {began}", paper.bold(&name.to_string()), about.join(" · "), header.seed);
    let mut text = paper.wrap(&title, 0) + "\n";
    let arrows = "→ to the broker  ← from it  ⇢ outside  ⇠ from it";
    let columns = format!("{:>6} {:>12}  {:<9}", "event", "time", "who");
    let legend = match display_width(&columns) + 1 + display_width(arrows) <= paper.width {
        true => format!("{columns} {arrows}"),
        false => format!("{}\n{}", columns.trim_end(), paper.wrap(arrows, 0)),
    };
    text.push_str(&paper.dim(&legend));
    text.push('\n');
    let beside_mark = Paper { width: paper.width.saturating_sub(1), ..*paper };
    let chosen = view.chosen(evidence);
    for position in (0..evidence.events.len()).filter(|at| chosen[*at]) {
        let line = Line::at(evidence, position);
        if let Some(line) = line.filter(|line| all || around == Some(position) || line.weight != Weight::Noise) {
            let mark = if around == Some(position) { paper.bold("▶") } else { " ".into() };
            text.push_str(&format!("{mark}{}\n", self::line(&line, &beside_mark)));
        }
    }
    text
}

/// A moment in RFC 3339, to the second: 2026-11-21T15:57:55Z.
fn second(moment: &str) -> String {
    match moment.split_once('.') {
        Some((seconds, fraction)) => format!("{seconds}{}", fraction.trim_start_matches(|c: char| c.is_ascii_digit())),
        None => moment.to_owned(),
    }
}
