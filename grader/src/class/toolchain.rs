//! What builds or runs submissions, as it is installed on this machine.

use crate::build::{BuildError, Trouble};
use crate::evidence::Ended;
use crate::files;
use crate::process::{Program, Tool};
use crate::sandbox::{Confinement, Exceeded};
use crate::submission::Language;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Of what a compiler says, so much is kept, in bytes.
const MOST_WORDS: u64 = 64 << 10;

/// Compiler or interpreter of a language, with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolchain {
    pub language: Language,
    /// With its version, in one line: an outcome depends on it.
    pub version: String,
    program: PathBuf,
    /// Besides the system's own folders, where it and its packages are.
    readable: Vec<PathBuf>,
    /// Variables by which it finds its packages.
    variables: BTreeMap<String, String>,
}

/// A submission that can be run, and what it has to find.
pub struct Runnable {
    pub program: Program,
    pub readable: Vec<PathBuf>,
}

impl Toolchain {
    /// What this machine has for `language`; none where it has nothing.
    pub fn find(language: Language) -> Option<Toolchain> {
        // Asked of the program itself, since the name on the PATH may be a script that chooses one.
        let (program, version, folders) = match language {
            Language::Rust => (PathBuf::from("rustc"), said("rustc", &["--version"])?, Vec::new()),
            Language::Python => {
                let about = said(
                    "python3",
                    &[
                        "-c",
                        "import sys; print(sys.executable, sys.version.split()[0], sys.prefix, sys.base_prefix, *sys.path, sep='\\n')",
                    ],
                )?;
                let mut lines = about.lines();
                let (program, version) = (lines.next()?, lines.next()?);
                (program.into(), format!("Python {version}"), lines.map(PathBuf::from).collect())
            }
            Language::Node => {
                let about = said("node", &["-p", "process.execPath + '\\n' + process.version"])?;
                let (program, version) = about.split_once('\n')?;
                (program.into(), format!("Node.js {version}"), Vec::new())
            }
            Language::Go => {
                let about = said("go", &["env", "GOROOT", "GOMODCACHE", "GOVERSION"])?;
                let lines: Vec<&str> = about.lines().collect();
                let [root, modules, version] = lines[..] else { return None };
                (Path::new(root).join("bin/go"), version.to_owned(), vec![root.into(), modules.into()])
            }
            Language::Java => {
                let about = said("java", &["-XshowSettings:properties", "-version"])?;
                let home = about.lines().find_map(|line| line.trim().strip_prefix("java.home = "))?;
                let version = about.lines().find_map(|line| line.trim().strip_prefix("java.version = "))?;
                (Path::new(home).join("bin/java"), format!("Java {version}"), vec![home.into()])
            }
        };
        let name = match language {
            Language::Python => Some("PYTHONPATH"),
            Language::Node => Some("NODE_PATH"),
            Language::Java => Some("CLASSPATH"),
            Language::Go => Some("GOMODCACHE"),
            Language::Rust => None,
        };
        let mut variables = BTreeMap::new();
        let mut readable: Vec<PathBuf> = folders.into_iter().filter(|folder| folder.is_absolute()).collect();
        if let Some(name) = name {
            let value = match language {
                Language::Go => readable.get(1).map(|modules| modules.display().to_string()),
                _ => std::env::var(name).ok(),
            };
            if let Some(value) = value {
                readable.extend(std::env::split_paths(&value).map(|path| match path.file_name() {
                    // All archives of a folder, as Java has it.
                    Some(file) if file == "*" => path.parent().unwrap_or(&path).to_owned(),
                    _ => path.clone(),
                }));
                variables.insert(name.to_owned(), value);
            }
        }
        readable.push(program.clone());
        Some(Toolchain { language, version, program, readable, variables })
    }

