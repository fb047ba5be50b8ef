//! What runs leave on a broker that outlives them, and its removal.
//!
//! Topics and groups of a run are called `NAME-kafkacourse-RUN-TIME-N`, and the run's [`Lease`] knows RUN. They are
//! deleted when their scenario ends. What an interrupted run leaves is deleted before it exits ([`finish`]); what a
//! killed one leaves is deleted by the next run on that broker ([`sweep`]), which sees from the lease that it is over.
//! Runs on other machines have their leases there; from here only age tells: after a day nothing is in use any more.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{sleep, timeout};

use super::admin::Admin;
use super::lease::{self, Lease, Over};
use super::{BrokerError, groups};

const MARK: &str = "-kafkacourse-";
/// No run lasts so many seconds, wherever it goes on.
const OLD: i64 = 24 * 3600;
/// For what a scenario leaves at its end.
const CLEAN_LIMIT: Duration = Duration::from_secs(3);
/// For what other runs left: beside the run, and in no hurry.
const SWEEP_LIMIT: Duration = Duration::from_secs(60);
/// For what this run leaves when it is interrupted: somebody waits for the prompt.
const FINISH_LIMIT: Duration = Duration::from_millis(900);
/// Between two looks at a broker that has not done yet what it was asked for.
const PAUSE: Duration = Duration::from_millis(30);

/// Every run of this process on a shared broker.
static RUNS: Mutex<Vec<Arc<Belongings>>> = Mutex::new(Vec::new());

/// What a run has on a shared broker.
#[derive(Debug)]
pub(super) struct Belongings {
    admin: Admin,
    lease: Mutex<Option<Lease>>,
    run: String,
    /// Each topic that was asked for and not deleted yet, and whether the broker has said that it is there.
    topics: Mutex<BTreeMap<String, bool>>,
}

impl Belongings {
    /// Nothing yet. The run can be found by others from now on.
    pub fn begin(admin: Admin) -> Arc<Self> {
        let lease = Lease::begin(admin.address());
        let run = lease.user.id.clone();
        let ours = Arc::new(Self { admin, lease: Mutex::new(Some(lease)), run, topics: Mutex::default() });
        lock(&RUNS).push(Arc::clone(&ours));
        ours
    }

    /// What makes the names of one scenario unique, and shows whose they are.
    pub fn suffix(&self) -> String {
        suffix(&self.run)
    }

    pub async fn create_topic(&self, name: &str, partitions: i32) -> Result<(), BrokerError> {
        // Written down first: an interrupted request may still be carried out.
        lock(&self.topics).insert(name.to_owned(), false);
        self.admin.create_topic(name, partitions).await?;
        lock(&self.topics).insert(name.to_owned(), true);
        Ok(())
    }

    /// Deletes topics and groups of a scenario, within [`CLEAN_LIMIT`]. What could not be deleted goes with [`finish`] or
    /// with the next run; names are unique, so that it disturbs nobody until then.
    pub async fn clean(&self, topics: &[String], groups: &[String]) {
        let delete =
            async { groups::delete(self.admin.address(), groups).await & self.admin.delete_topics(topics).await };
        if timeout(CLEAN_LIMIT, delete).await == Ok(true) {
            lock(&self.topics).retain(|topic, _| !topics.contains(topic));
        }
    }

    /// Deletes whatever bears the mark of this run, and waits for topics of which the broker has not spoken yet.
    async fn clear(&self) {
        while !lock(&self.topics).is_empty() {
            if let Some(found) = remove(&self.admin, |run, _| run == self.run).await {
                lock(&self.topics).retain(|topic, there| !*there && !found.contains(topic));
            }
            if !lock(&self.topics).is_empty() {
                sleep(PAUSE).await;
            }
        }
    }
}

/// Ends every run of this process: deletes what is left of it, within a second, and gives up its leases. To be called
/// before the process exits, however its work has ended.
pub async fn finish() {
    let runs = std::mem::take(&mut *lock(&RUNS));
    let ends = runs.iter().map(async |run| {
        // What is left now is found by the next run, through the lease.
        if timeout(FINISH_LIMIT, run.clear()).await.is_ok()
            && let Some(lease) = lock(&run.lease).take()
        {
            lease.end();
        }
    });
    futures_util::future::join_all(ends).await;
}

/// Deletes what runs that are over have left, as far as that can be done within a minute.
pub(super) async fn sweep(admin: &Admin) {
    let over = lease::over(admin.address());
    let old = Timestamp::now().as_second() - OLD;
    let is_left = |run: &str, made: i64| made < old || over.iter().any(|over| over.user.id == run);
    if let Ok(Some(_)) = timeout(SWEEP_LIMIT, remove(admin, is_left)).await {
        over.into_iter().for_each(Over::forget);
    }
}

/// Deletes every topic and every group whose run and time `is_left` accepts. Returns the topics, or `None` where not all
/// could be deleted.
async fn remove(admin: &Admin, is_left: impl Fn(&str, i64) -> bool) -> Option<Vec<String>> {
    let chosen = |name: &String| run_and_time(name).is_some_and(|(run, made)| is_left(run, made));
    let contents = admin.contents().await?;
    let mut all_gone = true;
    for node in &contents.nodes {
        let groups = groups::at(node).await.ok()?;
        let groups: Vec<&str> = groups.iter().filter(|group| chosen(group)).map(String::as_str).collect();
        all_gone &= groups::delete_at(node, &groups).await;
    }
    let topics: Vec<String> = contents.topics.into_iter().filter(chosen).collect();
    all_gone &= admin.delete_topics(&topics).await;
    all_gone.then_some(topics)
}

/// `kafkacourse-RUN-TIME-N`, with the seconds since 1970 and a number of its own.
pub(super) fn suffix(run: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let (now, count) = (Timestamp::now().as_second(), COUNT.fetch_add(1, Ordering::Relaxed));
    format!("{}{run}-{now:x}-{count}", &MARK[1..])
}

/// The run and the time in a name of ours; `None` for a name that is not.
fn run_and_time(name: &str) -> Option<(&str, i64)> {
    let (_, mark) = name.rsplit_once(MARK)?;
    let mut parts = mark.split('-');
    let (run, time, _count) = (parts.next()?, parts.next()?, parts.next()?);
    let ours = run.len() == 16 && run.bytes().all(|byte| byte.is_ascii_hexdigit()) && parts.next().is_none();
    ours.then(|| Some((run, i64::from_str_radix(time, 16).ok()?))).flatten()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_ours_are_recognised_and_no_others() {
        let run = "0123456789abcdef";
        let name = format!("my-orders-{}", suffix(run));
        let (found, made) = run_and_time(&name).unwrap();
        assert_eq!(found, run);
        assert!((Timestamp::now().as_second() - made).abs() < 5, "{made}");
        assert_eq!(run_and_time(&format!("{name}~2")).map(|(run, _)| run), Some(run)); // a group that was reset
        let others = [
            "orders",
            "orders-kafkacourse-",
            "kafkacourse-0123456789abcdef-65000000-1",
            "orders-kafkacourse-0123456789abcde-65000000-1",
            "orders-kafkacourse-0123456789abcdeg-65000000-1",
            "orders-kafkacourse-0123456789abcdef-xyz-1",
            "orders-kafkacourse-0123456789abcdef-65000000",
            "orders-kafkacourse-0123456789abcdef-65000000-1-retry",
        ];
        for name in others {
            assert_eq!(run_and_time(name), None, "{name}");
        }
    }
}
