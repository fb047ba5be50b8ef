//! `kafkacourse watch`: a check at each save.
//!
//! `saves` says when to check, and `round` is one check, through `grade` as every other; dropped, it is cancelled. What
//! happens is `news`: on a terminal a `view` makes a screen of it, elsewhere each is a line. The keys run the commands
//! that could be typed (`ask`).

mod ask;
mod news;
mod round;
mod saves;
mod view;
mod wish;

use super::screen::{Input, Screen};
use super::{BrokerOption, Context, block_on, check};
use crate::build::BuildError;
use crate::course::Exercise;
use crate::foreign::Foreign;
use crate::grade::{Grader, NotGraded};
use crate::progress::Progress;
use crate::remembered::CommandLine;
use crate::report::out::{self, outln};
use crate::report::paper::Paper;
use crate::report::{terminal, trouble};
use crate::run::RunError;
use crate::verdict::Verdict;
use news::{Ended, News};
use round::{Round, Subject};
use saves::Saves;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use view::View;
use wish::{Wish, wish};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Keys, at any time: h hint, t trace, r run again, n next, l list, q quit, ? help.
Where standard output or input is no terminal, each event is a line, and there are no keys.")]
pub struct Args {
    /// An exercise: ex1, 1, producer-basics…; without one, that of the current folder, else your next one
    exercise: Option<String>,
    /// Check this command line instead, in any language; it is remembered, as with `check`. What is watched are the
    /// sources in the folder where it runs, and below
    #[arg(long, value_name = "COMMAND")]
    cmd: Option<String>,
    /// Check the crate in exercises/ again, and forget the command line that was remembered
    #[arg(long, conflicts_with = "cmd")]
    no_cmd: bool,
    #[command(flatten)]
    broker: BrokerOption,
}

/// How the watching of one exercise ends.
enum Turn {
    To(String),
    Quit(u8),
}

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<u8> {
    let mut id = context.exercise(args.exercise.as_deref())?.id.clone();
    let exercise = context.exercise(Some(&id))?;
    let mut command = check::command_line(context, exercise, args.cmd.as_deref(), args.no_cmd)?;
    let mut face = Face::open(context.out)?;
    let code = block_on(async {
        let mut grader = None;
        loop {
            match watch(context, args, (&id, command), &mut grader, &mut face).await? {
                Turn::To(next) => id = next,
                Turn::Quit(code) => return Ok(code),
            }
            command = check::command_line(context, context.exercise(Some(&id))?, None, false)?;
        }
    });
    face.close(&id);
    code
}

/// Where it is told: on a screen, or line by line.
enum Face {
    Screen(Screen, Box<View>),
    Lines(Paper),
}

impl Face {
    fn open(paper: Paper) -> anyhow::Result<Face> {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        if !paper.terminal || !std::io::stdin().is_terminal() || dumb {
            return Ok(Face::Lines(paper));
        }
        let screen = Screen::open().map_err(|error| anyhow::anyhow!("this terminal cannot be used: {error}"))?;
        let (paper, rows) = Screen::size();
        Ok(Face::Screen(screen, Box::new(View::new(paper, rows))))
    }

    fn hear(&mut self, news: &News) {
        match self {
            Face::Screen(_, view) => view.hear(news),
            Face::Lines(paper) => {
                if let Some(line) = news.line(paper) {
                    outln!("{line}");
                    out::flush();
                }
            }
        }
        self.draw();
    }

    fn draw(&mut self) {
        if let Face::Screen(screen, view) = self {
            screen.show(view.lines(), &view.paper());
        }
    }

    fn paper(&self) -> Paper {
        match self {
            Face::Screen(_, view) => view.paper(),
            Face::Lines(paper) => *paper,
        }
    }

    /// The next thing that is wanted of a screen.
    async fn input(&mut self) -> Input {
        match self {
            Face::Screen(screen, _) => screen.input().await,
            Face::Lines(_) => std::future::pending().await,
        }
    }

    /// Leaves a line where the screen was.
    fn close(self, id: &str) {
        if let Face::Screen(screen, view) = self {
            drop(screen);
            if let Some(headline) = view.headline() {
                outln!("{id}: {headline}");
            }
        }
    }
}

/// Something that may be going on, and would go on later.
type Going<'f, T> = Option<Pin<Box<dyn Future<Output = T> + 'f>>>;

/// Waits for it, for ever where there is nothing.
async fn end<T>(going: &mut Going<'_, T>) -> T {
    let Some(work) = going else { return std::future::pending().await };
    let result = work.await;
    *going = None;
    result
}

