//! `kafkacourse doctor`: is everything here that is needed?

use super::{Context, Everywhere, block_on};
use crate::broker::{Brokers, Choice, container};
use crate::course::CourseError;
use crate::files;
use crate::foreign::Foreign;
use crate::process;
use crate::report::out::outln;
use crate::report::paper::Paper;
use crate::report::trouble;
use crate::sandbox::Layers;
use std::io::Write;
use std::path::Path;
use std::process::Command;

/// What was looked at, and what came of it: good, good to know, or bad with its remedy.
enum Finding {
    Good(String),
    Note(String, String),
    Bad(String, String),
}

pub(super) fn run(everywhere: &Everywhere) -> anyhow::Result<u8> {
    let paper = Paper::stdout();
    let mut findings =
        vec![tool("cargo", "install Rust from https://rustup.rs"), compiler(), course(everywhere), temporary()];
    if let Err(too_few) = process::scenarios_at_once() {
        findings.push(Finding::Bad("no check can begin".into(), too_few.to_string()));
    }
    let asked = block_on(async {
        findings.push(embedded().await);
        findings.push(docker().await);
        findings.push(compose());
        findings.push(sandbox());
        Ok(0)
    });
    let line = |mark: String, what: &str| paper.beside(&format!("{mark} "), &Foreign::from(what).lines());
    let mut bad = 0;
    for finding in findings {
        match finding {
            Finding::Good(what) => outln!("{}", line(paper.green("✓"), &what)),
            Finding::Note(what, remedy) => {
                outln!(
                    "{}\n{}",
                    line(paper.yellow("·"), &what),
                    paper.wrap(&paper.dim(&Foreign::from(remedy).lines()), 2)
                );
            }
            Finding::Bad(what, remedy) => {
                bad += 1;
                outln!(
                    "{}\n{}",
                    line(paper.red("✗"), &what),
                    paper.wrap(&paper.cyan(&Foreign::from(remedy).lines()), 2)
                );
            }
        }
    }
    if bad > 0 {
        outln!("{} {}", paper.dim("more:"), paper.cyan(&trouble::command(trouble::BEFORE)));
    }
    asked.map(|code| if code == 0 { u8::from(bad > 0) } else { code })
}

fn tool(name: &str, remedy: &str) -> Finding {
    let first_line =
        |bytes: &[u8]| Foreign::from(String::from_utf8_lossy(bytes).lines().next().unwrap_or(name)).to_string();
    match Command::new(name).arg("--version").output() {
        Ok(output) if output.status.success() => Finding::Good(first_line(&output.stdout)),
        Ok(output) => {
            let what = format!("{name} is there and does not work: {}", first_line(&output.stderr));
            Finding::Bad(what, remedy.to_owned())
        }
        Err(_) => Finding::Bad(format!("{name} was not found"), remedy.to_owned()),
    }
}

fn compiler() -> Finding {
    let remedy = "librdkafka is built from source: install a C compiler and make (Debian: apt install build-essential; \
                  macOS: xcode-select --install)";
    match (tool("cc", remedy), tool("make", remedy)) {
        (Finding::Good(cc), Finding::Good(_)) => Finding::Good(cc),
        (Finding::Good(_), bad) | (bad, _) => bad,
    }
}

/// The plugin, not the older `docker-compose`: what the pages say to type by hand.
fn compose() -> Finding {
    match Command::new("docker").args(["compose", "version"]).output() {
        Ok(output) if output.status.success() => {
            Finding::Good(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        }
        _ => Finding::Note(
            "docker compose was not found".into(),
            "Only what you try by hand (docker compose up -d) wants it; no check does.".into(),
        ),
    }
}

/// What holds programs that are not trusted.
fn sandbox() -> Finding {
    let layers = Layers::probe();
    match layers.trouble() {
        None => Finding::Good(format!("a sandbox for programs of others: {layers}")),
        Some(trouble) => Finding::Note("no sandbox for programs of others".into(), trouble),
    }
}

fn course(everywhere: &Everywhere) -> Finding {
    match Context::load(everywhere) {
        Ok(context) => {
            let folder = context.workspace.state();
            match files::make_folder(&folder).and_then(|()| has_room(&folder)) {
                Ok(()) => Finding::Good(format!("{} at {}", context.course.title, context.workspace.root.display())),
                Err(error) => Finding::Bad(
                    format!("{} cannot be written: {error}", folder.display()),
                    "make room there, or make the folder yours (chown)".into(),
                ),
            }
        }
        Err(error) => {
            let remedy = match error.is::<CourseError>() {
                true => "mend the file at that line; git diff shows what has been changed",
                false => "go to the course's folder, or use --course DIR",
            };
            Finding::Bad(format!("{error:#}"), remedy.into())
        }
    }
}

/// Where programs run.
fn temporary() -> Finding {
    let folder = std::env::temp_dir();
    match has_room(&folder) {
        Ok(()) => Finding::Good(format!("temporary files: {}", folder.display())),
        Err(error) => Finding::Bad(
            format!("no temporary files can be made in {}: {error}", folder.display()),
            "make that folder, or room in it, or name another one: export TMPDIR=/tmp".into(),
        ),
    }
}

/// Is there room for a mebibyte? A smaller file may be made where the disk is as good as full.
fn has_room(folder: &Path) -> std::io::Result<()> {
    tempfile::tempfile_in(folder)?.write_all(&vec![0; 1 << 20])
}

async fn embedded() -> Finding {
    let opened = match Brokers::choose(Choice::Embedded, &|_| {}).await {
        Ok(brokers) => {
            let broker = brokers.open();
            broker.create_topic("doctor", 1).await.map(|_| brokers.description().version.clone())
        }
        Err(error) => Err(error),
    };
    match opened {
        Ok(version) => Finding::Good(format!("embedded broker: {version}")),
        Err(error) => Finding::Bad("the embedded broker does not work".into(), error.to_string()),
    }
}

async fn docker() -> Finding {
    let fine = |what: String| Finding::Note(what, "Without Docker the embedded broker is used; that is fine.".into());
    match container::status().await {
        Ok(status @ container::Status::Running(_)) => Finding::Good(status.to_string()),
        Ok(status) => fine(status.to_string()),
        Err(error) => fine(error.to_string()),
    }
}
