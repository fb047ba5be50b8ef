//! Hostile programs are held, whoever starts the grader: what they must come to stands in the first lines of each
//! (`grader/tests/attacks/cell` for what runs, `…/compile` for what is compiled), and right programs do not notice that
//! they are confined.
//!
//! It has no harness of its own kind, because it runs itself once more: `kafkacourse` must be named to the processes that
//! it starts, and everything happens twice, as root and as an ordinary user. Where one of them cannot be had, it says so.
//! `cargo test -p grader --test contained -- NAME` tries only those that have NAME in theirs.

use futures_util::StreamExt;
use grader::broker::Choice;
use grader::course::{Course, find_exercise};
use grader::evidence::{Because, Ended, Limit, What};
use grader::grade::{Candidate, Grader, Order};
use grader::process::Tool;
use grader::sandbox::{Bounds, Confinement, End, Exceeded, Layers, Level};
use grader::verdict::Verdict;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Which program the processes are that the grader starts of itself.
const SELF: &str = "KAFKACOURSE_SELF";
/// Set where this runs as an ordinary user because root has started it so.
const AGAIN: &str = "CONTAINED_AGAIN";
/// What no program may ever see.
const SECRET: &str = "PLANTED-7f3a";
/// Nobody who ends it waits longer, on a machine that does much else.
const SLACK: Duration = Duration::from_secs(10);

/// Most of them wait for something.
const AT_ONCE: usize = 4;

const BOUNDS: Bounds = Bounds {
    memory: 192 << 20,
    temporary: 64 << 20,
    processes: 48,
    open_files: 256,
    file_bytes: 32 << 20,
    cpu_seconds: 10,
    seconds: 30,
};

fn main() -> ExitCode {
    if std::env::var_os(SELF).is_none() {
        let us = std::env::current_exe().expect("a path");
        let mut again = Command::new(us);
        again.env(SELF, env!("CARGO_BIN_EXE_kafkacourse")).env("CONTAINED_SECRET", SECRET);
        return ended(again.args(std::env::args().skip(1)));
    }
    let root = rustix::process::geteuid().is_root();
    let whose = if root { "as root" } else { "as an ordinary user" };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let failures = runtime.block_on(prove(whose));
    if failures > 0 {
        println!("{whose}: {failures} failed");
        return ExitCode::FAILURE;
    }
    if root && std::env::var_os(AGAIN).is_none() { as_nobody() } else { ExitCode::SUCCESS }
}

fn ended(command: &mut Command) -> ExitCode {
    let status = command.status().expect("it starts");
    match status.code() {
        Some(0) => ExitCode::SUCCESS,
        _ => {
            println!("it ended with {:?}, signal {:?}", status.code(), status.signal());
            ExitCode::FAILURE
        }
    }
}

/// The same as a user who has no rights.
fn as_nobody() -> ExitCode {
    let nobody = |program: &Path| {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"]).arg(program);
        command.current_dir("/tmp").env(AGAIN, "1").env_remove("HOME");
        command
    };
    let reaches = |program: &Path| nobody(program).arg("--version").output().is_ok_and(|told| told.status.success());
    // Where this was built, nobody else may be able to look.
    let folder = folder();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("it is ours");
    let copied = |from: &Path| {
        let to = folder.path().join(from.file_name().unwrap_or_default());
        std::fs::copy(from, &to).expect("a copy");
        to
    };
    let kafkacourse = copied(Path::new(env!("CARGO_BIN_EXE_kafkacourse")));
    if !reaches(&kafkacourse) || !reaches(Path::new(PYTHON)) {
        println!("SKIPPED as an ordinary user: there is no setpriv, or nobody can run {}", kafkacourse.display());
        return ExitCode::SUCCESS;
    }
    let us = copied(&std::env::current_exe().expect("a path"));
    ended(nobody(&us).env(SELF, kafkacourse).args(std::env::args().skip(1)))
}

/// Is this one to be tried?
fn is_wanted(name: &str) -> bool {
    std::env::args().nth(1).is_none_or(|wanted| name.contains(&wanted))
}

