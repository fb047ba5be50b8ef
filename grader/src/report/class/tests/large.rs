//! A class of a thousand: how large its report is, and how long it takes. `cargo test -- --ignored --nocapture` tells.

use super::browser::Browser;
use super::sample;
use crate::class::marks::ExerciseInfo;
use crate::report::class;
use std::time::Instant;

#[test]
#[ignore = "it measures"]
fn a_class_of_a_thousand() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut results = sample::class(folder.path());
    results.learners = (0..1000).map(|nth| sample::another(&results.learners[nth % 6], nth)).collect();
    for (info, nth) in results.exercises.clone().into_iter().cycle().take(4).zip(3..) {
        results.exercises.push(ExerciseInfo { id: format!("ex{nth}"), ..info });
        for learner in &mut results.learners {
            let mut another = learner.exercises[(nth + 1) % 2].clone();
            another.exercise = format!("ex{nth}");
            learner.exercises.push(another);
        }
    }
    let began = Instant::now();
    class::write(&results, folder.path()).expect("reports");
    eprintln!("all reports: {:.2} s", began.elapsed().as_secs_f64());
    for file in ["report.html", "junit.xml", "results.csv", "results.jsonl", "feedback/x0001.html"] {
        let size = std::fs::metadata(folder.path().join(file)).expect("a file").len();
        eprintln!("{file}: {} KiB", size >> 10);
    }
    if let Some(copy) = std::env::var_os("COPY") {
        std::fs::copy(folder.path().join("report.html"), copy).expect("a copy");
    }
    let Some(mut browser) = Browser::start() else { return };
    let began = Instant::now();
    browser.open(&folder.path().join("report.html"));
    eprintln!("opened in {:.2} s", began.elapsed().as_secs_f64());
    for (what, script) in [
        ("sorted", "document.querySelectorAll('#table button')[1].click(); document.body.offsetHeight"),
        (
            "filtered",
            "{ const find = document.getElementById('find'); find.value = 'ben'; find.dispatchEvent(new Event('input')); } document.body.offsetHeight",
        ),
    ] {
        let began = Instant::now();
        browser.value(script);
        eprintln!("{what} in {:.0} ms", began.elapsed().as_secs_f64() * 1000.0);
    }
    let heap = browser.value("performance.memory.usedJSHeapSize >> 20");
    eprintln!("script's memory: {heap} MiB");
}
