//! Each report gives the lag of the group in each partition as it was when somebody asked.

use super::moments::{Lag, Moment, Report, moments, report, told};
use crate::checks::{Check, Finding, Outcome, codes, count, some};
use crate::evidence::{Call, Evidence};
use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LagReported {
    topic: String,
    groups: Vec<String>,
    /// The call that carries the report of a group: `{"group": "…", "lag": {"0": 3, "1": null}, "total": 3, …}`.
    op: String,
    /// The call whose answer asks for the reports.
    asked: String,
}

codes! {
    // Somebody asked, and was told nothing about the group.
    Missing = "missing" Stuck,
    // Something was reported before anybody had asked.
    Unasked = "unasked" Wrong,
    Repeated = "repeated" Duplicate,
    // The arguments do not have the shape that was agreed.
    Unreadable = "unreadable" Wrong,
    PartitionMissing = "partition-missing" Wrong,
    // The partition has no commit of the group, and is reported as done.
    UnknownAsZero = "unknown-as-zero" Wrong,
    // The same, reported as if everything in it, or everything that ever was, were still to be read.
    UnknownAsAll = "unknown-as-all" Wrong,
    // The same, with any other number.
    UnknownGuessed = "unknown-guessed" Wrong,
    // The commit lies behind the end of the log.
    BeyondEnd = "beyond-end" Wrong,
    KnownAsUnknown = "known-as-unknown" Wrong,
    // The same, and the commit is that of offset 0.
    ZeroAsNone = "zero-as-none" Wrong,
    // Records that are not there any more are counted.
    Deleted = "deleted" Wrong,
    // Records behind the last stable offset are not.
    UpToStable = "up-to-stable" Wrong,
    // Zero, while there is something to read.
    Zero = "zero" Wrong,
    // The length of the log, whatever is committed.
    WholeLog = "whole-log" Wrong,
    OtherGroup = "other-group" Wrong,
    // What was true when somebody asked the time before.
    Stale = "stale" Wrong,
    OneOff = "one-off" Wrong,
    Total = "total" Wrong,
    // Null, while some of the numbers are known.
    TotalUnknown = "total-unknown" Wrong,
    // None of these.
    Wrong = "wrong" Wrong,
}

/// One number of a report that is not what it should be.
struct Cell<'e> {
    at: usize,
    group: &'e str,
    partition: i32,
    said: Lag,
    required: Lag,
    event: usize,
}

