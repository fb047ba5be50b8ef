//! `kafkacourse trace`: the timeline of a recorded run.

use super::{Context, Everywhere};
use crate::evidence::{self, Evidence};
use crate::report::lanes;
use crate::report::paper::{Paper, page};
use crate::report::timeline::{self, View};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// An evidence file, an exercise (its latest run), or LAST
    #[arg(default_value = "LAST")]
    what: String,
    /// Of a run: only this scenario
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// Only what lies around this event
    #[arg(long, value_name = "EVENT")]
    around: Option<usize>,
    /// Only what the processes of this role do: a
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// Of what is about partitions, only what is about this one
    #[arg(long, value_name = "PARTITION")]
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
            context.workspace.last_evidence(exercise.as_deref())
        }
    };
    let wanted = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        args.scenario.as_ref().is_none_or(|scenario| name.split('.').next() == Some(scenario))
    };
    let files: Vec<PathBuf> = files.into_iter().filter(wanted).collect();
    if files.is_empty() {
        anyhow::bail!("there is no such evidence; kafkacourse check makes some");
    }
    let paper = Paper::stdout();
    let mut text = String::new();
    for path in files {
        let evidence = evidence::load(&path)?;
        if args.json {
            text.push_str(&format!("{}\n", serde_json::to_string(&evidence.header)?));
            for event in &evidence.events {
                text.push_str(&format!("{}\n", serde_json::to_string(event)?));
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

/// The lanes of one run.
fn drawn(evidence: &Evidence, partition: Option<i32>, paper: &Paper) -> String {
    let header = &evidence.header;
    let lanes = lanes::all(evidence, partition, paper);
    let body = match lanes.is_empty() {
        true => "  nobody was given a partition by a group".to_owned(),
        false => lanes.join("\n"),
    };
    let name = paper.bold(&header.exercise);
    let title = format!("{name} · {} · {} · seed {}", header.scenario, header.program, header.seed);
    format!("{}\n{body}\n", paper.wrap(&title, 0))
}
