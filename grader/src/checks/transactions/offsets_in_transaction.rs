//! The offset of a record is committed in the transaction that holds its result, by nothing else, and for nothing else.

use crate::checks::{Check, Finding, Gathered, Outcome, Seen, codes, count, field, places, some};
use crate::evidence::{Commit, Evidence, Fate, Transaction, What};
use crate::wire::Request;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OffsetsInTransaction {
    group: String,
    /// Where the records come from, and where their results go.
    from: String,
    topic: String,
    id: String,
    /// The call that is made about each record before it has a result.
    op: Option<String>,
}

codes! {
    PlainCommit = "plain-commit" Lost,
    OnlyPlain = "only-plain" Lost,
    CommitAtEnd = "commit-at-end" Lost,
    NotSent = "not-sent" Duplicate,
    Apart = "apart" Duplicate,
    NotNext = "not-next" Duplicate,
    PassedOver = "passed-over" Lost,
    GivenUp = "given-up" Lost,
    // The call about it was answered with no, and then nothing came of it.
    LeftOut = "left-out" Lost,
    KeptOpen = "kept-open" Stuck,
}

/// A record's partition and offset.
type Place = (i32, i64);

impl Check for OffsetsInTransaction {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let inputs = evidence.inputs(&self.from);
        let places: HashMap<String, Place> =
            places(&inputs, &self.id).into_iter().map(|(id, at)| (id, (at.partition, at.offset))).collect();
        let transactions = evidence.transactions();
        let mut ended: Vec<&Transaction<'_>> = transactions.iter().filter(|one| one.end.is_some()).collect();
        ended.sort_by_key(|one| one.end);
        let results: HashMap<usize, Vec<Place>> =
            transactions.iter().map(|one| (one.began, self.results(one, &places))).collect();
        let kept_open = |one: &&Transaction<'_>| {
            let waiting = !results[&one.began].is_empty();
            waiting && evidence.gave_up().is_some_and(|at| evidence.is_open_at(one, at))
        };
        let mut found = Gathered::default();
        if let Some(one) = transactions.iter().find(kept_open) {
            found.add(Code::KeptOpen, String::new(), Some(one.began));
            return Outcome::Failed(found.findings(|code, seen| self.finding(code, seen)));
        }
        let committed = || ended.iter().filter(|one| one.committed());
        let with_results = committed().filter(|one| !results[&one.began].is_empty()).count();
        if with_results == 0 {
            return Outcome::NoEvidence(format!("no transaction with a result in {} was committed", self.topic));
        }
        let sends_offsets = transactions.iter().any(|one| self.offsets(one).next().is_some());
        self.beside(evidence, sends_offsets, &mut found);
        if !sends_offsets && !found.has(Code::OnlyPlain) && !found.has(Code::CommitAtEnd) {
            let event = committed().find_map(|one| one.end);
            found.add(Code::NotSent, format!("{with_results} of them"), event);
        }
        if sends_offsets {
            committed().for_each(|one| self.own(one, &results[&one.began], &mut found));
            self.passed_over(evidence, &places, &ended, &results, &mut found);
        }
        Outcome::unless_found(found.findings(|code, seen| self.finding(code, seen)), || {
            format!("{}, each with the offsets of its records", count(with_results, "transaction"))
        })
    }
}

impl OffsetsInTransaction {
    /// Where the records lie whose results were sent in this transaction.
    fn results(&self, transaction: &Transaction<'_>, places: &HashMap<String, Place>) -> Vec<Place> {
        let batches = transaction.batches.iter().filter(|(_, batch)| batch.topic == self.topic);
        let values = batches.flat_map(|(_, batch)| &batch.records).filter_map(|record| record.value.as_ref()?.json());
        values.filter_map(|value| places.get(&field(&value, &self.id)?).copied()).collect()
    }

