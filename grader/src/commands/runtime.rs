//! Everything asynchronous that a command needs, and how it is interrupted.

use crate::report::out::errln;
use crate::run::RunError;
use std::sync::{Mutex, mpsc};
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

/// How long an interrupted command may take to end what it has begun, before it ends without more ado. The reaper and
/// the supervisors clean up either way.
const LIMIT: Duration = Duration::from_millis(1_500);

/// What the machine's refusal of threads or descriptors is told after.
const CANNOT_BEGIN: &str = "kafkacourse cannot begin";

/// Longer than any command takes.
const FOR_EVER: Duration = Duration::from_secs(1 << 30);

/// Runs `work` with everything asynchronous that it needs. Ctrl-C, SIGTERM and SIGHUP end it, and dropping it ends its
/// processes, containers in the making and temporary folders.
///
/// # Errors
/// Those of `work`, or of a system that gives no threads.
pub(super) fn block_on(work: impl Future<Output = anyhow::Result<u8>>) -> anyhow::Result<u8> {
    block_on_with(|_| work, false)
}

/// The same for work that is asked to stop by the first Ctrl-C, and ended by the second one.
pub(super) fn block_on_until_asked<W: Future<Output = anyhow::Result<u8>>>(
    work: impl FnOnce(Stop) -> W,
) -> anyhow::Result<u8> {
    block_on_with(work, true)
}

/// Somebody's wish that the work stops.
pub(super) struct Stop(Option<oneshot::Receiver<()>>);

impl Stop {
    /// The exit code of Ctrl-C.
    pub(super) const CODE: u8 = 130;

    /// Nobody wishes that.
    pub(super) fn never() -> Stop {
        Stop(None)
    }

    /// Waits until somebody does, for the first time.
    pub(super) async fn asked(&mut self) {
        let asked = match &mut self.0 {
            Some(wish) => wish.await.is_ok(),
            None => false,
        };
        self.0 = None;
        if !asked {
            std::future::pending::<()>().await;
        }
    }
}

fn block_on_with<W: Future<Output = anyhow::Result<u8>>>(
    work: impl FnOnce(Stop) -> W,
    asks: bool,
) -> anyhow::Result<u8> {
    let runtime = runtime().map_err(RunError::io(CANNOT_BEGIN))?;
    let entered = runtime.enter();
    let mut interruptions = Interruptions::listen().map_err(RunError::io(CANNOT_BEGIN))?;
    drop(entered);
    let (tell, told) = oneshot::channel();
    let (ask, asked) = oneshot::channel();
    runtime.spawn(async move {
        let mut code = interruptions.next().await;
        if asks && code == Stop::CODE {
            ask.send(()).ok();
            code = interruptions.next().await;
        }
        if code == Stop::CODE {
            errln!("\nstopped");
        }
        tell.send(code).ok();
        tokio::time::sleep(LIMIT).await;
        super::screen::restore();
        std::process::exit(code.into());
    });
    let result = runtime.block_on(async {
        let result = tokio::select! {
            result = work(Stop(Some(asked))) => result,
            Ok(code) = told => Ok(code),
        };
        crate::broker::finish().await;
        result
    });
    runtime.shutdown_timeout(LIMIT / 4);
    result
}

/// tokio panics where it gets no thread, to begin with or for the first blocking task that comes when there is none. So we
/// ask for as many threads first, and keep one for blocking tasks: where there is one, others wait for it.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let (hold, held) = mpsc::channel::<()>();
    let held = Mutex::new(held);
    std::thread::scope(|scope| {
        // Each waits until all are there, or one could not be had: `hold` is dropped then.
        let hold = hold;
        for _ in 0..=workers {
            std::thread::Builder::new().spawn_scoped(scope, || held.lock().map(|held| held.recv()).is_ok())?;
        }
        drop(hold);
        std::io::Result::Ok(())
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .thread_keep_alive(FOR_EVER)
        .enable_all()
        .build()?;
    runtime.spawn_blocking(|| {});
    Ok(runtime)
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

    /// Waits for the next of them, and returns the exit code.
    async fn next(&mut self) -> u8 {
        let hung_up = async {
            match &mut self.hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => Stop::CODE,
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