/// Runs everything, and returns how much of it failed.
async fn prove(whose: &str) -> usize {
    let layers = Layers::probe();
    println!("{whose}: {layers}");
    if let Some(trouble) = layers.trouble() {
        println!("SKIPPED {whose}: {trouble}");
        return 0;
    }
    let mut failures = 0;
    let mut judge = |name: &str, judged: Result<Duration, String>| match judged {
        Ok(took) => println!("  {name}: ok ({:.1} s)", took.as_secs_f64()),
        Err(why) => {
            failures += 1;
            println!("  {name}: FAILED: {why}");
        }
    };
    let planted = Planted::new();
    let scripts = files("attacks/cell", "py");
    assert!(scripts.len() > 12 && Path::new(PYTHON).exists(), "the attacks are there, and {PYTHON}");
    let wanted = scripts.iter().filter(|script| is_wanted(&name(script)));
    let attacks = wanted.map(async |script| (name(script), attack(script, &planted, &layers).await));
    let mut attacks = futures_util::stream::iter(attacks).buffered(AT_ONCE);
    while let Some((name, judged)) = attacks.next().await {
        judge(&name, judged);
    }
    judge("nothing is left", left_behind());
    match toolchain() {
        Some(toolchain) => {
            let sources = files("attacks/compile", "rs").into_iter().chain([planted.deep()]);
            let wanted = sources.filter(|source| is_wanted(&name(source)));
            let compiled = wanted.map(async |source| (name(&source), compile(&source, &toolchain, &planted).await));
            let mut compiled = futures_util::stream::iter(compiled).buffered(AT_ONCE);
            while let Some((name, judged)) = compiled.next().await {
                judge(&name, judged);
            }
        }
        None => println!("SKIPPED {whose}: no compiler that it can read"),
    }
    // Only where cargo can build: nobody has no home.
    if std::env::var_os(AGAIN).is_none() {
        for exercise in ["ex1", "ex2", "ex3", "ex4"].into_iter().filter(|exercise| is_wanted(exercise)) {
            judge(exercise, solution(exercise).await);
        }
    }
    if is_wanted("evidence") {
        judge("evidence of a limit", memory_is_evidence().await);
    }
    failures
}

/// The system's, which every user can run.
const PYTHON: &str = "/usr/bin/python3";

/// What an attack looks for.
struct Planted {
    folder: tempfile::TempDir,
    port: TcpListener,
    abstracted: String,
    _abstract: UnixListener,
    _path: UnixListener,
}

impl Planted {
    fn new() -> Planted {
        let folder = tempfile::Builder::new().prefix("planted-").tempdir().expect("a folder");
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("it is ours");
        std::fs::write(folder.path().join("secret"), SECRET).expect("a file");
        let abstracted = format!("planted-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&abstracted).expect("an address");
        Planted {
            port: TcpListener::bind("127.0.0.1:0").expect("a port"),
            _abstract: UnixListener::bind_addr(&address).expect("a socket"),
            _path: UnixListener::bind(folder.path().join("socket")).expect("a socket"),
            folder,
            abstracted,
        }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// What the script of this name looks for.
    fn arguments(&self, script: &str) -> Vec<String> {
        match script {
            "reads.py" => vec![self.path("secret")],
            "connects.py" => {
                let port = self.port.local_addr().expect("an address").port();
                vec![port.to_string(), self.abstracted.clone(), self.path("socket")]
            }
            "memory_of_children.py" => vec![BOUNDS.memory.to_string()],
            "leaves_daemon.py" => vec![DAEMON.into()],
            _ => Vec::new(),
        }
    }

    /// A source whose expression is deeper than any compiler's stack.
    fn deep(&self) -> PathBuf {
        let path = self.folder.path().join("deep.rs");
        let (open, close) = ("(".repeat(60_000), ")".repeat(60_000));
        let text =
            format!("//! Parentheses in parentheses. Outcome: refused|crashed.\nfn main() {{ {open}1{close}; }}\n");
        std::fs::write(&path, text).expect("a file");
        path
    }
}

/// By which the daemon of an attack can be found.
const DAEMON: &str = "2718.2818";

/// The files of this kind in a folder beside this one, in their order.
fn files(folder: &str, kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == kind));
    found.sort();
    found
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// What must come of an attack: `Outcome: cpu|memory.` in its text.
fn outcomes(text: &str) -> Vec<String> {
    let (_, outcomes) = text.split_once("Outcome: ").expect("an outcome");
    outcomes.split_once('.').expect("a sentence").0.split('|').map(str::to_owned).collect()
}

/// What has come of it.
fn outcome(end: &End) -> String {
    match (end.exceeded, &end.how) {
        (Some(Exceeded::Memory), _) => "memory".into(),
        (Some(Exceeded::Processes), _) => "processes".into(),
        (Some(Exceeded::CpuTime), _) => "cpu".into(),
        (Some(Exceeded::FileSize), _) => "file-size".into(),
        (Some(Exceeded::Time), _) => "time".into(),
        (None, Ended::Code(0)) => "held".into(),
        (None, Ended::Code(code)) => format!("code {code}"),
        (None, Ended::Signal(signal)) => format!("signal {signal}"),
    }
}

async fn attack(script: &Path, planted: &Planted, layers: &Layers) -> Result<Duration, String> {
    let text = std::fs::read_to_string(script).expect("a script");
    let mut expected = outcomes(&text);
    if layers.level() < Level::Full && name(script) == "memory_files.py" {
        expected = vec!["code 1".into()]; // where nothing counts such memory, there is none
    }
    let bounds = match expected[0].as_str() {
        "cpu" => Bounds { cpu_seconds: 1, ..BOUNDS },
        "time" => Bounds { seconds: 1, ..BOUNDS },
        _ => BOUNDS,
    };
    // Reached over a link, as a home or a scratch folder of a cluster may be.
    let outside = folder();
    std::fs::create_dir_all(outside.path().join("disk/work")).expect("a folder");
    std::os::unix::fs::symlink("disk", outside.path().join("link")).expect("a link");
    let mut confinement = Confinement::of_script().reading(script).writing(outside.path().join("link/work"));
    confinement.bounds = bounds;
    let mut command = Command::new(PYTHON);
    command.args(["-I", "-B"]).arg(script).args(planted.arguments(&name(script)));
    let began = Instant::now();
    let (end, told) = run(&command, &confinement).await?;
    let took = began.elapsed();
    let most = Duration::from_secs(if expected[0] == "time" { 1 } else { bounds.seconds }) + SLACK;
    match expected.contains(&outcome(&end)) && took < most {
        true => Ok(took),
        false => Err(format!("{} after {took:?} and not {expected:?}: {told}", outcome(&end))),
    }
}

/// A folder that a program may write into.
fn folder() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("contained-").tempdir().expect("a folder")
}

