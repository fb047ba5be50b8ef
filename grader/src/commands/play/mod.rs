//! `kafkacourse play`: Kafka live, with keys that break things.
//!
//! A `run::Session` plays steps that the keys ask for; `play::Scene` follows its events. On a terminal a `view` makes a
//! screen of it, elsewhere and with `--plain` each event is a line, and each line that is typed is a key (`keys`).

mod inks;
mod keys;
mod view;

use super::Context;
use super::runtime::{Stop, block_on_until_asked};
use super::screen::{Input, Screen};
use crate::broker::Choice;
use crate::course::{Scenario, Step, Topic};
use crate::evidence::{Action, Occurrence, Pattern, Rule};
use crate::foreign::Foreign;
use crate::grade::{Grader, Notice};
use crate::ourselves::ourselves;
use crate::play::{CLIENT, CONSUMERS, CONTROLS, Controls, GROUP, News, PARTITIONS, PRODUCER, Scene, TOPIC, name};
use crate::process::Program;
use crate::report::out::{self, outln};
use crate::report::paper::Paper;
use crate::run::{Job, Session};
use keys::Wish;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::collections::VecDeque;
use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::Instant;
use view::View;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Keys: g groups, arrows choose a consumer, s start or stop it, k kill it, + and - pace, b batches, l lose an
acknowledgement, p poison record, ? help, q quit. With --plain, type a key and Enter; for s and k a name: “k zulu”.
It ends by itself after an hour, and before that when half a million events have happened.")]
pub struct Args {
    /// A line for each event, instead of a screen
    #[arg(long)]
    plain: bool,
    /// Which Kafka: embedded, docker, auto, or HOST:PORT (that of `docker compose up -d` is localhost:9092)
    #[arg(long, value_name = "BROKER", env = "KAFKACOURSE_BROKER", default_value = "embedded")]
    broker: Choice,
}

/// Between two looks at what happened: ten pictures a second are enough for records that come by the second.
const LOOK: Duration = Duration::from_millis(100);

/// Everything that happens is kept in memory, so it ends some day: after so long, or so many events, which take some
/// hundred MiB.
const LONGEST: Duration = Duration::from_secs(3_600);
const MOST_EVENTS: usize = 500_000;

/// How much of what happened is worth remembering.
const REMEMBERED: usize = 100;

pub(super) fn run(context: &Context, args: &Args) -> anyhow::Result<u8> {
    block_on_until_asked(|stop| play(context, args, stop))
}

async fn play(context: &Context, args: &Args, mut stop: Stop) -> anyhow::Result<u8> {
    let paper = context.out;
    let grader = Grader::new(&context.workspace.root, args.broker.clone(), 1)?;
    let watch = |notice: Notice<'_>| {
        if let Notice::Broker(line) = notice {
            outln!("{}", paper.wrap(&paper.dim(line), 2));
        }
    };
    let brokers = tokio::select! {
        brokers = grader.brokers(&watch) => brokers?,
        () = stop.asked() => return Ok(Stop::CODE),
    };
    let folder = tempfile::tempdir()?;
    let topics = [Topic { name: TOPIC.into(), partitions: PARTITIONS as i32 }];
    let groups: Vec<String> = [GROUP].iter().chain(&CONSUMERS).map(|name| (*name).to_owned()).collect();
    let program = Program::Part(ourselves()?, CLIENT);
    let job = Job {
        what: "play",
        topics: &topics,
        groups: &groups,
        program: &program,
        whose: "playground",
        seed: 0,
        folder: folder.path(),
        confinement: None,
    };
    let file = folder.path().join("play.jsonl.gz");
    let mut session = Session::start(&job, &Scenario::by_hand("play"), &file, brokers, grader.reaper()).await?;
    session.without_limit();
    session.trust();
    let mut game = Game {
        controls_file: session.file(CONTROLS),
        broker: Foreign::from(brokers.description().version.split(" (").next().unwrap_or_default()).to_string(),
        face: Face::open(args.plain, paper)?,
        session,
        scene: Scene::default(),
        controls: Controls::default(),
        news: VecDeque::new(),
        chosen: 1,
        help: false,
        until: Instant::now() + LONGEST,
    };
    let played = game.play(&mut stop).await;
    let Game { face, session, scene, .. } = game;
    face.close();
    session.close().await?;
    played?;
    let read = scene.clients.iter().filter(|client| client.role != PRODUCER).map(|client| client.records).sum::<u64>();
    let sent = scene.client(PRODUCER).map_or(0, |producer| producer.acknowledged);
    outln!("{sent} records were stored, and {read} processed. Nothing of it is left.");
    Ok(0)
}

