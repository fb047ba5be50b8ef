//! What there is to say of one exercise of one learner, decided once: as entries with a mark, a title and labelled rows.
//! Text, HTML and XML lay the same entries out.

use super::detail::{self, AtOnce, Check, Detail, Finding, Line, Scenario, Stop, Unreadable};
use super::points;
use super::standing::Standing;
use crate::checks::count;
use crate::class::marks::{ExerciseInfo, ExerciseResult};
use crate::class::record::{CheckStatus, Outcome, Record};
use crate::foreign::Foreign;

/// For whom it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// They learn nothing of seeds, and of our faults only that they are ours.
    Learner,
    Instructor,
}

/// What there is to say.
#[derive(Debug, Clone)]
pub struct Account {
    pub standing: Standing,
    /// `12.5 of 20 points, 2.5 taken off because it was late`. Empty where there are none yet.
    pub points: String,
    /// What matters first stands first.
    pub entries: Vec<Entry>,
    /// How many checks have passed, of those that were judged.
    pub passed: usize,
    pub judged: usize,
}

/// One thing that there is to say.
#[derive(Debug, Clone)]
pub struct Entry {
    pub sort: Sort,
    pub title: String,
    pub rows: Vec<(&'static str, Foreign)>,
    /// A few events of the timeline that show it.
    pub timeline: Vec<Line>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// The known mistake that it looks like.
    Diagnosis,
    /// Something is not as required.
    Problem,
    /// There was no occasion to judge.
    Open,
    /// A fact, neither good nor bad.
    Note,
}

impl Sort {
    /// What stands before it where there is no colour.
    pub fn mark(self) -> &'static str {
        match self {
            Sort::Diagnosis => "➤",
            Sort::Problem => "✗",
            Sort::Open => "?",
            Sort::Note => "·",
        }
    }
}

impl Account {
    /// Of `result`, an exercise that `info` describes. Reads the detail of the sitting that decides.
    pub fn new(info: &ExerciseInfo, result: &ExerciseResult, reader: Reader) -> Account {
        let mut account = Account {
            standing: Standing::new(result),
            points: result.mark.map(|mark| points::in_words(&mark)).unwrap_or_default(),
            entries: Vec::new(),
            passed: 0,
            judged: 0,
        };
        let position = result.decisive_position();
        if let Some((position, record)) = position.and_then(|at| Some((at, result.records.get(at)?))) {
            let detail = result.details.get(position).and_then(Option::as_ref).map(|path| detail::read(path));
            account.tell(info, result, record, detail, reader);
        }
        account
    }

    fn tell(
        &mut self,
        info: &ExerciseInfo,
        result: &ExerciseResult,
        record: &Record,
        detail: Option<Result<Detail, Unreadable>>,
        reader: Reader,
    ) {
        let ours = |what: &str| match reader {
            Reader::Learner => {
                Entry::note("The grader could not judge this. That is no fault of yours, and costs you nothing.")
            }
            Reader::Instructor => {
                let title = "A fault of the grader. The next `grader run` tries again.";
                Entry { rows: vec![("reason", what.into())], ..Entry::note(title) }
            }
        };
        match &record.outcome {
            Outcome::Missing => self.entries.push(Entry::note("Nothing was handed in.")),
            Outcome::Invalid(invalid) => {
                let mut rows = vec![("reason", Foreign::from(&invalid.what))];
                rows.extend(invalid.place.as_ref().map(|place| ("where", Foreign::from(place))));
                self.entries.push(Entry::problem("What was handed in cannot be graded", rows));
            }
            Outcome::Fault { what } => self.entries.push(ours(what)),
            Outcome::Judged { diagnosis, limit, checks, .. } => {
                let counts = |status: CheckStatus| checks.iter().filter(|check| check.status == status).count();
                self.passed = counts(CheckStatus::Passed);
                self.judged = checks.len() - counts(CheckStatus::NotChecked);
                if record.outcome.is_ours() {
                    let error = detail.and_then(Result::ok).and_then(|detail| detail.error);
                    self.entries.push(ours(error.as_ref().map_or("", Foreign::raw)));
                    return;
                }
                let mistake =
                    diagnosis.as_ref().and_then(|name| info.mistakes.iter().find(|mistake| mistake.name == *name));
                self.entries.extend(mistake.map(|mistake| Entry {
                    sort: Sort::Diagnosis,
                    title: format!("This looks like: {}", mistake.title),
                    rows: vec![
                        ("", mistake.explanation.as_str().into()),
                        ("read", format!("kafkacourse read {}", mistake.read).into()),
                    ],
                    timeline: Vec::new(),
                }));
                self.entries.extend(limit.as_ref().map(|limit| {
                    let what = format!("The program reached its bound of {limit}, and was ended");
                    Entry::problem(&what, Vec::new())
                }));
                match detail {
                    Some(Ok(detail)) => self.entries.extend(entries(&detail)),
                    Some(Err(error)) if reader == Reader::Instructor => {
                        self.entries.push(Entry::note(&error.to_string()))
                    }
                    _ => {}
                }
                self.entries.extend(other_sittings(result, record));
            }
        }
    }
}

