//! `grader regrade`: stored evidence, judged again with today's checks; what would change, and why; then applied or not.

use super::super::cli::Everywhere;
use super::graded::GradedClass;
use crate::checks::count;
use crate::class::marks::{ClassResults, ExerciseResult, Mark};
use crate::class::record::{CheckResult, CheckStatus, Outcome, Record};
use crate::class::regrade::{Change, Regrade, Stays, changes};
use crate::class::spec::Spec;
use crate::foreign;
use crate::foreign::Foreign;
use crate::report::class::{Standing, detail};
use crate::report::out::outln;
use crate::report::paper::Paper;
use crate::report::story::Story;
use crate::submission::LearnerId;
use crate::verdict::Verdict;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

/// Evidence that could not be judged is named so often.
const NAMED: usize = 20;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder that `grader run` has graded into
    dir: PathBuf,
    /// Keep what it comes to: new records beside the old ones, and all reports written anew
    #[arg(long)]
    apply: bool,
    /// Only these exercises: ex1,ex5
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    exercises: Vec<String>,
    /// Only these learners (repeatable)
    #[arg(long, value_name = "LEARNER", value_delimiter = ',')]
    only: Vec<String>,
    /// One JSON object on standard output
    #[arg(long)]
    json: bool,
}

/// What judging again came to.
#[derive(Serialize)]
struct Regraded {
    format: u32,
    /// Records that were judged again, and the scenarios in their evidence.
    judged: usize,
    scenarios: usize,
    /// New records that there are, or would be: something is different, or at least the checks are.
    kept: usize,
    applied: bool,
    /// Under which the new records are kept.
    session: u32,
    changes: Vec<Row>,
    stays: Vec<Left>,
    /// Records of what did not build, is invalid or missing: no check has a part in them.
    nothing_ran: usize,
}

/// One exercise of one learner, in which something is different.
#[derive(Serialize)]
struct Row {
    learner: LearnerId,
    exercise: String,
    before: State,
    after: State,
    sittings: Vec<Sitting>,
}

/// What there is to say of an exercise of a learner.
#[derive(Serialize, PartialEq)]
struct State {
    standing: &'static str,
    diagnosis: Option<String>,
    mark: Option<Mark>,
    #[serde(skip)]
    words: String,
}

#[derive(Serialize)]
struct Sitting {
    sitting: u32,
    seed: u64,
    /// `SCENARIO/CHECK: failed (CODE) → passed`
    checks: Vec<String>,
    before: Outcome,
    after: Outcome,
}

/// A record that stays as it is.
#[derive(Serialize)]
struct Left {
    learner: LearnerId,
    exercise: String,
    sitting: u32,
    trouble: bool,
    why: Foreign,
}

pub fn regrade(everywhere: &Everywhere, args: &Args) -> anyhow::Result<u8> {
    let mut class = match args.apply {
        true => GradedClass::open(everywhere, &args.dir)?,
        false => GradedClass::look(everywhere, &args.dir)?,
    };
    let began = Instant::now();
    let before = class.results();
    let learners = class.learners(&args.only)?;
    let exercises = class.exercises(&args.exercises)?;
    let records = class.records(&learners, &exercises);
    let session = class.ledger.session() + 1;
    let specs = Spec::of_exercises(&class.course.root, exercises.iter().copied())?;
    let regrade = Regrade { course: &class.course, folder: &class.folder, specs: &specs, session };
    let judged = regrade.judge_each(&records, |record, judged| {
        let (graded, new) = judged.map_err(Told::Stays)?;
        if args.apply {
            let path = class.folder.details(&record.learner, &record.exercise, record.sitting);
            detail::write(&Story::graded(&graded, None), &path).map_err(Told::NotWritten)?;
        }
        Ok((new, graded.played.len()))
    });
    let mut regraded = Regraded {
        format: 1,
        judged: 0,
        scenarios: 0,
        kept: 0,
        applied: args.apply,
        session,
        changes: Vec::new(),
        stays: Vec::new(),
        nothing_ran: 0,
    };
    let (mut kept, mut sittings) = (Vec::new(), BTreeMap::new());
    for (old, judged) in records.into_iter().zip(judged) {
        match judged {
            Ok((new, scenarios)) => {
                regraded.judged += 1;
                regraded.scenarios += scenarios;
                if old.outcome != new.outcome {
                    let place = (old.learner.clone(), old.exercise.clone());
                    sittings.entry(place).or_insert_with(Vec::new).push(Sitting::new(old, &new));
                }
                // Where nothing is different but the checks themselves, the record says that they have been asked.
                if old.outcome != new.outcome || old.spec != new.spec {
                    kept.push(new);
                }
            }
            Err(Told::Stays(Stays::NothingRan)) => regraded.nothing_ran += 1,
            Err(Told::Stays(why)) => regraded.stays.push(Left::new(old, &why)),
            Err(Told::NotWritten(error)) => return Err(error.into()),
        }
    }
    regraded.kept = kept.len();
    let seconds = began.elapsed().as_secs_f64();
    match args.apply {
        true => class.ledger.take_over(kept)?,
        false => kept.into_iter().for_each(|record| class.ledger.suppose(record)),
    }
    let after = class.results();
    regraded.changes = rows(&before, &after, sittings);
    if args.apply {
        crate::report::class::write(&after, class.folder.root())?;
    }
    match args.json {
        true => outln!("{}", foreign::json(&regraded)?),
        false => tell(&regraded, args, seconds),
    }
    let trouble = regraded.stays.iter().any(|left| left.trouble);
    Ok(if trouble { Verdict::GraderFault.exit_code() } else { 0 })
}