/// Where it is shown, and where the wishes come from.
enum Face {
    Screen(Screen, Terminal<CrosstermBackend<out::Stdout>>),
    Lines(Paper, UnboundedReceiver<String>),
}

/// What somebody wants.
enum Wanted {
    Wish(Option<Wish>),
    Line(String),
    Drawn,
}

impl Face {
    fn open(plain: bool, paper: Paper) -> anyhow::Result<Face> {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        if plain || !paper.terminal || !std::io::stdin().is_terminal() || dumb {
            let (tell, lines) = unbounded_channel();
            // It ends with the process: nobody can take a read from a terminal back.
            std::thread::Builder::new().name("lines".into()).spawn(move || {
                std::io::stdin().lock().lines().map_while(Result::ok).all(|line| tell.send(line).is_ok())
            })?;
            return Ok(Face::Lines(paper, lines));
        }
        let screen = Screen::open().map_err(|error| anyhow::anyhow!("this terminal cannot be used: {error}"))?;
        Ok(Face::Screen(screen, Terminal::new(CrosstermBackend::new(out::Stdout))?))
    }

    /// Waits until somebody wants something.
    async fn wanted(&mut self, chosen: usize) -> Wanted {
        match self {
            Face::Screen(screen, _) => match screen.input().await {
                Input::Key(key) => Wanted::Wish(keys::wish(key, chosen)),
                Input::Resized => Wanted::Drawn,
                Input::Gone => Wanted::Wish(Some(Wish::Quit)),
            },
            Face::Lines(_, lines) => match lines.recv().await {
                Some(line) => Wanted::Line(line),
                None => std::future::pending().await,
            },
        }
    }

    fn close(self) {
        drop(self); // which gives the terminal back, before something is printed on it
    }
}

struct Game {
    session: Session,
    scene: Scene,
    controls: Controls,
    controls_file: PathBuf,
    news: VecDeque<News>,
    chosen: usize,
    help: bool,
    broker: String,
    face: Face,
    until: Instant,
}

/// Shall it go on?
#[derive(PartialEq, Eq)]
enum Turn {
    On,
    Over,
}

impl Game {
    async fn play(&mut self, stop: &mut Stop) -> anyhow::Result<()> {
        self.controls.write(&self.controls_file)?;
        if let Face::Lines(paper, _) = &self.face {
            let line = format!("{} · topic {TOPIC}, {PARTITIONS} partitions · ? and Enter for the keys", self.broker);
            outln!("{}", paper.wrap(&paper.dim(&line), 0));
        }
        for role in [PRODUCER, CONSUMERS[0], CONSUMERS[1]] {
            self.session.step(&Step::Start(role.into())).await?;
        }
        let mut look = tokio::time::interval(LOOK);
        loop {
            let wanted = tokio::select! {
                wanted = self.face.wanted(self.chosen) => wanted,
                _ = look.tick() => Wanted::Drawn,
                () = stop.asked() => return Ok(()),
                () = tokio::time::sleep_until(self.until) => return Ok(()),
            };
            let wish = match wanted {
                Wanted::Drawn => None,
                Wanted::Wish(wish) => wish,
                Wanted::Line(line) => keys::wish_of_line(&line).unwrap_or_else(|error| {
                    self.say(None, error);
                    None
                }),
            };
            if let Some(wish) = wish
                && self.grant(wish).await? == Turn::Over
            {
                return Ok(());
            }
            self.look()?;
            // Nobody reads on, or there is no room for more.
            if out::is_lost() || self.session.look(<[_]>::len) > MOST_EVENTS {
                return Ok(());
            }
        }
    }

    /// Takes in what happened, and shows it.
    fn look(&mut self) -> anyhow::Result<()> {
        let scene = &mut self.scene;
        let news = self.session.look(|events| scene.follow(events));
        news.into_iter().for_each(|news| self.hear(news));
        let Face::Screen(_, terminal) = &mut self.face else {
            out::flush();
            return Ok(());
        };
        let view = View {
            scene: &self.scene,
            controls: &self.controls,
            news: &self.news,
            chosen: self.chosen,
            broker: &self.broker,
            help: self.help,
            colour: Paper::stdout().colour,
        };
        terminal.draw(|frame| view.draw(frame))?;
        Ok(())
    }

    fn hear(&mut self, news: News) {
        if let Face::Lines(paper, _) = &self.face {
            outln!("{}", line(&news, paper));
        } else if !news.usual {
            self.news.push_back(news);
            while self.news.len() > REMEMBERED {
                self.news.pop_front();
            }
        }
    }

