//! Everything asynchronous that a command needs, and how it is interrupted.

use crate::report::out::errln;
use crate::run::RunError;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

/// How long an interrupted command may take to end what it has begun, before it ends without more ado. The reaper and
/// the supervisors clean up either way.
const LIMIT: Duration = Duration::from_millis(1_500);

/// What the machine's refusal of threads or descriptors is told after.
const CANNOT_BEGIN: &str = "kafkacourse cannot begin";

/// Runs `work` with everything asynchronous that it needs. Ctrl-C, SIGTERM and SIGHUP end it, and dropping it ends its
/// processes, containers in the making and temporary folders.
///
/// # Errors
/// Those of `work`, or of a system that gives no threads.
pub(super) fn block_on(work: impl Future<Output = anyhow::Result<u8>>) -> anyhow::Result<u8> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(RunError::io(CANNOT_BEGIN))?;
    let entered = runtime.enter();
    let interruptions = Interruptions::listen().map_err(RunError::io(CANNOT_BEGIN))?;
    drop(entered);
    let (tell, told) = oneshot::channel();
    runtime.spawn(async move {
        let code = interruptions.next().await;
        tell.send(code).ok();
        tokio::time::sleep(LIMIT).await;
        std::process::exit(code.into());
    });
    let result = runtime.block_on(async {
        let result = tokio::select! {
            result = work => result,
            Ok(code) = told => Ok(code),
        };
        crate::broker::finish().await;
        result
    });
    runtime.shutdown_timeout(LIMIT / 4);
    result
}

/// The signals that end a command, each with its exit code: 128 and its number, as a shell has it.
struct Interruptions {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Option<Signal>,
}

impl Interruptions {
    fn listen() -> std::io::Result<Interruptions> {
        let hang_up = SignalKind::hangup();
        Ok(Interruptions {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            // Who begins with `nohup` wants us to go on.
            hang_up: if is_ignored(hang_up) { None } else { Some(signal(hang_up)?) },
        })
    }

    /// Waits for the first of them, and returns the exit code.
    async fn next(mut self) -> u8 {
        let hung_up = async {
            match &mut self.hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => {
                errln!("\nstopped");
                130
            }
            _ = self.terminate.recv() => 143,
            _ = hung_up => 129,
        }
    }
}

/// Has whoever started us seen to it that this signal does nothing? Only Linux tells.
fn is_ignored(signal: SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    ignored & (1 << (signal.as_raw_value() - 1)) != 0
}
