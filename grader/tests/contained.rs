//! Hostile programs, held.

use grader::process::Tool;
use grader::sandbox::{Confinement, Layers};
use std::process::Command;
use tokio::io::AsyncReadExt;

#[tokio::test]
async fn first() {
    let began = std::time::Instant::now();
    let layers = Layers::probe();
    println!("{layers} {:?} in {:?}", layers.trouble(), began.elapsed());
    let began = std::time::Instant::now();
    let layers = Layers::probe();
    println!("{layers} {:?} in {:?}", layers.level(), began.elapsed());
    let began = std::time::Instant::now();
    let mut command = Command::new("sh");
    command.args(["-c", "id; cat /proc/self/status | grep -E 'Cap|Seccomp|NoNew|Uid'; ls -la / /tmp /dev /proc/self/fd; cat /proc/mounts; env; ls /root /work; hostname; cat /proc/net/dev; ulimit -a; pwd; ps aux; cat /proc/1/environ; cat /proc/self/cgroup"]);
    let mut tool = Tool::confined(&command, &Confinement::of_script()).await.unwrap();
    let mut text = String::new();
    tool.stdout.take().unwrap().read_to_string(&mut text).await.unwrap();
    tool.stderr.take().unwrap().read_to_string(&mut text).await.unwrap();
    println!("{text}\n{:?} after {:?}", tool.ended().await, began.elapsed());
}
