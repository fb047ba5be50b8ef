//! `grader similar`: which programs of a class are alike, and the same programs laid out for JPlag and Dolos.

use super::super::cli::Everywhere;
use super::graded::GradedClass;
use crate::checks::count;
use crate::class::folder::sources_in;
use crate::class::io;
use crate::class::roll::{Entry, Work};
use crate::class::seeds::Secret;
use crate::class::similar::{Alike, Program, Stub, compare};
use crate::course::Exercise;
use crate::foreign;
use crate::report::out::outln;
use crate::report::paper::Paper;
use crate::submission::{Language, LearnerId};
use crate::workspace::Workspace;
use crate::{files, limits};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Of the shorter program: what shares less is not worth a look.
const LEAST: f64 = 0.4;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder that `grader run` has graded into
    dir: PathBuf,
    /// Only these exercises: ex1,ex5
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    exercises: Vec<String>,
    /// Where the programs are laid out for JPlag and Dolos; else DIR/similar
    #[arg(long, value_name = "FOLDER")]
    export: Option<PathBuf>,
    /// There, a number that tells nobody anything in place of each learner's id; names.csv says whose it is
    #[arg(long)]
    anonymous: bool,
    /// How many pairs of each exercise are told
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pairs: u32,
    /// One JSON object on standard output
    #[arg(long)]
    json: bool,
}

/// What was found in one exercise, and where its programs were laid out.
#[derive(Serialize)]
struct Found {
    exercise: String,
    #[serde(flatten)]
    alike: Alike,
    export: Vec<Export>,
}

#[derive(Serialize)]
struct Export {
    language: Language,
    submissions: PathBuf,
    /// The stub, where there is one in this language.
    base: Option<PathBuf>,
    jplag: String,
    dolos: String,
}

pub fn similar(everywhere: &Everywhere, args: &Args) -> anyhow::Result<u8> {
    let class = GradedClass::look(everywhere, &args.dir)?;
    let export = args.export.clone().unwrap_or_else(|| args.dir.join("similar"));
    let names = match args.anonymous {
        true => anonymous(&class.roll.learners, &Secret::at(&class.folder.secret())?),
        false => class.roll.learners.iter().map(|entry| (&entry.learner.id, entry.learner.id.to_string())).collect(),
    };
    let workspace = Workspace { root: class.course.root.clone() };
    let mut found = Vec::new();
    for exercise in class.exercises(&args.exercises)? {
        let path = workspace.stub(exercise);
        let stub = workspace.original(exercise).or_else(|_| files::read(&path, limits::SOURCE_BYTES));
        let stub = stub.map_err(io(&path))?;
        let folder = export.join(&exercise.id);
        clear(&folder)?;
        let mut programs = Vec::new();
        let mut languages = BTreeSet::new();
        for entry in &class.roll.learners {
            let Some(Work::Sources { fingerprint, language, .. }) = entry.work.get(&exercise.id) else { continue };
            let kept = class.folder.sources(fingerprint);
            let files = sources_in(&kept).map_err(io(&kept))?;
            let base = Stub::new(if *language == Language::Rust { &stub } else { b"" }, *language);
            programs.push(Program::new(&entry.learner.id, *language, fingerprint, &files, &base));
            if let Some(name) = names.get(&entry.learner.id) {
                write(&files, &folder.join(in_word(*language)).join("submissions").join(name))?;
            }
            languages.insert(*language);
        }
        let alike = compare(&mut programs, LEAST, args.pairs as usize);
        let export = languages.into_iter().map(|language| exported(language, &folder, &stub, exercise));
        let export = export.collect::<anyhow::Result<_>>()?;
        found.push(Found { exercise: exercise.id.clone(), alike, export });
    }
    if args.anonymous {
        write_names(&names, &export.join("names.csv"))?;
    }
    match args.json {
        true => outln!("{}", foreign::json(&serde_json::json!({ "format": 1, "exercises": found }))?),
        false => found.iter().for_each(|found| tell(found, &Paper::stdout())),
    }
    if !args.json {
        close(&Paper::stdout());
    }
    Ok(0)
}

/// A name for each learner from which nobody can tell whose it is, the same in each export of this class.
fn anonymous<'r>(learners: &'r [Entry], secret: &Secret) -> BTreeMap<&'r LearnerId, String> {
    let mut names = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for entry in learners {
        let name = (1..)
            .map(|nth| format!("p{:08x}", secret.seed("similar", &entry.learner.id, nth)))
            .find(|name| taken.insert(name.clone()));
        names.extend(name.map(|name| (&entry.learner.id, name)));
    }
    names
}

