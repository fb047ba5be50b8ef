//! What the machine has run out of: descriptors, processes, memory, disk. It is never a program's fault, and there is
//! something to do about each.

use crate::limits::{DESCRIPTORS, DESCRIPTORS_PER_SCENARIO, OWN_DESCRIPTORS};
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io;

/// There are too few descriptors for even one scenario.
#[derive(Debug, thiserror::Error)]
#[error(
    "only {available} files may be open at once here, and kafkacourse needs {needed}. Raise the limit with `ulimit -n \
     1024`, then run the command again."
)]
pub struct TooFewDescriptors {
    available: u64,
    needed: u64,
}

/// Raises the number of files that may be open at once as far as the system lets us and as it makes sense, and returns
/// how many scenarios can run at the same time.
///
/// # Errors
/// Not even one can.
pub fn scenarios_at_once() -> Result<usize, TooFewDescriptors> {
    let limit = getrlimit(Resource::Nofile);
    // None is "unlimited", for which no number is accepted everywhere.
    let most = limit.maximum.unwrap_or(DESCRIPTORS).min(DESCRIPTORS);
    let current = limit.current.unwrap_or(DESCRIPTORS);
    if current < most {
        setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum: limit.maximum }).ok();
    }
    fit(getrlimit(Resource::Nofile).current.unwrap_or(DESCRIPTORS))
}

fn fit(available: u64) -> Result<usize, TooFewDescriptors> {
    match available.saturating_sub(OWN_DESCRIPTORS) / DESCRIPTORS_PER_SCENARIO {
        0 => Err(TooFewDescriptors { available, needed: OWN_DESCRIPTORS + DESCRIPTORS_PER_SCENARIO }),
        scenarios => Ok(scenarios.try_into().unwrap_or(usize::MAX)),
    }
}

/// What to do about `error`, where the machine has run out of something; else nothing. A sentence that can follow the
/// error's own words.
pub fn remedy(error: &io::Error) -> &'static str {
    match error.raw_os_error().filter(|code| (1..4096).contains(code)).map(Errno::from_raw_os_error) {
        Some(Errno::MFILE) => {
            ". Too many files are open at once: raise the limit with `ulimit -n`, then run the command again."
        }
        Some(Errno::NFILE) => {
            ". Too many files are open on this machine: close some programs, then run the command again."
        }
        Some(Errno::AGAIN) => {
            ". There are too many processes: end some, or raise the limit with `ulimit -u`, then run the command again."
        }
        Some(Errno::NOMEM) => ". There is not enough memory: close some programs, then run the command again.",
        Some(Errno::NOSPC | Errno::DQUOT) => ". The disk is full: make room on it, then run the command again.",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_descriptors_are_fewer_scenarios_at_once() {
        assert_eq!(fit(1_024).expect("enough"), 15);
        assert_eq!(fit(OWN_DESCRIPTORS + DESCRIPTORS_PER_SCENARIO).expect("enough for one"), 1);
        let error = fit(20).expect_err("too few").to_string();
        assert!(error.starts_with("only 20 files may be open at once here, and kafkacourse needs 128."), "{error}");
        assert!(error.contains("`ulimit -n 1024`"), "{error}");
    }

    #[test]
    fn what_has_run_out_is_named() {
        let remedy = |errno: Errno| remedy(&io::Error::from(errno));
        assert!(remedy(Errno::MFILE).contains("ulimit -n"));
        assert!(remedy(Errno::AGAIN).contains("processes"));
        assert!(remedy(Errno::NOSPC).contains("disk is full"));
        assert_eq!(remedy(Errno::NOENT), "");
    }
}
