//! `kafkacourse trace`: the timeline of a recorded run.

use super::{Context, Everywhere};
use crate::course::Exercise;
use crate::evidence::{self, Evidence};
use crate::foreign::{self, Foreign};
use crate::report::fault::Faults;
use crate::report::lanes::Lanes;
use crate::report::pager::page;
use crate::report::paper::Paper;
use crate::report::timeline::{self, View};
use crate::verdict::{self, Played};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// An evidence file, an exercise (its latest run), or LAST
    #[arg(default_value = "LAST")]
    what: String,
    /// Of a run: only this scenario
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// Only what lies around this event
    #[arg(long, value_name = "EVENT", allow_negative_numbers = true)]
    around: Option<usize>,
    /// Only what the processes of this role do: a
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// Of what is about partitions, only what is about this one
    #[arg(long, value_name = "PARTITION", allow_negative_numbers = true)]
    partition: Option<i32>,
    /// Draw who held which partition when, instead of the events
    #[arg(long)]
    lanes: bool,
    /// Heartbeats, empty fetches and what was printed, too
    #[arg(short, long)]
    all: bool,
    /// All events as JSON lines, just as they are recorded
    #[arg(long, conflicts_with_all = ["around", "role", "partition", "lanes"])]
    json: bool,
}

pub(super) fn run(everywhere: &Everywhere, args: &Args) -> anyhow::Result<u8> {
    let files = match PathBuf::from(&args.what) {
        path if path.is_file() => vec![path],
        _ => {
            let context = Context::load(everywhere)?;
            let exercise = match args.what.as_str() {
                "LAST" | "last" => None,
                word => Some(context.exercise(Some(word))?.id.clone()),
            };
            let latest = context.workspace.store().latest(exercise.as_deref())?;
            let files = latest.map(|run| run.complete).unwrap_or_default();
            if args.scenario.is_some() { files } else { by_interest(&context, files) }
        }
    };
    let wanted = |path: &PathBuf| args.scenario.as_ref().is_none_or(|scenario| scenario_of(path) == *scenario);
    let all: Vec<PathBuf> = files;
    let files: Vec<&PathBuf> = all.iter().filter(|path| wanted(path)).collect();
    if files.is_empty() {
        match (all.as_slice(), args.scenario.as_deref(), args.what.as_str()) {
            ([_, ..], Some(scenario), _) => {
                let names: Vec<String> = all.iter().map(|path| scenario_of(path)).collect();
                anyhow::bail!("that run has no scenario “{scenario}”; it has {}", names.join(", "));
            }
            (_, _, "LAST" | "last") => anyhow::bail!("there is no evidence yet; kafkacourse check makes some"),
            (_, _, word) => anyhow::bail!("there is no evidence of {word} yet; kafkacourse check {word} makes some"),
        }
    }
    let paper = Paper::stdout();
    let mut text = String::new();
    for path in files {
        let evidence = evidence::load(path)?;
        if args.json {
            text.push_str(&format!("{}\n", foreign::json(&evidence.header)?));
            for event in &evidence.events {
                text.push_str(&format!("{}\n", foreign::json(event)?));
            }
        } else {
            let (role, partition) = (args.role.clone(), args.partition);
            let view = View { around: args.around, role, partition, all: args.all };
            match args.lanes {
                true => text.push_str(&drawn(&evidence, args.partition, &paper)),
                false => text.push_str(&timeline::whole(&evidence, &paper, &view)),
            }
            text.push('\n');
        }
    }
    page(&text, &paper);
    Ok(0)
}

/// The files of a run, the one first that shows what is wrong with the program. In their own order where that cannot be
/// known: evidence of an older course, say, can still be looked at.
fn by_interest(context: &Context, mut files: Vec<PathBuf>) -> Vec<PathBuf> {
    let judge = |path: &PathBuf| {
        let evidence = evidence::load(path).ok()?;
        let exercise = context.exercise(Some(&evidence.header.exercise)).ok()?;
        let scenario = exercise.scenarios.iter().find(|scenario| scenario.id == evidence.header.scenario)?;
        Some((exercise, verdict::judge(scenario, evidence, path.clone())))
    };
    let (exercises, played): (Vec<&Exercise>, Vec<Played<'_>>) = files.iter().filter_map(judge).unzip();
    if let Some(exercise) = exercises.first().filter(|_| files.len() > 1) {
        let (_, diagnosis) = verdict::sum_up(exercise, &played);
        let faults = Faults::new(&exercise.id, &played, diagnosis);
        let of_fault = |path: &PathBuf| faults.first().is_some_and(|fault| scenario_of(path) == fault.scenario);
        files.sort_by_key(|path| !of_fault(path));
    }
    files
}

/// The scenario whose evidence a file is called after.
fn scenario_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.split('.').next().unwrap_or_default().to_owned()
}

/// The lanes of one run.
fn drawn(evidence: &Evidence, partition: Option<i32>, paper: &Paper) -> String {
    let header = &evidence.header;
    let mut lines = Vec::new();
    for lanes in Lanes::of_each_group(evidence) {
        lines.push(paper.wrap(&format!("{}, group {}", paper.bold(&lanes.topic.to_string()), lanes.group), 0));
        lines.extend(lanes.lines(partition, paper));
    }
    if lines.is_empty() {
        lines.push("  nobody was given a partition by a group".to_owned());
    }
    let [name, scenario, program] = [&header.exercise, &header.scenario, &header.program].map(Foreign::from);
    let title = format!("{} · {scenario} · {program} · seed {}", paper.bold(&name.to_string()), header.seed);
    format!("{}\n{}\n", paper.wrap(&title, 0), lines.join("\n"))
}
