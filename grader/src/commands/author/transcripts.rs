//! `kafkacourse author transcripts`: what the pages show of real runs, made by real runs.

use super::super::teller::build_says;
use super::super::{Context, block_on, recording};
use crate::broker::Choice;
use crate::build;
use crate::course::{Course, Demo};
use crate::files;
use crate::grade::Grader;
use crate::limits::COURSE_FILE_BYTES;
use crate::report::out::{out, outln};
use crate::report::paper::Paper;
use crate::report::transcript;
use crate::store::Run;
use futures_util::StreamExt;
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Transcripts, by name; all without one
    names: Vec<String>,
    /// Put what the runs say into the pages
    #[arg(long)]
    write: bool,
    /// So many runs of each, which must all say the same
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    times: u32,
    /// So many at the same time; they mostly wait
    #[arg(long, default_value_t = 3, value_name = "N")]
    jobs: usize,
}

impl Args {
    /// Each transcript once, compared.
    pub(super) fn every() -> Args {
        Args { names: Vec::new(), write: false, times: 1, jobs: 3 }
    }
}

/// A block ` ```wire NAME ` of a page.
struct Block {
    name: String,
    page: PathBuf,
    /// From 1.
    line: usize,
    /// What is between the fences.
    text: String,
}

pub(super) fn run(context: &Context, args: &Args) -> anyhow::Result<u8> {
    block_on(async {
        let wrong = compare(context, args).await?;
        Ok(u8::from(wrong > 0))
    })
}

/// Runs the demos, compares or writes, tells, and returns how many are not as they should be.
pub(super) async fn compare(context: &Context, args: &Args) -> anyhow::Result<usize> {
    let demos = context.course.demos()?;
    let root = &context.workspace.root;
    let (blocks, mut wrong) = (blocks(&context.course)?, 0);
    for block in &blocks {
        if !demos.iter().any(|demo| demo.name == block.name) {
            outln!("✗ {}: there is no modules/demos/transcripts/{}.toml", place(root, block), block.name);
            wrong += 1;
        }
    }
    if let Some(name) = args.names.iter().find(|name| !demos.iter().any(|demo| demo.name == **name)) {
        let known: Vec<&str> = demos.iter().map(|demo| demo.name.as_str()).collect();
        anyhow::bail!("there is no transcript “{name}”; there are: {}", known.join(", "));
    }
    let chosen = demos.iter().filter(|demo| args.names.is_empty() || args.names.contains(&demo.name));
    let chosen: Vec<&Demo> = chosen.collect();
    let programs = build(root, &chosen).await?;
    let grader = Grader::new(root, Choice::Embedded, args.jobs)?;
    let runs = chosen.iter().flat_map(|demo| std::iter::repeat_n(*demo, args.times.max(1) as usize));
    // One folder for all runs of a demo: of many folders the oldest are removed, with what one wants to look at.
    let folders = chosen.iter().map(|demo| {
        let run = context.workspace.store().begin(&format!("author-transcript-{}", demo.name))?;
        Ok((demo.name.as_str(), run))
    });
    let folders: HashMap<&str, Run> = folders.collect::<anyhow::Result<_>>()?;
    let (programs, open, grader) = (&programs, &folders, &grader);
    let runs = runs.map(|demo| async move {
        let folder = open[demo.name.as_str()].folder();
        (demo, play(context, demo, programs, folder, grader).await)
    });
    let mut runs = futures_util::stream::iter(runs).buffered(args.jobs.max(1));
    let mut told: HashMap<&str, String> = HashMap::new();
    while let Some((demo, text)) = runs.next().await {
        let text = match text? {
            Ok(text) => text,
            Err(why) => {
                outln!("{} {}: {why}", context.out.red("✗"), demo.name);
                wrong += 1;
                continue;
            }
        };
        match told.get(demo.name.as_str()) {
            Some(before) if *before == text => continue,
            Some(before) => {
                outln!("{} {}: another run said something else:", context.out.red("✗"), demo.name);
                out!("{}", difference(before, &text));
                wrong += 1;
                continue;
            }
            None => {}
        }
        wrong += settle(context, demo, &text, &blocks, args.write)?;
        told.insert(&demo.name, text);
    }
    drop(runs);
    folders.into_values().for_each(Run::end);
    Ok(wrong)
}

/// Compares the blocks of `demo` with what the run said, or writes that; returns how many are wrong after it.
fn settle(context: &Context, demo: &Demo, text: &str, blocks: &[Block], write: bool) -> anyhow::Result<usize> {
    let root = &context.workspace.root;
    let (good, bad) = (context.out.green("✓"), context.out.red("✗"));
    let mut wrong = 0;
    let own: Vec<&Block> = blocks.iter().filter(|block| block.name == demo.name).collect();
    if own.is_empty() {
        outln!("{bad} {}: no page has a block ```wire {}. It would be:\n{text}", demo.name, demo.name);
        wrong += 1;
    }
    for block in own {
        let place = place(root, block);
        if block.text == text {
            outln!("{good} {place}: {}", demo.name);
        } else if write {
            rewrite(&block.page, &demo.name, text)?;
            outln!("{good} {place}: {} written", demo.name);
        } else {
            outln!("{bad} {place}: {} (- the page, + the run)", demo.name);
            out!("{}", difference(&block.text, text));
            outln!("    kafkacourse author transcripts {} --write puts it there", demo.name);
            wrong += 1;
        }
    }
    Ok(wrong)
}

