//! A small class in which each thing has happened that can happen.

use super::super::detail::{self, AtOnce, Check, Detail, Finding, Line, Scenario, Stop, Trouble};
use crate::class::marks::{
    CheckInfo, ClassFacts, ClassResults, ExerciseInfo, ExerciseResult, LearnerResult, Mark, MistakeInfo,
};
use crate::class::record::{self, CheckResult, CheckStatus, Outcome, Record};
use crate::class::spec::Spec;
use crate::submission::{Invalid, Language, Learner, LearnerId, Note};
use crate::verdict::Verdict;
use std::path::Path;

/// Seeds of the sample: no report for learners may show them.
pub const SEEDS: [u64; 2] = [7_310_007_310, 9_020_009_020];

/// The class; the details of its sittings lie in `folder`.
pub fn class(folder: &Path) -> ClassResults {
    let judged = |verdict, diagnosis: Option<&str>, statuses: [CheckStatus; 3]| Outcome::Judged {
        verdict,
        diagnosis: diagnosis.map(str::to_owned),
        limit: None,
        checks: ["delivered", "acks", "order"]
            .into_iter()
            .zip(statuses)
            .map(|(check, status)| CheckResult {
                scenario: if check == "order" { "broker-down" } else { "steady" }.into(),
                check: check.into(),
                status,
                codes: if status == CheckStatus::Failed { vec![format!("{check}/wrong")] } else { Vec::new() },
            })
            .collect(),
    };
    use CheckStatus::{Failed, NoEvidence, NotChecked, Passed};
    let pass = || judged(Verdict::Passed, None, [Passed, Passed, NotChecked]);
    let fail = || judged(Verdict::Failed, Some("acks_1"), [Passed, Failed, NoEvidence]);
    let unbuilt =
        || Outcome::Judged { verdict: Verdict::DidNotBuild, diagnosis: None, limit: None, checks: Vec::new() };
    let mut memory = judged(Verdict::Crashed, None, [Failed, NoEvidence, NoEvidence]);
    if let Outcome::Judged { limit, .. } = &mut memory {
        *limit = Some("memory".into());
    }
    let invalid = Outcome::Invalid(Invalid {
        what: "a path that leaves the archive".into(),
        place: Some("../../etc/cron.d/x".into()),
    });
    let fault = || Outcome::Fault { what: "the broker did not start within 60 s".into() };

    let mut made = Maker { folder, sittings: 0 };
    let learners = vec![
        made.learner("ada", "Ada Lovelace", 0, [vec![pass(), pass()], vec![pass(), pass()]]),
        made.learner("ben", "Ben O'Neill, Jr.", 0, [vec![fail(), fail()], vec![unbuilt(), unbuilt()]]),
        made.learner(
            "cyd",
            "Cyd Charisse",
            0,
            [vec![judged(Verdict::TimedOut, None, [Passed, NoEvidence, NoEvidence])], vec![memory]],
        ),
        made.learner("dora", "Dora Maar", 0, [vec![invalid], vec![Outcome::Missing]]),
        made.learner("eve", "Eve Babitz", 0, [vec![fault(), pass()], vec![]]),
        made.learner(
            "finn",
            "Finn Núñez",
            2,
            [vec![pass(), fail()], vec![judged(Verdict::NotStarted, None, [NoEvidence; 3])]],
        ),
    ];
    ClassResults {
        title: "Kafka, winter term".into(),
        exercises: vec![exercise("ex1", "Producer basics"), exercise("ex2", "Manual commits")],
        learners,
        facts: ClassFacts {
            at: "2026-11-26T18:00:00Z".into(),
            version: "0.1.0".into(),
            session: 2,
            broker: "librdkafka 2.12.1 test cluster (embedded)".into(),
            sandbox: "namespaces+seccomp+landlock7+cgroup1".into(),
            seeds: 2,
            complaints: vec!["two archives of one learner: dora.zip and dora (1).zip; the later one counts".into()],
        },
    }
}

/// Somebody else to whom the same has happened.
pub fn another(learner: &LearnerResult, number: usize) -> LearnerResult {
    let mut another = learner.clone();
    let id = format!("x{number:04}");
    another.learner.id = LearnerId::new(&id).expect("an id");
    another.learner.name = learner.learner.name.as_ref().map(|name| format!("{name} {number}"));
    another
}

fn exercise(id: &str, title: &str) -> ExerciseInfo {
    let check = |scenario: &str, scenario_title: &str, check: &str, title: &str| CheckInfo {
        scenario: scenario.into(),
        scenario_title: scenario_title.into(),
        check: check.into(),
        title: title.into(),
    };
    let calm = "a calm broker: everything arrives, in its place and in order";
    ExerciseInfo {
        id: id.into(),
        title: title.into(),
        points: 10.0,
        checks: vec![
            check("steady", calm, "delivered", "every order arrives exactly once, unchanged"),
            check("steady", calm, "acks", "every Produce request asks for acks=all"),
            check("broker-down", "a broker goes away for a while", "order", "each customer's orders stay in order"),
        ],
        mistakes: vec![MistakeInfo {
            name: "acks_1".into(),
            title: "acks=1".into(),
            explanation: "The leader alone has the record when it answers. A leader that dies takes it along.".into(),
            read: "producers/03-acks".into(),
        }],
    }
}

struct Maker<'a> {
    folder: &'a Path,
    sittings: usize,
}

