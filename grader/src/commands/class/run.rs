//! `grader run`: grades a class, and goes on where it was interrupted.

use super::super::cli::{BrokerOption, Everywhere};
use super::super::context::workspace;
use super::super::runtime::block_on;
use super::graded::did_you_mean;
use super::summary;
use super::watch::Watch;
use crate::build::{self, Leaf};
use crate::class::folder::ClassFolder;
use crate::class::io;
use crate::class::ledger::Ledger;
use crate::class::marks;
use crate::class::plan::{Item, Plan, Terms};
use crate::class::policy::{Late, Policy};
use crate::class::queue::{Queue, Told};
use crate::class::roll::{Entry, Roll};
use crate::class::seeds::Secret;
use crate::class::shard::Shard;
use crate::class::spec::Spec;
use crate::class::toolchain::Toolchain;
use crate::class::unit::Unit;
use crate::course::{Course, Exercise, find_exercise, nearest};
use crate::foreign::{Foreign, visible};
use crate::grade::Grader;
use crate::report::class::detail;
use crate::report::out::errln;
use crate::report::paper::Paper;
use crate::report::story::{Facts, Story};
use crate::sandbox::{Bounds, Layers, Level};
use crate::submission::{self, Intake, Language};
use crate::verdict::Verdict;
use crate::workspace::Workspace;
use anyhow::Context as _;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A run mostly waits: for a broker, for a retry, for the time after which a program is not waited for.
const RUNS_PER_CORE: usize = 4;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A folder (or an archive) with one submission per learner: folders, zip, tar, or bare git repositories; or an export
    /// of Canvas, Moodle or Gradescope
    submissions: PathBuf,
    /// Where everything goes: the journal, evidence, reports. The same folder again goes on where it was left
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Who is in the class: a CSV with the columns id, name, email…, or a gradebook export
    #[arg(long, value_name = "FILE")]
    roster: Option<PathBuf>,
    /// How the class is graded; else DIR/class.toml, where that is there, or as it was graded before
    #[arg(long, value_name = "FILE")]
    class: Option<PathBuf>,
    /// Only these exercises: ex1,ex5; else those of before, or all
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    exercises: Vec<String>,
    /// Only these learners (repeatable)
    #[arg(long, value_name = "LEARNER", value_delimiter = ',')]
    only: Vec<String>,
    /// All but these learners (repeatable)
    #[arg(long, value_name = "LEARNER", value_delimiter = ',')]
    exclude: Vec<String>,
    /// Only a part of the class, the same on every machine: 2/5 is the second of five parts (0/5 is the fifth, for engines
    /// that count from 0). Put together with `grader merge`
    #[arg(long, value_name = "NUMBER/COUNT")]
    shard: Option<Shard>,
    /// The secret from which all seeds come, where several machines share it; `grader secret FILE` makes one
    #[arg(long, value_name = "FILE")]
    secret: Option<PathBuf>,
    #[command(flatten)]
    broker: BrokerOption,
    /// Programs that run at the same time; else four for each core
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    jobs: Option<u32>,
    /// How often each program is graded, each time with other input; else 2
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20))]
    seeds: Option<u32>,
    /// What submissions are written in, where they do not say so themselves
    #[arg(long, value_name = "LANGUAGE", value_enum, default_value_t)]
    language: Language,
    /// What lateness costs: PERCENT a day, or PERCENT/DAYS with nothing after so many days
    #[arg(long, value_name = "POLICY")]
    late: Option<Late>,
    /// Points by exercise: ex1=20,ex2=10
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = points)]
    points: Vec<(String, f64)>,
    /// Grade even where no sandbox can hold the programs: they could then read and change whatever you can
    #[arg(long)]
    i_trust_this_code: bool,
}

fn points(text: &str) -> Result<(String, f64), String> {
    let wrong = || format!("“{text}”: it wants an exercise and its points: ex1=20");
    let (exercise, points) = text.split_once('=').ok_or_else(wrong)?;
    Ok((exercise.to_owned(), points.parse().map_err(|_| wrong())?))
}

