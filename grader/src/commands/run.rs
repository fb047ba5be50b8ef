//! `kafkacourse run`: the learner's program by hand, on a Kafka of its own, with every event as it comes; no verdict.

use super::runtime::{Stop, block_on_until_asked};
use super::teller::build_says;
use super::{Context, check};
use crate::broker::Choice;
use crate::course::{Exercise, Scenario, Step};
use crate::evidence::{Event, What, file_in};
use crate::foreign::Foreign;
use crate::grade::{Grader, NotGraded, Notice, Order};
use crate::remembered::CommandLine;
use crate::report::out::{self, outln};
use crate::report::paper::{Paper, together};
use crate::report::timeline;
use crate::report::words::{Line, Weight};
use crate::run::{Job, RunError, Session, Taken};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Ctrl-C asks the program to stop (SIGTERM), waits until it has, and says where the recording is; a second Ctrl-C ends
everything at once.")]
pub struct Args {
    /// An exercise: ex1, 1, producer-basics…; without one, that of the current folder, else your next one
    exercise: Option<String>,
    /// Run this command line instead, in any language; it is remembered, as with `check`
    #[arg(long, value_name = "COMMAND")]
    cmd: Option<String>,
    /// Run the crate in exercises/ again, and forget the command line that was remembered
    #[arg(long, conflicts_with = "cmd")]
    no_cmd: bool,
    /// Play this scenario of the exercise, with its faults and its steps; else nothing disturbs the program
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// The input of an earlier run
    #[arg(long, allow_negative_numbers = true)]
    seed: Option<u64>,
    /// Which Kafka: embedded, docker, auto, or HOST:PORT
    #[arg(long, value_name = "BROKER", env = "KAFKACOURSE_BROKER", default_value = "embedded")]
    broker: Choice,
    /// Heartbeats, empty fetches and the records of the input, too
    #[arg(short, long)]
    all: bool,
}

/// What the recording of a run without faults is called.
const BY_HAND: &str = "by-hand";
/// How often we look for new events.
const LOOK: Duration = Duration::from_millis(30);

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<u8> {
    let course = context.course.clone();
    let id = context.exercise(args.exercise.as_deref())?.id.clone();
    let exercise = course.exercise(&id).ok_or_else(|| anyhow::anyhow!("there is no exercise {id}"))?;
    let command = check::command_line(context, exercise, args.cmd.as_deref(), args.no_cmd)?;
    let scenario = scenario(exercise, args.scenario.as_deref())?;
    block_on_until_asked(|stop| play(context, args, exercise, command, scenario, stop))
}

/// The scenario of this name; without one the first, made so that the program can work, and nothing else happens.
fn scenario(exercise: &Exercise, name: Option<&str>) -> anyhow::Result<Scenario> {
    if let Some(name) = name {
        return check::scenario(exercise, name).cloned();
    }
    let calm = exercise.scenarios.first().ok_or_else(|| anyhow::anyhow!("{} has no scenario", exercise.id))?;
    // Input that comes later in the scenario comes at once, and each role starts at once: nobody is there to wait for
    // the right moment.
    let later = calm.steps.iter().position(|step| matches!(step, Step::Start(_))).unwrap_or(calm.steps.len());
    let (before, after) = calm.steps.split_at(later);
    let mut steps: Vec<Step> = after.iter().filter(|step| matches!(step, Step::Produce(_))).cloned().collect();
    steps.extend_from_slice(before);
    let mut once = HashSet::new();
    steps.extend(started(calm).into_iter().filter(|role| once.insert(role.clone())).map(Step::Start));
    Ok(Scenario { id: BY_HAND.into(), rules: Vec::new(), checks: Vec::new(), steps, ..calm.clone() })
}

