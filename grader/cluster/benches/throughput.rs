//! How fast the embedded Kafka is: in its core, when it is opened, and with one producer and one consumer of librdkafka,
//! side by side with Apache Kafka where there is one to compare with.
//!
//! `cargo bench -p cluster -- 127.0.0.1:9092`; without an address, the embedded one alone. Nothing is asserted: a busy
//! machine is no fault.

use std::time::{Duration, Instant};

use bytes::{BufMut, Bytes};
use cluster::core::Core;
use cluster::core::call::{Call, Caller, Step};
use cluster::time::Now;
use cluster::{Cluster, NewTopic, Settings};
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::{ProduceRequest, TopicName};
use kafka_protocol::protocol::StrBytes;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

const APPENDED: u32 = 1_000_000;
const OPENED: u32 = 2_000;
const OPEN_AT_ONCE: u32 = 500;
const ROUNDS: usize = 5;
const WAIT: Duration = Duration::from_secs(60);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let address = std::env::args().skip(1).find(|argument| argument.contains(':'));
    append();
    open();
    for (bytes, records) in [(100, 500_000), (1_000, 200_000)] {
        pair(address.as_deref(), bytes, records);
    }
    latency(address.as_deref());
}

/// One-record batches into the core, without a socket.
fn append() {
    let mut core = Core::new(Settings { log_bytes: usize::MAX, ..Settings::default() }, &[("none".into(), 1)], 1);
    core.create_topic("topic", &NewTopic::default()).expect("a topic");
    let caller = Caller { connection: 1, node: 1, version: 9, client_id: "bench".into(), host: "/none".into() };
    let request = request(batch(100));
    let began = Instant::now();
    for round in 0..APPENDED {
        let now = Now { elapsed: Duration::from_micros(round.into()), wall_ms: 1_800_000_000_000 };
        let mut call = Call::new(caller.clone(), request.clone().into());
        assert!(matches!(core.step(&mut call, now), Step::Answer(_)), "an answer");
    }
    let each = began.elapsed() / APPENDED;
    println!("append one batch of one record in the core: {each:?}, {:.0} a second", 1.0 / each.as_secs_f64());
}

/// How long it takes to open a cluster, and what it takes of memory.
fn open() {
    let began = Instant::now();
    (0..OPENED).for_each(|_| drop(Cluster::in_memory(Settings::default())));
    println!("open a cluster and close it: {:?}", began.elapsed() / OPENED);
    let before = resident();
    let began = Instant::now();
    let open: Vec<Cluster> = (0..OPEN_AT_ONCE).map(|_| Cluster::in_memory(Settings::default())).collect();
    for cluster in &open {
        cluster.change(|core, _| core.create_topic("topic", &NewTopic::default())).expect("a topic");
    }
    let (took, after) = (began.elapsed(), resident());
    let each = after.saturating_sub(before) / open.len();
    println!("{OPEN_AT_ONCE} clusters open at once, each with a topic: {took:?}, {each} bytes each");
}

/// Bytes of memory that this process has in use.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split_whitespace().nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4_096
}

fn listening() -> Cluster {
    Cluster::open(Settings { auto_create: true, ..Settings::default() }).expect("a port")
}

/// The same by turns on both, so that a machine that is busy is so for both.
fn pair(kafka: Option<&str>, bytes: usize, records: u32) {
    let mut ratios = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        let topic = format!("bench-{}-{bytes}-{round}", std::process::id());
        let cluster = listening(); // a new one each time, because the bytes of all its logs have a bound
        let embedded = produce_and_consume(cluster.address(), &topic, bytes, records);
        let [produced, consumed] = embedded.map(|took| f64::from(records) / took.as_secs_f64());
        print!("{records} records of {bytes} bytes: {produced:.0} produced, {consumed:.0} consumed a second");
        if let Some(kafka) = kafka {
            let apache = produce_and_consume(kafka, &topic, bytes, records);
            let [produced, consumed] = apache.map(|took| f64::from(records) / took.as_secs_f64());
            print!("; Apache Kafka {produced:.0} and {consumed:.0}");
            for ((ratios, apache), embedded) in ratios.iter_mut().zip(apache).zip(embedded) {
                ratios.push(apache.as_secs_f64() / embedded.as_secs_f64());
            }
        }
        println!();
    }
    if kafka.is_some() {
        let [produced, consumed] = ratios.map(median);
        println!("{bytes} bytes, embedded to Apache Kafka, medians: produced {produced:.2}, consumed {consumed:.2}");
    }
}

