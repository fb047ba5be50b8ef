//! `kafkacourse read`: the theory, in the terminal.

use super::Context;
use crate::course::anchor::part;
use crate::course::{Module, Section, find_section};
use crate::progress::Done;
use crate::report::markdown::render;
use crate::report::paper::page;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A section (producers/03-acks, acks), a module (producers), or a page of the reference (contract), also one part
    /// of it (troubleshooting#local-queue-full); without one, the next that you have not read
    section: Option<String>,
    /// Show the answers to the discussion questions
    #[arg(long)]
    answers: bool,
}

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<u8> {
    let root = context.workspace.root.join("modules");
    let (word, anchor) = match args.section.as_deref().map(|word| word.split_once('#').unwrap_or((word, ""))) {
        Some((word, anchor)) => (Some(word), Some(anchor).filter(|anchor| !anchor.is_empty())),
        None => (None, None),
    };
    let reference = word.map(|word| root.join("reference").join(format!("{}.md", word.trim_end_matches(".md"))));
    let module =
        word.and_then(|word| context.course.modules.iter().find(|module| module.id == word || module.folder == word));
    let (path, head, read) = if let Some(path) = reference.filter(|path| path.is_file()) {
        (path, None, None)
    } else if let Some(module) = module {
        (context.course.page(module, "README.md"), Some(module.title.clone()), None)
    } else {
        let (module, section) = match word {
            Some(word) => find_section(&context.course, word)?,
            None => next(context).ok_or_else(|| anyhow::anyhow!("you have read everything; name a section"))?,
        };
        let head = format!("{} · {} · {} min", module.title, section.title, section.minutes);
        (context.course.page(module, &section.file), Some(head), Some(module.section_id(section)))
    };
    let text = std::fs::read(&path).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
    let text = String::from_utf8(text).map_err(|_| anyhow::anyhow!("{}: this is not UTF-8 text", path.display()))?;
    let (text, read) = match anchor {
        None => (text.as_str(), read),
        Some(anchor) => {
            let page = word.unwrap_or_default();
            let none = || anyhow::anyhow!("{page} has no heading #{anchor}; all of it: kafkacourse read {page}");
            (part(&text, anchor).ok_or_else(none)?, None) // a part is not the whole: nothing has been read
        }
    };
    let paper = context.out;
    let mut out = head.map(|head| format!("{}\n\n", paper.dim(&head))).unwrap_or_default();
    out.push_str(&render(text, &paper, args.answers));
    if let Some(section) = read {
        if !context.progress.read(&section) {
            context.keep(Done::Read { section });
        }
        let then = if next(context).is_some() { "kafkacourse read" } else { "kafkacourse next" };
        out.push_str(&format!("\n{} {}\n", paper.dim("next:"), paper.cyan(then)));
    }
    page(&out, &paper);
    Ok(0)
}

/// The first section that has not been read, of the module where the learner is first.
fn next(context: &Context) -> Option<(&Module, &Section)> {
    let current = context.step().map(|step| step.module());
    let modules = current.into_iter().chain(&context.course.modules);
    modules
        .flat_map(|module| module.sections.iter().map(move |section| (module, section)))
        .find(|(module, section)| !context.progress.read(&module.section_id(section)))
}