/// Why there is no new record.
enum Told {
    Stays(Stays),
    NotWritten(crate::report::class::NotWritten),
}

impl Left {
    fn new(record: &Record, why: &Stays) -> Left {
        let Record { learner, exercise, sitting, .. } = record.clone();
        Left { learner, exercise, sitting, trouble: why.is_trouble(), why: why.to_string().into() }
    }
}

impl Sitting {
    fn new(old: &Record, new: &Record) -> Sitting {
        Sitting {
            sitting: old.sitting,
            seed: old.seed,
            checks: changes(&old.outcome, &new.outcome).iter().map(in_words).collect(),
            before: old.outcome.clone(),
            after: new.outcome.clone(),
        }
    }
}

impl State {
    fn new(result: &ExerciseResult) -> State {
        let standing = Standing::new(result);
        let diagnosis = result.decisive().and_then(|record| record.outcome.diagnosis()).map(str::to_owned);
        let aside = diagnosis.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        let words = format!("{}{aside}", standing.in_words());
        State { standing: standing.code(), diagnosis, mark: result.mark, words }
    }

    fn points(&self) -> String {
        self.mark.map_or_else(|| "?".to_owned(), |mark| mark.points.to_string())
    }
}

/// What is different, in the order of the class.
fn rows(
    before: &ClassResults,
    after: &ClassResults,
    mut sittings: BTreeMap<(LearnerId, String), Vec<Sitting>>,
) -> Vec<Row> {
    let mut rows = Vec::new();
    for (old, new) in before.learners.iter().zip(&after.learners) {
        for (was, is) in old.exercises.iter().zip(&new.exercises) {
            let Some(sittings) = sittings.remove(&(old.learner.id.clone(), was.exercise.clone())) else { continue };
            let (learner, exercise) = (old.learner.id.clone(), was.exercise.clone());
            rows.push(Row { learner, exercise, before: State::new(was), after: State::new(is), sittings });
        }
    }
    rows
}

fn in_words(Change { scenario, check, before, after }: &Change) -> String {
    let status = |result: &Option<CheckResult>| match result {
        None => "not there".to_owned(),
        Some(CheckResult { status: CheckStatus::Passed, .. }) => "passed".to_owned(),
        Some(CheckResult { status: CheckStatus::Failed, codes, .. }) => format!("failed ({})", codes.join(", ")),
        Some(CheckResult { status: CheckStatus::NoEvidence, .. }) => "no evidence".to_owned(),
        Some(CheckResult { status: CheckStatus::NotChecked, .. }) => "not checked".to_owned(),
    };
    format!("{scenario}/{check}: {} → {}", status(before), status(after))
}