impl Maker<'_> {
    fn learner(&mut self, id: &str, name: &str, days_late: u32, outcomes: [Vec<Outcome>; 2]) -> LearnerResult {
        let exercises = outcomes.into_iter().zip(["ex1", "ex2"]);
        LearnerResult {
            learner: Learner {
                id: LearnerId::new(id).expect("an id"),
                name: Some(name.into()),
                email: Some(format!("{id}@example.org")),
                elsewhere: [("canvas".to_owned(), format!("10{}", id.len()))].into(),
            },
            exercises: exercises.map(|(outcomes, exercise)| self.exercise(id, exercise, days_late, outcomes)).collect(),
            notes: match id {
                "ben" => vec![Note { what: "a build.rs, which is ignored".into(), place: Some("build.rs".into()) }],
                _ => Vec::new(),
            },
            handed_in: Some("2026-11-20T09:30:00Z".into()),
            days_late: Some(days_late),
        }
    }

    fn exercise(&mut self, learner: &str, exercise: &str, late: u32, outcomes: Vec<Outcome>) -> ExerciseResult {
        let repeated = learner == "ada" && exercise == "ex2";
        let record = |(outcome, nth): (Outcome, usize)| Record {
            format: record::FORMAT,
            at: "2026-11-26T17:59:00Z".into(),
            key: format!("{learner}-{exercise}-{nth}"),
            sources: String::new(),
            spec: Spec::default(),
            session: 2,
            learner: LearnerId::new(learner).expect("an id"),
            exercise: exercise.into(),
            sitting: nth as u32 + 1,
            seed: SEEDS[nth],
            language: Language::Rust,
            outcome,
            broker: "embedded".into(),
            sandbox: "namespaces+seccomp+landlock7+cgroup1".into(),
            seconds: (1.25, 4.5),
            repeated,
            regrade_of: None,
        };
        let records: Vec<Record> = outcomes.into_iter().zip(0..).map(record).collect();
        let details = records.iter().map(|record| self.detail(record)).collect();
        let graded = !records.is_empty();
        let mut result = ExerciseResult {
            exercise: exercise.into(),
            mark: None,
            records,
            details,
            fresh: learner != "ada" && graded,
        };
        result.mark = result.decisive().filter(|record| !record.outcome.is_ours()).map(|record| {
            let points = 10.0 * crate::class::marks::share(&record.outcome);
            let off = points * 0.1 * f64::from(late);
            Mark { points: points - off, of: 10.0, late: off }
        });
        result
    }

    fn detail(&mut self, record: &Record) -> Option<std::path::PathBuf> {
        let Outcome::Judged { verdict, diagnosis, checks, .. } = &record.outcome else { return None };
        self.sittings += 1;
        let text = |text: &str| text.into();
        let line = |event, arrow: &str, said: &str, fault| Line {
            event,
            ms: 200.25 + event as f64,
            who: text("producer"),
            arrow: arrow.into(),
            text: text(said),
            fault,
        };
        let finding = |check: &CheckResult| match check.status {
            CheckStatus::Passed => Finding::Passed { seen: text("108 records, each exactly once") },
            CheckStatus::NotChecked => Finding::NotChecked { why: text("needs a real Kafka") },
            CheckStatus::NoEvidence => Finding::NoEvidence { why: text("nothing was sent while the broker was away") },
            CheckStatus::Failed => Finding::Failed {
                problems: vec![Trouble {
                    code: check.codes.first().cloned().unwrap_or_default(),
                    required: text("acks=all (-1 on the wire) in every Produce request"),
                    seen: text("acks=1: only the partition's leader has the record when it answers"),
                    events: vec![118],
                    lines: vec![
                        line(118, "→", "Produce acks=1, orders[2], 12 records", false),
                        line(119, "←", "Produce: stored at 36", false),
                        line(120, "·", "the grader closed the connection", true),
                    ],
                }],
                more: 0,
            },
        };
        let mut scenarios: Vec<Scenario> = Vec::new();
        for check in checks {
            if scenarios.last().is_none_or(|last| last.id != check.scenario) {
                scenarios.push(Scenario {
                    id: check.scenario.clone(),
                    title: format!("scenario {}", check.scenario),
                    passed: *verdict == Verdict::Passed,
                    panic: None,
                    gave_up: (*verdict == Verdict::TimedOut)
                        .then(|| (text("108 records in orders"), text("for 10 s nothing had moved on"))),
                    checks: Vec::new(),
                });
            }
            scenarios.last_mut().expect("a scenario").checks.push(Check {
                id: check.check.clone(),
                title: match check.check.as_str() {
                    "acks" => "every Produce request asks for acks=all".into(),
                    other => format!("check {other}"),
                },
                finding: finding(check),
                why: "A leader that dies takes along what only it has.".into(),
                read: "kafkacourse read producers/03-acks".into(),
            });
        }
        let detail = Detail {
            format: detail::FORMAT,
            exercise: record.exercise.clone(),
            verdict: *verdict,
            seed: record.seed,
            broker: Some("librdkafka 2.12.1 test cluster".into()),
            diagnosis: diagnosis.clone(),
            error: (*verdict == Verdict::DidNotBuild).then(|| {
                text("error[E0425]: cannot find value `produzer` in this scope\n --> src/main.rs:12:5\n   |\n12 |     produzer.send()")
            }),
            unfinished: (*verdict == Verdict::NotStarted).then(|| Stop {
                place: Some(text("exercises/ex02-manual-commits/src/main.rs:31")),
                message: Some(text("step 2 of 4: commit what was processed")),
            }),
            at_once: (*verdict == Verdict::Crashed).then(|| AtOnce {
                how: "was ended by signal 9".into(),
                place: None,
                said: vec![text("allocating everything")],
                read: "kafkacourse read reference/troubleshooting#it-ends-at-once".into(),
            }),
            did_nothing: false,
            scenarios,
            client_errors: Vec::new(),
        };
        let path = self.folder.join(format!("{}.json", self.sittings));
        std::fs::write(&path, serde_json::to_string(&detail).expect("a detail")).expect("a file");
        Some(path)
    }
}