async fn play(
    context: &Context,
    args: &Args,
    exercise: &Exercise,
    command: Option<CommandLine>,
    scenario: Scenario,
    mut stop: Stop,
) -> anyhow::Result<u8> {
    let paper = context.out;
    let candidate = check::learners(command.as_ref());
    let seed = args.seed.unwrap_or_else(|| u64::from(rand::random::<u32>()));
    let coloured_compiler = Paper::stderr().colour;
    let order = Order { exercise, candidate, scenarios: Vec::new(), seed, confinement: None, coloured_compiler };
    let grader = Grader::new(&context.workspace.root, args.broker.clone(), 1)?;
    let watch = |notice: Notice<'_>| match notice {
        Notice::Building(said) => build_says(said),
        Notice::Broker(line) => outln!("{}", paper.wrap(&paper.dim(line), 2)),
        Notice::Judged(_) => {}
    };
    let ready = tokio::select! {
        ready = grader.prepare(&order, &watch) => ready.map_err(not_ready)?,
        () = stop.asked() => return Ok(Stop::CODE),
    };
    let brokers = grader.brokers_for(&[&scenario], &watch).await?;
    outln!("{} · {}", paper.bold(&exercise.id), paper.bold(&exercise.title));
    let version = Foreign::from(&brokers.description().version);
    let how = match scenario.id.as_str() {
        BY_HAND => "nothing disturbs the program".to_owned(),
        name => format!("scenario {name}"),
    };
    let about = format!("{version} · {how} · {} · Ctrl-C stops it", together(&format!("seed {seed}")));
    outln!("{}", paper.wrap(&paper.dim(&about), 2));
    let evidence = context.workspace.store().begin(&exercise.id)?;
    let job = Job {
        what: &exercise.id,
        topics: &exercise.topics,
        groups: &exercise.groups,
        program: &ready.program,
        whose: &ready.whose,
        seed,
        folder: &ready.folder,
        confinement: None,
    };
    let file = file_in(evidence.folder(), &scenario.id);
    let mut session = Session::start(&job, &scenario, &file, brokers, grader.reaper()).await?;
    let mut teller = Teller { paper, all: args.all, seen: 0, given: 0 };
    let by_hand = scenario.id == BY_HAND;
    if by_hand {
        session.without_limit();
    }
    let mut asked = false;
    for step in &scenario.steps {
        let taken = teller.tell_during(&mut session, async |session| session.step(step).await, &mut stop).await;
        match taken.transpose()? {
            Some(Taken::Done) => {}
            Some(Taken::InVain) => break,
            None => {
                asked = true;
                break;
            }
        }
    }
    if by_hand && !asked {
        let ended = teller.tell_during(&mut session, async |session| session.until_ended().await, &mut stop).await;
        asked = ended.transpose()?.is_none();
    }
    if asked {
        outln!("{}", paper.dim("stopping: SIGTERM, as a supervisor would send it"));
        for role in started(&scenario) {
            let mut never = Stop::never();
            let end = teller.tell_during(&mut session, async |session| session.stop(&role).await, &mut never);
            end.await.transpose()?;
        }
    }
    teller.tell(&session);
    let recorded = session.close().await?;
    teller.events(&recorded.events.into_iter().map(Arc::new).collect::<Vec<_>>());
    evidence.end();
    outln!(
        "\n  {} {}",
        paper.dim("recorded:"),
        paper.cyan(&format!("kafkacourse trace {} --scenario {}", exercise.id, scenario.id))
    );
    Ok(0)
}

/// The roles that the scenario starts.
fn started(scenario: &Scenario) -> Vec<String> {
    let start = |step: &Step| match step {
        Step::Start(role) => Some(role.clone()),
        _ => None,
    };
    scenario.steps.iter().filter_map(start).collect()
}

fn not_ready(error: NotGraded) -> anyhow::Error {
    match error {
        NotGraded::Build(error) => error.into(),
        NotGraded::Broker(error) => error.into(),
        NotGraded::Run(error) => error.into(),
        other => other.into(),
    }
}

/// Prints events as they come, each once.
struct Teller {
    paper: Paper,
    all: bool,
    seen: usize,
    /// Records of the input that were not printed one by one.
    given: usize,
}

impl Teller {
    /// Prints what happens while the session does some `work`. None where somebody asks to stop meanwhile.
    async fn tell_during<T>(
        &mut self,
        session: &mut Session,
        work: impl AsyncFnOnce(&mut Session) -> Result<T, RunError>,
        stop: &mut Stop,
    ) -> Option<Result<T, RunError>> {
        let look = session.looker();
        let work = work(session);
        tokio::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Some(done),
                () = stop.asked() => return None,
                () = tokio::time::sleep(LOOK) => {
                    look(&mut |events| self.events(events));
                    if out::is_lost() {
                        return None; // nobody reads on
                    }
                }
            }
        }
    }

    fn tell(&mut self, session: &Session) {
        session.look(|events| self.events(events));
    }

    fn events(&mut self, events: &[Arc<Event>]) {
        for (position, event) in events.iter().enumerate().skip(self.seen) {
            self.event(position, event);
        }
        self.seen = self.seen.max(events.len());
        out::flush();
    }

    fn event(&mut self, position: usize, event: &Event) {
        let is_input = matches!(event.what, What::Input { .. } | What::Given { .. });
        if is_input && !self.all {
            self.given += 1;
            return;
        }
        if self.given > 0 {
            let records = crate::checks::count(std::mem::take(&mut self.given), "record");
            outln!("{}", self.paper.dim(&format!("  {records} of input")));
        }
        let line = Line::of(position, event);
        let is_told = matches!(event.what, What::Output { .. });
        if self.all || is_told || line.weight != Weight::Noise {
            outln!("{}", timeline::line(&line, &self.paper));
        }
    }
}
