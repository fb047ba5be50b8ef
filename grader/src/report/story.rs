//! What there is to say of a check, as data, once; each formatter says it in its own way.

use super::fault::Faults;
use super::last_words::{self, LastWords};
use super::picture::Picture;
use super::problem::Problem;
use super::trouble;
use super::words;
use crate::broker::Description;
use crate::checks::Finding;
use crate::course::{Exercise, Mistake, Scenario};
use crate::evidence::{Because, Ended, What};
use crate::foreign::Foreign;
use crate::grade::{Graded, Seconds};
use crate::verdict::{self, Checked, Played, Status, Verdict};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What a check of one exercise came to.
#[derive(Debug, Clone)]
pub struct Story {
    /// The exercise: its id, its title, and what a pass proves.
    pub exercise: String,
    pub title: String,
    pub proves: String,
    pub verdict: Verdict,
    /// What stands above everything else.
    pub ending: Ending,
    /// What was played, in the exercise's order, and how many scenarios the exercise has.
    pub scenes: Vec<Scene>,
    pub of: usize,
    pub diagnosis: Option<Diagnosis>,
    /// What is wrong, each thing once.
    pub faults: Faults,
    /// What the first program said that ended by itself with an error.
    pub last_words: Option<LastWords>,
    /// Errors of the Kafka client among what the program printed, where neither a diagnosis nor its last words say
    /// more: a few, each once.
    pub client_errors: Vec<ClientError>,
    /// What the programs asked of the broker that it does not serve: `DescribeAcls v3`, each once.
    pub not_served: Vec<Foreign>,
    pub facts: Facts,
}

/// What is known of a check besides its evidence.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Which Kafka ran; none where nothing was run, or a stored run was judged.
    pub broker: Option<Description>,
    pub seed: u64,
    pub seconds: Seconds,
    /// Why nothing was run: what the compiler said, or what went wrong on our side.
    pub error: Option<Foreign>,
    /// Scenarios whose run was interrupted, or still goes on: there is nothing to judge yet.
    pub interrupted: Vec<String>,
    pub next: Option<Next>,
}

/// The one command to type next.
#[derive(Debug, Clone)]
pub struct Next {
    /// What to do before it, or instead: `open exercises/…/main.rs, or:`.
    pub first: Option<String>,
    pub command: String,
}

/// How the whole is to be told.
#[derive(Debug, Clone)]
pub enum Ending {
    /// Nothing was run; [`Facts::error`] says why.
    NoRun,
    Passed,
    /// What was played has passed, and that was not all of the exercise.
    PartPassed,
    NotStarted(Unfinished),
    /// In each scenario the program ended with an error before it had done anything: what it said is all there is.
    NeverBegan(NeverBegan),
    /// In none of several scenarios did it send, process or commit anything: the first finding stands for all.
    DidNothing,
    /// Something is not as required.
    FellShort,
}

/// The `todo!()` at which the program stopped.
#[derive(Debug, Clone, Default)]
pub struct Unfinished {
    /// `step 2 of 4`, where the text of the `todo!()` says so.
    pub step: Option<Foreign>,
    /// What is to be done there.
    pub task: Option<Foreign>,
    pub place: Option<Place>,
    /// Were there scenarios that got past it and failed? They may only want the steps that are missing.
    pub others_failed: bool,
}

#[derive(Debug, Clone)]
pub struct NeverBegan {
    pub how: Ended,
    pub place: Option<Place>,
    /// Its last words; on standard error, or else on standard output.
    pub said: Vec<Foreign>,
    /// The command that explains it.
    pub read: String,
}

/// A place in the program's sources.
#[derive(Debug, Clone)]
pub struct Place {
    pub file: Foreign,
    pub line: u32,
}

/// One scenario, judged.
#[derive(Debug, Clone)]
pub struct Scene {
    pub id: String,
    pub title: String,
    pub state: State,
    pub checks: Vec<Judged>,
    pub picture: Option<Picture>,
    pub panic: Option<Panic>,
    pub gave_up: Option<GaveUp>,
    /// Did it send, process or commit anything, or panic?
    pub did_something: bool,
    /// What the program printed.
    pub printed: Vec<Foreign>,
    pub evidence: PathBuf,
}

/// What became of a scenario, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Passed,
    /// It stopped at its first `todo!()`, or at a later one.
    NotStarted,
    NotFinished,
    /// So many checks have found something.
    Problems(usize),
    NoEvidence,
    /// A wait was given up, and no check has found anything.
    Stuck,
}

#[derive(Debug, Clone)]
pub struct Panic {
    pub place: Place,
    pub message: Foreign,
    /// The command that explains it.
    pub read: String,
}

/// A wait in vain.
#[derive(Debug, Clone)]
pub struct GaveUp {
    /// The program was ended for it, whatever else it did wrong.
    pub of_limit: bool,
    pub awaited: Foreign,
    pub because: Foreign,
    /// The command that explains it.
    pub read: String,
}

/// One check, judged.
#[derive(Debug, Clone)]
pub struct Judged {
    pub id: String,
    /// What is required, as a short line.
    pub title: String,
    pub status: Told,
    /// Why it matters, and where it is explained.
    pub why: String,
    pub read: String,
}

