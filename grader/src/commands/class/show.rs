//! `grader show`: what one exercise of a learner came to, run by run, and how to look further.

use super::super::cli::Everywhere;
use super::graded::GradedClass;
use crate::class::marks::{ExerciseInfo, ExerciseResult, LearnerResult};
use crate::class::record::{CheckStatus, Outcome, Record};
use crate::class::regrade::Regrade;
use crate::class::roll::{Entry, Work};
use crate::class::spec::Spec;
use crate::course::{Exercise, find_exercise};
use crate::evidence::file_in;
use crate::foreign::{self, Foreign};
use crate::report::class::{Standing, detail, in_text};
use crate::report::out::{out, outln};
use crate::report::paper::Paper;
use crate::report::story::Story;
use crate::report::terminal;
use crate::submission::{Language, Note};
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Whose: an id, a name, an address, or a part of one
    learner: String,
    /// Which exercise
    exercise: String,
    /// The folder that `grader run` has graded into
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// One JSON object on standard output
    #[arg(long)]
    json: bool,
    /// Also what was proved
    #[arg(short, long)]
    verbose: bool,
}

pub fn show(everywhere: &Everywhere, args: &Args) -> anyhow::Result<u8> {
    let class = GradedClass::look(everywhere, &args.out)?;
    let entry = class.learner(&args.learner)?;
    let id = find_exercise(&class.course, &args.exercise)?.id.clone();
    let exercises = class.exercises(&[id])?;
    let Some(exercise) = exercises.first() else { anyhow::bail!("{} was not graded", args.exercise) };
    let results = class.results();
    let place = results.exercises.iter().position(|info| info.id == exercise.id);
    let learner = results.learners.iter().find(|result| result.learner.id == entry.learner.id);
    let (Some(place), Some(learner)) = (place, learner) else { anyhow::bail!("{} was not graded", exercise.id) };
    let specs = Spec::of_exercises(&class.course.root, exercises.iter().copied())?;
    let shown = Shown {
        exercise,
        entry,
        learner,
        info: &results.exercises[place],
        result: &learner.exercises[place],
        history: class.ledger.history(&entry.learner.id, &exercise.id)?,
        regrade: Regrade {
            course: &class.course,
            folder: &class.folder,
            specs: &specs,
            session: class.ledger.session(),
        },
    };
    match args.json {
        true => outln!("{}", foreign::json(&shown.json())?),
        false => shown.tell(args.verbose),
    }
    Ok(0)
}

/// One exercise of one learner, with everything that is known of it.
struct Shown<'a> {
    exercise: &'a Exercise,
    entry: &'a Entry,
    learner: &'a LearnerResult,
    info: &'a ExerciseInfo,
    result: &'a ExerciseResult,
    /// Every record of it, oldest first.
    history: Vec<Record>,
    regrade: Regrade<'a>,
}

/// What today's checks say of a run.
enum Today {
    /// What they said when it was graded: the story is the same.
    Same(Box<Story>),
    Other(Outcome),
    /// It cannot be judged again.
    Unknown(String),
}

