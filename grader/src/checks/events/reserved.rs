//! Each order is answered; all of its items are taken from the stock, or none; and no more than there was.

use super::happened::{Happened, happened, not_whole, sums, table};
use crate::checks::{Check, Finding, Gathered, Outcome, codes, count, field, some};
use crate::evidence::Evidence;
use serde::Deserialize;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reserved {
    /// Where the orders are, and the type of their events.
    from: String,
    event_type: String,
    /// Who reads them.
    group: String,
    /// Where the answers go, the type of a yes and that of a no.
    topic: String,
    yes: String,
    no: String,
    /// The field of an order's `data`, and of an answer's.
    id: String,
    /// The items of an order, the field that says what each is of, and the one that says how many.
    items: String,
    by: String,
    amount: String,
    /// The stock as it was left: the file and its table, with a column `by` and this one.
    file: String,
    table: String,
    left: String,
    /// How many there were of each at first.
    start: i64,
}

codes! {
    CommitFirst = "commit-first" Lost,
    Unanswered = "unanswered" Lost,
    Oversold = "oversold" Wrong,
    NotTaken = "not-taken" Wrong,
    Leaked = "leaked" Wrong,
    Changed = "changed" Wrong,
    Refused = "refused" Wrong,
    Unreadable = "unreadable" Stuck,
}

impl Check for Reserved {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let orders: BTreeMap<String, Happened> = happened(evidence, &self.from, &self.event_type)
            .into_iter()
            .filter_map(|order| Some((field(&order.data, &self.id)?, order)))
            .collect();
        if orders.is_empty() {
            return Outcome::NoEvidence(format!("no {} was put into “{}”", self.event_type, self.from));
        }
        let mut found = Gathered::default();
        let answers = self.answers(evidence, &mut found);
        let commits = evidence.commits(&self.group, &self.from);
        let tried = self.first_tries(evidence);
        for (id, order) in orders.iter().filter(|(id, _)| !answers.contains_key(*id)) {
            let commit = commits.first_beyond(order.partition, order.offset).map(|commit| commit.event);
            match commit.filter(|commit| tried.get(id).is_none_or(|tried| commit < tried)) {
                Some(commit) => found.add(Code::CommitFirst, id.clone(), Some(commit)),
                None => found.add(Code::Unanswered, id.clone(), Some(order.event)),
            }
        }
        let ledger = self.ledger(&orders, &answers);
        self.judge_promises(&ledger, &mut found);
        let left = self.left(evidence);
        // Only where everything was answered is it known what should be left.
        if let Some(left) = left.as_ref().filter(|_| orders.keys().all(|id| answers.contains_key(id))) {
            match &left.pieces {
                Err(why) => found.add(Code::Unreadable, why.clone(), Some(left.event)),
                Ok(pieces) => {
                    self.judge_stock(&ledger, pieces, left.event, &mut found);
                    self.judge_refusals(&orders, &answers, pieces, &mut found);
                }
            }
        }
        let required =
            format!("an answer to each order in “{}”, for stock that is there, all of it or none", self.topic);
        let findings = found.findings(|code, seen| {
            let which = some(&seen.words);
            let words = match code {
                Code::CommitFirst => {
                    let many = count(seen.words.len(), "order");
                    format!("no answer to {many}, committed before one was sent: {which}")
                }
                Code::Unanswered => format!("no answer to {}: {which}", count(seen.words.len(), "order")),
                Code::Changed => format!("both answers to the same order: {which}"),
                Code::Refused => {
                    format!("{} to {}, though everything was there: {which}", self.no, count(seen.words.len(), "order"))
                }
                Code::Unreadable => format!("the stock cannot be read: {which}"),
                Code::Oversold | Code::NotTaken | Code::Leaked => which,
            };
            Finding::new(code, &required, words, seen.events.into_iter().take(3).collect())
        });
        if findings.is_empty() && left.is_none() {
            return Outcome::NoEvidence(format!("the run did not reach the point where {} is read", self.file));
        }
        let promised = orders.keys().filter(|id| answers.get(*id).is_some_and(|answer| answer.yes)).count();
        if findings.is_empty() && (promised == 0 || promised == orders.len()) {
            return Outcome::NoEvidence("the stock was enough for all orders, or for none".into());
        }
        Outcome::unless_found(findings, || {
            format!(
                "{} of {} reserved, all of their items, and the stock agrees",
                promised,
                count(orders.len(), "order")
            )
        })
    }
}

