//! Programs of many people for the same crate: its libraries are built once, by cargo, and the compiler's last call is
//! repeated with other sources.

use super::call::{Call, RECORD};
use super::messages::{Messages, next_line};
use super::{BuildError, SHARES_WITH, Said, Trouble, cargo_command, run_cargo};
use crate::evidence::Ended;
use crate::process::Tool;
use crate::sandbox::{Confinement, Exceeded};
use rustix::process::Signal;
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
    // Cargo calls no compiler for what is up to date. Where the call was not written down, or another binary of ours, to
    // which cargo gives libraries of its own, has written down its, the compiler must be called.
    let without: Vec<&str> =
        packages.iter().copied().filter(|package| call(calls, package, &messages).is_err()).collect();
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
        let call = call(calls, package, &messages).map_err(BuildError::Io)?;
        Ok(Leaf { package: (*package).to_owned(), call, libraries: libraries.to_owned() })
    };
    packages.iter().map(leaf).collect()
}

/// The call for `package` that was written down in `calls`.
///
/// # Errors
/// There is none, or it is about other libraries than those that were just built.
fn call(calls: &Path, package: &str, built: &Messages) -> std::io::Result<Call> {
    let call = Call::read(calls, package)?;
    let is_built = |value: &str| match value.split_once('=') {
        Some((_, path)) => built.libraries.iter().any(|library| library == Path::new(path)),
        None => true, // of the compiler's own
    };
    let other = call.values("--extern").find(|value| !is_built(value)).map(str::to_owned);
    match other {
        Some(other) => Err(std::io::Error::other(format!(
            "another grader builds {package} at the same time (its library {other}); let it finish first"
        ))),
        None => Ok(call),
    }
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
        crate::files::write_below(&sources.join(within), files).map_err(BuildError::Io)?;
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
            return Err(BuildError::Machine { trouble: Trouble::Busy, said: String::new() });
        }
        if let Some(limit) = end.exceeded {
            let why = format!("error: the compiler was stopped: {}\n", words(limit));
            return Err(BuildError::Broken { package, diagnostics: said.into_diagnostics() + &why });
        }
        let program = out.join(package.replace('-', "_"));
        match end.how {
            Ended::Code(0) if program.is_file() => Ok(program),
            Ended::Code(0) => Err(BuildError::NoProgram { binary: package.clone(), package }),
            // It was killed, and not by its cell: the machine is out of memory, say.
            Ended::Signal(signal) if signal == Signal::KILL.as_raw() => {
                Err(super::reason(&package, &self.call.folder, said, String::new(), Some(signal)))
            }
            // The same compiler has built the course: these sources exhaust its stack, say.
            Ended::Signal(_) => Err(BuildError::Broken {
                package,
                diagnostics: said.into_diagnostics() + "error: the compiler crashed over these sources\n",
            }),
            Ended::Code(_) => Err(super::reason(&package, &self.call.folder, said, String::new(), None)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_with_other_libraries_than_those_that_were_built_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let arguments = ["--crate-name", "ex01", "--extern", "kit=/deps/libkit-1.rlib", "--extern", "proc_macro"];
        let written = Call {
            rustc: "rustc".into(),
            folder: "/".into(),
            arguments: arguments.map(String::from).into(),
            environment: BTreeMap::new(),
        };
        std::fs::write(folder.path().join("ex01.json"), serde_json::to_vec(&written).unwrap()).unwrap();
        let built = |path: &str| {
            let mut messages = Messages::default();
            messages.libraries.push(path.into());
            messages
        };
        assert_eq!(call(folder.path(), "ex01", &built("/deps/libkit-1.rlib")).unwrap(), written);
        assert!(call(folder.path(), "ex01", &built("/deps/libkit-2.rlib")).is_err());
        assert!(call(folder.path(), "ex02", &built("/deps/libkit-1.rlib")).is_err());
    }
}
