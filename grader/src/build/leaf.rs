//! Programs of many people for the same crate: its libraries are built once, by cargo, and the compiler's last call is
//! repeated with other sources.

use super::call::{Call, RECORD};
use super::messages::{Messages, next_line};
use super::{BuildError, SHARES_WITH, Said, cargo_command, run_cargo};
use crate::evidence::Ended;
use crate::process::Tool;
use crate::sandbox::{Confinement, Exceeded};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use tokio::io::{AsyncRead, BufReader};

/// A crate of the course whose libraries are built, ready for other sources.
#[derive(Debug, Clone)]
pub struct Leaf {
    pub(super) package: String,
    pub(super) call: Call,
    /// Where all libraries that it uses are, and no others: not the solutions', say.
    pub(super) libraries: PathBuf,
}

/// As [`super::leaves`], by cargo.
pub(super) async fn leaves(
    root: &Path,
    packages: &[&str],
    calls: &Path,
    libraries: &Path,
    says: impl Fn(Said<'_>),
) -> Result<Vec<Leaf>, BuildError> {
    for folder in [calls, libraries] {
        std::fs::create_dir_all(folder).map_err(BuildError::Io)?;
    }
    let mut messages = build(root, packages, calls, &says).await?;
    // Cargo calls no compiler for what is up to date; where the call was not written down, it must.
    let without: Vec<&str> = packages.iter().copied().filter(|package| Call::read(calls, package).is_err()).collect();
    if !without.is_empty() {
        let mut clean = cargo_command(root);
        clean.arg("clean");
        for package in &without {
            clean.args(["--package", package]);
        }
        run_cargo(&clean, root, without[0], &says).await?;
        messages = build(root, packages, calls, &says).await?;
    }
    for file in &messages.libraries {
        place(file, libraries).map_err(BuildError::Io)?;
    }
    let leaf = |package: &&str| {
        let call = Call::read(calls, package).map_err(BuildError::Io)?;
        Ok(Leaf { package: (*package).to_owned(), call, libraries: libraries.to_owned() })
    };
    packages.iter().map(leaf).collect()
}

async fn build(root: &Path, packages: &[&str], calls: &Path, says: &impl Fn(Said<'_>)) -> Result<Messages, BuildError> {
    let mut command = cargo_command(root);
    command.args(["build", "--message-format=json", "--package", SHARES_WITH]);
    for package in packages {
        command.args(["--package", package, "--bin", package]);
    }
    command.env("RUSTC_WORKSPACE_WRAPPER", std::env::current_exe().map_err(BuildError::Io)?).env(RECORD, calls);
    run_cargo(&command, root, packages.first().copied().unwrap_or_default(), says).await
}

/// Puts a library into `folder`: as a second name of the file where that can be had.
fn place(file: &Path, folder: &Path) -> std::io::Result<()> {
    let Some(name) = file.file_name() else { return Ok(()) };
    let place = folder.join(name);
    std::fs::remove_file(&place).or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    std::fs::hard_link(file, &place).or_else(|_| std::fs::copy(file, &place).map(drop))
}

impl Leaf {
    /// The compiler that is called.
    pub fn rustc(&self) -> &Path {
        &self.call.rustc
    }

    /// Compiles `files`, by their path within the crate, and returns the program. All of it happens in `folder`, which is
    /// empty; where it is `confined`, the compiler runs in a cell, and finds no file but those that it needs.
    ///
    /// # Errors
    /// [`BuildError::Broken`] where the compiler refuses the sources, or takes more for them than it may have; all else is
    /// trouble of the machine.
    pub async fn compile(
        &self,
        files: &BTreeMap<String, Vec<u8>>,
        folder: &Path,
        confined: bool,
    ) -> Result<PathBuf, BuildError> {
        let (sources, out) = (folder.join("sources"), folder.join("out"));
        std::fs::create_dir_all(&out).map_err(BuildError::Io)?;
        let main = self.main();
        let within = main.parent().and_then(Path::parent).unwrap_or(Path::new(""));
        for (path, bytes) in files {
            let path = sources.join(within).join(path);
            std::fs::create_dir_all(path.parent().unwrap_or(&sources)).map_err(BuildError::Io)?;
            std::fs::write(&path, bytes).map_err(BuildError::Io)?;
        }
        let mut command = Command::new(&self.call.rustc);
        command.current_dir(&sources).args(self.arguments(&out)).envs(&self.call.environment);
        let tool = match confined {
            true => Tool::confined(&command, &self.confinement(&sources, &out)).await,
            false => Tool::start(&command).await,
        };
        let mut tool = tool.map_err(BuildError::Io)?;
        let (stdout, stderr) = (tool.stdout.take(), tool.stderr.take());
        let (said, _, end) = tokio::join!(diagnostics(stderr, &self.package), drained(stdout), tool.ended());
        let (said, end) = (said.map_err(BuildError::Io)?, end.map_err(BuildError::Io)?);
        let package = self.package.clone();
        // What keeps a compiler busy takes processor time. Where only the clock has run out, the machine had none for it.
        if end.exceeded == Some(Exceeded::Time) {
            return Err(BuildError::Io(std::io::Error::other("the machine was too busy for the compiler")));
        }
        if let Some(limit) = end.exceeded {
            let why = format!("error: the compiler was stopped: {}\n", words(limit));
            return Err(BuildError::Broken { package, diagnostics: said.into_diagnostics() + &why });
        }
        let program = out.join(package.replace('-', "_"));
        match end.how {
            Ended::Code(0) if program.is_file() => Ok(program),
            Ended::Code(0) => Err(BuildError::NoProgram { binary: package.clone(), package }),
            // Of sources that exhaust its stack, say: it is the learner's, as it is when cargo calls it.
            Ended::Signal(_) if said.errors.is_empty() && confined => Err(BuildError::Broken {
                package,
                diagnostics: said.into_diagnostics() + "error: the compiler crashed over these sources\n",
            }),
            _ => Err(super::reason(&package, &self.call.folder, said, String::new(), None)),
        }
    }

    /// What the compiler may have: itself, the libraries of the crate, the linker, and the sources.
    fn confinement(&self, sources: &Path, out: &Path) -> Confinement {
        // `…/toolchains/NAME/bin/rustc`, with the standard library in `…/lib`.
        let toolchain = self.call.rustc.parent().and_then(Path::parent).unwrap_or(&self.call.rustc);
        let confinement = Confinement::of_compiler().reading(toolchain).reading(&self.libraries).reading(sources);
        self.native_folders().into_iter().fold(confinement, Confinement::reading).writing(out)
    }

    /// Where the sources are expected, below the folder of the call: `exercises/ex01-producer-basics/src/main.rs`.
    fn main(&self) -> &Path {
        let sources = self.call.arguments.iter().find(|argument| argument.ends_with(".rs"));
        Path::new(sources.map_or("src/main.rs", String::as_str))
    }

    /// The recorded arguments, but for what is about places, and what only cargo reads.
    fn arguments(&self, out: &Path) -> Vec<String> {
        let mut changed = Vec::new();
        let mut arguments = self.call.arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--out-dir" => {
                    arguments.next();
                    changed.extend(["--out-dir".to_owned(), out.display().to_string()]);
                }
                "-C" => {
                    let value = arguments.next().map(String::as_str).unwrap_or_default();
                    if !value.starts_with("incremental=") && !value.starts_with("extra-filename=") {
                        changed.extend(["-C".to_owned(), value.to_owned()]);
                    }
                }
                "-L" | "--extern" => {
                    let value = arguments.next().map(String::as_str).unwrap_or_default();
                    changed.extend([argument.clone(), self.moved(value)]);
                }
                _ if argument.starts_with("--json=") => {}
                _ if argument.starts_with("--emit=") => changed.push("--emit=link".to_owned()),
                _ => changed.push(argument.clone()),
            }
        }
        changed
    }

    /// `kit=/…/deps/libkit-1.rlib` and `dependency=/…/deps`, in the folder of the libraries.
    fn moved(&self, value: &str) -> String {
        let Some((name, path)) = value.split_once('=') else { return value.to_owned() };
        let place = match (name, Path::new(path).file_name()) {
            ("dependency", _) => self.libraries.clone(),
            ("native", _) | (_, None) => return value.to_owned(),
            (_, Some(file)) => self.libraries.join(file),
        };
        format!("{name}={}", place.display())
    }

    /// Folders of libraries that the linker is told of, besides ours.
    fn native_folders(&self) -> Vec<PathBuf> {
        self.call.values("-L").filter_map(|value| value.strip_prefix("native=")).map(PathBuf::from).collect()
    }
}

fn words(exceeded: Exceeded) -> &'static str {
    match exceeded {
        Exceeded::Memory => "these sources take more memory than it may have",
        Exceeded::Processes => "these sources take more processes than it may have",
        Exceeded::CpuTime | Exceeded::Time => "these sources take it longer than it may take",
        Exceeded::FileSize => "the program would be larger than a program may be",
    }
}

async fn diagnostics(stderr: Option<impl AsyncRead + Unpin>, package: &str) -> std::io::Result<Messages> {
    let mut messages = Messages::default();
    let Some(stderr) = stderr else { return Ok(messages) };
    let (mut stderr, mut line) = (BufReader::new(stderr), Vec::new());
    while let Some(cut) = next_line(&mut stderr, &mut line).await? {
        messages.take_compilers(&line, cut, package);
    }
    Ok(messages)
}

async fn drained(stdout: Option<impl AsyncRead + Unpin>) {
    if let Some(mut stdout) = stdout {
        tokio::io::copy(&mut stdout, &mut tokio::io::sink()).await.ok();
    }
}
