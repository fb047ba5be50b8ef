//! A crash drill: a role is killed again and again, at moments that the seed draws, and started again each time.
//!
//! It all happens in one run with one timeline: what the program did before the drill is its dry run, which shows the
//! kinds of moment that occur at all; then each crash draws its moment, arms a rule for it, and gives the program more
//! work, so that the moment comes. A database that the program says nothing about is watched by its locks.

use super::RunError;
use super::groups::all_committed;
use super::input::derived_seed;
use super::locks::{Edge, Locks, Strike, Watch};
use super::roles;
use super::stage::Stage;
use super::wait::{Halt, give_up, until};
use crate::course::{Drill, Moment};
use crate::evidence::{Action, Because, Occurrence, Pattern, Rule, What};
use crate::recorder::{Ending, have_fitted};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

/// How many portions of work a moment may need: the nth commit needs several, where each commit covers ten records.
const PORTIONS: u32 = 6;

/// What a crash strikes at.
#[derive(Clone, Copy)]
enum At<'d> {
    Event(&'d Moment),
    /// What the locks of a database show.
    Transaction {
        file: &'d str,
        edge: Edge,
        within: u32,
    },
}

impl At<'_> {
    fn told(self) -> String {
        match self {
            At::Event(moment) => moment.told.clone(),
            At::Transaction { file, edge: Edge::Begins, .. } => format!("about when a transaction of {file} begins"),
            At::Transaction { file, edge: Edge::Ends, .. } => format!("about when a transaction of {file} ends"),
        }
    }

    fn within(self) -> u32 {
        match self {
            At::Event(moment) => moment.within.0,
            At::Transaction { within, .. } => within,
        }
    }
}

/// Of so many transactions between two commits to Kafka, each has its crash: two for one payment are told apart.
const TRANSACTIONS: u32 = 2;

pub(super) async fn play(stage: &mut Stage, drill: &Drill) -> Result<(), Halt> {
    let mut random = StdRng::seed_from_u64(derived_seed(stage.seed, "drill"));
    let mut moments: Vec<At<'_>> = drill.moments.iter().map(At::Event).collect();
    moments.extend(transactions(stage, drill).await?);
    // Every kind in turn and every number in turn, so that each has its share.
    let mut order: Vec<(At<'_>, Turns)> =
        moments.into_iter().map(|at| (at, Turns::new(at.within(), &mut random))).collect();
    order.shuffle(&mut random);
    for number in 1..=drill.crashes {
        let occurs = |at: At<'_>| match at {
            At::Event(moment) => {
                let on = of_role(&moment.on, &drill.role);
                stage.recorder.look(|events| events.iter().any(|event| on.matches(event)))
            }
            At::Transaction { .. } => true,
        };
        let Some(drawn) = order.iter().position(|(at, _)| occurs(*at)) else {
            return Err(give_up(stage, "a moment to crash at", Because::NoMoment));
        };
        order[..].rotate_left(drawn + 1);
        let Some((at, turns)) = order.last_mut() else { break };
        let nth = turns.next();
        let (of, told) = (drill.crashes, at.told());
        let crash = What::Crash { number, of, moment: told.clone(), nth };
        let from = stage.recorder.record(Some(&drill.role), crash).position;
        let role = drill.role.clone();
        let watch = match *at {
            At::Event(moment) => {
                let (on, states) = (of_role(&moment.on, &role), moment.states.clone());
                let (when, action) = (Occurrence::Nth(nth), Action::Kill(role));
                stage.recorder.arm(Rule { on, states, when, per: None, action });
                None
            }
            At::Transaction { file, edge, .. } => Some(watched(stage, file, Some(Strike { role, edge, nth }))?),
        };
        until_killed(stage, drill, (number, &told), from, watch.as_ref()).await?;
        drop(watch);
        roles::restart(stage, &drill.role).await?;
    }
    Ok(())
}

/// What can be struck in the database of a program that does not tell about it. A portion of work shows whether its
/// locks can be seen at all.
async fn transactions<'d>(stage: &mut Stage, drill: &'d Drill) -> Result<Vec<At<'d>>, Halt> {
    let Some(file) = &drill.database else { return Ok(Vec::new()) };
    let tells = |what: &What| matches!(what, What::Call { op, .. } if op == "db.write" || op == "db.commit");
    if stage.recorder.look(|events| events.iter().any(|event| tells(&event.what))) {
        return Ok(Vec::new());
    }
    let before = Locks::new(stage.file(file)).written();
    let watch = watched(stage, file, None)?;
    let topic = drill.input.topic.clone().unwrap_or_default();
    stage.produce(&drill.input).await?;
    until(stage, "a portion of work to be committed", all_committed(&drill.group, &topic)).await?;
    // Where nobody came to look in time, the file still says that something was written.
    let written = Locks::new(stage.file(file)).written() != before;
    let within = watch.most().max(u32::from(written)).min(TRANSACTIONS);
    let edges = [Edge::Begins, Edge::Ends].into_iter().filter(|_| within > 0);
    Ok(edges.map(|edge| At::Transaction { file, edge, within }).collect())
}

fn watched(stage: &Stage, file: &str, strike: Option<Strike>) -> Result<Watch, Halt> {
    let watch = Watch::new(stage.file(file), stage.recorder.clone(), strike);
    Ok(watch.map_err(RunError::io("no thread can be started for a database"))?)
}

/// The numbers from 1 to n in an order of the seed's, over and over.
struct Turns(Vec<u32>);

impl Turns {
    fn new(n: u32, random: &mut StdRng) -> Turns {
        let mut numbers: Vec<u32> = (1..=n.max(1)).collect();
        numbers.shuffle(random);
        Turns(numbers)
    }

    fn next(&mut self) -> u32 {
        self.0.rotate_left(1);
        self.0.last().copied().unwrap_or(1)
    }
}

fn of_role(on: &Pattern, role: &str) -> Pattern {
    Pattern { role: Some(role.to_owned()), ..on.clone() }
}

/// Gives the role work until the moment has come and it is dead.
async fn until_killed(
    stage: &mut Stage,
    drill: &Drill,
    (number, moment): (u32, &str),
    from: usize,
    watch: Option<&Watch>,
) -> Result<(), Halt> {
    let words = format!("crash {number} of {}, {moment}", drill.crashes);
    let topic = drill.input.topic.clone().unwrap_or_default();
    let kill = Pattern::of_kind("killed");
    let mut killed = have_fitted(&kill, 1, from);
    for portion in 0..PORTIONS {
        // What a program does between two commits need not come again.
        if let Some(watch) = watch.filter(|_| portion == PORTIONS / 2) {
            watch.take_any();
        }
        stage.produce(&drill.input).await?;
        let mut all_done = all_committed(&drill.group, &topic);
        until(stage, &words, |events| killed(events) || all_done(events)).await?;
        if stage.recorder.look(&mut killed) {
            return roles::ended(stage, &drill.role).await;
        }
    }
    // On a busy machine nobody may have come to look in time. The crash that is left strikes it at rest.
    if watch.is_some() {
        stage.recorder.end(&drill.role, Ending::Killed);
        return roles::ended(stage, &drill.role).await;
    }
    Err(give_up(stage, &words, Because::MomentGone))
}
