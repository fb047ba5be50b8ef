//! The tap against a direct connection, both to an embedded broker and in the same run.
//!
//! Each pair of measurements is taken back to back, and what is printed is a median of pairs: on a busy machine the
//! times wander, and their ratios hardly do.

use anyhow::Result;
use grader::broker::{Broker, Brokers, Choice};
use grader::evidence::{FORMAT, Header};
use grader::gate::{Peers, Ports};
use grader::recorder::{Names, Recorder};
use grader::tap::{Tap, Upstream};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, DeliveryResult, ProducerContext, ThreadedProducer};
use rdkafka::{ClientConfig, ClientContext};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const ROUNDS: usize = 7;
const SINGLE_SENDS: usize = 4_000;
const WARM_UP: usize = 200;
const LIMIT: Duration = Duration::from_secs(120);

fn main() -> Result<()> {
    println!("tap against a direct connection, {ROUNDS} pairs, medians");
    let runtime = Runtime::new()?;
    for choice in [Choice::Embedded, Choice::Docker] {
        match runtime.block_on(Brokers::choose(choice.clone(), &|_| {})) {
            Ok(brokers) => against(&runtime, &brokers)?,
            Err(why) => println!("  {choice}: skipped. {why}"),
        }
    }
    Ok(())
}

fn against(runtime: &Runtime, brokers: &Brokers) -> Result<()> {
    println!("  {}", brokers.description().version);
    for (records, bytes) in [(200_000, 200), (60_000, 1_000)] {
        throughput(runtime, brokers, records, bytes)?;
    }
    latency(runtime, brokers)
}

fn throughput(runtime: &Runtime, brokers: &Brokers, records: usize, bytes: usize) -> Result<()> {
    let (mut direct, mut tapped, mut ratios, mut afterwards) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let bench = runtime.block_on(Bench::open(brokers))?;
        let straight = produce(bench.broker.address(), &bench.topic, records, bytes)?;
        runtime.block_on(bench.close())?;
        let bench = runtime.block_on(Bench::open(brokers))?;
        let through = produce(&bench.tap.address(), &bench.topic, records, bytes)?;
        afterwards.push(runtime.block_on(bench.close())?.as_secs_f64());
        direct.push(records as f64 / straight.as_secs_f64());
        tapped.push(records as f64 / through.as_secs_f64());
        ratios.push(straight.as_secs_f64() / through.as_secs_f64());
    }
    println!(
        "    {records} records of {bytes} bytes: direct {:.0}/s, tap {:.0}/s, ratio {:.2} (goal: at least 0.9); evidence complete {:.1} s later",
        quantile(&mut direct, 0.5),
        quantile(&mut tapped, 0.5),
        quantile(&mut ratios, 0.5),
        quantile(&mut afterwards, 0.5),
    );
    Ok(())
}

/// How long it takes until all records are acknowledged.
fn produce(address: &str, topic: &str, records: usize, bytes: usize) -> Result<Duration> {
    let sender = Sender::connect(address, topic, "5")?;
    let value = payload(bytes);
    let began = Instant::now();
    for index in 0..records {
        sender.send(&index.to_be_bytes(), &value)?;
    }
    for _ in 0..records {
        sender.acknowledged()?;
    }
    Ok(began.elapsed())
}

/// One record at a time, each acknowledged before the next, in turn on the straight way and through the tap.
fn latency(runtime: &Runtime, brokers: &Brokers) -> Result<()> {
    let bench = runtime.block_on(Bench::open(brokers))?;
    let straight = Sender::connect(bench.broker.address(), &bench.topic, "0")?;
    let through = Sender::connect(&bench.tap.address(), &bench.topic, "0")?;
    let value = payload(200);
    let send = |sender: &Sender| -> Result<f64> {
        let began = Instant::now();
        sender.send(b"one customer", &value)?;
        sender.acknowledged()?;
        Ok(began.elapsed().as_secs_f64() * 1e6)
    };
    let (mut direct, mut tapped) = (Vec::new(), Vec::new());
    for round in 0..WARM_UP + SINGLE_SENDS {
        let (one, other) = (send(&straight)?, send(&through)?);
        if round >= WARM_UP {
            direct.push(one);
            tapped.push(other);
        }
    }
    for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
        let (direct, tapped) = (quantile(&mut direct, share), quantile(&mut tapped, share));
        let added = tapped - direct;
        println!(
            "    a single send, {name}: direct {direct:.0} µs, tap {tapped:.0} µs, added {added:.0} µs (goal: below 100)"
        );
    }
    runtime.block_on(bench.close())?;
    Ok(())
}

