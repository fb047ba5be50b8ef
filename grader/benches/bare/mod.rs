//! What both end-to-end benches need: a check, and the bare program without a grader around it.

use anyhow::{Context as _, Result, ensure};
use rdkafka::ClientConfig;
use rdkafka::producer::{FutureProducer, FutureRecord};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant, SystemTime};

/// As many as the calm scenarios of the exercises have.
const ORDERS: usize = 50;

pub struct Exercise {
    pub id: &'static str,
    pub package: &'static str,
    pub consumes: bool,
}

pub const PRODUCER: Exercise = Exercise { id: "ex1", package: "ex01-producer-basics-solution", consumes: false };
pub const CONSUMER: Exercise = Exercise { id: "ex2", package: "ex02-manual-commits-solution", consumes: true };

/// Seconds from an edit to the verdict.
pub fn check(exercise: &Exercise, broker: &str) -> Result<f64> {
    edit(exercise)?;
    let began = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_kafkacourse"))
        .current_dir(root())
        .args(["check", exercise.id, "--solution", "--json", "--broker", broker])
        .output()?;
    let taken = began.elapsed().as_secs_f64();
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    Ok(taken)
}

/// Builds what was edited, and runs it to its end; `topic` has its input, and is its group's name as well.
pub fn floor(exercise: &Exercise, address: &str, topic: &str) -> Result<f64> {
    edit(exercise)?;
    let began = Instant::now();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .current_dir(root())
        .args(["build", "--quiet", "--package", exercise.package, "--bin", exercise.package])
        .status()?;
    ensure!(built.success(), "{} does not build", exercise.package);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut program = Command::new(target().join("debug").join(exercise.package))
        .env("KAFKA_BOOTSTRAP_SERVERS", address)
        .env("KAFKA_TOPIC_ORDERS", topic)
        .env("KAFKA_GROUP_ORDER_PROCESSOR", topic)
        .env("KAFKACOURSE_DOWNSTREAM", listener.local_addr()?.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let calls = outside_world(listener);
    if exercise.consumes {
        for _ in 0..ORDERS {
            calls.recv_timeout(Duration::from_secs(60)).context("the consumer stands still")?;
        }
        let pid = Pid::from_raw(program.id() as i32).context("no process id")?;
        kill_process(pid, Signal::TERM)?;
    }
    let status = program.wait()?;
    ensure!(status.success(), "{}: {status}", exercise.package);
    Ok(began.elapsed().as_secs_f64())
}

/// Says yes to every line, and tells of it.
fn outside_world(listener: TcpListener) -> mpsc::Receiver<()> {
    let (tell, calls) = mpsc::channel();
    std::thread::spawn(move || -> std::io::Result<()> {
        let (stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        for line in BufReader::new(stream.try_clone()?).lines() {
            line?;
            (&stream).write_all(b"{\"ok\":true,\"value\":null}\n")?;
            tell.send(()).ok();
        }
        Ok(())
    });
    calls
}

pub async fn fill(address: &str, topic: &str) -> Result<()> {
    let producer: FutureProducer = ClientConfig::new().set("bootstrap.servers", address).create()?;
    let mut reports = Vec::new();
    for order in 0..ORDERS {
        let value = json!({"order_id": format!("order-{order}"), "quantity": 1}).to_string();
        let record = FutureRecord::to(topic).key("customer").payload(&value);
        reports.push(producer.send_result(record).map_err(|(error, _)| error)?);
    }
    for report in reports {
        report.await?.map_err(|(error, _)| error)?;
    }
    Ok(())
}

/// What saving the file does: cargo goes by its time.
fn edit(exercise: &Exercise) -> Result<()> {
    let folder = exercise.package.trim_end_matches("-solution");
    let source = root().join("solutions").join(folder).join("src/main.rs");
    File::options().append(true).open(source)?.set_modified(SystemTime::now())?;
    Ok(())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