fn produce_and_consume(address: &str, topic: &str, bytes: usize, records: u32) -> [Duration; 2] {
    let producer: BaseProducer = producer(address, "5");
    send(&producer, topic, &vec![b'x'; bytes]); // the topic is there now, and the producer connected
    let payload = vec![b'x'; bytes];
    let began = Instant::now();
    for _ in 1..records {
        while producer.send(BaseRecord::<(), [u8]>::to(topic).payload(&payload)).is_err() {
            producer.poll(Duration::from_millis(1));
        }
    }
    producer.flush(WAIT).expect("all are acknowledged");
    let produced = began.elapsed();
    let consumer: BaseConsumer = config(address).set("group.id", "bench").create().expect("a consumer");
    let mut from = TopicPartitionList::new();
    from.add_partition_offset(topic, 0, Offset::Beginning).expect("an offset");
    consumer.assign(&from).expect("an assignment");
    let began = Instant::now();
    let mut seen = 0;
    while seen < records && began.elapsed() < WAIT {
        if let Some(Ok(record)) = consumer.poll(Duration::from_millis(100)) {
            seen += u32::from(record.payload_len() == bytes);
        }
    }
    assert_eq!(seen, records, "all are read");
    [produced, began.elapsed()]
}

/// One record at a time, each acknowledged by `acks=all` before the next is sent.
fn latency(kafka: Option<&str>) {
    let cluster = listening();
    for (name, address) in [("embedded", Some(cluster.address())), ("Apache Kafka", kafka)] {
        let Some(address) = address else { continue };
        let producer = producer(address, "0");
        let topic = format!("bench-{}-one", std::process::id());
        send(&producer, &topic, b"x");
        let took = |_| {
            let began = Instant::now();
            send(&producer, &topic, b"x");
            began.elapsed().as_secs_f64() * 1e6
        };
        println!("{name}: a record is acknowledged after {:.0} µs (median)", median((0..2_000).map(took).collect()));
    }
}

fn config(address: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", address).set("allow.auto.create.topics", "true");
    config
}

fn producer(address: &str, linger_ms: &str) -> BaseProducer {
    let mut config = config(address);
    config.set("linger.ms", linger_ms).set("acks", "all").set("queue.buffering.max.messages", "1000000");
    config.create().expect("a producer")
}

fn send(producer: &BaseProducer, topic: &str, payload: &[u8]) {
    producer.send(BaseRecord::<(), [u8]>::to(topic).payload(payload)).map_err(|(why, _)| why).expect("room");
    producer.flush(WAIT).expect("it is acknowledged");
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn request(records: Bytes) -> ProduceRequest {
    let partition = PartitionProduceData::default().with_records(Some(records));
    let name = TopicName(StrBytes::from_static_str("topic"));
    let topic = TopicProduceData::default().with_name(name).with_partition_data(vec![partition]);
    ProduceRequest::default().with_acks(1).with_timeout_ms(1_000).with_topic_data(vec![topic])
}

/// A batch of one record, whose value has so many bytes (at most 8,000).
fn batch(value: usize) -> Bytes {
    let varint = |number: usize| {
        let doubled = number * 2;
        [doubled as u8 | 0x80, (doubled >> 7) as u8]
    };
    let mut record = vec![0, 0, 0, 1];
    record.extend(varint(value));
    record.extend(std::iter::repeat_n(b'x', value));
    record.push(0);
    let mut bytes = Vec::new();
    bytes.put_i64(0);
    bytes.put_i32((49 + 2 + record.len()) as i32);
    bytes.put_i32(-1);
    bytes.put_slice(&[2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]); // format, checksum, attributes, last offset
    bytes.put_i64(1_800_000_000_000);
    bytes.put_i64(1_800_000_000_000);
    bytes.put_i64(-1);
    bytes.put_i16(-1);
    bytes.put_i32(-1);
    bytes.put_i32(1);
    bytes.put_slice(&varint(record.len()));
    bytes.put_slice(&record);
    let checksum = crc32c::crc32c(&bytes[21..]);
    bytes[17..21].copy_from_slice(&checksum.to_be_bytes());
    bytes.into()
}