fn place(root: &Path, block: &Block) -> String {
    format!("{}:{}", block.page.strip_prefix(root).unwrap_or(&block.page).display(), block.line)
}

/// The programs of the demos, by package and binary.
async fn build(root: &Path, demos: &[&Demo]) -> anyhow::Result<HashMap<(String, String), PathBuf>> {
    let mut programs = HashMap::new();
    for demo in demos {
        let source = &demo.program;
        let key = (source.package.clone(), source.binary.clone());
        if let Entry::Vacant(missing) = programs.entry(key) {
            missing.insert(
                build::program(root, &source.package, &source.binary, Paper::stderr().colour, build_says).await?,
            );
        }
    }
    Ok(programs)
}

/// One run: its transcript, or why there is none.
async fn play(
    context: &Context,
    demo: &Demo,
    programs: &HashMap<(String, String), PathBuf>,
    folder: &Path,
    grader: &Grader,
) -> anyhow::Result<Result<String, String>> {
    let key = (demo.program.package.clone(), demo.program.binary.clone());
    let Some(program) = programs.get(&key) else { return Ok(Err(format!("{} was not built", key.1))) };
    let file = tempfile::Builder::new().prefix(&demo.name).suffix(".jsonl.gz").tempfile_in(folder)?;
    let (_, file) = file.keep()?;
    let evidence = recording::played(context, demo, program, &file, grader, &super::watch).await?;
    let look = format!("kafkacourse trace --all {}", file.display());
    Ok(match transcript::lines(&evidence, demo) {
        Ok(lines) => Ok(lines.into_iter().map(|line| line + "\n").collect()),
        Err(why) => Err(format!("{why}\n    {look}")),
    })
}

/// The blocks of all pages of the theory.
fn blocks(course: &Course) -> anyhow::Result<Vec<Block>> {
    let mut blocks = Vec::new();
    for page in crate::proofread::pages(&course.root) {
        let text = files::read_text(&page, COURSE_FILE_BYTES)
            .map_err(|error| anyhow::anyhow!("{}: {error}", page.display()))?;
        for (name, range) in found(&text) {
            let line = text[..range.start].matches('\n').count();
            blocks.push(Block { name, page: page.clone(), line, text: text[range].to_owned() });
        }
    }
    Ok(blocks)
}

/// Names of the wire blocks in a page, and where their text is.
fn found(page: &str) -> Vec<(String, Range<usize>)> {
    Parser::new(page)
        .into_offset_iter()
        .filter_map(|(event, range)| match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let name = info.strip_prefix("wire ")?.trim().to_owned();
                let block = &page[range.clone()];
                let from = block.find('\n')? + 1;
                let to = block.trim_end().rfind('\n')? + 1;
                Some((name, range.start + from..range.start + to.max(from)))
            }
            _ => None,
        })
        .collect()
}

/// Puts `text` into each block `name` of the page.
fn rewrite(page: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    let mut whole = files::read_text(page, COURSE_FILE_BYTES)?;
    // From the end, so that the places before it stay what they are.
    for (_, range) in found(&whole).into_iter().rev().filter(|(found, _)| found == name) {
        whole.replace_range(range, text);
    }
    std::fs::write(page, whole)?;
    Ok(())
}

/// The lines that differ, with those around them that do not.
fn difference(before: &str, after: &str) -> String {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let head = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    let rest = before[head..].iter().rev().zip(after[head..].iter().rev());
    let tail = rest.take_while(|(a, b)| a == b).count();
    let mut text = String::new();
    let mut put = |mark: &str, lines: &[&str]| lines.iter().for_each(|line| text += &format!("    {mark} {line}\n"));
    put(" ", &before[..head]);
    put("-", &before[head..before.len() - tail]);
    put("+", &after[head..after.len() - tail]);
    put(" ", &before[before.len() - tail..]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_and_differences_told() {
        let page = "a\n\n```wire one\nx → y\n```\n\n```rust\nfn a() {}\n```\n\n```wire two\n```\n";
        let names: Vec<(String, &str)> = found(page).into_iter().map(|(name, range)| (name, &page[range])).collect();
        assert_eq!(names, [("one".into(), "x → y\n"), ("two".into(), "")]);
        assert_eq!(difference("a\nb\nc\n", "a\nd\nc\n"), "      a\n    - b\n    + d\n      c\n");
        assert_eq!(difference("a\n", "a\na\n"), "      a\n    + a\n");
    }
}
