//! The same picture without time: a step for each state of the group, all of one width. A page shows that, because it
//! is the same in every run.

use super::{Lanes, Turn};

/// Of each step.
pub(super) const COLUMNS: usize = 7;
/// In a step, from its beginning: the column of the first call, and how many have columns of their own.
const CALL: usize = 1;
const CALLS: usize = 3;
const COMMIT: usize = 5;
const START: usize = 3;
const STOP: usize = 6;

impl Lanes {
    /// Drawn in steps. A step begins when members get partitions, and when they lose some: several that get some one
    /// after the other are one step, because they do so in any order.
    pub fn by_steps(self) -> Lanes {
        let mut changes: Vec<(usize, bool)> = self.held.iter().map(|held| (held.from, true)).collect();
        changes.extend(self.held.iter().filter_map(|held| Some((held.to?, false))));
        changes.sort_unstable();
        changes.dedup_by_key(|(_, gets)| *gets);
        let step_of = |event: usize| changes.partition_point(|(at, _)| *at <= event);
        let mut times: Vec<u64> = (0..self.times.len()).map(|event| column(step_of(event), 0)).collect();
        let mut place = |event: usize, at: u64| {
            if let Some(time) = times.get_mut(event) {
                *time = at;
            }
        };
        let mut seen: Vec<(usize, i32, usize)> = Vec::new();
        for call in &self.calls {
            let step = step_of(call.event);
            let before = seen.iter_mut().find(|(of, partition, _)| (*of, *partition) == (step, call.partition));
            let nth = before.map(|(.., nth)| std::mem::replace(nth, *nth + 1)).unwrap_or_else(|| {
                seen.push((step, call.partition, 1));
                0
            });
            place(call.event, column(step, CALL + nth.min(CALLS - 1)));
        }
        for commit in &self.commits {
            place(commit.event, column(step_of(commit.event), COMMIT));
        }
        for (role, event, turn) in &self.lives {
            let at = match turn {
                Turn::Started => column(step_of(*event), START),
                Turn::Stopping | Turn::Killed => column(step_of(*event), STOP),
                // Others may have what it gave up before it has ended: it ends where it gave up the last.
                Turn::Exited => {
                    let last = self.held.iter().filter(|held| held.role == *role).filter_map(|held| held.to);
                    let last = last.filter(|to| to <= event).max();
                    column(step_of(last.unwrap_or(*event)), 0)
                }
            };
            place(*event, at);
        }
        let steps = changes.len() + 1;
        Lanes { times, begin: 0, end: column(steps, 0), steps: Some(steps), ..self }
    }
}

/// Where this column of a step is, counted from the beginning of the picture.
fn column(step: usize, column: usize) -> u64 {
    (step * COLUMNS + column) as u64
}

/// The steps' numbers, from 1.
pub(super) fn axis(steps: usize) -> String {
    (1..=steps).map(|step| format!("{step:<COLUMNS$}")).collect::<String>().trim_end().to_owned()
}
