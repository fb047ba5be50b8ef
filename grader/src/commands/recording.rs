//! The recordings in the pages of the theory, played anew: by an author who compares them, and by a learner who wants
//! to see one happen.

use super::teller::Teller;
use super::{Context, block_on};
use crate::broker::Choice;
use crate::build;
use crate::course::Demo;
use crate::evidence::{Evidence, file_in};
use crate::foreign::Foreign;
use crate::grade::{Grader, Notice};
use crate::process::Program;
use crate::report::out::outln;
use crate::report::paper::Paper;
use crate::report::timeline::{self, View};
use crate::report::transcript;
use crate::run::Job;
use crate::store::RECORDING;
use std::path::Path;

/// The demo behind the recording of this name; none where no page has such a one.
///
/// # Errors
/// A file that describes one cannot be read.
pub(super) fn named(context: &Context, name: &Path) -> anyhow::Result<Option<Demo>> {
    Ok(context.course.demos()?.into_iter().find(|demo| Some(demo.name.as_str()) == name.to_str()))
}

/// Plays a demo whose program is built, and records it into `file`.
///
/// # Errors
/// The run could not be begun or recorded.
pub(super) async fn played(
    context: &Context,
    demo: &Demo,
    program: &Path,
    file: &Path,
    grader: &Grader,
    watch: &(dyn Fn(Notice<'_>) + Sync),
) -> anyhow::Result<Evidence> {
    let folder = context.workspace.root.join("modules/demos");
    let job = Job {
        what: &demo.name,
        topics: &demo.topics,
        groups: &demo.groups,
        program: &Program::Built(program.to_owned()),
        whose: &demo.program.binary,
        seed: demo.seed,
        folder: &folder,
        confinement: None,
    };
    Ok(grader.run(&job, &demo.scenario, file, watch).await?)
}

/// Plays a recording for the learner: what the page shows of it, or all events, and where the rest is.
pub(super) fn replay(context: &Context, demo: &Demo, json: bool, all: bool) -> anyhow::Result<u8> {
    if json {
        let name = &demo.name;
        anyhow::bail!(
            "a recording is not judged, so it has no report.\nkafkacourse replay {name} says where its events are, \
             and kafkacourse trace --json prints them"
        );
    }
    let paper = context.out;
    let teller = Teller::new(paper, false);
    teller.line(&paper.wrap(&format!("{} · {}", paper.bold(&demo.name), Foreign::from(demo.title.as_str())), 0));
    block_on(async {
        teller.now("building its program".into());
        let root = &context.workspace.root;
        let source = &demo.program;
        let say = |said: build::Said<'_>| teller.building(said);
        let program = build::program(root, &source.package, &source.binary, Paper::stderr().colour, &say).await?;
        teller.now("playing it on the embedded Kafka".into());
        let run = context.workspace.store().begin(&format!("{RECORDING}{}", demo.name))?;
        let file = file_in(run.folder(), &demo.name);
        let grader = Grader::new(root, Choice::Embedded, 1)?;
        let evidence = played(context, demo, &program, &file, &grader, &|_| ()).await?;
        run.end();
        teller.end();
        let shown = transcript::lines(&evidence, demo).map_err(|why| {
            anyhow::anyhow!(
                "this run did not come to its end: {why}\nWhat was seen of it: kafkacourse trace {}",
                file.display()
            )
        })?;
        match all {
            true => outln!("\n{}", timeline::whole(&evidence, &paper, &View::default()).trim_end()),
            false => outln!(
                "\n{}\n",
                shown.iter().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n").trim_end()
            ),
        }
        let file = std::env::current_dir().ok().and_then(|here| file.strip_prefix(here).ok()).unwrap_or(&file);
        outln!("{} kafkacourse trace {}", paper.dim("all that happened:"), file.display());
        outln!("{} kafkacourse read legend", paper.dim("the symbols:"));
        Ok(0)
    })
}
