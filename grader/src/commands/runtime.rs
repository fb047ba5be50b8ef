//! Everything asynchronous that a command needs, and how it is interrupted.

/// Runs `work` with everything asynchronous that it needs; Ctrl-C and SIGTERM end it, and dropping it ends its
/// processes, containers in the making and temporary folders.
pub(super) fn block_on(work: impl Future<Output = anyhow::Result<u8>>) -> anyhow::Result<u8> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(async {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let result = tokio::select! {
            result = work => result,
            _ = tokio::signal::ctrl_c() => { eprintln!("\nstopped"); Ok(130) }
            _ = terminate.recv() => Ok(143),
        };
        crate::broker::finish().await;
        result
    });
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    result
}