/// What would explain a wrong number, and what it would then be called.
type Hypothesis<'h> = (Code, &'h dyn Fn(&Cell<'_>) -> bool);

impl Check for LagReported {
    type Code = Code;

    fn judge(&self, evidence: &Evidence) -> Outcome<Code> {
        let moments = moments(evidence, &self.topic);
        let calls = evidence.calls(&self.op);
        let Some(first) = moments.first() else {
            return Outcome::NoEvidence("nobody asked how the groups stand".into());
        };
        let mut findings = Vec::new();
        if let Some(early) = calls.iter().find(|call| call.event < first.event) {
            let (required, seen) = ("a report when it is asked for", "a report before anybody had asked");
            findings.push(Finding::new(Code::Unasked, required, seen, vec![early.event]));
        }
        let (mut wrong, mut right) = (Vec::new(), 0);
        for (at, moment) in moments.iter().enumerate() {
            let mut reports = Vec::new();
            // Whoever was told to stop and had asked again already may report the same once more, or not.
            let again = self.answered_again(moment, evidence);
            for call in moment.about(&calls).filter(|call| again.is_none_or(|again| call.event < again)) {
                match report(call) {
                    Ok(report) => reports.push(report),
                    Err(why) => findings.push(unreadable(call, &why)),
                }
            }
            if reports.is_empty() && !self.was_asked(moment, evidence) {
                break; // the program was not there any more, or nobody let it know
            }
            for group in &self.groups {
                let of_group: Vec<&Report<'_>> = reports.iter().filter(|report| report.group == group).collect();
                let Some(report) = of_group.first() else {
                    if findings.is_empty() {
                        findings.push(missing(group, moment, &reports));
                    }
                    continue;
                };
                if let Some(again) = of_group.get(1) {
                    let seen = format!("{} reports of {group}", of_group.len());
                    findings.push(Finding::new(Code::Repeated, "one report of each group", seen, vec![again.event]));
                }
                right += hold(moment, at, group, report, &mut wrong, &mut findings);
            }
        }
        findings.extend(self.named(&wrong, &moments));
        let mut told = Vec::new();
        findings.retain(|finding| {
            !told.contains(&finding.code) && {
                told.push(finding.code);
                true
            }
        });
        if findings.is_empty() && right == 0 {
            return Outcome::NoEvidence("the program reported nothing".into());
        }
        Outcome::unless_found(findings, || {
            format!("{} right, at {}", count(right, "number"), count(moments.len(), "moment"))
        })
    }
}

impl LagReported {
    /// Did the program get to know that somebody asks?
    fn was_asked(&self, moment: &Moment<'_>, evidence: &Evidence) -> bool {
        let asked = evidence.calls(&self.asked);
        let answered = asked.iter().filter_map(|call| call.answer.as_ref()).find(|answer| answer.event > moment.event);
        answered.is_some_and(|answer| answer.ok)
    }

    /// Where the program was told that somebody asks, having asked again since the moment.
    fn answered_again(&self, moment: &Moment<'_>, evidence: &Evidence) -> Option<usize> {
        let asked = evidence.calls(&self.asked);
        let again = asked.iter().filter(|call| call.event > moment.event);
        again.filter_map(|call| call.answer.as_ref()).find(|answer| answer.ok).map(|answer| answer.event)
    }

    /// One name for all wrong numbers of a kind, where one explains each of them.
    fn named(&self, wrong: &[Cell<'_>], moments: &[Moment<'_>]) -> Vec<Finding<Code>> {
        let extent = |cell: &Cell<'_>| moments[cell.at].partitions.iter().find(|at| at.partition == cell.partition);
        let committed = |cell: &Cell<'_>| moments[cell.at].committed(cell.group, cell.partition);
        let number =
            |cell: &Cell<'_>, of: &dyn Fn(i64, i64, i64, i64) -> bool| match (extent(cell), committed(cell), cell.said)
            {
                (Some(at), committed, Some(said)) => of(said, at.start, at.end, committed.unwrap_or(0)),
                _ => false,
            };
        let unknown: Vec<&Cell<'_>> = wrong.iter().filter(|cell| committed(cell).is_none()).collect();
        let beyond: Vec<&Cell<'_>> =
            wrong.iter().filter(|cell| cell.required.is_none() && committed(cell).is_some()).collect();
        let known: Vec<&Cell<'_>> = wrong.iter().filter(|cell| cell.required.is_some()).collect();

        let other = |cell: &Cell<'_>| {
            let of = |group: &String| {
                *group != cell.group && cell.said.is_some() && {
                    let moment = &moments[cell.at];
                    extent(cell).is_some_and(|_| lag(moment, group, cell.partition) == cell.said)
                }
            };
            self.groups.iter().any(of)
        };
        let none = |cell: &Cell<'_>| cell.said.is_none();
        let committed_zero = |cell: &Cell<'_>| none(cell) && committed(cell) == Some(0);
        // Before the first question there may have been nothing to know.
        let stale = |cell: &Cell<'_>| match cell.at.checked_sub(1) {
            Some(before) => lag(&moments[before], cell.group, cell.partition) == cell.said,
            None => none(cell),
        };
        let zero = |cell: &Cell<'_>| cell.said == Some(0);
        let all = |cell: &Cell<'_>| number(cell, &|said, start, end, _| said == end - start || said == end);
        let deleted =
            |cell: &Cell<'_>| number(cell, &|said, start, end, committed| committed < start && said == end - committed);
        let stable = |cell: &Cell<'_>| {
            let stable = extent(cell).map(|at| at.stable);
            number(cell, &|said, _, end, committed| {
                stable.is_some_and(|stable| stable < end && said == (stable - committed).max(0))
            })
        };
        let one_off = |by: i64| {
            move |cell: &Cell<'_>| cell.said.zip(cell.required).is_some_and(|(said, required)| said - required == by)
        };

        let mut findings = Vec::new();
        let mut tell = |cells: &[&Cell<'_>], hypotheses: &[Hypothesis<'_>], otherwise| {
            if !cells.is_empty() {
                let fits = hypotheses.iter().find(|(_, explains)| cells.iter().all(|cell| explains(cell)));
                findings.push(finding(fits.map_or(otherwise, |(code, _)| *code), cells));
            }
        };
        tell(
            &unknown,
            &[(Code::UnknownAsZero, &zero), (Code::UnknownAsAll, &all), (Code::OtherGroup, &other)],
            Code::UnknownGuessed,
        );
        tell(&beyond, &[], Code::BeyondEnd);
        tell(
            &known,
            &[
                (Code::ZeroAsNone, &committed_zero),
                (Code::KnownAsUnknown, &none),
                (Code::UpToStable, &stable),
                (Code::Deleted, &deleted),
                (Code::Zero, &zero),
                (Code::Stale, &stale),
                (Code::OtherGroup, &other),
                (Code::WholeLog, &all),
                (Code::OneOff, &one_off(1)),
                (Code::OneOff, &one_off(-1)),
            ],
            Code::Wrong,
        );
        findings
    }
}

