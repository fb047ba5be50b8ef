//! `grader merge`: puts together what several machines have graded.

use super::super::cli::Everywhere;
use super::super::context::workspace;
use super::summary;
use crate::checks::count;
use crate::class::finding::Finding;
use crate::class::marks;
use crate::class::merge::{Merged, merge as put_together};
use crate::course::Course;
use crate::foreign::{Foreign, visible};
use crate::report::out::{errln, outln};
use crate::report::paper::Paper;
use std::path::PathBuf;

/// Findings that are told one by one.
const TOLD: usize = 20;
/// Something is missing, or does not fit.
const NOT_YET: u8 = 1;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folders that `grader run` has made, one for each part of the class
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Where everything goes. What was merged there before stays, and more is added to it
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub fn merge(everywhere: &Everywhere, args: &Args) -> anyhow::Result<u8> {
    let course = Course::load(&workspace(everywhere)?.0.root)?;
    let Merged { folder, roll, ledger, findings, added, twice, damaged } = put_together(&args.folders, &args.out)?;
    damaged.iter().for_each(|damaged| errln!("{}", Foreign::from(damaged.to_string()).lines()));
    let mut results = marks::results(&course, &folder, &roll, &ledger);
    crate::report::class::write(&results, folder.root())?;
    outln!("{} of {} merged", count(added, "new run"), count(roll.learners.len(), "learner"));
    if twice > 0 {
        outln!("{} graded more than once, with the same outcome", count(twice, "run"));
    }
    let paper = Paper::stdout();
    for finding in findings.iter().take(TOLD) {
        outln!("  {} {}", paper.yellow("!"), visible(&finding.to_string()));
        if let Finding::Mixed { found, .. } = finding {
            for (value, places) in found {
                let places: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
                outln!("      {}: {}", visible(value), visible(&places.join(", ")));
            }
        }
    }
    if findings.len() > TOLD {
        outln!("  and {} more", findings.len() - TOLD);
    }
    // What was just told is told once.
    results.facts.complaints.retain(|complaint| findings.iter().all(|finding| &finding.to_string() != complaint));
    summary::print(&results, &folder, true);
    if findings.iter().any(Finding::is_gap) {
        outln!("Grade what is missing there with `grader run` and --out {}, without --shard.", args.out.display());
    }
    Ok(if findings.is_empty() { 0 } else { NOT_YET })
}