    /// Makes a submission of `files`, which begins with `entry`, ready to run. All of it happens in `folder`, which is
    /// empty; where it is `confined`, the compiler runs in a cell.
    ///
    /// # Errors
    /// [`BuildError::Broken`] where the compiler refuses the sources.
    pub async fn ready(
        &self,
        (files, entry): (&BTreeMap<String, Vec<u8>>, &str),
        folder: &Path,
        confined: bool,
    ) -> Result<Runnable, BuildError> {
        let (sources, out) = (&folder.join("sources"), &folder.join("out"));
        let written = files::write_below(sources, files).and_then(|()| std::fs::create_dir_all(out));
        written.map_err(BuildError::Io)?;
        let ending_in = |ending: &str| {
            let names = files.keys().filter(|name| name.ends_with(ending));
            names.map(|name| Path::new(".").join(name)).collect::<Vec<PathBuf>>()
        };
        let mut line: String =
            self.variables.iter().map(|(name, value)| format!("export {name}={}\n", quoted(value))).collect();
        let program = quoted(&self.program.display().to_string());
        match self.language {
            Language::Go => {
                let program = out.join("program");
                // A program that needs nothing but Go's own library may be files without a module.
                let what = if files.contains_key("go.mod") { vec![PathBuf::from(".")] } else { ending_in(".go") };
                let mut command = Command::new(&self.program);
                command.args(["build", "-o"]).arg(&program).args(what).envs([
                    ("GOPROXY", "off"),
                    ("GOTOOLCHAIN", "local"),
                    ("GOFLAGS", "-mod=mod"),
                    ("GOSUMDB", "off"),
                    ("CGO_ENABLED", "1"),
                    ("PATH", "/usr/local/bin:/usr/bin:/bin"),
                    ("HOME", "/tmp"),
                ]);
                self.compile(command, sources, out, confined).await?;
                return Ok(Runnable { program: Program::Built(program), readable: Vec::new() });
            }
            Language::Java => {
                let compiler = self.program.with_file_name("javac");
                let mut command = Command::new(compiler);
                command.arg("-d").arg(out).args(["-encoding", "UTF-8"]).args(ending_in(".java"));
                self.compile(command, sources, out, confined).await?;
                let classes = match self.variables.get("CLASSPATH") {
                    Some(packages) => format!("{}:{packages}", out.display()),
                    None => out.display().to_string(),
                };
                let class = entry.trim_end_matches(".java").replace('/', ".");
                line.push_str(&format!("exec {program} -cp {} {}", quoted(&classes), quoted(&class)));
            }
            _ => {
                // Modules (`import`) are not looked for where NODE_PATH says, only in the folders above the program.
                if let Some(packages) =
                    self.variables.get("NODE_PATH").and_then(|paths| std::env::split_paths(paths).next())
                {
                    std::os::unix::fs::symlink(packages, sources.join("node_modules")).map_err(BuildError::Io)?;
                }
                let entry = sources.join(entry).display().to_string();
                line.push_str(&format!("exec {program} {}", quoted(&entry)));
            }
        }
        let own = [sources.to_owned(), out.to_owned()];
        Ok(Runnable { program: Program::Command(line), readable: self.readable.iter().cloned().chain(own).collect() })
    }

    async fn compile(
        &self,
        mut command: Command,
        sources: &Path,
        out: &Path,
        confined: bool,
    ) -> Result<(), BuildError> {
        command.current_dir(sources).envs(&self.variables).env("GOCACHE", out.join("cache")).env("GOTMPDIR", out);
        let tool = match confined {
            true => {
                let mut confinement = Confinement::of_compiler().reading(sources);
                // Go compiles its own library and all packages first, for each submission anew.
                if self.language == Language::Go {
                    confinement.bounds.seconds *= 5;
                }
                let confinement = self.readable.iter().fold(confinement, |c, path| c.reading(path));
                Tool::confined(&command, &confinement.writing(out)).await
            }
            false => Tool::start(&command).await,
        };
        let mut tool = tool.map_err(BuildError::Io)?;
        let (stdout, stderr) = (tool.stdout.take(), tool.stderr.take());
        let (first, second, end) = tokio::join!(words(stdout), words(stderr), tool.ended());
        let end = end.map_err(BuildError::Io)?;
        match (end.how, end.exceeded) {
            (Ended::Code(0), None) => Ok(()),
            (_, Some(Exceeded::Time)) => Err(BuildError::Machine { trouble: Trouble::Busy, said: String::new() }),
            (_, exceeded) => {
                let why = exceeded.map(|_| "the compiler needed more than it may have\n").unwrap_or_default();
                Err(BuildError::Broken { package: self.language_name(), diagnostics: format!("{first}{second}{why}") })
            }
        }
    }

    fn language_name(&self) -> String {
        format!("the {} program", self.version)
    }
}

/// What a program says about itself, where it can be run.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    let text = [output.stdout, output.stderr].concat();
    output.status.success().then(|| String::from_utf8_lossy(&text).trim().to_owned())
}

/// `text` as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// The beginning of what a compiler says; the rest is read and dropped.
async fn words(from: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut from) = from else { return String::new() };
    let mut bytes = Vec::new();
    (&mut from).take(MOST_WORDS).read_to_end(&mut bytes).await.ok();
    tokio::io::copy(&mut from, &mut tokio::io::sink()).await.ok();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_shell_stay_one() {
        assert_eq!(quoted("/a b/it's"), r"'/a b/it'\''s'");
    }
}