/// What a check has to say.
#[derive(Debug, Clone)]
pub enum Told {
    Proved(Foreign),
    Failed(Vec<Problem>),
    NoEvidence(Foreign),
    NotChecked(Foreign),
}

/// The known mistake that it looks like.
#[derive(Debug, Clone)]
pub struct Diagnosis {
    pub name: String,
    pub title: String,
    pub explanation: String,
    pub read: String,
    /// Was everything played that could have ruled it out?
    pub certain: bool,
}

/// A line of the program's output that names an error of the Kafka client, and the command that explains it.
#[derive(Debug, Clone)]
pub struct ClientError {
    pub line: Foreign,
    pub read: String,
}

impl Next {
    pub fn command(command: impl Into<String>) -> Next {
        Next { first: None, command: command.into() }
    }
}

impl Story {
    /// The story of a program that was graded.
    pub fn graded(graded: &Graded<'_>, next: Option<Next>) -> Story {
        let Graded { exercise, verdict, diagnosis, played, broker, seed, seconds } = graded;
        let facts = Facts { broker: Some(broker.clone()), seed: *seed, seconds: *seconds, next, ..Facts::default() };
        Story::new(exercise, played, (*verdict, *diagnosis), facts)
    }

    /// The story of what was `played`, which came to this verdict and diagnosis.
    pub fn new(
        exercise: &Exercise,
        played: &[Played<'_>],
        (verdict, diagnosis): (Verdict, Option<&Mistake>),
        facts: Facts,
    ) -> Story {
        let of = exercise.scenarios.len();
        let ending = match verdict {
            Verdict::Passed if played.len() < of => Ending::PartPassed,
            Verdict::Passed => Ending::Passed,
            Verdict::NotStarted => Ending::NotStarted(Unfinished::new(played)),
            _ => never_began(played).map(Ending::NeverBegan).unwrap_or_else(|| match played.len() > 1 {
                true if played.iter().all(did_nothing) => Ending::DidNothing,
                _ => Ending::FellShort,
            }),
        };
        let mut failed = played.iter().filter(|played| !played.passed() && !played.ended_as_asked());
        let last_words = failed.find_map(|played| LastWords::new(&played.evidence));
        let explained = diagnosis.is_some() || last_words.is_some();
        Story {
            ending,
            scenes: played.iter().map(Scene::new).collect(),
            diagnosis: diagnosis.map(|mistake| Diagnosis::new(mistake, exercise, played)),
            faults: Faults::new(&exercise.id, played, diagnosis),
            last_words,
            client_errors: if explained { Vec::new() } else { client_errors(played) },
            not_served: not_served(played),
            ..Story::without_run(exercise, verdict, facts)
        }
    }

    /// The story of a check that came to no run; `facts` say why.
    pub fn without_run(exercise: &Exercise, verdict: Verdict, facts: Facts) -> Story {
        Story {
            exercise: exercise.id.clone(),
            title: exercise.title.clone(),
            proves: exercise.proves.clone(),
            verdict,
            ending: Ending::NoRun,
            scenes: Vec::new(),
            of: exercise.scenarios.len(),
            diagnosis: None,
            faults: Faults::default(),
            last_words: None,
            client_errors: Vec::new(),
            not_served: Vec::new(),
            facts,
        }
    }
}

impl Scene {
    /// One scenario as it was played.
    pub fn new(played: &Played<'_>) -> Scene {
        let scenario = played.scenario;
        let printed = played.evidence.events.iter().filter_map(|event| match &event.what {
            What::Output { line, .. } => Some(Foreign::from(line)),
            _ => None,
        });
        Scene {
            id: scenario.id.clone(),
            title: scenario.title.clone(),
            state: State::new(played),
            checks: played.checks.iter().map(|check| Judged::new(played, check)).collect(),
            picture: scenario.picture.as_ref().map(|wanted| Picture::new(wanted, &played.evidence)),
            panic: played.panic.as_ref().map(|(file, line, message)| Panic {
                place: Place { file: file.into(), line: *line },
                message: message.into(),
                read: trouble::command(trouble::entry(message).unwrap_or(trouble::PANICKED)),
            }),
            gave_up: played.gave_up.as_ref().map(|gave_up| {
                let because = words::reason(gave_up.because);
                GaveUp {
                    of_limit: matches!(gave_up.because, Because::Limit(_)),
                    awaited: (&gave_up.waited_for).into(),
                    read: trouble::command(trouble::entry(&because).unwrap_or(trouble::STUCK)),
                    because: because.into(),
                }
            }),
            did_something: !did_nothing(played),
            printed: printed.collect(),
            evidence: played.path.clone(),
        }
    }