    /// What a key did that no event shows.
    fn say(&mut self, read: Option<&'static str>, text: impl Into<String>) {
        self.hear(News { at: self.scene.now, role: None, text: text.into(), read, usual: false });
    }

    async fn grant(&mut self, wish: Wish) -> anyhow::Result<Turn> {
        if self.help && wish != Wish::Quit {
            self.help = false;
            return Ok(Turn::On);
        }
        match wish {
            Wish::Quit => return Ok(Turn::Over),
            Wish::Help => self.explain(),
            Wish::Up => self.chosen = (self.chosen + CONSUMERS.len() - 1) % CONSUMERS.len(),
            Wish::Down => self.chosen = (self.chosen + 1) % CONSUMERS.len(),
            Wish::Redraw => {
                if let Face::Screen(_, terminal) = &mut self.face {
                    terminal.clear()?;
                }
            }
            Wish::Faster | Wish::Slower => {
                if wish == Wish::Faster {
                    self.controls.faster()
                } else {
                    self.controls.slower()
                }
                self.controls.write(&self.controls_file)?;
                let rate = crate::checks::count(self.controls.rate as usize, "record");
                self.say(
                    Some("operations/03-lag"),
                    format!("The producer sends {rate} a second. Lag grows where it is faster than those who read"),
                );
            }
            Wish::Batch => {
                self.controls.batch = self.controls.batch.next();
                self.controls.write(&self.controls_file)?;
                let told = self.controls.batch.told();
                self.say(Some("consumers/09-batches"), format!("The consumers process {told}, and commit then"));
            }
            Wish::Poison => {
                self.controls.poison += 1;
                self.controls.write(&self.controls_file)?;
                self.say(None, "The producer is to send a record that is no JSON");
            }
            Wish::Lose => {
                self.session.arm(lost_acknowledgement());
                self.say(None, "The next acknowledgement to the producer is lost on its way");
            }
            Wish::Groups => self.change_groups().await?,
            Wish::Toggle(consumer) => self.toggle(CONSUMERS[consumer]).await?,
            Wish::Kill(consumer) => {
                let role = CONSUMERS[consumer];
                if self.runs(role) {
                    self.session.step(&Step::Kill(role.into())).await?;
                } else {
                    self.say(None, format!("{} does not run: s starts it", name(role)));
                }
            }
        }
        Ok(Turn::On)
    }

    fn runs(&self, role: &str) -> bool {
        self.scene.client(role).is_some_and(|client| client.runs)
    }

    fn explain(&mut self) {
        match &self.face {
            Face::Screen(..) => self.help = true,
            Face::Lines(paper, _) => {
                keys::KEYS.iter().for_each(|(key, what)| outln!("{}", paper.row(&format!("  {key}"), 8, what)));
            }
        }
    }

    async fn toggle(&mut self, role: &str) -> anyhow::Result<()> {
        if self.runs(role) {
            self.session.stop(role).await?;
        } else {
            self.session.step(&Step::Start(role.into())).await?;
        }
        Ok(())
    }

    /// Everybody who reads joins the other group, or one of its own.
    async fn change_groups(&mut self) -> anyhow::Result<()> {
        self.controls.own_groups = !self.controls.own_groups;
        self.controls.write(&self.controls_file)?;
        let told = match self.controls.own_groups {
            true => {
                "Each consumer has a group of its own now: each reads all partitions, from its own committed offsets"
            }
            false => "All consumers are in one group now: each partition is read by one of them",
        };
        self.say(Some("consumers/08-fan-out"), told);
        let readers: Vec<&str> = CONSUMERS.into_iter().filter(|role| self.runs(role)).collect();
        for role in &readers {
            self.session.stop(role).await?;
        }
        for role in readers {
            self.session.step(&Step::Start(role.into())).await?;
        }
        Ok(())
    }
}

/// The next answer to a Produce request never arrives.
fn lost_acknowledgement() -> Rule {
    let on = Pattern { role: Some(PRODUCER.into()), ..Pattern::of_kind("produce.response") };
    Rule { on, states: Vec::new(), when: Occurrence::Nth(1), per: None, action: Action::Lose }
}

/// One line of `--plain`.
fn line(news: &News, paper: &Paper) -> String {
    let who = match &news.role {
        Some(role) => inks::painted(role, &format!("[{}]", name(role)), paper),
        None => String::new(),
    };
    let time = format!("{:>6.1} s ", news.at as f64 / 1e6);
    let read = news.read.map(|read| format!(" · kafkacourse read {read}")).unwrap_or_default();
    let gap = if who.is_empty() { "" } else { " " };
    paper.beside(&paper.dim(&time), &format!("{who}{gap}{}{}", news.text, paper.dim(&read)))
}