    /// The offsets that were sent in it: the next one of each partition, and the position of the request.
    fn offsets<'t>(&'t self, transaction: &'t Transaction<'_>) -> impl Iterator<Item = (Place, usize)> + 't {
        let ours = transaction.offsets.iter().filter(|(_, group, at)| *group == self.group && at.topic == self.from);
        ours.map(|(event, _, at)| ((at.partition, at.offset), *event))
    }

    /// What was committed without any transaction.
    fn beside(&self, evidence: &Evidence, sends_offsets: bool, found: &mut Gathered<Code>) {
        let commits = evidence.plain_commits(&self.group, &self.from);
        let (at_end, before): (Vec<&Commit>, Vec<&Commit>) =
            commits.as_slice().iter().partition(|commit| is_ending(evidence, commit.event));
        let code = match (before.is_empty(), sends_offsets) {
            (false, true) => Code::PlainCommit,
            (false, false) => Code::OnlyPlain,
            (true, _) => Code::CommitAtEnd,
        };
        let told = if before.is_empty() { at_end } else { before };
        for commit in told {
            let words = format!("{}[{}]={}", self.from, commit.partition, commit.offset);
            found.add(code, words, Some(commit.event));
        }
    }

    /// Has a transaction that is committed the offsets of its own results?
    fn own(&self, transaction: &Transaction<'_>, results: &[Place], found: &mut Gathered<Code>) {
        let mut furthest: HashMap<i32, i64> = HashMap::new();
        for (partition, offset) in results {
            let last = furthest.entry(*partition).or_insert(*offset);
            *last = (*last).max(*offset);
        }
        for (partition, last) in furthest {
            let sent = self.offsets(transaction).filter(|((of, _), _)| *of == partition);
            let place = format!("{}[{partition}]@{last}", self.from);
            match sent.map(|((_, offset), event)| (offset, event)).max() {
                Some((offset, _)) if offset > last => {}
                Some((offset, event)) if offset == last => {
                    found.add(Code::NotNext, format!("{place}, and {offset} was sent"), Some(event));
                }
                _ => found.add(Code::Apart, place, transaction.end),
            }
        }
    }

    /// After the event at `from`, does the role ask Kafka for the record at `place` again?
    fn goes_back(&self, evidence: &Evidence, role: Option<&str>, place: Place, from: usize) -> bool {
        let later = evidence.iter().skip(from).filter(|(_, event)| event.role.as_deref() == role);
        let fetched = later.filter_map(|(_, event)| match &event.what {
            What::Request { body: Request::Fetch { partitions, .. }, .. } => Some(partitions),
            _ => None,
        });
        fetched.flatten().any(|at| at.topic == self.from && at.partition == place.0 && at.offset <= place.1)
    }

    /// Which records lie before an offset that was committed, and have no result that was committed by then?
    fn passed_over(
        &self,
        evidence: &Evidence,
        places: &HashMap<String, Place>,
        ended: &[&Transaction<'_>],
        results: &HashMap<usize, Vec<Place>>,
        found: &mut Gathered<Code>,
    ) {
        let calls = self.op.as_ref().map(|op| evidence.calls(op)).unwrap_or_default();
        // Their results had been made. A client that takes back what it has not sent yet says nothing on the wire.
        let answered = |ok: bool| -> HashSet<String> {
            let those = calls.iter().filter(|call| call.answer.is_some_and(|answer| answer.ok == ok));
            those.filter_map(|call| field(call.args, &self.id)).collect()
        };
        let (approved, refused) = (answered(true), answered(false));
        let mut done: HashSet<Place> = HashSet::new();
        let mut told: HashSet<&String> = HashSet::new();
        for one in ended {
            if matches!(one.fate, Fate::Committed | Fate::InDoubt) {
                done.extend(&results[&one.began]);
            }
            if !one.committed() {
                continue;
            }
            for ((partition, next), event) in self.offsets(one) {
                let passed = |place: &Place| place.0 == partition && place.1 < next && !done.contains(place);
                let mut missed: Vec<(&String, &Place)> = places.iter().filter(|(_, place)| passed(place)).collect();
                missed.retain(|(id, _)| told.insert(id));
                missed.sort();
                let aborted = |before: &&&Transaction<'_>| {
                    before.role == one.role && before.fate == Fate::Aborted && before.end < one.end
                };
                let abort = ended.iter().filter(aborted).filter_map(|before| before.end).max();
                let given_up = abort.is_some() || missed.iter().any(|(id, _)| approved.contains(*id));
                for (id, place) in missed {
                    let back = abort.is_some_and(|abort| self.goes_back(evidence, one.role, *place, abort));
                    let code = match given_up && !back {
                        true => Code::GivenUp,
                        false if refused.contains(id) && !approved.contains(id) => Code::LeftOut,
                        false => Code::PassedOver,
                    };
                    found.add(code, id.clone(), Some(event));
                }
            }
        }
    }

    fn finding(&self, code: Code, Seen { words, mut events }: Seen) -> Finding<Code> {
        let words = some(&words);
        let required = match code {
            Code::PlainCommit | Code::OnlyPlain | Code::CommitAtEnd => {
                "offsets are committed in transactions, and in no other way"
            }
            Code::NotSent | Code::Apart => "a transaction holds the offsets of the records whose results it holds",
            Code::NotNext => "the offset that is sent is the next one to read",
            Code::KeptOpen => "a transaction is committed soon, also when nothing more comes",
            Code::PassedOver | Code::GivenUp | Code::LeftOut => "no offset goes past a record that has no result",
        };
        let seen = match code {
            Code::PlainCommit => format!("a plain commit beside the transactions: {words}"),
            Code::OnlyPlain => format!("the results are in transactions, and the consumer commits by itself: {words}"),
            Code::CommitAtEnd => format!("a plain commit as the program ended: {words}"),
            Code::NotSent => format!("transactions with results were committed, and no offset was ever sent: {words}"),
            Code::Apart => format!("the result was committed in one transaction, its offset was not in it: {words}"),
            Code::KeptOpen => "it kept its transaction open, and nobody sees the results in it".to_owned(),
            Code::NotNext => format!("the offset of the last record itself: {words}"),
            Code::PassedOver => format!("the committed offset is past records without a result: {words}"),
            Code::GivenUp => {
                format!("it gave a batch up and went on after it, past records without a result: {words}")
            }
            Code::LeftOut => {
                format!("the committed offset is past records that were refused, without a result: {words}")
            }
        };
        events.truncate(3);
        Finding::new(code, required, seen, events)
    }
}

