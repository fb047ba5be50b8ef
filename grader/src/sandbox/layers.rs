//! Which layers of the sandbox this machine has: what a cell that was really built tells.

use super::confinement::Confinement;
use super::plan::Plan;
use super::words::{Held, NotBuilt, Word, hear, say};
use crate::ourselves::ourselves;
use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// A cell is built in milliseconds; this bounds a machine that hangs.
const LIMIT: Duration = Duration::from_secs(10);

/// The first argument that makes this program the supervisor of a confined one.
pub const SUPERVISOR: &str = "__confine";

/// What holds a confined program on this machine.
#[derive(Debug)]
pub struct Layers(Result<Held, NotBuilt>);

/// How well a program that is not trusted is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Not at all.
    Nothing,
    /// By namespaces, refused system calls and limits for each process. Memory is watched, and no more than that.
    Contained,
    /// By Landlock and a control group as well.
    Full,
}

impl Layers {
    /// Tries it: builds a cell, and takes it down again. This takes some ten milliseconds.
    pub fn probe() -> Layers {
        let tried = || {
            let (socket, theirs) = UnixStream::pair()?;
            socket.set_read_timeout(Some(LIMIT))?;
            let mut supervisor = Command::new(ourselves()?)
                .arg0("kafkacourse")
                .arg(SUPERVISOR)
                .env_clear()
                .stdin(Stdio::from(OwnedFd::from(theirs)))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()?;
            say(&socket, &Plan::new(&Command::new("true"), &Confinement::of_program(), 1))?;
            let word = hear::<Word>(&socket);
            drop(socket);
            supervisor.wait()?;
            word
        };
        Layers(match tried() {
            Ok(Word::Built(held)) => Ok(held),
            Ok(Word::NotBuilt { doing, errno }) => Err(NotBuilt { doing, source: io::Error::from_raw_os_error(errno) }),
            Ok(_) => Err(NotBuilt { doing: "trying it".into(), source: io::ErrorKind::InvalidData.into() }),
            Err(source) => Err(NotBuilt { doing: "trying it".into(), source }),
        })
    }

    pub fn level(&self) -> Level {
        match &self.0 {
            Err(_) => Level::Nothing,
            Ok(Held { landlock: Some(_), cgroup: Some(_) }) => Level::Full,
            Ok(_) => Level::Contained,
        }
    }

    /// Why there is no sandbox, and what to do about it, in sentences; none where there is one.
    pub fn trouble(&self) -> Option<String> {
        let error = self.0.as_ref().err()?;
        Some(format!("{error}. {}", remedy(&|path| std::fs::read_to_string(path).ok())))
    }
}

/// As in `namespaces+seccomp+rlimits+landlock7+cgroup1`, or `none`.
impl fmt::Display for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(Held { landlock, cgroup }) = &self.0 else { return f.write_str("none") };
        f.write_str("namespaces+seccomp+rlimits")?;
        if let Some(version) = landlock {
            write!(f, "+landlock{version}")?;
        }
        match cgroup {
            Some(version) => write!(f, "+{version}"),
            None => Ok(()),
        }
    }
}

/// What to do where no cell can be built, as far as files of the system (`read`) tell why.
fn remedy(read: &dyn Fn(&str) -> Option<String>) -> &'static str {
    let is = |path: &str, value: &str| read(path).is_some_and(|text| text.trim() == value);
    if !cfg!(target_os = "linux") {
        return "There is a sandbox on Linux only: run this in a virtual machine or a container with Linux.";
    }
    if is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1") {
        return "AppArmor forbids user namespaces here. Allow them with `sudo sysctl \
                kernel.apparmor_restrict_unprivileged_userns=0`, or run the command as root, whose programs get ids of \
                their own.";
    }
    if is("/proc/sys/kernel/unprivileged_userns_clone", "0") {
        return "The system forbids user namespaces. Allow them with `sudo sysctl kernel.unprivileged_userns_clone=1`, \
                or run the command as root, whose programs get ids of their own.";
    }
    if is("/proc/sys/user/max_user_namespaces", "0") {
        return "The system allows no user namespaces. Allow them with `sudo sysctl user.max_user_namespaces=10000`.";
    }
    if Path::new("/.dockerenv").exists() || Path::new("/run/.containerenv").exists() {
        return "A container usually may not make namespaces. Start it with `--privileged`, which is right for a \
                machine that does nothing else, or run the command outside of it.";
    }
    "Try it as root, whose programs get ids of their own, or on another machine."
}

#[cfg(test)]
mod tests {
    use super::super::words::Version;
    use super::*;

    #[test]
    fn layers_have_a_name_and_a_level() {
        let full = Layers(Ok(Held { landlock: Some(7), cgroup: Some(Version::One) }));
        assert_eq!(
            (full.to_string().as_str(), full.level()),
            ("namespaces+seccomp+rlimits+landlock7+cgroup1", Level::Full)
        );
        let old = Layers(Ok(Held { landlock: None, cgroup: Some(Version::Two) }));
        assert_eq!((old.to_string().as_str(), old.level()), ("namespaces+seccomp+rlimits+cgroup2", Level::Contained));
        let none = Layers(Err(NotBuilt { doing: "a mount".into(), source: io::Error::from_raw_os_error(1) }));
        assert_eq!((none.to_string().as_str(), none.level()), ("none", Level::Nothing));
        assert!(none.trouble().is_some_and(|why| why.contains("a mount: Operation not permitted")), "{none}");
    }

    #[test]
    fn what_forbids_it_is_named() {
        let told = |name: &'static str, value: &'static str| {
            remedy(&move |path: &str| path.ends_with(name).then(|| format!("{value}\n")))
        };
        assert!(told("apparmor_restrict_unprivileged_userns", "1").contains("AppArmor"));
        assert!(!told("apparmor_restrict_unprivileged_userns", "0").contains("AppArmor"));
        assert!(told("unprivileged_userns_clone", "0").contains("unprivileged_userns_clone=1"));
        assert!(told("max_user_namespaces", "0").contains("max_user_namespaces"));
    }
}