/// Runs a tool, and returns how it ended and the beginning of what it said.
async fn run(command: &Command, confinement: &Confinement) -> Result<(End, String), String> {
    let mut tool = Tool::confined(command, confinement).await.map_err(|error| error.to_string())?;
    let (stdout, stderr) = (tool.stdout.take(), tool.stderr.take());
    let (out, err, end) = tokio::join!(beginning(stdout), beginning(stderr), tool.ended());
    Ok((end.map_err(|error| error.to_string())?, out + &err))
}

async fn beginning(pipe: Option<impl AsyncRead + Unpin>) -> String {
    let (mut pipe, mut kept) = (pipe.expect("a pipe"), Vec::new());
    (&mut pipe).take(64 << 10).read_to_end(&mut kept).await.ok();
    tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await.ok();
    String::from_utf8_lossy(&kept).into_owned()
}

/// No process of an attack is left, and none that it has started.
fn left_behind() -> Result<Duration, String> {
    let began = Instant::now();
    let lines = std::fs::read_dir("/proc").expect("/proc").filter_map(|entry| {
        let line = std::fs::read(entry.ok()?.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&line).replace('\0', " "))
    });
    let attacks = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/attacks/cell");
    let left: Vec<String> = lines.filter(|line| line.contains(attacks) || line.contains(DAEMON)).collect();
    match left.is_empty() {
        true => Ok(began.elapsed()),
        false => Err(format!("{left:?}")),
    }
}

/// The folder of the compiler itself: what is called `rustc` may only look for it. None where this user cannot read it.
fn toolchain() -> Option<PathBuf> {
    let told = Command::new("rustc").args(["--print", "sysroot"]).current_dir("/").output().ok()?;
    let folder = PathBuf::from(String::from_utf8(told.stdout).ok()?.trim());
    let runs = Command::new(folder.join("bin/rustc")).arg("--version").output().is_ok_and(|told| told.status.success());
    (told.status.success() && runs).then_some(folder)
}