fn tell(regraded: &Regraded, args: &Args, seconds: f64) {
    let paper = Paper::stdout();
    let Regraded { judged, scenarios, nothing_ran, .. } = regraded;
    let rate = *scenarios as f64 / seconds.max(0.001);
    outln!(
        "{} judged again, {} in {seconds:.1} s ({rate:.0} a second)",
        count(*judged, "run"),
        count(*scenarios, "scenario")
    );
    if *nothing_ran > 0 {
        outln!("{} did not build, or had nothing to run: as before", count(*nothing_ran, "unit"));
    }
    if !regraded.changes.is_empty() {
        outln!();
        table(&regraded.changes, &paper);
        outln!();
        reasons(&regraded.changes, &paper);
    }
    let stays = &regraded.stays;
    if !stays.is_empty() {
        outln!();
        outln!("{}", paper.bold("Left as it is:"));
        for Left { learner, exercise, sitting, why, trouble } in stays.iter().take(NAMED) {
            let mark = if *trouble { paper.yellow("!") } else { paper.dim("·") };
            outln!(
                "{}",
                paper.beside(&format!("  {mark} "), &format!("{learner} {exercise} (run {sitting}): {}", why.lines()))
            );
        }
        if stays.len() > NAMED {
            outln!("  and {} more; --json has them all", stays.len() - NAMED);
        }
    }
    outln!();
    let dir = args.dir.display();
    match (regraded.changes.is_empty(), args.apply) {
        _ if regraded.judged == 0 => outln!("There was nothing that could be judged again."),
        (true, _) if regraded.kept == 0 => outln!("Today's checks say what the journal says."),
        (true, false) => outln!("Today's checks are others, and say what the journal says. To keep that: --apply"),
        (false, false) => outln!("Nothing was changed. To keep it: the same command with --apply"),
        (_, true) => outln!(
            "Kept as session {} in {dir}/journal.jsonl, beside what was there; all reports were written anew.",
            regraded.session
        ),
    }
}

/// One row for each exercise of a learner.
fn table(rows: &[Row], paper: &Paper) {
    let cells = rows.iter().map(|row| {
        let points = match (row.before.points(), row.after.points()) {
            (before, after) if before == after => after,
            (before, after) => format!("{before} → {after}"),
        };
        let state = match row.before.words == row.after.words {
            true => row.after.words.clone(),
            false => format!("{} → {}", row.before.words, row.after.words),
        };
        [row.learner.to_string(), row.exercise.clone(), state, points]
    });
    let head = ["learner", "exercise", "what it is", "points"].map(str::to_owned);
    let lines: Vec<[String; 4]> = std::iter::once(head).chain(cells).collect();
    let width = |column: usize| lines.iter().map(|cells| cells[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    for (cells, row) in lines.iter().zip(std::iter::once(None).chain(rows.iter().map(Some))) {
        let [learner, exercise, state, points] = cells;
        let line = format!("{learner:<0$}  {exercise:<1$}  {state:<2$}  {points}", widths[0], widths[1], widths[2]);
        let Some(row) = row else {
            outln!("  {}", paper.dim(line.trim_end()));
            continue;
        };
        outln!("  {}", line.trim_end());
        for (check, times) in counted(row.sittings.iter().flat_map(|sitting| &sitting.checks)) {
            let times = if times > 1 { format!(", in {times} runs") } else { String::new() };
            outln!("{}", paper.beside("    ", &paper.dim(&format!("{check}{times}"))));
        }
    }
}

/// Which checks have changed it, over the whole class.
fn reasons(rows: &[Row], paper: &Paper) {
    outln!("{}", paper.bold("What has changed, and how often:"));
    let of = rows.iter().flat_map(|row| {
        row.sittings
            .iter()
            .flat_map(move |sitting| sitting.checks.iter().map(move |check| format!("{} {check}", row.exercise)))
    });
    let of: Vec<String> = of.collect();
    for (check, times) in counted(&of) {
        outln!("{}", paper.beside(&format!("  {times:>5} × "), check));
    }
    if of.is_empty() {
        outln!("  no check: only what it looks like, or how it ended, is seen otherwise");
    }
}

/// Each text once, with how often it is there; what is most frequent first.
fn counted<'t>(texts: impl IntoIterator<Item = &'t String>) -> Vec<(&'t str, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    texts.into_iter().for_each(|text| *counts.entry(text).or_default() += 1);
    let mut counted: Vec<(&str, usize)> = counts.into_iter().collect();
    counted.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    counted
}