/// How many there are of each thing.
type Pieces = BTreeMap<String, i128>;

/// What was promised of one thing that was asked for.
struct Account {
    name: String,
    promised: i128,
    /// Position of the last promise.
    last: Option<usize>,
}

/// The stock as it was read.
struct Left {
    event: usize,
    /// Or why it cannot be read.
    pieces: Result<Pieces, String>,
}

/// What was answered to an order.
struct Answer {
    yes: bool,
    event: usize,
}

impl Reserved {
    /// The first answer to each order; a later one that says otherwise is found.
    fn answers(&self, evidence: &Evidence, found: &mut Gathered<Code>) -> BTreeMap<String, Answer> {
        let mut answers: BTreeMap<String, Answer> = BTreeMap::new();
        for stored in evidence.stored(&self.topic) {
            let Some(value) = stored.record.value.as_ref().and_then(|value| value.json()) else { continue };
            let Some(id) = value.get("data").and_then(|data| field(data, &self.id)) else { continue };
            let yes = match field(&value, "event_type") {
                Some(said) if said == self.yes => true,
                Some(said) if said == self.no => false,
                _ => continue,
            };
            let first = answers.entry(id.clone()).or_insert(Answer { yes, event: stored.event });
            if first.yes != yes {
                found.add(Code::Changed, id, Some(stored.event));
            }
        }
        answers
    }

    /// Where an answer to each order was first sent, whether or not it arrived.
    fn first_tries(&self, evidence: &Evidence) -> BTreeMap<String, usize> {
        let mut tries = BTreeMap::new();
        for produce in evidence.produces(&self.topic) {
            let values = produce.records_for(&self.topic).filter_map(|record| record.value.as_ref()?.json());
            for id in values.filter_map(|value| field(value.get("data")?, &self.id)) {
                tries.entry(id).or_insert(produce.event);
            }
        }
        tries
    }

    /// What was promised of each thing that was asked for.
    fn ledger(&self, orders: &BTreeMap<String, Happened>, answers: &BTreeMap<String, Answer>) -> Vec<Account> {
        let mut accounts: BTreeMap<String, Account> = BTreeMap::new();
        for (id, order) in orders {
            let promise = answers.get(id).filter(|answer| answer.yes);
            for (name, pieces) in self.needs(order) {
                let account = accounts.entry(name.clone()).or_insert(Account { name, promised: 0, last: None });
                account.promised += promise.map_or(0, |_| pieces);
                account.last = account.last.max(promise.map(|answer| answer.event));
            }
        }
        accounts.into_values().collect()
    }

    /// How many of what an order needs.
    fn needs(&self, order: &Happened) -> Pieces {
        sums([order], &self.items, &self.by, std::slice::from_ref(&self.amount))
    }

    /// No more may be promised than there was.
    fn judge_promises(&self, ledger: &[Account], found: &mut Gathered<Code>) {
        for Account { name, promised, last } in ledger.iter().filter(|account| account.promised > self.start.into()) {
            found.add(Code::Oversold, format!("{promised} of {} {name} were promised", self.start), *last);
        }
    }

    /// What is left is what was not promised.
    fn judge_stock(&self, ledger: &[Account], left: &Pieces, event: usize, found: &mut Gathered<Code>) {
        for Account { name, promised, .. } in ledger {
            let (is, should) = (self.left_of(left, name), i128::from(self.start) - promised);
            let words = format!("{is} {name} are left, and {promised} were promised of {}", self.start);
            match is.cmp(&should) {
                Ordering::Less => found.add(Code::Leaked, words, Some(event)),
                Ordering::Greater => found.add(Code::NotTaken, words, Some(event)),
                Ordering::Equal => {}
            }
        }
    }

    /// What fits into what is left at the end has always fitted: the stock only falls.
    fn judge_refusals(
        &self,
        orders: &BTreeMap<String, Happened>,
        answers: &BTreeMap<String, Answer>,
        left: &Pieces,
        found: &mut Gathered<Code>,
    ) {
        for (id, order) in orders {
            let refusal = answers.get(id).filter(|answer| !answer.yes);
            let fits = || self.needs(order).iter().all(|(name, pieces)| self.left_of(left, name) >= *pieces);
            if let Some(answer) = refusal.filter(|_| fits()) {
                found.add(Code::Refused, id.clone(), Some(answer.event));
            }
        }
    }