async fn compile(source: &Path, toolchain: &Path, planted: &Planted) -> Result<Duration, String> {
    let text = std::fs::read_to_string(source)
        .expect("a source")
        .replace("\"SECRET\"", &format!("{:?}", planted.path("secret")));
    let text = text.replace("\\\"SECRET\\\"", &format!("\\\"{}\\\"", planted.path("secret")));
    let expected = outcomes(&text);
    let sources = folder();
    std::fs::set_permissions(sources.path(), PermissionsExt::from_mode(0o755)).expect("it is ours");
    let (main, out) = (sources.path().join("main.rs"), folder());
    std::fs::write(&main, &text).expect("a file");
    let mut confinement = Confinement::of_compiler().reading(toolchain).reading(sources.path()).writing(out.path());
    confinement.bounds = Bounds { memory: 1 << 30, cpu_seconds: 2, seconds: 60, ..confinement.bounds };
    let mut command = Command::new(toolchain.join("bin/rustc"));
    command
        .args(["--edition", "2024", "--crate-type", "bin", "-C", "debuginfo=0", "-o"])
        .arg(out.path().join("program"));
    command.arg(&main).current_dir(sources.path());
    let began = Instant::now();
    let (end, told) = run(&command, &confinement).await?;
    let seen = match outcome(&end).as_str() {
        "code 1" => "refused".to_owned(),
        "code 101" => "crashed".to_owned(),
        signal if signal.starts_with("signal ") => "crashed".to_owned(),
        other => other.to_owned(),
    };
    let program = std::fs::read(out.path().join("program")).unwrap_or_default();
    let leaked = |bytes: &[u8]| bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
    if leaked(told.as_bytes()) || leaked(&program) {
        return Err(format!("the secret is out: {told}"));
    }
    match expected.contains(&seen) {
        true => Ok(began.elapsed()),
        false => Err(format!("{seen} and not {expected:?}: {}", told.chars().take(2_000).collect::<String>())),
    }
}

/// The course that this test stands in.
fn course() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace").to_owned()
}

/// What comes of `candidate` for an exercise, confined: the verdict, and all that happened.
async fn grade(
    exercise: &str,
    candidate: Candidate<'_>,
    confinement: &Confinement,
    most: usize,
) -> Result<(Verdict, Vec<What>), String> {
    let root = course();
    let course = Course::load(&root).map_err(|error| error.to_string())?;
    let exercise = find_exercise(&course, exercise).map_err(|error| error.to_string())?;
    let grader = Grader::new(&root, Choice::Embedded, 1).map_err(|error| error.to_string())?;
    let evidence = folder();
    let order = Order {
        exercise,
        candidate,
        scenarios: exercise.scenarios.iter().take(most).collect(),
        seed: 20_261_126,
        confinement: Some(confinement.clone()),
        coloured_compiler: false,
    };
    let ready = grader.prepare(&order, &|_| {}).await.map_err(|error| error.to_string())?;
    let graded = grader.grade(&order, &ready, evidence.path(), &|_| {}).await.map_err(|error| error.to_string())?;
    let events = graded.played.iter().flat_map(|played| &played.evidence.events);
    Ok((graded.verdict, events.map(|event| event.what.clone()).collect()))
}

/// A right program passes: it is asked to end and killed, starts again and finds its files, shares them with others.
async fn solution(exercise: &str) -> Result<Duration, String> {
    let began = Instant::now();
    let (verdict, events) = grade(exercise, Candidate::Solution, &Confinement::of_program(), usize::MAX).await?;
    match verdict {
        Verdict::Passed => Ok(began.elapsed()),
        _ => Err(format!("{verdict:?}: {:?}", events.iter().filter(|what| told(what)).collect::<Vec<_>>())),
    }
}

fn told(what: &What) -> bool {
    matches!(what, What::Exited { .. } | What::GaveUp { .. } | What::Output { .. } | What::Stranger { .. })
}

/// A program that runs into a bound in a scenario has failed, and its evidence says so.
async fn memory_is_evidence() -> Result<Duration, String> {
    let began = Instant::now();
    let script = files("attacks/cell", "py").into_iter().find(|path| name(path) == "memory.py").expect("a script");
    let line = format!("exec {PYTHON} -I -B {}", script.display());
    let mut confinement = Confinement::of_script().reading(&script);
    confinement.bounds = BOUNDS;
    let (verdict, events) =
        grade("ex1", Candidate::Command { line: &line, folder: Path::new("/") }, &confinement, 1).await?;
    let limit = Because::Limit(Limit::Memory(BOUNDS.memory));
    let said = events.iter().any(|what| matches!(what, What::GaveUp { because, .. } if *because == limit));
    match said && verdict != Verdict::Passed && verdict != Verdict::GraderFault {
        true => Ok(began.elapsed()),
        false => Err(format!("{verdict:?}: {:?}", events.iter().filter(|what| told(what)).collect::<Vec<_>>())),
    }
}