impl Shown<'_> {
    fn today(&self, record: &Record) -> Today {
        match self.regrade.judge(record) {
            Ok((graded, new)) if new.outcome == record.outcome => {
                let mut story = Story::graded(&graded, None);
                let folder = self.regrade.folder.evidence(&record.learner, &record.exercise, record.sitting);
                story.faults.trace_by(|scenario| trace(&file_in(&folder, scenario)));
                Today::Same(Box::new(story))
            }
            Ok((_, new)) => Today::Other(new.outcome),
            Err(why) => Today::Unknown(why.to_string()),
        }
    }

    /// The evidence files of a run that are there.
    fn evidence(&self, record: &Record) -> Vec<PathBuf> {
        let folder = self.regrade.folder.evidence(&record.learner, &record.exercise, record.sitting);
        let files = self.exercise.scenarios.iter().map(|scenario| file_in(&folder, &scenario.id));
        files.filter(|path| path.is_file()).collect()
    }

    /// Of these files those in which something is wrong, or else the first.
    fn telling(&self, record: &Record) -> Vec<PathBuf> {
        let wrong = |path: &&PathBuf| match &record.outcome {
            Outcome::Judged { checks, .. } => checks.iter().any(|check| {
                let of_file = path.file_name() == file_in(Path::new(""), &check.scenario).file_name();
                of_file && matches!(check.status, CheckStatus::Failed | CheckStatus::NoEvidence)
            }),
            _ => false,
        };
        let files = self.evidence(record);
        let telling: Vec<PathBuf> = files.iter().filter(wrong).cloned().collect();
        if telling.is_empty() { files.into_iter().take(1).collect() } else { telling }
    }

    /// What counts of what was handed in, and the command that runs it by hand in a copy of the course.
    fn by_hand(&self, record: &Record) -> Option<(PathBuf, String)> {
        let Some(Work::Sources { fingerprint, language, entry }) = self.entry.work.get(&self.exercise.id) else {
            return None;
        };
        let sources = self.regrade.folder.sources(fingerprint).canonicalize().ok()?;
        let (id, seed) = (&self.exercise.id, record.seed);
        let of_script = |interpreter: &str| {
            let line = format!("{interpreter} {}", word(&sources.join(entry).display().to_string()));
            format!("kafkacourse check {id} --seed {seed} --cmd {}", word(&line))
        };
        let from = word(&format!("{}/.", sources.display()));
        let command = match language {
            Language::Rust => {
                format!("cp -R {from} exercises/{}/ && kafkacourse check {id} --seed {seed}", self.exercise.folder)
            }
            Language::Python => of_script("python3"),
            Language::Node => of_script("node"),
            Language::Java => of_script("java"),
            Language::Go => {
                let line = format!("go run -C {from} .");
                format!("kafkacourse check {id} --seed {seed} --cmd {}", word(&line))
            }
        };
        Some((sources, command))
    }

    fn earlier(&self, record: &Record) -> impl Iterator<Item = &Record> {
        let sitting = record.sitting;
        let at = record.at.clone();
        self.history.iter().filter(move |other| other.sitting == sitting && other.at != at)
    }

    fn tell(&self, verbose: bool) {
        let paper = Paper::stdout();
        let learner = &self.learner.learner;
        let whose = match &learner.name {
            Some(name) => format!("{} ({})", Foreign::from(name), learner.id),
            None => learner.id.to_string(),
        };
        outln!(
            "{}",
            paper.wrap(&format!("{} · {} · {}", paper.bold(&whose), self.exercise.id, self.exercise.title), 0)
        );
        let mark = self.result.mark;
        let points = mark.map_or("no mark yet".to_owned(), |mark| match mark.late {
            late if late > 0.0 => format!("{} of {} points, {late} less because it was late", mark.points, mark.of),
            _ => format!("{} of {} points", mark.points, mark.of),
        });
        outln!("  {}, {points}", Standing::new(self.result).in_words());
        if let Some(origin) = &self.entry.origin {
            let origin = Foreign::from(origin.display().to_string());
            let late = match self.learner.days_late {
                None | Some(0) => String::new(),
                Some(1) => ", a day late".to_owned(),
                Some(days) => format!(", {days} days late"),
            };
            let when = self.learner.handed_in.as_ref().map(|at| format!(", handed in {at}{late}")).unwrap_or_default();
            outln!("{}", paper.wrap(&paper.dim(&format!("{origin}{when}")), 2));
        }
        for Note { what, place } in &self.learner.notes {
            let place = place.as_ref().map(|place| format!(" ({})", Foreign::from(place))).unwrap_or_default();
            outln!(
                "{}",
                paper.beside(&format!("  {} ", paper.yellow("!")), &format!("{}{place}", Foreign::from(what)))
            );
        }
        for (record, position) in self.result.records.iter().zip(0..) {
            outln!();
            self.tell_run(record, position, verbose, &paper);
        }
        if self.result.records.is_empty() {
            outln!("  nothing is known of it yet: `grader run` grades it");
        }
    }

    fn tell_run(&self, record: &Record, position: usize, verbose: bool, paper: &Paper) {
        let title = paper.bold(&format!("Run {} of {}", record.sitting, self.result.records.len()));
        let ran =
            if record.broker.is_empty() { String::new() } else { format!(" · {}", Foreign::from(&record.broker)) };
        let how = match record.regrade_of {
            Some(of) => format!("session {} has judged again what session {of} had recorded", record.session),
            None => format!("session {}", record.session),
        };
        let more = if record.repeated { " · run again alone, since the machine was busy" } else { "" };
        outln!("{}", paper.wrap(&format!("{title} · seed {}{ran} · {how}, {}{more}", record.seed, record.at), 0));
        for earlier in self.earlier(record) {
            let line =
                format!("before: session {}, {}: {}", earlier.session, earlier.at, outcome_in_words(&earlier.outcome));
            outln!("{}", paper.wrap(&paper.dim(&line), 2));
        }
        match self.today(record) {
            Today::Same(story) => {
                story.scenes.iter().for_each(|scene| outln!("{}", terminal::scenario(scene, paper)));
                out!("{}", terminal::details(&story, paper, verbose));
            }
            today => {
                let only = ExerciseResult {
                    records: vec![record.clone()],
                    details: self.result.details.get(position).cloned().into_iter().collect(),
                    mark: None,
                    ..self.result.clone()
                };
                outln!("  {}", outcome_in_words(&record.outcome));
                in_text(self.info, &only).lines().for_each(|line| outln!("  {line}"));
                let aside = match today {
                    Today::Other(outcome) => {
                        let now = outcome_in_words(&outcome);
                        Some(format!("Today's checks say: {now}. What it would change: grader regrade"))
                    }
                    Today::Unknown(why) if record.outcome.is_checked() => Some(why),
                    _ => None,
                };
                aside.iter().for_each(|aside| outln!("{}", paper.wrap(&Foreign::from(aside).lines(), 2)));
            }
        }
        outln!();
        let mut label = "timeline:";
        for path in self.telling(record) {
            outln!("  {} {}", paper.dim(&format!("{label:<9}")), paper.cyan(&trace(&path)));
            label = "";
        }
        if let Some((sources, command)) = self.by_hand(record) {
            outln!("  {} {}", paper.dim("sources: "), sources.display());
            outln!("  {} {}", paper.dim("by hand: "), paper.cyan(&command));
            outln!("            {}", paper.dim("(in a copy of the course; nothing holds the program there)"));
        }
    }

    fn json(&self) -> serde_json::Value {
        let run = |(record, position): (&Record, usize)| {
            let stored = self.result.details.get(position).and_then(Option::as_ref).map(|path| detail::read(path));
            let (detail, error) = match stored {
                Some(Ok(detail)) => (Some(detail), None),
                Some(Err(error)) => (None, Some(Foreign::from(error.to_string()))),
                None => (None, None),
            };
            let today = match self.today(record) {
                Today::Same(_) => json!({ "same": true }),
                Today::Other(outcome) => json!({ "same": false, "outcome": outcome }),
                Today::Unknown(why) => json!({ "same": null, "why": why }),
            };
            let evidence = self.evidence(record);
            json!({
                "record": record,
                "earlier": self.earlier(record).collect::<Vec<_>>(),
                "detail": detail,
                "detail_error": error,
                "today": today,
                "evidence": evidence.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
                "sources": self.by_hand(record).map(|(sources, _)| sources.display().to_string()),
                "by_hand": self.by_hand(record).map(|(_, command)| command),
            })
        };
        json!({
            "format": 1,
            "learner": self.learner.learner,
            "exercise": self.exercise.id,
            "standing": Standing::new(self.result).code(),
            "mark": self.result.mark,
            "origin": self.entry.origin.as_ref().map(|origin| origin.display().to_string()),
            "handed_in": self.learner.handed_in,
            "days_late": self.learner.days_late,
            "notes": self.learner.notes,
            "runs": self.result.records.iter().zip(0..).map(run).collect::<Vec<_>>(),
        })
    }
}

/// The command that shows the timeline in this file.
fn trace(file: &Path) -> String {
    format!("grader trace {}", word(&file.display().to_string()))
}

/// One word for a shell.
fn word(text: &str) -> String {
    match text.chars().all(|c| c.is_alphanumeric() || "/._-+=:,@".contains(c)) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

fn outcome_in_words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Judged { verdict, diagnosis, .. } => {
            let aside = diagnosis.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
            format!("{}{aside}", verdict.in_words())
        }
        Outcome::Invalid(_) => "cannot be graded".to_owned(),
        Outcome::Missing => "not handed in".to_owned(),
        Outcome::Fault { .. } => "fault of the grader".to_owned(),
    }
}
