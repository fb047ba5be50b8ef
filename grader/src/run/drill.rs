//! A crash drill: a role is killed again and again, at moments that the seed draws, and started again each time.
//!
//! It all happens in one run with one timeline: what the program did before the drill is its dry run, which shows the
//! kinds of moment that occur at all; then each crash draws its moment, arms a rule for it, and gives the program more
//! work, so that the moment comes.

use super::groups::all_committed;
use super::input::derived_seed;
use super::roles;
use super::stage::Stage;
use super::wait::{Halt, give_up, until};
use crate::course::{Drill, Moment};
use crate::evidence::{Action, Because, Occurrence, Pattern, Rule, What};
use crate::recorder::have_fitted;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

/// How many portions of work a moment may need: the nth commit needs several, where each commit covers ten records.
const PORTIONS: u32 = 6;

pub(super) async fn play(stage: &mut Stage, drill: &Drill) -> Result<(), Halt> {
    let mut random = StdRng::seed_from_u64(derived_seed(stage.seed, "drill"));
    // Every kind in turn and every number in turn, so that each has its share.
    let mut order: Vec<(&Moment, Turns)> =
        drill.moments.iter().map(|moment| (moment, Turns::new(moment.within.0, &mut random))).collect();
    order.shuffle(&mut random);
    for number in 1..=drill.crashes {
        let occurs = |moment: &Moment| {
            let on = of_role(&moment.on, &drill.role);
            stage.recorder.look(|events| events.iter().any(|event| on.matches(event)))
        };
        let Some(drawn) = order.iter().position(|(moment, _)| occurs(moment)) else {
            return Err(give_up(stage, "a moment to crash at", Because::NoMoment));
        };
        order[..].rotate_left(drawn + 1);
        let Some((moment, turns)) = order.last_mut() else { break };
        let nth = turns.next();
        let of = drill.crashes;
        let crash = What::Crash { number, of, moment: moment.told.clone(), nth };
        let from = stage.recorder.record(Some(&drill.role), crash).position;
        stage.recorder.arm(Rule {
            on: of_role(&moment.on, &drill.role),
            states: moment.states.clone(),
            when: Occurrence::Nth(nth),
            per: None,
            action: Action::Kill(drill.role.clone()),
        });
        until_killed(stage, drill, (number, &moment.told), from).await?;
        roles::restart(stage, &drill.role).await?;
    }
    Ok(())
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
) -> Result<(), Halt> {
    let words = format!("crash {number} of {}, {moment}", drill.crashes);
    let topic = drill.input.topic.clone().unwrap_or_default();
    let kill = Pattern::of_kind("killed");
    let mut killed = have_fitted(&kill, 1, from);
    for _ in 0..PORTIONS {
        stage.produce(&drill.input).await?;
        let mut all_done = all_committed(&drill.group, &topic);
        until(stage, &words, |events| killed(events) || all_done(events)).await?;
        if stage.recorder.look(&mut killed) {
            return roles::ended(stage, &drill.role).await;
        }
    }
    Err(give_up(stage, &words, Because::MomentGone))
}
