//! A cluster to try things on: `cargo run -p cluster --example serve -- [FIRST_PORT] [NODES] [SETTING=VALUE]...`. Ends
//! with Ctrl-C. Topics are created as they are asked for.
//!
//! The settings are those that the clients' own test suites insist on: `first_node=0`, `partitions=4`.

use cluster::{Cluster, Settings};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let (given, numbers): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|text| text.contains('='));
    let mut numbers = numbers.iter().map(|text| text.parse::<u16>().expect("a number"));
    let first = numbers.next().unwrap_or(9092);
    let nodes = numbers.next().unwrap_or(1);
    let ports: Vec<u16> = (first..first + nodes).collect();
    let mut settings = Settings { nodes: nodes.into(), auto_create: true, ..Settings::default() };
    for setting in given {
        let (name, value) = setting.split_once('=').expect("it has one");
        let value: i32 = value.parse().expect("a number");
        match name {
            "first_node" => settings.first_node = value,
            "partitions" => settings.partitions = value,
            _ => panic!("there is no setting {name}; there are first_node and partitions"),
        }
    }
    let cluster = Cluster::open_at(settings, &ports)?;
    println!("{}", cluster.address());
    tokio::signal::ctrl_c().await?;
    for refused in cluster.refused() {
        println!("not served: {refused:?}");
    }
    Ok(())
}