fn write_names(names: &BTreeMap<&LearnerId, String>, path: &Path) -> anyhow::Result<()> {
    let mut table = csv::Writer::from_path(path).map_err(|error| io(path)(error.into()))?;
    table.write_record(["name", "learner"])?;
    for (learner, name) in names {
        table.write_record([name.as_str(), learner.as_str()])?;
    }
    Ok(table.flush().map_err(io(path))?)
}

/// Removes what an earlier export has left; a folder that is not one is left alone.
fn clear(folder: &Path) -> anyhow::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(io(folder))?,
    };
    for entry in entries {
        let path = entry.map_err(io(folder))?.path();
        if !path.join("submissions").is_dir() {
            anyhow::bail!("{} was not made by grader similar; name another folder: --export", folder.display());
        }
        std::fs::remove_dir_all(&path).map_err(io(&path))?;
    }
    Ok(())
}

fn write(files: &BTreeMap<String, Vec<u8>>, into: &Path) -> anyhow::Result<()> {
    Ok(files::write_below(into, files).map_err(io(into))?)
}

/// What was laid out in one language, and the commands for it.
fn exported(language: Language, folder: &Path, stub: &[u8], exercise: &Exercise) -> anyhow::Result<Export> {
    let folder = folder.join(in_word(language));
    let submissions = folder.join("submissions");
    let base = folder.join("base");
    let has_base = language == Language::Rust;
    if has_base {
        write(&BTreeMap::from([("src/main.rs".to_owned(), stub.to_vec())]), &base)?;
    }
    let results = folder.join(format!("{}-results", exercise.id));
    let (jplag_language, dolos_language) = match language {
        Language::Rust => ("rust", "rust"),
        Language::Python => ("python3", "python"),
        Language::Node => ("javascript", "javascript"),
        Language::Go => ("go", "go"),
        Language::Java => ("java", "java"),
    };
    let bc = if has_base { format!(" -bc {}", base.display()) } else { String::new() };
    let ignore = if has_base { format!(" -i {}/src/main.rs", base.display()) } else { String::new() };
    let files = language.endings().iter().map(|ending| format!("-name '*.{ending}'")).collect::<Vec<_>>().join(" -o ");
    Ok(Export {
        language,
        jplag: format!(
            "java -jar jplag.jar -l {jplag_language}{bc} -r {} --mode RUN {}",
            results.display(),
            submissions.display()
        ),
        dolos: format!("dolos run -l {dolos_language}{ignore} -f csv $(find {} {files})", submissions.display()),
        submissions,
        base: has_base.then_some(base),
    })
}

fn in_word(language: Language) -> &'static str {
    match language {
        Language::Rust => "rust",
        Language::Python => "python",
        Language::Node => "node",
        Language::Go => "go",
        Language::Java => "java",
    }
}

fn tell(found: &Found, paper: &Paper) {
    let Found { exercise, alike, export } = found;
    let short = match alike.too_short {
        0 => String::new(),
        short => format!(", {short} too short beside the stub"),
    };
    outln!(
        "{}",
        paper.wrap(&format!("{}: {} compared{short}", paper.bold(exercise), count(alike.compared, "program")), 0)
    );
    let list = |label: &str, groups: &[Vec<LearnerId>]| {
        for group in groups {
            let names: Vec<&str> = group.iter().map(LearnerId::as_str).collect();
            outln!("{}", paper.beside(&format!("  {label:<9} "), &names.join(", ")));
        }
    };
    list("the same", &alike.identical);
    list("renamed", &alike.renamed);
    for pair in &alike.pairs {
        let [one, other] = &pair.learners;
        let percent = pair.share * 100.0;
        outln!(
            "  {percent:>7.0} %  {one}, {other} {}",
            paper.dim(&format!("({} in common)", count(pair.shared, "part")))
        );
    }
    if alike.identical.is_empty() && alike.renamed.is_empty() && alike.pairs.is_empty() {
        outln!("  nothing that is worth a look");
    }
    for Export { jplag, dolos, .. } in export {
        outln!("  {} {}", paper.dim("JPlag:"), paper.cyan(jplag));
        outln!("  {} {}", paper.dim("Dolos:"), paper.cyan(dolos));
    }
    outln!();
}

fn close(paper: &Paper) {
    outln!("{}", paper.wrap(
        "“The same” is byte for byte; “renamed” is the same but for names, comments, spacing and literals; a number says \
         how much of the shorter program stands in the other, too. What stands in the stub, or in more than half of the \
         class, does not count.",
        0
    ));
    outln!("{}", paper.wrap(
        "It is a list of what to look at, and no proof: an exercise that leaves little choice makes programs alike, and \
         so does what was read together. Compare the sources, and ask.",
        0
    ));
}
