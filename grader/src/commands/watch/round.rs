//! One check of a watched program. Dropped, it is cancelled, and leaves nothing behind.

use super::news::News;
use crate::build::Said;
use crate::commands::teller::about;
use crate::course::{Exercise, Scenario};
use crate::grade::{Candidate, Graded, Grader, NotGraded, Notice, Order};
use crate::report::story::Scene;
use crate::store;
use crate::workspace::Workspace;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::mpsc::UnboundedSender;

/// What came of a check, and of what.
pub(super) struct Round<'e> {
    pub order: Order<'e>,
    pub result: Result<Graded<'e>, NotGraded>,
    /// The fingerprint of the crate, as it was when the check began.
    pub sources: Option<String>,
}

/// What is checked.
#[derive(Clone)]
pub(super) struct Subject<'e> {
    pub exercise: &'e Exercise,
    pub candidate: Candidate<'e>,
    pub coloured_compiler: bool,
}

/// Builds, runs and judges the program, the scenario `first` before the others, and tells what goes on.
pub(super) async fn check<'e>(
    subject: Subject<'e>,
    first: Option<String>,
    grader: Arc<Grader>,
    workspace: Workspace,
    tell: UnboundedSender<News>,
) -> Round<'e> {
    // The machine is the new check's, and so is the compiler's lock.
    grader.settle().await;
    let Subject { exercise, candidate, coloured_compiler } = subject;
    let mut scenarios: Vec<&Scenario> = exercise.scenarios.iter().collect();
    scenarios.sort_by_key(|scenario| first.as_ref() != Some(&scenario.id)); // the others keep their order
    let sources = matches!(candidate, Candidate::Exercise).then(|| workspace.fingerprint(exercise)).flatten();
    let seed = u64::from(rand::random::<u32>());
    let order = Order { exercise, candidate, scenarios, seed, confinement: None, coloured_compiler };
    let result = grade(&order, first.as_deref(), &grader, &workspace, &tell).await;
    Round { order, result, sources }
}

async fn grade<'e>(
    order: &Order<'e>,
    first: Option<&str>,
    grader: &Grader,
    workspace: &Workspace,
    tell: &UnboundedSender<News>,
) -> Result<Graded<'e>, NotGraded> {
    let left = AtomicUsize::new(order.scenarios.len());
    let watch = |notice: Notice<'_>| {
        let news = match notice {
            Notice::Building(Said::About(said)) => about(said).map(News::Now),
            Notice::Building(Said::Warnings(_)) => None,
            Notice::Broker(line) => Some(News::Now(line.to_owned())),
            Notice::Judged(played) => {
                let left = left.fetch_sub(1, Ordering::Relaxed) - 1;
                let again = first == Some(played.scenario.id.as_str());
                Some(News::Judged { scene: Box::new(Scene::new(played)), again, left })
            }
        };
        news.map(|news| tell.send(news));
    };
    let ready = grader.prepare(order, &watch).await?;
    tell.send(News::Running { scenarios: order.scenarios.len() }).ok();
    let evidence = Evidence(Some(workspace.store().begin(&order.exercise.id)?));
    let graded = grader.grade(order, &ready, evidence.folder(), &watch).await;
    evidence.keep(graded.is_ok());
    let mut graded = graded?;
    let place = |id: &str| order.exercise.scenarios.iter().position(|scenario| scenario.id == id);
    graded.played.sort_by_key(|played| place(&played.scenario.id));
    Ok(graded)
}

/// The folder of a run's evidence, which goes where the check is cancelled.
struct Evidence(Option<store::Run>);

impl Evidence {
    fn folder(&self) -> &std::path::Path {
        self.0.as_ref().map_or(std::path::Path::new(""), store::Run::folder)
    }

    /// The run is over: `whole`, or by a fault of ours whose traces somebody may want to see.
    fn keep(mut self, whole: bool) {
        if let Some(run) = self.0.take()
            && whole
        {
            run.end();
        }
    }
}

impl Drop for Evidence {
    fn drop(&mut self) {
        if let Some(run) = self.0.take() {
            run.discard();
        }
    }
}
