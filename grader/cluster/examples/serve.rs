//! A cluster to try things on: `cargo run -p cluster --example serve -- [FIRST_PORT] [NODES]`. Ends with Ctrl-C.

use cluster::{Cluster, Settings};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u16>().expect("a number"));
    let first = numbers.next().unwrap_or(9092);
    let nodes = numbers.next().unwrap_or(1);
    let ports: Vec<u16> = (first..first + nodes).collect();
    let settings = Settings { nodes: nodes.into(), auto_create: true, ..Settings::default() };
    let cluster = Cluster::open_at(settings, &ports)?;
    println!("{}", cluster.address());
    tokio::signal::ctrl_c().await?;
    for refused in cluster.refused() {
        println!("not served: {refused:?}");
    }
    Ok(())
}