/// What a report has to say of the group in the partition.
fn lag(moment: &Moment<'_>, group: &str, partition: i32) -> Lag {
    let at = moment.partitions.iter().find(|at| at.partition == partition)?;
    let committed = moment.committed(group, partition).filter(|committed| *committed <= at.end)?;
    Some(at.end - committed.max(at.start))
}

/// Holds a report against the moment: what is wrong goes into one of the lists, and how many numbers are right is returned.
fn hold<'e>(
    moment: &Moment<'_>,
    at: usize,
    group: &'e str,
    report: &Report<'_>,
    wrong: &mut Vec<Cell<'e>>,
    findings: &mut Vec<Finding<Code>>,
) -> usize {
    let mut right = 0;
    for extent in moment.partitions {
        let (partition, required) = (extent.partition, lag(moment, group, extent.partition));
        let Some(said) = report.lags.get(&partition).copied() else {
            let (required, seen) =
                (format!("the lag of {group} in each partition"), format!("no number for partition {partition}"));
            findings.push(Finding::new(Code::PartitionMissing, required, seen, vec![moment.event, report.event]));
            continue;
        };
        // Wherever the group will begin, there is nothing before it.
        let nothing = moment.committed(group, partition).is_none() && extent.start == extent.end;
        match said == required || nothing && said == Some(0) {
            true => right += 1,
            false => wrong.push(Cell { at, group, partition, said, required, event: report.event }),
        }
    }
    let total = report.args.get("total").cloned().unwrap_or_default();
    let sum = report.total();
    if total != sum.map_or(Value::Null, Value::from) {
        let (required, seen) =
            (format!("total {}, the sum of what it says itself", told(sum)), format!("total {total}"));
        let code = if total.is_null() { Code::TotalUnknown } else { Code::Total };
        findings.push(Finding::new(code, required, seen, vec![report.event]));
    }
    right
}

fn finding(code: Code, cells: &[&Cell<'_>]) -> Finding<Code> {
    let place = |cell: &Cell<'_>, lag| format!("{}[{}]: {}", cell.group, cell.partition, told(lag));
    let required: Vec<String> = cells.iter().map(|cell| place(cell, cell.required)).collect();
    let seen: Vec<String> = cells.iter().map(|cell| place(cell, cell.said)).collect();
    let mut events: Vec<usize> = cells.iter().map(|cell| cell.event).collect();
    events.dedup();
    Finding::new(code, some(&required), some(&seen), events)
}

fn missing(group: &str, moment: &Moment<'_>, reports: &[Report<'_>]) -> Finding<Code> {
    let seen = if reports.is_empty() {
        "no report".to_owned()
    } else {
        format!("only {} of other groups", count(reports.len(), "report"))
    };
    Finding::new(Code::Missing, format!("a report of {group}"), seen, vec![moment.event])
}

fn unreadable(call: &Call<'_>, why: &str) -> Finding<Code> {
    let required = r#"{"group": "…", "lag": {"0": 3, "1": null}, "total": 3, …}"#;
    Finding::new(Code::Unreadable, required, format!("{}: {why}", call.args), vec![call.event])
}

#[cfg(test)]
mod tests {
    use crate::checks::testing::{GROUP, Recording, TOPIC};
    use serde_json::{Value, json};

    /// Partition 0 has a commit, partition 1 has none and partition 2 is empty; all of `said` is said of [`GROUP`], each
    /// at another moment, the group being one further each time.
    fn judged(said: &[Value]) -> String {
        let mut recording = Recording::default();
        for (committed, said) in (0..).zip(said) {
            let total = said.get("0").and_then(Value::as_i64);
            let args = json!({"group": GROUP, "lag": said, "total": total});
            let committed = [(GROUP, 0, 14 + committed), ("other", 0, 17), ("other", 1, 19)];
            recording = recording
                .ask("next", json!({}))
                .observed(&[(10, 20), (5, 25), (0, 0)], &committed)
                .reply(true)
                .call("lag", args);
        }
        recording.judged(check())
    }

    fn check() -> Value {
        json!({"lag-reported": {"topic": TOPIC, "groups": [GROUP], "op": "lag", "asked": "next"}})
    }