    pub fn passed(&self) -> bool {
        self.state == State::Passed
    }
}

impl State {
    fn new(played: &Played<'_>) -> State {
        let count = |wanted: fn(&Status) -> bool| played.checks.iter().filter(|check| wanted(&check.status)).count();
        let failed = count(|status| matches!(status, Status::Failed(_)));
        let open = count(|status| matches!(status, Status::NoEvidence(_)));
        match (failed, open) {
            _ if played.not_started() && Unfinished::in_scenario(played).is_begun() => State::NotFinished,
            _ if played.not_started() => State::NotStarted,
            _ if played.passed() => State::Passed,
            (0, 0) => State::Stuck,
            (0, _) => State::NoEvidence,
            (problems, _) => State::Problems(problems),
        }
    }
}

impl Unfinished {
    fn new(played: &[Played<'_>]) -> Unfinished {
        let stopped = played.iter().find(|played| played.not_started());
        let others_failed = played.iter().any(|played| !played.not_started() && !played.passed());
        Unfinished { others_failed, ..stopped.map(Unfinished::in_scenario).unwrap_or_default() }
    }

    /// What the `todo!()` wants at which this one stopped: of `step 2 of 4: queue each order` both parts, of another
    /// text the second.
    fn in_scenario(played: &Played<'_>) -> Unfinished {
        let Some((file, line, message)) = &played.panic else { return Unfinished::default() };
        let place = Some(Place { file: file.into(), line: *line });
        let Some((_, text)) = message.split_once(": ") else { return Unfinished { place, ..Unfinished::default() } };
        let parts = text.split_once(": ").filter(|(step, _)| step.starts_with("step "));
        let (step, task) = parts.map_or((None, text), |(step, task)| (Some(step.into()), task));
        Unfinished { step, task: Some(task.into()), place, others_failed: false }
    }

    /// Is it a step that is only reached when something has been done?
    pub fn is_begun(&self) -> bool {
        self.step.as_ref().is_some_and(|step| !step.raw().starts_with("step 1 "))
    }
}

impl Judged {
    fn new(played: &Played<'_>, check: &Checked<'_>) -> Judged {
        let spec = check.spec;
        let problem = |finding: &Finding| Problem::new(&spec.id, finding, &played.evidence);
        let status = match &check.status {
            Status::Passed(seen) => Told::Proved(seen.into()),
            Status::Failed(findings) => Told::Failed(findings.iter().map(problem).collect()),
            Status::NoEvidence(why) => Told::NoEvidence(why.into()),
            Status::NotChecked(why) => Told::NotChecked(why.into()),
        };
        let read = format!("kafkacourse read {}", spec.read);
        Judged { id: spec.id.clone(), title: spec.title.clone(), status, why: spec.why.clone(), read }
    }
}

impl Diagnosis {
    fn new(mistake: &Mistake, exercise: &Exercise, played: &[Played<'_>]) -> Diagnosis {
        let is_played = |scenario: &Scenario| played.iter().any(|played| played.scenario.id == scenario.id);
        // A long one is not waited for where something else is wrong.
        let left_out = exercise.scenarios.iter().filter(|scenario| !is_played(scenario) && !scenario.long);
        let mut not_judged = left_out.flat_map(|scenario| &scenario.checks);
        Diagnosis {
            certain: !not_judged.any(|check| mistake.is_ruled_out_by(&check.id)),
            name: mistake.name.clone(),
            title: mistake.title.clone(),
            explanation: mistake.explanation.clone(),
            read: format!("kafkacourse read {}", mistake.read),
        }
    }
}

fn did_nothing(played: &Played<'_>) -> bool {
    !played.did_something() && played.panic.is_none()
}

/// The same in each scenario, so it is told once.
fn never_began(played: &[Played<'_>]) -> Option<NeverBegan> {
    const LAST: usize = 6;
    if !verdict::never_began(played) {
        return None;
    }
    let (first, how) = played.iter().find_map(|played| Some((played, played.ended_at_once()?)))?;
    let lines = last_words::said(first.evidence.events.iter());
    let known = lines.iter().find_map(|line| trouble::entry(line));
    let panicked = first.panic.as_ref().map(|_| trouble::PANICKED);
    Some(NeverBegan {
        how: how.clone(),
        place: first.panic.as_ref().map(|(file, line, _)| Place { file: file.into(), line: *line }),
        said: lines.iter().skip(lines.len().saturating_sub(LAST)).map(|line| Foreign::from(*line)).collect(),
        read: trouble::command(known.or(panicked).unwrap_or(trouble::AT_ONCE)),
    })
}

fn not_served(played: &[Played<'_>]) -> Vec<Foreign> {
    let events = played.iter().flat_map(|played| &played.evidence.events);
    let refused: BTreeSet<String> = events
        .filter_map(|event| match &event.what {
            What::NotServed { request, version, .. } => Some(format!("{request} v{version}")),
            _ => None,
        })
        .collect();
    refused.into_iter().map(Foreign::from).collect()
}

fn client_errors(played: &[Played<'_>]) -> Vec<ClientError> {
    const FEW: usize = 3;
    let failed = played.iter().filter(|played| !played.passed());
    let mut headings = Vec::new();
    let mut errors = Vec::new();
    for (line, heading) in failed.flat_map(|played| trouble::printed(&played.evidence)) {
        if errors.len() < FEW && !headings.contains(&heading) {
            headings.push(heading);
            errors.push(ClientError { line: line.into(), read: trouble::command(heading) });
        }
    }
    errors
}
