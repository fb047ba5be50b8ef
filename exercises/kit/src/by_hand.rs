//! A program that was started by hand, without a Kafka.

use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// For all of the addresses together, the word comes within two seconds.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// Returns when somebody listens at one of the `servers` (`HOST:PORT`, with commas between them), or when it is not for us
/// to look: while a check runs, and where the address is not one that we can read. Ends the program otherwise.
pub(crate) fn expect_kafka(servers: &str) {
    let checked = ["KAFKACOURSE_ROLE", "KAFKACOURSE_DOWNSTREAM"].iter().any(|name| std::env::var_os(name).is_some());
    if checked || answers(servers) {
        return;
    }
    eprintln!("{}", what_to_do(servers, &exercise()));
    std::process::exit(1);
}

/// Does anybody listen at one of them?
fn answers(servers: &str) -> bool {
    let addresses: Vec<_> =
        servers.split(',').filter_map(|server| server.trim().to_socket_addrs().ok()).flatten().collect();
    let share = PATIENCE / addresses.len().max(1) as u32;
    addresses.iter().any(|address| TcpStream::connect_timeout(address, share).is_ok())
}

fn what_to_do(servers: &str, exercise: &str) -> String {
    let run = format!("kafkacourse run{exercise}");
    format!(
        "No Kafka answers at {servers}. One of these helps:\n  \
         {run:<32}  runs this program on a Kafka of its own\n  \
         kafkacourse broker up --embedded  starts one in another terminal\n  \
         docker compose up -d              starts one in Docker (in the course's folder)\n\
         For another address: KAFKA_BOOTSTRAP_SERVERS=HOST:PORT"
    )
}

/// ` ex1` for the program `ex01-producer-basics`; nothing for another one.
fn exercise() -> String {
    let program = std::env::current_exe().ok();
    let name = program.as_deref().and_then(|path| path.file_name()).unwrap_or_default().to_string_lossy();
    let digits = name.strip_prefix("ex").and_then(|rest| rest.split('-').next()).unwrap_or_default();
    digits.parse::<u32>().map_or_else(|_| String::new(), |number| format!(" ex{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn one_that_listens_is_enough() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let taken = listener.local_addr().expect("an address").to_string();
        assert!(answers(&taken) && answers(&format!("127.0.0.1:1, {taken}")));
        assert!(!answers("127.0.0.1:1") && !answers("no address"));
    }
}