    /// What is not in the table has not been touched.
    fn left_of(&self, left: &Pieces, name: &str) -> i128 {
        left.get(name).copied().unwrap_or(self.start.into())
    }

    /// The stock as it was left; none where the run did not come to that.
    fn left(&self, evidence: &Evidence) -> Option<Left> {
        let table = table(evidence, &self.file, &self.table)?;
        let pieces = table.rows.and_then(|rows| {
            if let Some(row) = not_whole(rows, &[&self.left]) {
                return Err(format!("column {} of the row {row} is no whole number", self.left));
            }
            let left = |row: &Value| Some((field(row, &self.by)?, row.get(&self.left)?.as_i64()?.into()));
            rows.iter().map(|row| left(row).ok_or_else(|| format!("no column {} in {row}", self.by))).collect()
        });
        Some(Left { event: table.event, pieces })
    }
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{Recording, batch, record};
    use serde_json::{Value, json};

    /// What is said when three orders came for 2, 3 and 1 of 4 lamps, these answers were given, and so many are left.
    fn judged(answers: &[(&str, &str)], left: Value) -> String {
        let placed = |id: &str, pieces: u32| {
            let items = json!([{"product": "lamp", "quantity": pieces}]);
            json!({"event_type": "order.placed", "event_id": id, "data": {"order_id": id, "items": items}})
        };
        let orders = Recording::default().input(0, placed("a", 2)).input(0, placed("b", 3)).input(0, placed("c", 1));
        let answer = |&(id, said): &(&str, &str)| {
            let value = json!({"event_type": said, "event_id": id, "data": {"order_id": id}});
            let mut batch = batch(0, vec![record(id, &value)]);
            batch.topic = "answers".into();
            batch
        };
        let answered = answers.iter().map(answer).fold(orders, |run, batch| run.produce(vec![batch]));
        answered.collected("stock.db", Some("stock"), json!([{"product": "lamp", "pieces": left}])).judged(check())
    }

    fn check() -> Value {
        json!({"reserved": {"from": "t", "event_type": "order.placed", "group": "g", "topic": "answers", "yes": "yes", "no": "no",
            "id": "order_id", "items": "items", "by": "product", "amount": "quantity", "file": "stock.db",
            "table": "stock", "left": "pieces", "start": 4}})
    }

    #[test]
    fn the_answers_and_the_stock_agree() {
        let (a, b, c) = (("a", "yes"), ("b", "no"), ("c", "yes"));
        assert_eq!(judged(&[a, b, c], json!(1)), "passed");
        assert_eq!(judged(&[a, b, c, a], json!(1)), "passed");
        assert_eq!(judged(&[("a", "no"), ("b", "yes"), c], json!(0)), "passed");
        assert_eq!(judged(&[a, c], json!(1)), "unanswered");
        assert_eq!(judged(&[a, ("b", "yes"), ("c", "no")], json!(-1)), "oversold");
        assert_eq!(judged(&[a, b, c], json!(2)), "not-taken");
        assert_eq!(judged(&[a, b, c], json!(0)), "leaked");
        assert_eq!(judged(&[a, b, c, ("c", "no")], json!(1)), "changed");
        assert_eq!(judged(&[a, b, ("c", "no")], json!(2)), "refused");
        assert_eq!(judged(&[a, b, c], json!(1.5)), "unreadable");
    }

    #[test]
    fn what_was_not_read_or_not_scarce_proves_nothing() {
        assert_eq!(Recording::default().judged(check()), "no evidence");
        assert_eq!(judged(&[("a", "no"), ("b", "no"), ("c", "no")], json!(0)), "leaked");
        let placed = json!({"event_type": "order.placed", "event_id": "a", "data": {"order_id": "a", "items": []}});
        assert_eq!(Recording::default().input(0, placed).judged(check()), "unanswered");
    }

    #[test]
    fn a_commit_ahead_of_the_answer_is_told_apart() {
        let placed = json!({"event_type": "order.placed", "event_id": "a", "data": {"order_id": "a", "items": []}});
        let mut answer = batch(0, vec![record("a", &json!({"event_type": "yes", "data": {"order_id": "a"}}))]);
        answer.topic = "answers".into();
        let came = || Recording::default().input(0, placed.clone());
        assert_eq!(came().commit(&[(0, 1)]).send(-1, vec![answer.clone()]).judged(check()), "commit-first");
        assert_eq!(came().send(-1, vec![answer]).commit(&[(0, 1)]).judged(check()), "unanswered");
    }
}