/// A producer, and what the broker says about each record.
struct Sender {
    producer: ThreadedProducer<Reports>,
    reports: mpsc::Receiver<KafkaResult<()>>,
    topic: String,
}

struct Reports(mpsc::Sender<KafkaResult<()>>);

impl ClientContext for Reports {}

impl ProducerContext for Reports {
    type DeliveryOpaque = ();
    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        self.0.send(result.as_ref().map(drop).map_err(|(error, _)| error.clone())).ok();
    }
}

impl Sender {
    /// Returns when the connection stands and the topic's leader is known: that is not what is measured.
    fn connect(address: &str, topic: &str, linger_ms: &str) -> Result<Sender> {
        let (tell, reports) = mpsc::channel();
        let producer: ThreadedProducer<Reports> = ClientConfig::new()
            .set("bootstrap.servers", address)
            .set("broker.address.family", "v4")
            .set("acks", "all")
            .set("linger.ms", linger_ms)
            .create_with_context(Reports(tell))?;
        let sender = Sender { producer, reports, topic: topic.to_owned() };
        sender.send(b"first", b"first")?;
        sender.acknowledged()?;
        Ok(sender)
    }

    fn send(&self, key: &[u8], value: &[u8]) -> Result<()> {
        let mut record = BaseRecord::to(&self.topic).key(key).payload(value);
        loop {
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), same)) => record = same,
                Err((error, _)) => return Err(error.into()),
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn acknowledged(&self) -> Result<()> {
        Ok(self.reports.recv_timeout(LIMIT)??)
    }
}

/// A broker with a topic, and a tap before it that records into a file, as in a check.
struct Bench {
    tap: Tap,
    recorder: Arc<Recorder>,
    broker: Broker,
    topic: String,
    _folder: TempDir,
}

impl Bench {
    async fn open(brokers: &Brokers) -> Result<Bench> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let topic = format!("bench-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let broker = brokers.open_to_everybody()?;
        broker.create_topic(&topic, 4).await?;
        let upstream = Arc::new(Upstream::probe(broker.clone()).await?);
        let folder = tempfile::tempdir()?;
        let nothing = String::new;
        let header = Header {
            format: FORMAT,
            recorded_by: nothing(),
            exercise: nothing(),
            scenario: nothing(),
            program: nothing(),
            seed: 0,
            broker_kind: nothing(),
            broker_version: nothing(),
            began: nothing(),
        };
        let recorder =
            Recorder::new(header, Names::default(), &[], &folder.path().join("evidence.gz"))?.without_limits();
        let recorder = Arc::new(recorder);
        let tap = Tap::open(recorder.clone(), "producer", upstream, (Peers::anyone(), Ports::Machine))?;
        Ok(Bench { tap, recorder, broker, topic, _folder: folder })
    }

    /// Returns when all evidence is in its file, so that no later measurement pays for it, and how long that took.
    async fn close(self) -> Result<Duration> {
        let began = Instant::now();
        self.recorder.close()?;
        let taken = began.elapsed();
        self.broker.clean(&[self.topic], &[]).await;
        Ok(taken)
    }
}

/// Text, as an order is: the recorder writes it into JSON.
fn payload(bytes: usize) -> Vec<u8> {
    br#"{"order_id":"order-1042","product":"a rug"} "#.iter().copied().cycle().take(bytes).collect()
}

/// 0.5 is the median.
fn quantile(numbers: &mut [f64], share: f64) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[((numbers.len() - 1) as f64 * share).round() as usize]
}
