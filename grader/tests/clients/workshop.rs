//! Builds programs in a folder that is kept: what is there already needs no network.

use super::shelf::{Language, Program, Shelf};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

pub struct Workshop {
    folder: PathBuf,
    /// What each language's or client's libraries came to: nothing, or why they are not there.
    libraries: HashMap<PathBuf, Result<(), String>>,
}

impl Workshop {
    /// Puts the programs into `folder`, beside what was built there before.
    pub fn open(shelf: &Shelf, folder: &Path) -> Self {
        copy(&shelf.root, folder);
        Self { folder: folder.to_owned(), libraries: HashMap::new() }
    }

    /// The shell command that runs this program, or why it cannot be built.
    pub fn build(&mut self, program: &Program) -> Result<String, String> {
        let Program { language, client, exercise, .. } = program;
        let home = self.folder.join(language.folder());
        let here = |below: &str| quoted(&home.join(below));
        match language {
            Language::Go => {
                let binary = format!("bin/{client}-{exercise}");
                let source = format!("./{client}/{exercise}");
                run(&home, "go", &["build", "-trimpath", "-ldflags=-s -w", "-o", &binary, &source])?;
                Ok(format!("exec {}", here(&binary)))
            }
            Language::Java => {
                self.once(&home, "pom.xml", |home| {
                    let copy = "org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies";
                    run(home, "mvn", &["-q", "-B", copy, "-DoutputDirectory=lib"])
                })?;
                let class = exercise.replacen("ex", "Ex", 1);
                let source = format!("{client}/{class}.java");
                run(&home, "javac", &["-d", "classes", "-cp", "lib/*", "Kit.java", &source])?;
                // Less time for the compiler and the collector, which a program of seconds does not need.
                let quick = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=warn";
                Ok(format!("exec java {quick} -cp {}:{} {class}", here("classes"), here("lib/*")))
            }
            Language::Node => {
                self.once(&home.join(client), "package.json", |home| run(home, "npm", &["install", "--silent"]))?;
                let own = home.join(client).join("node_modules/.bin/node");
                let node = if own.exists() { quoted(&own) } else { "node".to_owned() };
                Ok(format!("exec {node} --no-warnings {}", here(&format!("{client}/{exercise}.mjs"))))
            }
            Language::Python => {
                self.once(&home, "requirements.txt", |home| {
                    run(home, "python3", &["-m", "venv", "environment"])?;
                    run(home, "environment/bin/python", &["-m", "pip", "install", "-q", "-r", "requirements.txt"])
                })?;
                let (python, program) = (here("environment/bin/python"), here(&format!("{client}/{exercise}.py")));
                Ok(format!("PYTHONPATH={} exec {python} {program}", quoted(&home)))
            }
        }
    }

    /// Brings the libraries that `list` names, unless they came for this very list before.
    fn once(&mut self, home: &Path, list: &str, bring: impl FnOnce(&Path) -> Result<(), String>) -> Result<(), String> {
        let known = self.libraries.entry(home.to_owned()).or_insert_with(|| {
            let (list, brought) = (home.join(list), home.join("brought"));
            let wanted = std::fs::read(&list).expect("a list of libraries");
            if std::fs::read(&brought).is_ok_and(|there| there == wanted) {
                return Ok(());
            }
            bring(home)?;
            std::fs::write(&brought, wanted).map_err(|error| error.to_string())
        });
        known.clone()
    }
}

/// Runs a tool to its end. An error is its last words.
fn run(home: &Path, tool: &str, arguments: &[&str]) -> Result<(), String> {
    let tool_here = home.join(tool);
    let mut command = Command::new(if tool_here.exists() { tool_here.as_os_str() } else { tool.as_ref() });
    // Confluent's package for Node has librdkafka's source, and otherwise wants the sources of what that uses, too.
    command.args(arguments).current_dir(home).env("CKJS_LINKING", "dynamic");
    let output = command.output().map_err(|error| format!("{tool}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    let last: Vec<&str> = said.lines().rev().filter(|line| !line.trim().is_empty()).take(5).collect();
    Err(format!("{tool}: {}: {}", output.status, last.into_iter().rev().collect::<Vec<_>>().join(" / ")))
}

/// As one word for a shell.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("the programs").flatten() {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(&path, &to).expect("a copy");
        }
    }
}