/// What the other seeds came to, where that was something else.
fn other_sittings(result: &ExerciseResult, decisive: &Record) -> Option<Entry> {
    let passed = result.records.iter().filter(|record| record.outcome.passed()).count();
    let all = result.records.len();
    (passed > 0 && !decisive.outcome.passed()).then(|| {
        let title = format!("It was run with {}, and passed with {passed} of them", count(all, "different input"));
        Entry::note(&title)
    })
}

fn entries(detail: &Detail) -> Vec<Entry> {
    let mut entries = Vec::new();
    if let Some(error) = &detail.error {
        entries.push(Entry::problem("The compiler does not take it", vec![("it said", error.clone())]));
    }
    if let Some(Stop { place, message }) = &detail.unfinished {
        let rows = [("where", place), ("to do", message)];
        let rows = rows.into_iter().filter_map(|(label, text)| Some((label, text.clone()?))).collect();
        // What follows from it would be said of a program that is not there yet.
        return vec![Entry::problem("It stopped at a part that is not written yet", rows)];
    }
    if let Some(at_once) = &detail.at_once {
        return vec![ended_at_once(at_once, detail)];
    }
    for scenario in &detail.scenarios {
        entries.extend(scenario.checks.iter().filter_map(of_check));
        entries.extend(of_scenario(scenario));
    }
    // What could not be judged mostly follows from what went wrong.
    entries.sort_by_key(|entry| entry.sort == Sort::Open);
    if detail.did_nothing {
        entries.truncate(1);
        entries.push(Entry::note("In no scenario did the program send, process or commit anything."));
    }
    entries.extend(detail.client_errors.iter().map(|said| Entry {
        rows: vec![("it said", said.line.clone()), ("read", said.read.as_str().into())],
        ..Entry::note("Among what it printed, and not necessarily the reason")
    }));
    entries
}

/// Of a panic its message says more than the last lines of a backtrace.
fn ended_at_once(AtOnce { how, place, said, read }: &AtOnce, detail: &Detail) -> Entry {
    let panic = detail.scenarios.iter().find_map(|scenario| scenario.panic.as_ref()?.message.clone());
    let said = panic.or_else(|| (!said.is_empty()).then(|| lines(said)));
    let mut rows: Vec<_> = place.iter().map(|place| ("where", place.clone())).collect();
    rows.extend(said.map(|said| ("it said", said)));
    rows.push(("read", read.as_str().into()));
    Entry::problem(&format!("The program {how} before it had sent or read anything"), rows)
}

fn lines(said: &[Foreign]) -> Foreign {
    said.iter().map(Foreign::raw).collect::<Vec<_>>().join("\n").into()
}

fn of_check(check: &Check) -> Option<Entry> {
    let last = || [("why", check.why.as_str().into()), ("read", check.read.as_str().into())];
    match &check.finding {
        Finding::Passed { .. } | Finding::NotChecked { .. } => None,
        Finding::NoEvidence { why } => {
            let rows = [("missing", why.clone())].into_iter().chain(last()).collect();
            Some(Entry { sort: Sort::Open, ..Entry::problem(&check.title, rows) })
        }
        Finding::Failed { problems, more } => {
            let mut entry = Entry::problem(&check.title, Vec::new());
            for problem in problems {
                entry.rows.extend([("required", problem.required.clone()), ("seen", problem.seen.clone())]);
                entry.timeline.extend(problem.lines.iter().cloned());
            }
            if *more > 0 {
                entry.rows.push(("", format!("and {more} more of this kind").into()));
            }
            entry.rows.extend(last());
            entry.timeline.sort_by_key(|line| line.event);
            entry.timeline.dedup_by_key(|line| line.event);
            Some(entry)
        }
    }
}

fn of_scenario(Scenario { title, panic, gave_up, .. }: &Scenario) -> Option<Entry> {
    if let Some(Stop { place, message }) = panic {
        let rows = [("where", place), ("it said", message)];
        let rows = rows.into_iter().filter_map(|(label, text)| Some((label, text.clone()?))).collect();
        return Some(Entry::problem(&format!("The program panicked in “{title}”"), rows));
    }
    let (awaited, because) = gave_up.as_ref()?;
    let rows = vec![("awaited", awaited.clone()), ("gave up", because.clone())];
    Some(Entry::problem(&format!("“{title}” did not come to its end"), rows))
}

impl Entry {
    fn note(title: &str) -> Entry {
        Entry { sort: Sort::Note, title: title.to_owned(), rows: Vec::new(), timeline: Vec::new() }
    }

    fn problem(title: &str, rows: Vec<(&'static str, Foreign)>) -> Entry {
        Entry { sort: Sort::Problem, rows, ..Entry::note(title) }
    }
}
