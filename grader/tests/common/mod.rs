//! A course of its own for each test, and `kafkacourse` run in it: exit code, standard output, standard error.
//!
//! ```ignore
//! let course = course();
//! let told = course.run(&["check", "ex1", "--cmd", "true", "--broker", "embedded"]);
//! assert_eq!(told.code, 1);
//! ```
#![allow(dead_code)] // each test file uses its own part

use std::ffi::OsString;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Nothing here takes so long, even on a machine that is busy with something else.
pub const LIMIT: Duration = Duration::from_secs(60);
/// Between two looks at something that is about to happen.
const LOOK: Duration = Duration::from_millis(20);

/// A copy of the course in a temporary folder, with a `TMPDIR` beside it. Both go when it is dropped.
#[must_use]
pub struct Course {
    outside: tempfile::TempDir,
    pub root: PathBuf,
}

/// What the course of these tests is made of, so that transcripts stay as they are when the real one grows.
const MANIFEST: &str = r#"title = "A small course"

[[module]]
id = "producers"
folder = "02-producers"
title = "Producers"
sections = [
  { file = "01-anatomy.md", title = "Anatomy of a producer", minutes = 7 },
  { file = "02-keys-and-partitions.md", title = "Keys and partitions", minutes = 7 },
  { file = "03-acks.md", title = "Acknowledgements and delivery guarantees", minutes = 6 },
  { file = "04-idempotence.md", title = "Idempotence", minutes = 7 },
  { file = "05-delivery-reports.md", title = "Delivery reports, errors and retries", minutes = 7 },
  { file = "06-batching.md", title = "Batching, linger and compression", minutes = 7 },
]
exercises = ["ex1"]

[[module]]
id = "consumers"
folder = "03-consumers"
title = "Consumers and groups"
sections = [
  { file = "01-poll-loop.md", title = "The poll loop", minutes = 7 },
  { file = "02-groups.md", title = "Consumer groups", minutes = 8 },
  { file = "03-offsets-and-commits.md", title = "Offsets and commits", minutes = 9 },
  { file = "04-shutdown.md", title = "Shutdown", minutes = 7 },
  { file = "05-poison-messages.md", title = "Poison messages", minutes = 7 },
]
exercises = ["ex2"]
"#;

/// A fresh small course: ex1 and ex2 with their theory, no solutions and nothing to build.
pub fn course() -> Course {
    course_called("course")
}

/// The same in a folder of this name.
pub fn course_called(name: &str) -> Course {
    let course = whole_course_called(name);
    course.write("modules/course.toml", MANIFEST);
    for folder in entries(&course.path("modules")) {
        std::fs::remove_file(folder.join("quiz.toml")).ok(); // a test of quizzes brings its own
    }
    for folder in entries(&course.path("exercises")) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !["ex01-producer-basics", "ex02-manual-commits"].contains(&name.as_str()) {
            std::fs::remove_dir_all(folder).expect("a copied folder");
        }
    }
    // The recordings of other exercises go with them.
    for recording in entries(&course.path("modules/demos/transcripts")) {
        let text = std::fs::read_to_string(&recording).unwrap_or_default();
        let of = text.lines().find_map(|line| line.strip_prefix("exercise = "));
        if of.is_some_and(|of| !["\"ex1\"", "\"ex2\""].contains(&of)) {
            std::fs::remove_file(recording).expect("a copied file");
        }
    }
    course
}

/// The course as it is, without solutions.
pub fn whole_course() -> Course {
    whole_course_called("course")
}

fn whole_course_called(name: &str) -> Course {
    let outside = tempfile::Builder::new().prefix("grader-test-").tempdir().expect("a temporary folder");
    let outside_path = outside.path().canonicalize().expect("it is there");
    let root = outside_path.join(name);
    let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    copy(&original.join("modules"), &root.join("modules"));
    copy(&original.join("exercises"), &root.join("exercises"));
    std::fs::create_dir(outside_path.join("tmp")).expect("a folder for temporary files");
    Course { outside, root }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("the course") {
        let entry = entry.expect("an entry");
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(&path, &to).expect("a copy");
        }
    }
}

/// A quiz about consumers: two questions worth reading, and three more.
pub fn quiz() -> String {
    let more = ["third", "fourth", "fifth"].map(|id| {
        format!(
            "
[[question]]
id = \"{id}\"
text = \"The {id}?\"
read = \"consumers/01-poll-loop\"
[[question.option]]
text = \"No.\"
why = \"It is not.\"
[[question.option]]
text = \"Yes.\"
right = true
why = \"It is.\"
[[question.option]]
text = \"Perhaps.\"
why = \"It is certain.\"
"
        )
    });
    include_str!("../quiz.toml").to_owned() + &more.concat()
}

