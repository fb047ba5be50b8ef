//! What there is to tell while a program is watched, and the words for it where each event is a line.

use crate::checks::count;
use crate::foreign::Foreign;
use crate::report::paper::Paper;
use crate::report::story::{Scene, State, Story};
use crate::report::terminal;
use crate::verdict::Verdict;

/// Something that has happened.
#[derive(Debug, Clone)]
pub(super) enum News {
    /// An exercise is watched from now on: its name, and where its sources are.
    Watching { exercise: String, place: String },
    /// A check begins, because of this: `src/main.rs was saved`. One that went on is over.
    Checking { why: String, instead: bool },
    /// What takes its time at the moment.
    Now(String),
    /// The program is built, and so many scenarios begin.
    Running { scenarios: usize },
    /// A scenario was judged; so many are left. Is it the one that failed last time?
    Judged { scene: Box<Scene>, again: bool, left: usize },
    /// The check is over.
    Ended(Ended),
}

/// What a check came to.
#[derive(Debug, Clone)]
pub(super) struct Ended {
    pub passed: bool,
    /// In one line.
    pub headline: String,
    /// All of it.
    pub report: String,
    /// The exercise to go on with, where this one has passed.
    pub next: Option<String>,
}

impl News {
    /// The line for it; none where it is of interest only at the moment.
    pub fn line(&self, paper: &Paper) -> Option<String> {
        Some(match self {
            News::Watching { exercise, place } => format!("watching {exercise}: {place}"),
            News::Checking { why, instead: false } => format!("checking: {why}"),
            News::Checking { why, instead: true } => format!("checking anew: {why}"),
            News::Now(_) | News::Running { .. } => return None,
            News::Judged { scene, .. } => {
                terminal::scenario(scene, paper).split_whitespace().collect::<Vec<_>>().join(" ")
            }
            News::Ended(ended) => ended.headline.clone(),
        })
    }
}

/// What a story comes to, in a line.
pub(super) fn headline(story: &Story) -> String {
    let verdict = story.verdict.in_words();
    let failed = story.scenes.iter().filter(|scene| !scene.passed()).count();
    match (&story.verdict, &story.diagnosis) {
        (Verdict::Passed, _) => format!("{} passed", story.title),
        (_, Some(mistake)) => format!("{verdict}: this looks like {}", mistake.title),
        (Verdict::NotStarted, None) => format!("{verdict}: it stops at a todo!()"),
        (_, None) => format!("{verdict}: {} of {} failed", failed, count(story.scenes.len(), "scenario")),
    }
}

/// The first error among what the compiler said, in a line.
pub(super) fn first_error(diagnostics: &str) -> String {
    let plain = diagnostics.split('\x1b').enumerate().fold(String::new(), |plain, (at, part)| match at {
        0 => plain + part,
        _ => plain + part.split_once('m').map_or("", |(_, text)| text),
    });
    let mut lines = plain.lines();
    let error = lines.find(|line| line.starts_with("error")).unwrap_or("cargo says why").to_owned();
    let place = lines.next().and_then(|line| line.trim().strip_prefix("--> "));
    let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
    Foreign::from(format!("{error}{place}")).to_string()
}

/// A scenario that was judged, in a few words.
pub(super) fn judged(scene: &Scene, again: bool) -> String {
    let id = &scene.id;
    match (scene.state, again) {
        (State::Passed, true) => format!("✓ {id} passes now"),
        (State::Passed, false) => format!("✓ {id}"),
        (State::NotStarted | State::NotFinished, _) => format!("○ {id}"),
        (_, true) => format!("✗ {id} still fails"),
        (_, false) => format!("✗ {id}"),
    }
}
