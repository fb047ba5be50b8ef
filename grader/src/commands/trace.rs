//! `kafkacourse trace`: the timeline of a recorded run.

use super::{Context, Everywhere};
use crate::evidence;
use crate::report::paper::{Paper, page};
use crate::report::timeline;
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
    /// Heartbeats, empty fetches and what was printed, too
    #[arg(short, long)]
    all: bool,
    /// The events as JSON lines
    #[arg(long)]
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
            text.push_str(&timeline::whole(&evidence, &paper, args.around, args.all));
            text.push('\n');
        }
    }
    page(&text, &paper);
    Ok(0)
}
