//! Under which leader which offsets were written (KIP-101, KIP-320).

/// The leader epochs of a log, each with the first offset that was written in it. (`LeaderEpochFileCache` in Kafka)
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Epochs(Vec<(i32, i64)>);

impl Epochs {
    /// From `start` on, records are written in `epoch`.
    pub fn assign(&mut self, epoch: i32, start: i64) {
        if self.0.last().is_some_and(|(last, _)| *last >= epoch) {
            return;
        }
        self.0.retain(|(_, known)| *known < start); // nothing was written in these
        self.0.push((epoch, start));
    }

    /// The log ends at `end` now.
    pub fn truncate(&mut self, end: i64) {
        self.0.retain(|(_, start)| *start < end);
    }

    /// The log begins at `start` now.
    pub fn delete_before(&mut self, start: i64) {
        let gone = self.0.iter().rposition(|(_, known)| *known <= start).unwrap_or(0);
        self.0.drain(..gone);
        if let Some((_, first)) = self.0.first_mut() {
            *first = start.max(*first);
        }
    }

    /// The epoch in which the log begins.
    pub fn first(&self) -> Option<i32> {
        self.0.first().map(|(epoch, _)| *epoch)
    }

    /// Where the log of `epoch`, or else of the one before it, ends: that epoch and the offset after its last record. None
    /// where nothing is known of such an epoch.
    pub fn end(&self, epoch: i32, log_end: i64) -> Option<(i32, i64)> {
        let (last, _) = *self.0.last()?;
        if epoch == last {
            return Some((epoch, log_end));
        }
        let next = self.0.partition_point(|(known, _)| *known <= epoch);
        let (_, end) = *self.0.get(next).filter(|_| epoch >= 0)?;
        // Before the first epoch that is known, there is nothing.
        let floor = next.checked_sub(1).map_or(epoch, |floor| self.0[floor].0);
        Some((floor, end))
    }
}