    #[test]
    fn each_wrong_number_has_its_name() {
        let right = json!({"0": 6, "1": null, "2": null});
        assert_eq!(judged(&[right.clone(), json!({"0": 5, "1": null, "2": 0})]), "passed");
        for (said, code) in [
            (json!({"0": 6, "1": 0, "2": null}), "unknown-as-zero"),
            (json!({"0": 6, "1": 20, "2": null}), "unknown-as-all"),
            (json!({"0": 6, "1": 25, "2": null}), "unknown-as-all"),
            (json!({"0": 6, "1": 7, "2": null}), "unknown-guessed"),
            (json!({"0": null, "1": null, "2": null}), "known-as-unknown"),
            (json!({"0": 0, "1": null, "2": null}), "zero"),
            (json!({"0": 10, "1": null, "2": null}), "whole-log"),
            (json!({"0": 7, "1": null, "2": null}), "one-off"),
            (json!({"0": 5, "1": null, "2": null}), "one-off"),
            (json!({"0": 2, "1": null, "2": null}), "wrong"),
            (json!({"0": 6, "1": null}), "partition-missing"),
            (json!({"0": "6", "1": null, "2": null}), "unreadable"),
        ] {
            assert!(
                judged(std::slice::from_ref(&said)).contains(code),
                "{said}: {}",
                judged(std::slice::from_ref(&said))
            );
        }
        assert_eq!(judged(&[right.clone(), right.clone()]), "stale");
        assert_eq!(judged(&[right, json!({"0": null, "1": null, "2": null})]), "known-as-unknown");
    }

    #[test]
    fn a_commit_of_offset_zero_is_a_commit() {
        let said = |lag: Value| {
            let asked = Recording::default().ask("next", json!({})).observed(&[(0, 4)], &[(GROUP, 0, 0)]).reply(true);
            asked.call("lag", json!({"group": GROUP, "lag": {"0": lag}, "total": lag})).judged(check())
        };
        assert_eq!(said(json!(4)), "passed");
        assert_eq!(said(Value::Null), "zero-as-none");
    }

    /// One look, and one report of the group, whose total is right.
    fn once(look: impl FnOnce(Recording) -> Recording, lag: i64) -> String {
        let args = json!({"group": GROUP, "lag": {"0": lag}, "total": lag});
        let check = json!({"lag-reported": {"topic": TOPIC, "groups": [GROUP, "other"], "op": "lag", "asked": "next"}});
        let other = json!({"group": "other", "lag": {"0": 3}, "total": 3});
        look(Recording::default().ask("next", json!({}))).reply(true).call("lag", args).call("lag", other).judged(check)
    }

    #[test]
    fn where_the_log_has_moved_or_a_transaction_is_open_the_number_tells_why_it_is_wrong() {
        let at = |start, end, committed| {
            move |it: Recording| it.observed(&[(start, end)], &[(GROUP, 0, committed), ("other", 0, end - 3)])
        };
        assert_eq!(once(at(10, 20, 14), 6), "passed");
        assert_eq!(once(at(10, 20, 4), 10), "passed");
        assert_eq!(once(at(10, 20, 4), 16), "deleted");
        assert_eq!(once(at(10, 20, 14), 3), "other-group");
        assert_eq!(once(at(10, 20, 25), 0), "beyond-end");
        let open = |it: Recording| at(10, 20, 14)(it).open_from(0, 16);
        assert_eq!(once(open, 2), "up-to-stable");
        assert_eq!(once(open, 6), "passed");
    }

    #[test]
    fn who_is_asked_answers_once_and_adds_up() {
        let args = |total: i64| json!({"group": GROUP, "lag": {"0": 6}, "total": total});
        let asked = || Recording::default().ask("next", json!({})).observed(&[(10, 20)], &[(GROUP, 0, 14)]).reply(true);
        assert_eq!(asked().call("lag", args(6)).judged(check()), "passed");
        assert_eq!(asked().call("lag", args(7)).judged(check()), "total");
        let unknown = json!({"group": GROUP, "lag": {"0": 6}, "total": null});
        assert_eq!(asked().call("lag", unknown).judged(check()), "total-unknown");
        assert_eq!(asked().call("lag", args(6)).call("lag", args(6)).judged(check()), "repeated");
        let again = asked().call("lag", args(6)).ask("next", json!({}));
        assert_eq!(again.reply(true).call("lag", args(6)).judged(check()), "passed");
        let at_once = asked().call("lag", args(6)).ask("next", json!({})).call("lag", args(6));
        assert_eq!(at_once.judged(check()), "repeated");
        assert_eq!(asked().judged(check()), "missing");
        let early = Recording::default().call("lag", args(6)).ask("next", json!({}));
        let early = early.observed(&[(10, 20)], &[(GROUP, 0, 14)]).reply(true).call("lag", args(6));
        assert_eq!(early.judged(check()), "unasked");
        assert_eq!(Recording::default().call("lag", args(6)).judged(check()), "no evidence");
    }
}
