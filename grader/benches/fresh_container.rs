//! A warm check against what one would write instead: a test that starts a Kafka container of its own.
//!
//! The container is a fresh one of the same image, started by testcontainers as its documentation shows; the test in it
//! is the bare program, run once. What it would assert comes for free.

mod bare;

use anyhow::Result;
use bare::{CONSUMER, PRODUCER, check, fill, floor, median};
use grader::broker::{Brokers, Choice};
use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};
use testcontainers::core::{IntoContainerPort, WaitFor};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, GenericImage, ImageExt};
use tokio::runtime::Runtime;

const ROUNDS: usize = 3;
const TAG: &str = "4.4.0";

fn main() -> Result<()> {
    println!("a fresh container for each test against a warm check, {ROUNDS} pairs, medians (goal: at least 10)");
    let runtime = Runtime::new()?;
    let Some(image) = image() else {
        println!("  skipped: no Docker here, or no image of Kafka {TAG} in it");
        return Ok(());
    };
    runtime.block_on(Brokers::choose(Choice::Docker, &|_| {}))?; // the warm one
    for exercise in [PRODUCER, CONSUMER] {
        let (mut fresh, mut docker, mut embedded) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            fresh.push(runtime.block_on(async {
                let began = Instant::now();
                let (container, address) = start(image).await?;
                if exercise.consumes {
                    fill(&address, "orders").await?;
                }
                tokio::task::block_in_place(|| floor(&exercise, &address, "orders"))?;
                container.rm().await?;
                anyhow::Ok(began.elapsed().as_secs_f64())
            })?);
            docker.push(check(&exercise, "docker")?);
            embedded.push(check(&exercise, "embedded")?);
        }
        let [fresh, docker, embedded] = [fresh, docker, embedded].map(median);
        println!(
            "  {}: fresh container {fresh:.2} s; warm container {docker:.2} s, ratio {:.1}; embedded {embedded:.2} s, ratio {:.1}",
            exercise.id,
            fresh / docker,
            fresh / embedded,
        );
    }
    Ok(())
}

/// Kafka as it comes, but for where clients find it.
async fn start(image: &str) -> Result<(ContainerAsync<GenericImage>, String)> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let request = GenericImage::new(image, TAG)
        .with_wait_for(WaitFor::message_on_stdout("Kafka Server started"))
        .with_mapped_port(port, 9092.tcp())
        .with_startup_timeout(Duration::from_secs(90))
        .with_env_var("CLUSTER_ID", "a2Fma2Fjb3Vyc2UtMDAwMQ")
        .with_env_var("KAFKA_NODE_ID", "1")
        .with_env_var("KAFKA_PROCESS_ROLES", "broker,controller")
        .with_env_var("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9093")
        .with_env_var("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER")
        .with_env_var("KAFKA_LISTENERS", "HOST://:9092,INNER://localhost:19092,CONTROLLER://localhost:9093")
        .with_env_var("KAFKA_ADVERTISED_LISTENERS", format!("HOST://127.0.0.1:{port},INNER://localhost:19092"))
        .with_env_var("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "HOST:PLAINTEXT,INNER:PLAINTEXT,CONTROLLER:PLAINTEXT")
        .with_env_var("KAFKA_INTER_BROKER_LISTENER_NAME", "INNER")
        .with_env_var("KAFKA_LOG_DIRS", "/tmp/logs")
        .with_env_var("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1")
        .with_env_var("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1")
        .with_env_var("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1")
        .with_env_var("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0");
    Ok((request.start().await?, format!("127.0.0.1:{port}")))
}

/// The official image, or the one that machines without a registry build; nothing is pulled here.
fn image() -> Option<&'static str> {
    ["apache/kafka", "kafkacourse/kafka"].into_iter().find(|name| {
        let inspect = Command::new("docker").args(["image", "inspect", &format!("{name}:{TAG}")]).output();
        inspect.is_ok_and(|output| output.status.success())
    })
}
