//! `grader pack`: the course and everything that grading in it needs, for machines without cargo and without a network.

use super::super::cli::Everywhere;
use super::super::context::workspace;
use super::super::runtime::block_on;
use super::watch::Watch;
use crate::build;
use crate::class::io;
use crate::course::{Course, Exercise, find_exercise};
use crate::files;
use crate::report::out::outln;
use anyhow::Context as _;
use std::ffi::OsStr;
use std::fs::{Permissions, set_permissions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Endings of file names: with either, an archive is made, and else a folder.
const ENDINGS: [&str; 2] = [".tar.zst", ".tar"];
/// More than the default costs much and gains little: most of it are libraries.
const LEVEL: i32 = 3;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where it goes: NAME.tar.zst, NAME.tar, or a folder that is not there yet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Only these exercises: ex1,ex5
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    exercises: Vec<String>,
}

pub fn pack(everywhere: &Everywhere, args: &Args) -> anyhow::Result<u8> {
    let (workspace, _) = workspace(everywhere)?;
    let course = Course::load(&workspace.root)?;
    let chosen = args.exercises.iter().map(|word| find_exercise(&course, word));
    let chosen: Vec<&Exercise> = chosen.collect::<Result<_, _>>()?;
    let exercises = if chosen.is_empty() { course.exercises.iter().collect() } else { chosen };
    let name = args.out.file_name().and_then(OsStr::to_str).context("--out has no file name")?;
    let stem = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
    anyhow::ensure!(!stem.is_empty(), "--out {}: a name is missing before the ending", args.out.display());
    let is_archive = stem != name;
    if !is_archive && args.out.exists() {
        anyhow::bail!("{} is there already. Move it away, or name another folder.", args.out.display());
    }
    let above = args.out.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    files::make_folder(above).map_err(io(above))?;
    // Beside where it goes, so that it can be moved there as a whole.
    super::let_others_read();
    let making = tempfile::Builder::new().prefix(".pack-").tempdir_in(above)?;
    let packed = making.path().join(stem);
    copy_course(&workspace.root, &packed)?;
    copy_programs(&packed.join("bin"))?;
    let packages: Vec<&str> = exercises.iter().map(|exercise| exercise.package()).collect();
    let watch = Watch::new();
    let mut rustc = String::new();
    let worked = block_on(async {
        let (root, calls) = (&workspace.root, workspace.state().join("class"));
        rustc = build::pack(root, &packages, &calls, &packed, |said| watch.building(said)).await?;
        Ok(0)
    });
    watch.end();
    if let code @ 1.. = worked? {
        return Ok(code);
    }
    let needs = needs(&rustc);
    std::fs::write(packed.join("README.md"), format!("{README}{needs}")).map_err(io(&packed))?;
    match is_archive {
        true => archive(&packed, stem, &args.out, name.ends_with(".zst"))?,
        false => std::fs::rename(&packed, &args.out).map_err(io(&args.out))?,
    }
    outln!(
        "{}: {}",
        args.out.display(),
        exercises.iter().map(|exercise| exercise.id.as_str()).collect::<Vec<_>>().join(", ")
    );
    outln!("{needs}");
    Ok(0)
}

const README: &str = "\
A course of kafkacourse, built, to grade classes on machines that have neither cargo nor a network.

    bin/grader --course . run SUBMISSIONS --out DIR

";

/// What a machine must have to grade from the bundle.
fn needs(rustc: &str) -> String {
    let line = |key: &str| rustc.lines().find_map(|line| line.strip_prefix(key)).unwrap_or("?");
    let libc = std::process::Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let libc = libc.ok().and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    let libc = libc.trim();
    format!(
        "The machines need:\n\
         - rustc {} for {} (commit {}), exactly, with its standard library, in PATH or named by RUSTC\n\
         - a linker that is called cc (Debian: gcc)\n\
         - {} or newer\n\
         Submissions in other languages need their interpreters.\n",
        line("release: "),
        line("host: "),
        line("commit-hash: "),
        if libc.is_empty() { "the same C library" } else { libc },
    )
}

/// What grading reads of the course. Solutions stay at home.
fn copy_course(root: &Path, into: &Path) -> anyhow::Result<()> {
    for tree in ["modules", "exercises"] {
        copy(&root.join(tree), &into.join(tree))?;
    }
    Ok(())
}

/// Copies ordinary files. What is hidden, and what cargo has built, stays.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to).map_err(io(to))?;
    for entry in std::fs::read_dir(from).map_err(io(from))? {
        let (entry, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        if name.as_encoded_bytes().starts_with(b".") || name == "target" {
            continue;
        }
        let kind = std::fs::symlink_metadata(&entry)?.file_type();
        if kind.is_dir() {
            copy(&entry, &to.join(name))?;
        } else if kind.is_file() {
            std::fs::copy(&entry, to.join(name)).map_err(io(&entry))?;
        }
    }
    Ok(())
}

/// This program, and the one for learners where it lies beside.
fn copy_programs(into: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(into).map_err(io(into))?;
    let grader = std::env::current_exe()?;
    std::fs::copy(&grader, into.join("grader")).map_err(io(&grader))?;
    let kafkacourse = grader.with_file_name("kafkacourse");
    if kafkacourse.is_file() {
        std::fs::copy(&kafkacourse, into.join("kafkacourse")).map_err(io(&kafkacourse))?;
    }
    Ok(())
}

/// Puts the folder `packed`, called `name`, into an archive at `out`, whole or not at all.
fn archive(packed: &Path, name: &str, out: &Path, compress: bool) -> anyhow::Result<()> {
    let above = packed.parent().and_then(Path::parent).unwrap_or(Path::new("."));
    let file = tempfile::NamedTempFile::new_in(above)?;
    let fill = |writer: &mut dyn Write| {
        let mut tar = tar::Builder::new(writer);
        tar.follow_symlinks(false);
        tar.append_dir_all(name, packed)?;
        tar.finish()
    };
    if compress {
        let mut encoder = zstd::Encoder::new(file.as_file(), LEVEL)?;
        fill(&mut encoder)?;
        encoder.finish()?;
    } else {
        let mut buffer = BufWriter::new(file.as_file());
        fill(&mut buffer)?;
        buffer.flush()?;
    }
    file.as_file().sync_all()?;
    file.persist(out)?;
    // A temporary file is its owner's alone.
    Ok(set_permissions(out, Permissions::from_mode(0o644))?)
}
