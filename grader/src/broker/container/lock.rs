//! One kafkacourse at a time starts or removes containers.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::broker::{BrokerError, runtime_folder};

/// Longer than a slow start, so that the second process finds the container of the first.
const LIMIT: Duration = Duration::from_secs(120);

/// Held until it is dropped. The system frees it with the process, however that ends, so no stale lock can remain.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    pub async fn take(say: &(dyn Fn(&str) + Sync)) -> Result<Self, BrokerError> {
        let path = path();
        let unusable =
            |why: std::io::Error| BrokerError::LockFile { file: path.display().to_string(), why: why.to_string() };
        let open = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let file = open.map_err(unusable)?;
        let started = Instant::now();
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(error)) => return Err(unusable(error)),
                Err(TryLockError::WouldBlock) if started.elapsed() > LIMIT => {
                    return Err(BrokerError::Locked { seconds: LIMIT.as_secs(), file: path.display().to_string() });
                }
                Err(TryLockError::WouldBlock) => {}
            }
            if !told && started.elapsed() > Duration::from_millis(300) {
                say("Waiting for another kafkacourse that is starting Kafka in Docker …");
                told = true;
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
}

fn path() -> PathBuf {
    runtime_folder().join(format!("kafkacourse-{}-broker.lock", rustix::process::getuid().as_raw()))
}