pub fn run(everywhere: &Everywhere, args: &Args) -> anyhow::Result<u8> {
    let (workspace, _) = workspace(everywhere)?;
    let course = Course::load(&workspace.root)?;
    std::fs::metadata(&args.submissions).map_err(io(&args.submissions))?;
    apart(&args.submissions, &args.out)?;
    // A damaged one is made anew.
    let before = ClassFolder::look(&args.out).ok().and_then(|folder| Roll::read(&folder).ok());
    let policy = policy(args, &course, before.as_ref())?;
    let exercises: Vec<&Exercise> =
        course.exercises.iter().filter(|exercise| policy.exercises.contains(&exercise.id)).collect();
    let folder = ClassFolder::open(&args.out)?;
    super::let_others_read();
    folder.sweep()?;
    // A class that is an archive is unpacked there: what an interrupted run leaves of it goes with the next.
    std::fs::create_dir_all(folder.work()).map_err(io(&folder.work()))?;
    let scratch = Some(folder.work());
    let options = submission::Options { language: args.language, roster: args.roster.clone(), scratch };
    let intake = submission::find(&args.submissions, &options, &course.exercises, &exercises)?;
    if let Some(before) = &before {
        same_class(before, &intake, &args.out)?;
    }
    let secret = secret(args, &folder)?;
    let chosen = chosen(args, &intake)?;
    // Before anything is written: the folder may be a newer version's.
    let ledger = Ledger::read(folder.journal())?;
    let broker = args.broker.broker.to_string();
    let layers = Layers::probe();
    trust(args, &layers)?;
    let mut roll = Roll::new(policy.exercises.clone(), policy, broker, layers.to_string());
    let watch = Watch::new();
    read_in(&intake, &folder, &mut roll, &watch)?;
    ledger.damaged.iter().for_each(|damaged| errln!("{}", Foreign::from(damaged.to_string()).lines()));
    let session = ledger.session() + 1;
    let toolchains = toolchains(roll.languages().collect())?;
    let terms = Terms {
        secret: &secret,
        specs: &Spec::of_exercises(&workspace.root, exercises.iter().copied())?,
        toolchains: &toolchains.iter().map(|(language, found)| (*language, found.version.clone())).collect(),
        limits: &limits(&layers),
    };
    roll.conditions = terms.conditions(&course.title);
    roll.shard = args.shard;
    roll.write(&folder)?;
    let plan = Plan::new(&roll, &ledger, &terms, session, |learner| chosen.contains(learner.as_str()));
    let ledger = Mutex::new(ledger);
    for record in &plan.ready {
        ledger.lock().unwrap_or_else(PoisonError::into_inner).add(record.clone())?;
    }
    watch.begin(&plan, roll.learners.len(), session);
    roll.unusable().for_each(|(learner, why)| watch.line(&visible(&format!("  ! {learner}: {why}"))));
    let confined = layers.level() > Level::Nothing;
    watch.line(&format!("sandbox: {layers}"));
    let grading = Grading {
        args,
        toolchains: &toolchains,
        confined,
        workspace: &workspace,
        course: &course,
        folder: &folder,
        roll: &roll,
        session,
    };
    let worked = match plan.items.is_empty() {
        true => Ok(0),
        false => block_on(async { grading.work(&plan.items, &ledger, &watch).await.map(|()| 0) }),
    };
    watch.end();
    folder.sweep()?;
    // Whatever became of it, what is known is worth a report.
    let ledger = ledger.into_inner().unwrap_or_else(PoisonError::into_inner);
    let results = marks::results(&course, &folder, &roll, &ledger);
    let written = crate::report::class::write(&results, folder.root());
    summary::print(&results, &folder, worked.as_ref().ok() == Some(&0));
    let code = worked?;
    written?;
    Ok(match code {
        0 if summary::has_faults(&results, &chosen) => Verdict::GraderFault.exit_code(),
        code => code,
    })
}

/// Strangers' programs run in a sandbox, or not at all, unless somebody answers for them.
fn trust(args: &Args, layers: &Layers) -> anyhow::Result<()> {
    let Some(trouble) = layers.trouble() else { return Ok(()) };
    if !args.i_trust_this_code {
        anyhow::bail!(
            "there is no sandbox on this machine: {trouble}\nTo grade all the same, as yourself and with everything that \
             you may do: --i-trust-this-code"
        );
    }
    errln!("{} no sandbox holds these programs: {trouble}", Paper::stderr().yellow("warning:"));
    Ok(())
}

/// What runs the languages that there are.
fn toolchains(languages: BTreeSet<Language>) -> anyhow::Result<BTreeMap<Language, Toolchain>> {
    let find = |language: Language| {
        let name = format!("{language:?}");
        let found = Toolchain::find(language);
        let found = found.with_context(|| {
            format!("there are submissions in {name}, and nothing here runs them; install {name}, then try again")
        })?;
        Ok((language, found))
    };
    languages.into_iter().map(find).collect()
}

