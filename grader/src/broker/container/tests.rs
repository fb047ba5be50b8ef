//! The life of our containers, with a real engine where there is one. One test, since it removes them all.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use tokio::task::spawn_blocking;

use super::engine::Engine;
use super::{Image, QUICK, Status, at_hand, containers, down, status, up_from};
use crate::broker::admin::Admin;
use crate::broker::lease::{self, Lease};
use crate::broker::{Broker, Brokers, Choice, Kind, leftovers};

const LIMIT: Duration = Duration::from_secs(10);

/// What was said while choosing, and how long that took.
async fn choose(choice: Choice) -> (Brokers, String, Duration) {
    let said = Mutex::new(String::new());
    let started = Instant::now();
    let brokers = Brokers::choose(choice, &|line: &str| said.lock().unwrap().push_str(line)).await.unwrap();
    let took = started.elapsed();
    (brokers, said.into_inner().unwrap(), took)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_life_of_the_container() {
    if let Err(why) = at_hand().await {
        println!("skipped: no Docker ({why})");
        return;
    }
    down(true, &|_| {}).await.unwrap();
    assert!(matches!(status().await.unwrap(), Status::Down { .. }));

    let (brokers, said, took) = choose(Choice::Docker).await;
    println!("fresh start: {took:?}: {:?}", brokers.description());
    assert!(said.contains("Starting Apache Kafka"), "{said}");
    assert_eq!(brokers.description().kind, Kind::Docker);

    let (again, said, took) = choose(Choice::Auto).await;
    println!("reuse: {took:?}: {:?}", again.description());
    assert_eq!(said, "");
    assert!(again.description().why.contains("was already running"), "{:?}", again.description());
    assert!(matches!(status().await.unwrap(), Status::Running(_)));

    let broker = again.open();
    assert!(!broker.is_embedded());
    use_it(&broker).await;
    only_on_loopback().await;

    // A broker that died is reported with what became of it, and replaced by the next run.
    let watch = broker.watch();
    kill().await;
    let killed = Instant::now();
    let reason = watch.during(std::future::pending::<()>()).await.expect_err("nothing listens");
    println!("noticed after {:?}: {reason}", killed.elapsed());
    assert!(killed.elapsed() < LIMIT, "{:?}", killed.elapsed());
    assert!(reason.contains("exit code 137"), "{reason}");
    assert!(reason.starts_with("Kafka in the container kafkacourse-test-kafka-"), "{reason}");
    assert!(!again.recovered().await);
    assert!(broker.died().await.is_some_and(|reason| reason.contains("exit code 137")));
    let unfit = status().await.unwrap();
    assert!(matches!(unfit, Status::Unfit { .. }), "{unfit:?}");
    let (replaced, said, took) = choose(Choice::Docker).await;
    println!("replaced: {took:?}: {said}");
    assert!(said.contains("is not running (exited): replacing it"), "{said}");
    assert_eq!(replaced.open().died().await, None);

    // To somebody who only knows its address, it is a Kafka like any other.
    let address = replaced.open().address().to_owned();
    let (named, _, took) = choose(Choice::Address(address)).await;
    println!("address: {took:?}: {:?}", named.description());
    assert_eq!(named.description().kind, Kind::Address);

    leftovers_of_others(&replaced.open()).await;
    the_kafka_before(&replaced).await;

    let removed = down(false, &|_| {}).await.unwrap();
    assert!(removed.count >= 1 && removed.in_use.is_empty(), "{removed:?}");
    assert_eq!(containers().await.unwrap(), []);
}

/// What a run that is over has left is removed, with the group whose member was never heard of again; what belongs to a
/// run that goes on stays.
async fn leftovers_of_others(broker: &Broker) {
    let address = broker.address().to_owned();
    let admin = Admin::connect(&address).unwrap();
    let (running, killed) = (Lease::begin(&address), Lease::begin(&address));
    let mut names = Vec::new();
    for lease in [&running, &killed] {
        let name = format!("orders-{}", leftovers::suffix(&lease.user.id));
        admin.create_topic(&name, 1).await.unwrap();
        names.push(name);
    }
    let (client, name) = (address.clone(), names[1].clone());
    let members = spawn_blocking(move || {
        for protocol in ["classic", "consumer"] {
            let consumer: BaseConsumer = ClientConfig::new()
                .set("bootstrap.servers", &client)
                .set("group.id", format!("{protocol}-{name}"))
                .set("group.protocol", protocol)
                .create()
                .unwrap();
            consumer.subscribe(&[&name]).unwrap();
            let started = Instant::now();
            while consumer.assignment().unwrap().count() == 0 && started.elapsed() < LIMIT {
                consumer.poll(Duration::from_millis(50));
            }
            assert_eq!(consumer.assignment().unwrap().count(), 1);
            std::mem::forget(consumer); // nobody says goodbye, as if it had been killed
        }
    });
    members.await.unwrap();
    drop(killed);
    leftovers::sweep(&admin).await;
    let topics = admin.contents().await.unwrap().topics;
    assert!(topics.contains(&names[0]) && !topics.contains(&names[1]), "{topics:?}");
    assert!(!lease::users(&address).iter().any(|user| names[1].contains(&user.id)));

    // And what this very run has left goes as it ends.
    let interrupted = format!("orders-{}", broker.suffix());
    broker.create_topic(&interrupted, 1).await.unwrap();
    crate::broker::finish().await;
    let topics = admin.contents().await.unwrap().topics;
    assert!(topics.contains(&names[0]) && !topics.contains(&interrupted), "{topics:?}");
    running.end();
}

/// Another image runs beside the one that is there, and replaces nothing.
async fn the_kafka_before(running: &Brokers) {
    let engine = Engine::connect(QUICK).await.unwrap();
    let name = ["apache/kafka:4.3.0", "kafkacourse/kafka:4.3.0"];
    let ids = [engine.image_id(name[0]).await.unwrap(), engine.image_id(name[1]).await.unwrap()];
    let Some((name, id)) = name.into_iter().zip(ids).find_map(|(name, id)| Some((name, id?))) else {
        println!("skipped: no image of Kafka 4.3.0");
        return;
    };
    let image = || Image { name: name.to_owned(), id: id.clone(), note: String::new() };
    let before = up_from(&engine, image(), &|line| println!("{line}")).await.unwrap();
    assert_eq!(before.version, "Apache Kafka 4.3.0");
    assert_eq!(running.open().died().await, None);
    let again = up_from(&engine, image(), &|line| panic!("{line}")).await.unwrap();
    assert_eq!(again.address, before.address);
    let (_, said, _) = choose(Choice::Docker).await;
    assert_eq!(said, "");
    let names: Vec<String> = containers().await.unwrap().into_iter().map(|container| container.name).collect();
    assert!(names.contains(&before.container) && names.len() == 2, "{names:?}");

    let (named, _, _) = choose(Choice::Address(before.address)).await;
    assert!(named.description().version.starts_with("Kafka 4.3 at 127.0.0.1:"), "{:?}", named.description());
    use_it(&named.open()).await;
}

/// Two topics, a group and a transaction, all on a broker that was just warmed up.
async fn use_it(broker: &Broker) {
    let started = Instant::now();
    broker.create_topic("orders", 3).await.unwrap();
    println!("topic: {:?}", started.elapsed());
    let error = broker.create_topic("orders", 3).await.unwrap_err().to_string();
    assert!(error.contains("exists"), "{error}");

    let address = broker.address().to_owned();
    let clients = spawn_blocking(move || {
        let started = Instant::now();
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", &address);
        let producer: BaseProducer = client.clone().set("transactional.id", "tests").create().unwrap();
        producer.init_transactions(LIMIT).unwrap();
        for _ in 0..2 {
            // The second begins only when the first one's markers are written.
            producer.begin_transaction().unwrap();
            producer.send(BaseRecord::to("orders").key("a").payload("paid")).unwrap();
            producer.commit_transaction(LIMIT).unwrap();
        }
        println!("two transactions: {:?}", started.elapsed());

        for protocol in ["classic", "consumer"] {
            let started = Instant::now();
            let consumer: BaseConsumer = client
                .clone()
                .set("group.id", format!("tests-{protocol}"))
                .set("group.protocol", protocol)
                .set("auto.offset.reset", "earliest")
                .create()
                .unwrap();
            consumer.subscribe(&["orders"]).unwrap();
            let mut seen = 0;
            while seen < 2 && started.elapsed() < LIMIT {
                seen += usize::from(consumer.poll(Duration::from_millis(100)).is_some_and(|message| message.is_ok()));
            }
            println!("group, {protocol}: {:?}", started.elapsed());
            assert_eq!(seen, 2);
        }
    });
    clients.await.unwrap();

    let started = Instant::now();
    let groups = ["tests-classic", "tests-consumer", "never-there"].map(str::to_owned);
    broker.clean(&["orders".to_owned(), "never-there".to_owned()], &groups).await;
    println!("clean: {:?}", started.elapsed());
    broker.create_topic("orders", 1).await.expect("the old one is gone");
    let left = crate::broker::groups::at(broker.address()).await.unwrap();
    assert!(left.iter().all(|group| !group.starts_with("tests-")), "{left:?}");
}

async fn only_on_loopback() {
    let ours = Engine::connect(QUICK).await.unwrap().ours().await.unwrap();
    assert_eq!(ours.len(), 1);
    assert!(ours[0].port.is_some(), "{ours:?}"); // set only where 127.0.0.1 is the one address
}

async fn kill() {
    let docker = testcontainers::core::client::docker_client_instance().await.unwrap();
    let Status::Running(running) = status().await.unwrap() else { panic!("it does not run") };
    docker.kill_container(&running.container, None).await.unwrap();
}