/// What happens next.
enum Event<'e> {
    Saved(PathBuf),
    Input(Input),
    News(News),
    Ended(Box<Round<'e>>),
    Answered((String, String)),
    Second,
}

/// Watches one exercise, or the command line that stands for it, until somebody wants something else.
async fn watch(
    context: &mut Context,
    args: &Args,
    (id, command): (&str, Option<CommandLine>),
    grader: &mut Option<Arc<Grader>>,
    face: &mut Face,
) -> anyhow::Result<Turn> {
    let course = context.course.clone();
    let exercise = course.exercise(id).ok_or_else(|| anyhow::anyhow!("there is no exercise {id}"))?;
    let candidate = check::learners(command.as_ref());
    let folders = folders(context, exercise, command.as_ref());
    let mut saves =
        Saves::watch(&folders).map_err(|error| anyhow::anyhow!("your program cannot be watched: {error}"))?;
    face.hear(&watching(context, exercise, &folders, &saves));
    let coloured_compiler = face.paper().colour;
    let subject = Subject { exercise, candidate, coloured_compiler };
    let (mut failed, mut passed, mut told): (Option<String>, bool, Option<UnboundedReceiver<News>>) =
        Default::default();
    let mut round: Going<'_, Round<'_>> = None;
    let mut asked: Going<'_, (String, String)> = None;
    let mut second = tokio::time::interval(Duration::from_secs(1));
    let mut begin = Some("the first one".to_owned());
    loop {
        if let Some(why) = begin.take() {
            let instead = round.take().is_some(); // and so it ends, with all that it has started
            face.hear(&News::Checking { why, instead });
            let (tell, news) = unbounded_channel();
            told = Some(news);
            let grader = match grader {
                Some(grader) => grader.clone(),
                None => grader
                    .insert(Arc::new(Grader::new(&context.workspace.root, args.broker.broker.clone(), 1)?))
                    .clone(),
            };
            let (subject, workspace) = (subject.clone(), context.workspace.clone());
            round = Some(Box::pin(round::check(subject, failed.clone(), grader, workspace, tell)));
            second.reset();
        }
        let event = tokio::select! {
            path = saves.next() => Event::Saved(path),
            input = face.input() => Event::Input(input),
            Some(news) = next(&mut told) => Event::News(news),
            ended = end(&mut round) => Event::Ended(Box::new(ended)),
            answer = end(&mut asked) => Event::Answered(answer),
            _ = second.tick() => Event::Second,
        };
        match event {
            Event::Saved(path) => begin = Some(format!("{} was saved", short(&path, &folders))),
            Event::News(news) => face.hear(&news),
            Event::Ended(ended) => {
                while let Some(news) = told.as_mut().and_then(|told| told.try_recv().ok()) {
                    face.hear(&news);
                }
                if let Err(NotGraded::Broker(_) | NotGraded::Run(_)) = &ended.result {
                    *grader = None; // it is looked for anew
                }
                let (told, still) = conclude(context, *ended, face.paper());
                passed = told.passed;
                if told.passed || still.is_some() {
                    failed = still;
                }
                face.hear(&News::Ended(told));
            }
            Event::Answered((title, text)) => {
                if let Face::Screen(_, view) = face {
                    view.open(&title, text);
                }
                face.draw();
            }
            Event::Second => {
                if let Face::Screen(_, view) = face {
                    view.tick();
                }
                face.draw();
                if out::is_lost() {
                    return Ok(Turn::Quit(0)); // nobody reads on
                }
            }
            Event::Input(input) => {
                let Face::Screen(screen, view) = face else { continue };
                let wish = match input {
                    Input::Key(key) => wish(key),
                    Input::Gone => Some(Wish::Quit),
                    Input::Resized => Some(Wish::Redraw),
                };
                let words: &[&str] = match wish {
                    None => continue,
                    Some(Wish::Quit) => return Ok(Turn::Quit(0)),
                    Some(Wish::Interrupt) => return Ok(Turn::Quit(130)),
                    Some(Wish::Again) => {
                        begin = Some("you asked for it".into());
                        &[]
                    }
                    Some(Wish::Next) if passed && let Some(next) = next_exercise(context) => {
                        return Ok(Turn::To(next));
                    }
                    Some(Wish::Next) => &["next"],
                    Some(Wish::List) => &["list"],
                    Some(Wish::Hint) => &["hint", id],
                    Some(Wish::Trace) => match &failed {
                        Some(scenario) => &["trace", id, "--scenario", scenario],
                        None => &["trace", id],
                    },
                    Some(Wish::Help) => {
                        view.help();
                        &[]
                    }
                    Some(Wish::Back) => {
                        view.back();
                        &[]
                    }
                    Some(Wish::Scroll(by)) => {
                        view.scroll(by);
                        &[]
                    }
                    Some(Wish::Redraw) => {
                        let (paper, rows) = Screen::size();
                        view.resize(paper, rows);
                        screen.clear();
                        &[]
                    }
                };
                if !words.is_empty() {
                    asked = Some(ask(context, words, face.paper()));
                }
                face.draw();
            }
        }
    }
}

