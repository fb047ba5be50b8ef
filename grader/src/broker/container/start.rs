//! Starting the container, with testcontainers.

use std::collections::HashMap;
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use testcontainers::bollard::models::{HostConfig, PortBinding};
use testcontainers::core::{ContainerPort, WaitFor};
use testcontainers::runners::AsyncRunner;
use testcontainers::{GenericImage, ImageExt, ReuseDirective};

use super::settings::{INNER_PORT, LABEL, LABEL_IDENTITY, LABEL_PORT, LABEL_VALUE, LOG_DIRS, environment, name, split};
use super::with_causes;

/// Four seconds are usual; a cold, busy machine takes many more.
const START_LIMIT: Duration = Duration::from_secs(90);

/// Starts Kafka in the container of that identity, and returns its port on 127.0.0.1 once the broker says that it runs.
///
/// The port is chosen first, because the broker has to advertise it: Kafka tells every client where to connect, so it
/// must know the host's side of its own port when it starts.
pub(super) async fn start(image: &str, identity: &str) -> Result<u16, String> {
    let port = free_port()?;
    let (repository, tag) = split(image);
    let mut request = GenericImage::new(repository, tag)
        .with_exposed_port(ContainerPort::Tcp(INNER_PORT))
        .with_wait_for(WaitFor::message_on_stdout("Kafka Server started"))
        .with_startup_timeout(START_LIMIT)
        .with_container_name(name(identity))
        .with_label(LABEL, LABEL_VALUE)
        .with_label(LABEL_PORT, port.to_string())
        .with_label(LABEL_IDENTITY, identity)
        // It outlives this process: whoever drops the handle below must not stop it.
        .with_reuse(ReuseDirective::Always)
        .with_host_config_modifier(move |host| {
            publish_on_loopback(host, port);
            host.tmpfs = Some(HashMap::from([(LOG_DIRS.to_owned(), String::new())]));
        });
    for (variable, value) in environment(port) {
        request = request.with_env_var(variable, value);
    }
    request.start().await.map(|_running| port).map_err(|error| with_causes(&error))
}

/// testcontainers publishes on every interface, at a port that the engine chooses. Nothing of a learner's machine should
/// be open to its network, so this replaces both.
fn publish_on_loopback(host: &mut HostConfig, port: u16) {
    let binding = PortBinding { host_ip: Some(Ipv4Addr::LOCALHOST.to_string()), host_port: Some(port.to_string()) };
    host.publish_all_ports = Some(false);
    host.port_bindings = Some(HashMap::from([(format!("{INNER_PORT}/tcp"), Some(vec![binding]))]));
}

/// Another program may take it before the engine does; the caller then tries once more.
fn free_port() -> Result<u16, String> {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    free.map(|address| address.port()).map_err(|error| format!("no free port on 127.0.0.1: {error}"))
}