/// The bounds of programs and compilers, and whether anything holds them.
fn limits(layers: &Layers) -> String {
    let held = layers.level() > Level::Nothing;
    format!("{held} {:?} {:?}", Bounds::of_program(), Bounds::of_compiler())
}

/// What is written must not lie among what is read, nor the other way round.
fn apart(submissions: &Path, out: &Path) -> anyhow::Result<()> {
    let whole = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_default();
    let (submissions, out) = (whole(submissions), whole(out));
    if out.starts_with(&submissions) || submissions.starts_with(&out) {
        anyhow::bail!(
            "--out must be a folder of its own, neither among the submissions nor around them: {}",
            out.display()
        );
    }
    Ok(())
}

/// Is it the class of before that goes on? Who has gone is named; where that is most of them, it is another class.
fn same_class(before: &Roll, intake: &Intake, out: &Path) -> anyhow::Result<()> {
    let now: BTreeSet<&str> = intake.handed.iter().map(|handed| handed.learner.id.as_str()).collect();
    let handed_in = || before.learners.iter().filter(|entry| entry.origin.is_some());
    let gone: Vec<&str> = handed_in().map(|entry| entry.learner.id.as_str()).filter(|id| !now.contains(id)).collect();
    let named = gone.iter().take(5).copied().collect::<Vec<_>>().join(", ");
    let more = if gone.len() > 5 { format!(" and {} more", gone.len() - 5) } else { String::new() };
    if 2 * gone.len() > handed_in().count() {
        anyhow::bail!(
            "{} holds another class: of {} learners in it there is no submission here ({named}{more}).\nGrade this one into \
             another folder. Is it the same class? Then give all of its submissions, and the same --roster.",
            out.display(),
            gone.len()
        );
    }
    if !gone.is_empty() {
        let warning = Paper::stderr().yellow("warning:");
        errln!("{warning} there was a submission before, and there is none now: {named}{more}");
    }
    Ok(())
}

/// What the command line says goes before what the file says, and that before what was said the last time.
fn policy(args: &Args, course: &Course, before: Option<&Roll>) -> anyhow::Result<Policy> {
    let beside = args.out.join("class.toml");
    let mut policy = match &args.class {
        Some(path) => Policy::read(path)?,
        None if beside.is_file() => Policy::read(&beside)?,
        None => before.map(|roll| roll.policy.clone()).unwrap_or_default(),
    };
    if !args.exercises.is_empty() {
        policy.exercises.clone_from(&args.exercises);
    }
    let ids = policy.exercises.iter().map(|word| Ok(find_exercise(course, word)?.id.clone()));
    let ids: Vec<String> = ids.collect::<anyhow::Result<_>>()?;
    let wanted = |exercise: &&Exercise| ids.is_empty() || ids.contains(&exercise.id);
    policy.exercises = course.exercises.iter().filter(wanted).map(|exercise| exercise.id.clone()).collect();
    policy.seeds = args.seeds.unwrap_or(policy.seeds);
    policy.late = args.late.unwrap_or(policy.late);
    policy.points.extend(args.points.iter().cloned());
    for exercise in policy.points.keys() {
        if course.exercise(exercise).is_none() {
            anyhow::bail!("points for {exercise}, which is no exercise of the course");
        }
    }
    policy.validate("--points")?;
    Ok(policy)
}

/// The class's secret. Parts of a class share theirs, so it must be given before the first of them is graded.
fn secret(args: &Args, folder: &ClassFolder) -> anyhow::Result<Secret> {
    let kept = folder.secret();
    match &args.secret {
        Some(given) => Ok(Secret::shared(given, &kept)?),
        None if args.shard.is_some() && !kept.is_file() => anyhow::bail!(
            "--shard wants a secret that all parts share, or each would be graded with seeds of its own.\n\
             Make one (grader secret class.secret), and give it to every part: --secret class.secret"
        ),
        None => Ok(Secret::at(&kept)?),
    }
}