impl Course {
    /// The path of something in the course.
    pub fn path(&self, below: &str) -> PathBuf {
        self.root.join(below)
    }

    /// The folder beside the course: no course is to be found from here.
    pub fn outside(&self) -> &Path {
        self.root.parent().expect("the course lies in a folder")
    }

    pub fn temporary(&self) -> PathBuf {
        self.outside().join("tmp")
    }

    pub fn read(&self, below: &str) -> String {
        std::fs::read_to_string(self.path(below)).expect(below)
    }

    pub fn write(&self, below: &str, contents: impl AsRef<[u8]>) {
        let path = self.path(below);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, contents).expect(below);
    }

    /// Replaces `old` (which must be there) by `new`, the first time that it stands in the file.
    pub fn edit(&self, below: &str, old: &str, new: &str) {
        let text = self.read(below);
        assert!(text.contains(old), "{below} does not contain {old:?}");
        self.write(below, text.replacen(old, new, 1));
    }

    /// `kafkacourse` in the course's folder.
    pub fn run(&self, arguments: &[&str]) -> Told {
        self.kafkacourse(arguments).run()
    }

    pub fn kafkacourse(&self, arguments: &[&str]) -> Run<'_> {
        self.program(env!("CARGO_BIN_EXE_kafkacourse"), arguments)
    }

    pub fn grader(&self, arguments: &[&str]) -> Run<'_> {
        self.program(env!("CARGO_BIN_EXE_grader"), arguments)
    }

    /// `check EXERCISE --cmd COMMAND` on the embedded broker.
    pub fn check(&self, exercise: &str, command: &str, more: &[&str]) -> Told {
        self.checking(exercise, command, more).run()
    }

    pub fn checking(&self, exercise: &str, command: &str, more: &[&str]) -> Run<'_> {
        self.kafkacourse(&["check", exercise, "--broker", "embedded", "--cmd", command]).and(more)
    }

    fn program(&self, program: &str, arguments: &[&str]) -> Run<'_> {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(&self.root)
            .env("NO_COLOR", "1")
            .env("COLUMNS", "80")
            .env("TMPDIR", self.temporary())
            .env_remove("KAFKACOURSE_DIR")
            .env_remove("KAFKACOURSE_BROKER")
            .env_remove("KAFKACOURSE_SELF")
            .env_remove("CLICOLOR_FORCE")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Run { course: self, command }
    }

    /// What is the same in every run: paths, seeds and times are not.
    fn redact(&self, text: &str) -> String {
        let root = self.root.display().to_string();
        let outside = self.outside().display().to_string();
        let text = text.replace(&root, "[COURSE]").replace(&outside, "[OUTSIDE]");
        let mut lines: Vec<String> = text.lines().map(|line| redact_number(line, "seed ", "[SEED]")).collect();
        lines.iter_mut().for_each(|line| *line = line.trim_end().to_owned());
        lines.join("\n")
    }

    /// The evidence files of all runs of `exercise`.
    pub fn evidence(&self, exercise: &str) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = entries(&self.path(".kafkacourse/evidence").join(exercise))
            .iter()
            .flat_map(|run| entries(run))
            .filter(|path| path.extension().is_some_and(|extension| extension == "gz"))
            .collect();
        files.sort();
        files
    }

    /// Temporary folders of runs that are still there.
    pub fn left_over(&self) -> Vec<PathBuf> {
        let ours =
            |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("kafkacourse-"));
        entries(&self.temporary()).into_iter().filter(|path| path.is_dir()).filter(ours).collect()
    }

    pub fn progress(&self) -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(self.path(".kafkacourse/progress.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }
}

pub fn entries(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect()
}

/// The digits after `before` give way to `name`.
fn redact_number(line: &str, before: &str, name: &str) -> String {
    match line.split_once(before) {
        Some((head, tail)) if tail.starts_with(|c: char| c.is_ascii_digit()) => {
            format!("{head}{before}{name}{}", tail.trim_start_matches(|c: char| c.is_ascii_digit()))
        }
        _ => line.to_owned(),
    }
}

/// A run that has not begun.
#[must_use]
pub struct Run<'a> {
    course: &'a Course,
    command: Command,
}

impl<'a> Run<'a> {
    pub fn and(mut self, arguments: &[&str]) -> Self {
        self.command.args(arguments);
        self
    }