/// What is told next, where something may be.
async fn next(told: &mut Option<UnboundedReceiver<News>>) -> Option<News> {
    match told {
        Some(told) => told.recv().await,
        None => None,
    }
}

/// Runs a command of ours, and returns its name and what it said.
fn ask(context: &Context, words: &[&str], paper: Paper) -> Pin<Box<dyn Future<Output = (String, String)>>> {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let (title, root) = (format!("kafkacourse {}", words.join(" ")), context.workspace.root.clone());
    Box::pin(async move { (title, ask::kafkacourse(words, &root, paper).await) })
}

/// Where the sources of the program are: the exercise's crate and the kit; of a command line, where it runs.
fn folders(context: &Context, exercise: &Exercise, command: Option<&CommandLine>) -> Vec<PathBuf> {
    if let Some(command) = command {
        return vec![command.folder.clone()];
    }
    let exercises = context.workspace.root.join("exercises");
    let kit = Some(exercises.join("kit")).filter(|kit| kit.is_dir());
    std::iter::once(exercises.join(&exercise.folder)).chain(kit).collect()
}

fn watching(context: &Context, exercise: &Exercise, folders: &[PathBuf], saves: &Saves) -> News {
    let root = &context.workspace.root;
    let place = |folder: &PathBuf| folder.strip_prefix(root).unwrap_or(folder).display().to_string();
    let mut places = folders.iter().map(place).collect::<Vec<_>>().join(", ");
    if places.is_empty() {
        places = root.display().to_string();
    }
    if let Some(why) = &saves.by_looking {
        places += &format!(" (looked at twice a second: {why})");
    }
    let exercise = format!("{} · {}", exercise.id, exercise.title);
    News::Watching { exercise, place: Foreign::from(places).to_string() }
}

/// The path of a file within one of the folders.
fn short(path: &Path, folders: &[PathBuf]) -> String {
    let below = folders.iter().find_map(|folder| path.strip_prefix(folder).ok()).unwrap_or(path);
    Foreign::from(below.display().to_string()).to_string()
}

/// The exercise to go on with.
fn next_exercise(context: &Context) -> Option<String> {
    context.way().next_exercise().map(|exercise| exercise.id.clone())
}

/// Keeps what the check came to; returns what there is to say of it, and the first scenario that failed.
fn conclude(context: &mut Context, round: Round<'_>, paper: Paper) -> (Ended, Option<String>) {
    let Round { order, result, sources } = round;
    // Hints may have been asked for meanwhile.
    if let Ok(progress) = Progress::load(&context.workspace.state()) {
        context.progress = progress;
    }
    let attempt = check::attempt(&order, &result, sources);
    let (mut ended, failed) = match &result {
        Ok(graded) => {
            let story = check::story(context, &order, graded);
            let failed = story.scenes.iter().find(|scene| !scene.passed()).map(|scene| scene.id.clone());
            let report = terminal::scenarios(&story, &paper)
                + &check::text(context, &order, &story, attempt.as_ref(), &paper, false);
            let passed = story.verdict == Verdict::Passed;
            (Ended { passed, headline: news::headline(&story), report, next: None }, failed)
        }
        Err(error) => (not_graded(error), None),
    };
    if let Some(attempt) = attempt {
        context.keep(attempt);
    }
    if ended.passed {
        ended.next = next_exercise(context);
    }
    (ended, failed)
}

/// Why there is no verdict from a run.
fn not_graded(error: &NotGraded) -> Ended {
    let (headline, report) = match error {
        NotGraded::Build(BuildError::Broken { package, diagnostics }) => (
            format!("does not build: {}", news::first_error(diagnostics)),
            format!("{package} does not build.\n\n{diagnostics}"),
        ),
        NotGraded::Run(RunError::NoCommand { .. }) => ("the command cannot be run".into(), error.to_string()),
        other => {
            let text = other.to_string();
            let more = trouble::entry(&text).map(trouble::command);
            let more = more.map(|command| format!("\nmore: {command}")).unwrap_or_default();
            let first = text.lines().next().unwrap_or_default();
            (format!("not your doing: {first}"), format!("not your doing: {text}\n{more}\n\nr tries again.\n"))
        }
    };
    Ended { passed: false, headline: Foreign::from(headline).to_string(), report, next: None }
}