/// The learners that `--shard`, `--only` and `--exclude` leave. Those that they name are there.
fn chosen(args: &Args, intake: &Intake) -> anyhow::Result<BTreeSet<String>> {
    let ids: BTreeSet<String> = intake.learners().map(|learner| learner.id.to_string()).collect();
    for name in args.only.iter().chain(&args.exclude) {
        if !ids.contains(name) {
            let near = nearest(name, ids.iter().map(|id| (id.clone(), id.clone())));
            anyhow::bail!("there is no learner “{name}” in this class.{}", did_you_mean(&near));
        }
    }
    let learners = intake.learners().filter(|learner| args.shard.is_none_or(|shard| shard.holds(&learner.id)));
    let wanted = |id: &String| (args.only.is_empty() || args.only.contains(id)) && !args.exclude.contains(id);
    Ok(learners.map(|learner| learner.id.to_string()).filter(wanted).collect())
}

/// Reads every submission, and keeps what counts of it.
fn read_in(intake: &Intake, folder: &ClassFolder, roll: &mut Roll, watch: &Watch) -> anyhow::Result<()> {
    roll.complaints = intake.problems.iter().map(|note| Foreign::from(note.to_string()).lines().to_string()).collect();
    for handed in &intake.handed {
        watch.reading(&handed.learner.id);
        let entry = match handed.open() {
            Ok(submission) => Entry::of(submission, folder)?,
            Err(error) => {
                let complaint = Foreign::from(format!("{}: {error}", handed.learner.id));
                roll.complaints.push(complaint.lines().to_string());
                Entry::unreadable(handed.learner.clone(), &roll.exercises, &error.to_string())
            }
        };
        roll.learners.push(entry);
    }
    roll.learners.extend(intake.missing.iter().cloned().map(Entry::missing));
    Ok(())
}

/// Everything that grading needs, and nothing that waits.
struct Grading<'a> {
    args: &'a Args,
    toolchains: &'a BTreeMap<Language, Toolchain>,
    confined: bool,
    workspace: &'a Workspace,
    course: &'a Course,
    folder: &'a ClassFolder,
    roll: &'a Roll,
    session: u32,
}

impl Grading<'_> {
    async fn work(&self, items: &[Item], ledger: &Mutex<Ledger>, watch: &Watch) -> anyhow::Result<()> {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let jobs = self.args.jobs.map_or(RUNS_PER_CORE * cores, |jobs| jobs as usize);
        let grader = Grader::new(&self.workspace.root, self.args.broker.broker.clone(), jobs)?;
        let brokers = grader.brokers(&|notice| watch.broker(&notice)).await?;
        let description = brokers.description();
        watch.line(&visible(&format!("{}: {}", description.version, description.why)));
        let leaves = self.leaves(items, watch).await?;
        let keep = |unit: &Unit, told: &Told<'_>| {
            let path = self.folder.details(&unit.learner, &unit.exercise, unit.sitting);
            let story = match told {
                Told::Graded(graded) => Story::graded(graded, None),
                Told::DidNotBuild { exercise, said } => {
                    let facts = Facts { seed: unit.seed, error: Some((*said).into()), ..Facts::default() };
                    Story::without_run(exercise, Verdict::DidNotBuild, facts)
                }
            };
            detail::write(&story, &path).map_err(|error| error.error)
        };
        let queue = Queue {
            course: self.course,
            folder: self.folder,
            grader: &grader,
            leaves: &leaves,
            toolchains: self.toolchains,
            jobs,
            builds: cores,
            session: self.session,
            confined: self.confined,
            sandbox: &self.roll.sandbox,
            watch: &|notice| watch.notice(&notice),
            keep: &keep,
        };
        Ok(queue.work(items, ledger).await?)
    }

    /// The crates of the exercises for which there are submissions in Rust.
    async fn leaves(&self, items: &[Item], watch: &Watch) -> anyhow::Result<BTreeMap<String, Leaf>> {
        let rust = |item: &&Item| item.language == Language::Rust;
        let ids: BTreeSet<&str> = items.iter().filter(rust).map(|item| item.exercise.as_str()).collect();
        let exercises: Vec<&Exercise> = ids.iter().filter_map(|id| self.course.exercise(id)).collect();
        if exercises.is_empty() {
            return Ok(BTreeMap::new());
        }
        let packages: Vec<&str> = exercises.iter().map(|exercise| exercise.package()).collect();
        let calls = self.workspace.state().join("class");
        let libraries = self.folder.work().join("libraries");
        let says = |said: build::Said<'_>| watch.building(said);
        let leaves = build::leaves(&self.workspace.root, &packages, &calls, &libraries, says).await?;
        Ok(exercises.into_iter().map(|exercise| exercise.id.clone()).zip(leaves).collect())
    }
}