    pub fn within(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.command.env(name, value.into());
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// With these bytes on its standard input, then its end.
    pub fn input(mut self, bytes: &str) -> Self {
        let path = self.course.temporary().join("input");
        std::fs::write(&path, bytes).expect("a file for the input");
        self.command.stdin(std::fs::File::open(path).expect("the input"));
        self
    }

    /// Runs it to its end.
    pub fn run(self) -> Told {
        self.start().end()
    }

    /// Starts it, as the leader of a group of its own: what the terminal does with a command line.
    pub fn start(mut self) -> Going<'a> {
        let mut child = self.command.process_group(0).spawn().expect("the program starts");
        let out = collect(child.stdout.take());
        let err = collect(child.stderr.take());
        Going { course: self.course, child, out, err }
    }
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            pipe.read_to_end(&mut bytes).ok();
        }
        send.send(bytes).ok();
    });
    receive
}

/// A run that is going on. Dropping it kills it.
#[must_use]
pub struct Going<'a> {
    course: &'a Course,
    child: Child,
    out: mpsc::Receiver<Vec<u8>>,
    err: mpsc::Receiver<Vec<u8>>,
}

impl Going<'_> {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// A signal by its name, to this one process.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, signal).expect("it is there");
    }

    /// Waits for its end and for all that it said.
    pub fn end(mut self) -> Told {
        let status = self.wait();
        let rest = |pipe: &mpsc::Receiver<Vec<u8>>| {
            let bytes = pipe.recv_timeout(LIMIT).expect("nobody holds the pipes of kafkacourse open");
            String::from_utf8(bytes).expect("kafkacourse speaks UTF-8")
        };
        let (stdout, stderr) = (rest(&self.out), rest(&self.err));
        let (out, err) = (self.course.redact(&stdout), self.course.redact(&stderr));
        Told { code: code(status), out, err, stdout }
    }

    fn wait(&mut self) -> ExitStatus {
        let mut ended = None;
        eventually("kafkacourse ends", || {
            ended = self.child.try_wait().expect("it can be asked");
            ended.is_some()
        });
        ended.expect("it has ended")
    }
}

impl Drop for Going<'_> {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// As a shell says it: 128 and the signal where there is no exit code.
fn code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

/// What a run came to. `out` and `err` are redacted.
#[derive(Debug)]
pub struct Told {
    pub code: i32,
    pub out: String,
    pub err: String,
    /// Standard output as it was.
    pub stdout: String,
}

impl Told {
    /// All of it, as a transcript.
    pub fn transcript(&self) -> String {
        let mut text = format!("exit code {}\n", self.code);
        for (name, stream) in [("stdout", &self.out), ("stderr", &self.err)] {
            if !stream.is_empty() {
                text.push_str(&format!("--- {name}\n{stream}\n"));
            }
        }
        text
    }

    /// The one line of JSON on standard output.
    pub fn json(&self) -> serde_json::Value {
        assert_eq!(self.stdout.matches('\n').count(), 1, "one line: {self:#?}");
        serde_json::from_str(&self.stdout).expect("a line of JSON")
    }

    /// It ended so, and said these things, on whichever stream.
    #[track_caller]
    pub fn assert(&self, code: i32, said: &[&str]) {
        assert_eq!(self.code, code, "{}", self.transcript());
        let all = self.transcript();
        for said in said {
            assert!(all.contains(said), "{said:?} is not in\n{all}");
        }
        assert!(!all.contains("panicked at"), "{all}");
    }
}

/// Waits until `fact` holds.
#[track_caller]
pub fn eventually(what: &str, mut fact: impl FnMut() -> bool) {
    let began = Instant::now();
    while !fact() {
        assert!(began.elapsed() < LIMIT, "{what}: not within {} s", LIMIT.as_secs());
        std::thread::sleep(LOOK);
    }
}

/// Running processes with exactly this command line.
pub fn processes(wanted: &str) -> Vec<String> {
    let line = |folder: &PathBuf| {
        let state = std::fs::read_to_string(folder.join("stat")).ok()?;
        if state.rsplit(')').next()?.trim_start().starts_with('Z') {
            return None; // dead, and only waiting to be asked how it ended
        }
        let words = std::fs::read(folder.join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&words).replace('\0', " "))
    };
    entries(Path::new("/proc")).iter().filter_map(line).filter(|line| line.trim_end() == wanted).collect()
}

/// Is this program to be had here?
pub fn has(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}
