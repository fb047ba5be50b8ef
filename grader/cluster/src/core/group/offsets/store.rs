//! The offsets of one group.

use std::collections::BTreeMap;

/// What was committed for a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The offset of the next record to read.
    pub offset: i64,
    /// Of the last record read; -1 if the client has not said it.
    pub leader_epoch: i32,
    pub metadata: String,
}

/// The same, and when it was committed among all commits of the group.
#[derive(Debug)]
struct Entry {
    committed: Committed,
    number: u64,
}

/// By topic and partition.
type Entries = BTreeMap<(String, i32), Entry>;

/// The offsets of one group.
#[derive(Debug, Default)]
pub struct Offsets {
    committed: Entries,
    /// By producer id, those of its open transaction. They count when it is committed.
    staged: BTreeMap<i64, Entries>,
    commits: u64,
    bytes: usize,
}

impl Offsets {
    pub fn get(&self, topic: &str, partition: i32) -> Option<&Committed> {
        self.committed.get(&(topic.to_owned(), partition)).map(|entry| &entry.committed)
    }

    /// In the order of topics and partitions.
    pub fn iter(&self) -> impl Iterator<Item = (&str, i32, &Committed)> {
        self.committed.iter().map(|((topic, partition), entry)| (topic.as_str(), *partition, &entry.committed))
    }

    pub fn commit(&mut self, topic: &str, partition: i32, committed: Committed) {
        let number = self.next_number();
        put(&mut self.committed, &mut self.bytes, (topic.to_owned(), partition), Entry { committed, number });
    }

    /// Keeps what a transaction commits until it ends.
    pub fn stage(&mut self, producer: i64, topic: &str, partition: i32, committed: Committed) {
        let number = self.next_number();
        let staged = self.staged.entry(producer).or_default();
        put(staged, &mut self.bytes, (topic.to_owned(), partition), Entry { committed, number });
    }

    /// Is something staged for this partition, by whomever?
    pub fn is_unstable(&self, topic: &str, partition: i32) -> bool {
        !self.staged.is_empty() && {
            let key = (topic.to_owned(), partition);
            self.staged.values().any(|staged| staged.contains_key(&key))
        }
    }

    /// The producer's transaction has ended. What it has staged counts if it was committed, and if nothing was committed
    /// for the same partition since.
    pub fn end_transaction(&mut self, producer: i64, commit: bool) {
        for (key, entry) in self.staged.remove(&producer).unwrap_or_default() {
            self.bytes -= size(&key, &entry);
            if commit && self.committed.get(&key).is_none_or(|known| known.number < entry.number) {
                put(&mut self.committed, &mut self.bytes, key, entry);
            }
        }
    }

    /// Forgets what was committed for the partitions that are named by `forget`, and what is staged for them.
    pub fn forget(&mut self, forget: impl Fn(&str, i32) -> bool) {
        let bytes = &mut self.bytes;
        for entries in self.staged.values_mut().chain([&mut self.committed]) {
            entries.retain(|key, entry| {
                let keep = !forget(&key.0, key.1);
                *bytes -= if keep { 0 } else { size(key, entry) };
                keep
            });
        }
        self.staged.retain(|_, staged| !staged.is_empty());
    }

    /// Bytes that they take, about.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn next_number(&mut self) -> u64 {
        self.commits += 1;
        self.commits
    }
}

fn put(entries: &mut Entries, bytes: &mut usize, key: (String, i32), entry: Entry) {
    *bytes += size(&key, &entry);
    if let Some(old) = entries.get(&key) {
        *bytes -= size(&key, old);
    }
    entries.insert(key, entry);
}

fn size(key: &(String, i32), entry: &Entry) -> usize {
    size_of::<((String, i32), Entry)>() + key.0.len() + entry.committed.metadata.len()
}