/// Had the program been asked to end when it did this?
fn is_ending(evidence: &Evidence, at: usize) -> bool {
    let Some(role) = evidence.events.get(at).and_then(|event| event.role.as_ref()) else { return false };
    let before = evidence.events[..at].iter().rev().filter(|event| event.role.as_ref() == Some(role));
    let last = before.map(|event| &event.what).find(|what| matches!(what, What::Stopping | What::Started { .. }));
    matches!(last, Some(What::Stopping))
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use crate::evidence::Ended;
    use crate::wire::Batch;
    use serde_json::{Value, json};

    fn check() -> Value {
        json!({"offsets-in-transaction": {"group": "g", "from": "t", "topic": "results", "id": "id"}})
    }

    /// Two records, and whatever cannot be read behind them.
    fn input() -> Recording {
        Recording::default().started().input(0, json!({"id": 1})).input(0, json!({"id": 2})).poison(0)
    }

    fn results(ids: &[u32]) -> Vec<Batch> {
        let records = ids.iter().map(|id| record("k", &json!({"id": id}))).collect();
        vec![Batch { topic: "results".into(), ..batch(0, records) }]
    }

    impl Recording {
        fn transaction(self, ids: &[u32], offsets: &[(i32, i64)], commit: bool) -> Recording {
            let sent = self.send_in_transaction(results(ids)).acknowledge(0);
            let sent = if offsets.is_empty() { sent } else { sent.offsets_in_transaction(offsets) };
            sent.end_transaction(commit, 0)
        }
    }

    #[test]
    fn results_and_offsets_are_in_one_transaction() {
        assert_eq!(input().transaction(&[1, 2], &[(0, 3)], true).judged(check()), "passed");
        let one_by_one = input().transaction(&[1], &[(0, 1)], true).transaction(&[2], &[(0, 2)], true);
        assert_eq!(one_by_one.judged(check()), "passed");
        assert_eq!(input().transaction(&[1, 2], &[], true).judged(check()), "not-sent");
        assert_eq!(input().transaction(&[1, 2], &[(0, 1)], true).judged(check()), "not-next");
        let apart = input().transaction(&[1, 2], &[], true).offsets_in_transaction(&[(0, 2)]).end_transaction(true, 0);
        assert_eq!(apart.judged(check()), "apart");
        assert_eq!(input().transaction(&[1, 2], &[(0, 2)], false).judged(check()), "no evidence");
    }

    #[test]
    fn nothing_is_committed_beside_it() {
        let both = || input().transaction(&[1, 2], &[(0, 2)], true);
        assert_eq!(both().commit(&[(0, 2)]).judged(check()), "plain-commit");
        assert_eq!(both().commit_refused(&[(0, 2)], 22).judged(check()), "passed");
        assert_eq!(both().stopping().commit(&[(0, 2)]).judged(check()), "commit-at-end");
        assert_eq!(input().transaction(&[1, 2], &[], true).commit(&[(0, 2)]).judged(check()), "only-plain");
    }

    #[test]
    fn nothing_waits_in_a_transaction_that_nobody_ends() {
        let open = || input().send_in_transaction(results(&[1, 2])).acknowledge(0);
        assert_eq!(open().gave_up().judged(check()), "kept-open");
        assert_eq!(open().judged(check()), "no evidence");
        assert_eq!(open().exited(Ended::Code(1)).gave_up().judged(check()), "no evidence", "it had ended");
    }

    #[test]
    fn no_record_is_passed_over() {
        assert_eq!(input().transaction(&[2], &[(0, 2)], true).judged(check()), "passed-over");
        let aborted = || input().transaction(&[1], &[(0, 1)], false);
        assert_eq!(aborted().transaction(&[2], &[(0, 2)], true).judged(check()), "given-up");
        assert_eq!(aborted().transaction(&[1, 2], &[(0, 2)], true).judged(check()), "passed");
        // What is aborted before anything was sent shows by what had been approved.
        let mut check = check();
        check["offsets-in-transaction"]["op"] = json!("approve");
        let skipped = |approved: u32| input().call("approve", json!({"id": approved}));
        let committed = |recording: Recording| recording.transaction(&[2], &[(0, 2)], true).judged(check.clone());
        assert_eq!(committed(skipped(1)), "given-up");
        assert_eq!(committed(skipped(2)), "passed-over");
        assert_eq!(committed(input().refused("approve", json!({"id": 1}))), "left-out");
        let back = aborted().fetch(0, 0).transaction(&[2], &[(0, 2)], true);
        assert_eq!(back.judged(check.clone()), "passed-over", "it went back, and left the record out");
    }
}
