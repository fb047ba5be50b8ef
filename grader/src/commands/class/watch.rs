//! What an instructor sees of a run: how far it is, what each slot is doing, and what has failed, as it comes.

use crate::build::{BLOCKED, Said};
use crate::checks::count;
use crate::class::plan::Plan;
use crate::class::queue::Notice as Happening;
use crate::class::record::{Outcome, Record};
use crate::class::unit::Unit;
use crate::foreign::{Foreign, visible};
use crate::grade::Notice;
use crate::report::out::{errln, outln};
use crate::report::paper::Paper;
use crate::submission::LearnerId;
use crate::verdict::Verdict;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Where there is no terminal, a line says how far it is after so many units.
const EVERY: usize = 25;

/// What is said of a run while it goes on.
pub(super) struct Watch {
    paper: Paper,
    live: Option<Live>,
    state: Mutex<State>,
}

/// The lines at the bottom of a terminal.
struct Live {
    lines: MultiProgress,
    total: ProgressBar,
}

#[derive(Default)]
struct State {
    units: usize,
    done: usize,
    /// What was done before this run.
    before: usize,
    began: Option<Instant>,
    /// What each busy slot is doing.
    slots: BTreeMap<String, ProgressBar>,
}

impl Watch {
    pub(super) fn new() -> Watch {
        let live = Paper::stderr().terminal.then(|| {
            let lines = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
            let total = lines.add(ProgressBar::new_spinner());
            total.enable_steady_tick(Duration::from_millis(100));
            Live { lines, total }
        });
        Watch { paper: Paper::stdout(), live, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Prints a line of ours, past those that say what goes on. What comes from outside has been made harmless.
    pub(super) fn line(&self, line: &str) {
        let print = || outln!("{line}");
        match &self.live {
            Some(live) => live.lines.suspend(print),
            None => print(),
        }
    }

    pub(super) fn reading(&self, learner: &LearnerId) {
        if let Some(live) = &self.live {
            live.total.set_message(format!("reading what {learner} has handed in"));
        }
    }

    /// The plan is made.
    pub(super) fn begin(&self, plan: &Plan, learners: usize, session: u32) {
        let left = plan.units - plan.done;
        let again = if session > 1 { format!(" (run {session} on this folder)") } else { String::new() };
        self.line(&format!(
            "{} of {}: {} to grade, {} done before or with nothing to grade{again}",
            count(plan.units, "run"),
            count(learners, "learner"),
            left,
            plan.done
        ));
        let mut state = self.state();
        (state.units, state.done, state.before) = (plan.units, plan.done, plan.done);
        state.began = Some(Instant::now());
        if let Some(live) = &self.live {
            live.total.set_length(plan.units as u64);
            live.total.set_position(plan.done as u64);
            if let Ok(style) = ProgressStyle::with_template("  {wide_bar:.dim} {pos}/{len} {msg}") {
                live.total.set_style(style);
            }
            live.total.set_message("");
        }
    }

    pub(super) fn broker(&self, notice: &Notice<'_>) {
        if let Notice::Broker(line) = notice {
            self.line(&visible(line));
        }
    }

    /// What cargo says while the course's own crates are built.
    pub(super) fn building(&self, said: Said<'_>) {
        match (said, &self.live) {
            (Said::About(about), Some(live)) => live.total.set_message(visible(about)),
            (Said::About(about), None) if about.starts_with(BLOCKED) => self.line("waiting for another cargo"),
            _ => {}
        }
    }

    pub(super) fn notice(&self, notice: &Happening<'_>) {
        match notice {
            Happening::Building(item) => {
                let more = item.units.len().saturating_sub(1);
                let whose = item.units.first().map(|unit| unit.learner.to_string()).unwrap_or_default();
                let more = if more > 0 { format!(" (serves {} runs)", more + 1) } else { String::new() };
                self.busy(&item.fingerprint, &item.exercise, format!("building {} of {whose}{more}", item.exercise));
            }
            Happening::Built(item) => self.idle(&item.fingerprint, &item.exercise),
            Happening::Running { unit, again } => {
                let again = if *again { ", alone, since the machine was busy" } else { "" };
                let what = format!("running {} of {} (seed {}{again})", unit.exercise, unit.learner, unit.seed);
                self.busy(&unit.key, "", what);
            }
            Happening::PutOff { unit } => self.idle(&unit.key, ""),
            Happening::Graded(record) => self.graded(record),
            Happening::Fault { unit, what } => self.fault(unit, what),
        }
    }

    fn busy(&self, key: &str, more: &str, what: String) {
        let Some(live) = &self.live else { return };
        let mut state = self.state();
        let line = state.slots.entry(format!("{key}{more}")).or_insert_with(|| {
            let line = live.lines.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("  {spinner} {wide_msg} {elapsed:.dim}") {
                line.set_style(style);
            }
            line.enable_steady_tick(Duration::from_millis(100));
            line
        });
        line.set_message(what);
    }

    fn idle(&self, key: &str, more: &str) {
        if let Some(line) = self.state().slots.remove(&format!("{key}{more}")) {
            line.finish_and_clear();
        }
    }

    fn graded(&self, record: &Record) {
        self.idle(&record.key, "");
        let progress = {
            let mut state = self.state();
            state.done += 1;
            state.progress()
        };
        let Record { learner, exercise, seed, outcome, .. } = record;
        if !outcome.passed() {
            let (mark, words) = self.words(outcome);
            let seed = if *seed > 0 { format!(" (seed {seed})") } else { String::new() };
            self.line(&format!("  {mark} {learner} {exercise}: {words}{}", self.paper.dim(&seed)));
        }
        match &self.live {
            Some(live) => {
                live.total.inc(1);
                live.total.set_message(progress);
            }
            None => {
                let state = self.state();
                let (done, units) = (state.done, state.units);
                drop(state);
                if done % EVERY == 0 || done == units {
                    self.line(&format!("{done}/{units} {progress}"));
                }
            }
        }
    }

    fn fault(&self, unit: &Unit, what: &str) {
        self.idle(&unit.key, "");
        let text = Foreign::from(what).lines().to_string();
        let paper = Paper::stderr();
        let say = || errln!("{} {} {}: {text}", paper.red("not their doing:"), unit.learner, unit.exercise);
        match &self.live {
            Some(live) => live.lines.suspend(say),
            None => say(),
        }
    }

    fn words(&self, outcome: &Outcome) -> (String, String) {
        let paper = &self.paper;
        match outcome {
            Outcome::Judged { verdict, diagnosis, .. } => {
                let mark = if *verdict == Verdict::NotStarted { paper.dim("·") } else { paper.red("✗") };
                let diagnosis = diagnosis.as_ref().map(|name| format!(", {}", visible(name))).unwrap_or_default();
                (mark, format!("{}{diagnosis}", verdict.in_words()))
            }
            Outcome::Invalid(invalid) => (paper.yellow("!"), visible(&invalid.to_string())),
            Outcome::Missing => (paper.dim("·"), "nothing was handed in".into()),
            Outcome::Fault { what } => (paper.yellow("!"), visible(&format!("a fault of the grader: {what}"))),
        }
    }

    pub(super) fn end(&self) {
        if let Some(live) = &self.live {
            self.state().slots.values().for_each(ProgressBar::finish_and_clear);
            live.total.finish_and_clear();
            live.lines.clear().ok();
        }
    }
}

impl State {
    /// `· 34 a minute · about 12 min left`
    fn progress(&self) -> String {
        let (Some(began), done) = (self.began, self.done - self.before) else { return String::new() };
        let seconds = began.elapsed().as_secs_f64();
        if done == 0 || seconds < 1.0 {
            return String::new();
        }
        let rate = done as f64 / seconds;
        let left = match (self.units - self.done) as f64 / rate {
            0.0 => String::new(),
            left if left < 90.0 => format!(" · about {left:.0} s left"),
            left => format!(" · about {:.0} min left", left / 60.0),
        };
        format!("· {:.0} a minute{left}", rate * 60.0)
    }
}
