//! `kafkacourse read`: the theory, in the terminal.

use super::Context;
use crate::course::anchor::{part, parts};
use crate::course::{Module, Page, all_pages, find_page, short_name};
use crate::files;
use crate::limits::COURSE_FILE_BYTES;
use crate::progress::Done;
use crate::report::markdown::render_linked;
use crate::report::pager::page;
use crate::theory::{Way, links};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A section (producers/03-acks, acks), a module (producers), the task of an exercise (ex1) or a page of the
    /// reference (glossary), also one part of it (troubleshooting#local-queue-full); without one, the next section
    /// that you have not read
    page: Option<String>,
    /// Show the answers to the discussion questions
    #[arg(long)]
    answers: bool,
    /// All pages that there are
    #[arg(long, conflicts_with_all = ["page", "answers"])]
    list: bool,
}

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<u8> {
    if args.list {
        return list(context);
    }
    let paper = context.out;
    let word = args.page.as_deref();
    let (name, anchor) = word.map_or((None, None), |word| match word.split_once('#') {
        Some((name, anchor)) => (Some(name), Some(anchor).filter(|anchor| !anchor.is_empty())),
        None => (Some(word), None),
    });
    let wanted = match name {
        Some(name) => find_page(&context.course, name)?,
        None => context.way().next_page().ok_or_else(|| anyhow::anyhow!("you have read everything; name a section"))?,
    };
    if let Page::Front(module) = wanted
        && module.sections.is_empty()
    {
        anyhow::bail!("{} is still being written", module.title);
    }
    let path = wanted.path(&context.course);
    let text = files::read_text(&path, COURSE_FILE_BYTES)
        .map_err(|error| anyhow::anyhow!("{}: {error}{}", path.display(), files::remedy(&error)))?;
    let link = |target: &str| links::command(&context.course, &path, target);
    if let Some(anchor) = anchor {
        let page_name = wanted.name();
        let none = || anyhow::anyhow!("{page_name} has no heading #{anchor}; all of it: kafkacourse read {page_name}");
        let text = part(&text, anchor).ok_or_else(none)?; // a part is not the whole: nothing has been read
        page(&render_linked(text, &paper, args.answers, link), &paper);
        return Ok(0);
    }
    let mut out = head(context, &wanted, &text).unwrap_or_default();
    out.push_str(&render_linked(&text, &paper, args.answers, link));
    let module = matches!(wanted, Page::Front(_) | Page::Section(..));
    let task = if let Page::Task(exercise) = wanted { Some((exercise.stub(), exercise.id.clone())) } else { None };
    let section = wanted.name();
    let read = Done::Read { section: section.clone() };
    let news = !matches!(wanted, Page::Reference(_)) && !context.progress.read(&section);
    let then = module.then(|| {
        let progress = context.progress.with(read.clone());
        Way { course: &context.course, progress: &progress }.command_onward()
    });
    if let Some((stub, _)) = &task {
        out.push_str(&format!("\n{} {stub}\n", paper.dim("your code:")));
    }
    if let Some(command) = task.map(|(_, id)| format!("kafkacourse check {id}")).or(then) {
        out.push_str(&format!("\n{} {}\n", paper.dim("next:"), paper.cyan(&command)));
    }
    // Whoever leaves a page on its first screen has not read it.
    if page(&out, &paper) && news {
        context.keep(read);
    }
    Ok(0)
}

/// What stands above a page: where it is in the course, how long it takes, what is in it.
fn head(context: &Context, page: &Page<'_>, text: &str) -> Option<String> {
    let paper = context.out;
    let read = |module: &Module| module.sections.len() - context.way().unread(module).count();
    let (line, contents) = match page {
        Page::Section(module, section) => {
            let number = module.sections.iter().position(|other| other.file == section.file).unwrap_or(0) + 1;
            let known = context.progress.read(&module.section_id(section));
            let known = if known { "read before" } else { "not read yet" };
            let of = module.sections.len();
            let line = format!("{} · section {number} of {of} · {} min · {known}", module.title, section.minutes);
            (line, parts(text).join(" · "))
        }
        Page::Front(module) => {
            let minutes: u32 = module.sections.iter().map(|section| section.minutes).sum();
            let of = module.sections.len();
            (format!("{} · {of} sections, {minutes} min · {} read", module.title, read(module)), String::new())
        }
        Page::Task(exercise) => {
            (format!("{} · {} · about {} min", exercise.id, exercise.title, exercise.minutes), String::new())
        }
        Page::Reference(_) => return None,
    };
    let lines = [line, contents].into_iter().filter(|line| !line.is_empty());
    let lines: Vec<String> = lines.map(|line| paper.wrap(&paper.dim(&line), 0)).collect();
    Some(lines.join("\n") + "\n\n")
}

/// `read --list`.
fn list(context: &Context) -> anyhow::Result<u8> {
    let (paper, course) = (context.out, &context.course);
    let mut out = String::new();
    let mut reference = false;
    let pages = all_pages(course);
    for page in &pages {
        let name = paper.dim(&format!("read {}", short_name(&pages, page)));
        let row = |left: String| paper.row(&left, 47, &name);
        let line = match page {
            Page::Front(module) => {
                let gap = if out.is_empty() { "" } else { "\n" };
                gap.to_owned() + &row(paper.bold(&module.heading()))
            }
            Page::Section(module, section) => {
                let read = context.progress.read(&module.section_id(section));
                let mark = if read { paper.green("✓") } else { " ".into() };
                row(format!("  {mark} {}", section.title))
            }
            Page::Task(exercise) => row(format!("    {} {}", exercise.id, exercise.title)),
            Page::Reference(file) => {
                let gap = if reference { String::new() } else { format!("\n{}\n", paper.bold("Reference")) };
                reference = true;
                let text = files::read_text(&page.path(course), COURSE_FILE_BYTES).unwrap_or_default();
                let title = text.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or(file).replace('`', "");
                gap + &row(format!("    {title}"))
            }
        };
        out.push_str(&line);
        out.push('\n');
    }
    crate::report::pager::page(&out, &paper);
    Ok(0)
}
