//! What a group committed.

use super::{Evidence, Fate, What};
use crate::wire::{Offset, Request};
use std::collections::HashMap;

/// An offset that a group committed for one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commit {
    pub partition: i32,
    /// The next offset to read.
    pub offset: i64,
    /// Position of the OffsetCommit request, or of the EndTxn that committed it together with records.
    pub event: usize,
}

/// Commits for the partitions of one topic, in order of the requests.
#[derive(Debug, Clone, Default)]
pub struct Commits {
    commits: Vec<Commit>,
    /// Of each partition, those that went beyond all before them.
    records: HashMap<i32, Vec<Commit>>,
}

impl FromIterator<Commit> for Commits {
    fn from_iter<I: IntoIterator<Item = Commit>>(commits: I) -> Commits {
        let mut found = Commits::default();
        for commit in commits {
            found.commits.push(commit);
            let records = found.records.entry(commit.partition).or_default();
            if records.last().is_none_or(|highest| highest.offset < commit.offset) {
                records.push(commit);
            }
        }
        found
    }
}

impl Commits {
    pub fn as_slice(&self) -> &[Commit] {
        &self.commits
    }

    /// Each request's, together.
    pub fn by_request(&self) -> impl Iterator<Item = &[Commit]> {
        self.commits.chunk_by(|a, b| a.event == b.event)
    }

    /// The first commit for which the record at `offset` is done.
    pub fn first_beyond(&self, partition: i32, offset: i64) -> Option<Commit> {
        let records = self.records.get(&partition)?;
        records.get(records.partition_point(|commit| commit.offset <= offset)).copied()
    }
}

impl Evidence {
    /// Offsets that `group` asked to commit for `topic`, by itself or in a transaction, those left out that were refused.
    pub fn commits(&self, group: &str, topic: &str) -> Commits {
        let mut commits = self.plain_commits(group, topic).commits;
        for one in self.transactions() {
            let Some(event) = one.end.filter(|_| matches!(one.fate, Fate::Committed | Fate::InDoubt)) else { continue };
            let ours = one.offsets.iter().filter(|(_, of, at)| *of == group && at.topic == topic);
            commits.extend(ours.map(|(_, _, at)| Commit { partition: at.partition, offset: at.offset, event }));
        }
        commits.sort_by_key(|commit| commit.event);
        commits.into_iter().collect()
    }

    /// Of these, what was committed outside of any transaction.
    pub fn plain_commits(&self, group: &str, topic: &str) -> Commits {
        let ours = |request: &Request| matches!(request, Request::OffsetCommit { group: of, .. } if of == group);
        let taken =
            self.exchanges(ours).into_iter().filter(|asked| asked.answer.is_none_or(|answer| answer.body.error() == 0));
        taken.flat_map(|asked| committed(asked.request, asked.event, topic)).collect()
    }

    /// Offsets that somebody asked to commit for `topic`, in whichever group and whatever the answer.
    pub fn commits_asked_for(&self, topic: &str) -> Commits {
        let asked = self.iter().filter_map(|(event, found)| match &found.what {
            What::Request { body, .. } => Some(committed(body, event, topic)),
            _ => None,
        });
        asked.flatten().collect()
    }
}

/// What an OffsetCommit request at `event` says of `topic`.
fn committed(request: &Request, event: usize, topic: &str) -> impl Iterator<Item = Commit> {
    let offsets: &[Offset] = match request {
        Request::OffsetCommit { offsets, .. } => offsets,
        _ => &[],
    };
    let ours = offsets.iter().filter(move |offset| offset.topic == topic);
    ours.map(move |offset| Commit { partition: offset.partition, offset: offset.offset, event })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_commit_beyond_an_offset_is_found_whatever_is_committed_later() {
        let commit = |partition, offset, event| Commit { partition, offset, event };
        let commits: Commits =
            [commit(0, 5, 1), commit(1, 9, 2), commit(0, 3, 3), commit(0, 8, 4)].into_iter().collect();
        let event = |partition, offset| commits.first_beyond(partition, offset).map(|commit| commit.event);
        assert_eq!([event(0, 2), event(0, 4), event(0, 5), event(0, 7)], [Some(1), Some(1), Some(4), Some(4)]);
        assert_eq!([event(0, 8), event(1, 8), event(2, 0)], [None, Some(2), None]);
    }
}
