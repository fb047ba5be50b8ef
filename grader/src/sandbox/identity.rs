//! Who a confined program is: nobody whom the machine knows, and without a capability.

use nix::sched::{CloneFlags, unshare};
use nix::unistd::{Gid, Uid, getegid, geteuid, setgroups, setresgid, setresuid};
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use rustix::thread::{
    CapabilitySet, CapabilitySets, clear_ambient_capability_set, remove_capability_from_bounding_set, set_capabilities,
    set_no_new_privs,
};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

/// The user ids that programs run as where the grader is root, which then needs no user namespace. Neither Debian nor systemd gives them to anybody
/// (systemd.io/UIDS-GIDS), and a container that maps 65,536 ids has them.
const FIRST: u32 = 60_600;
const MANY: u32 = 500;

/// Who the program is in its own eyes.
const INSIDE: u32 = 1_000;

/// As root, the one whom the program is to be: the owner of the folder that it writes into, if that is already one of
/// ours, so that a program that starts again finds its files. Folders that are still root's become its own.
pub(super) fn unprivileged(writable: &[PathBuf]) -> io::Result<u32> {
    let folders: Vec<File> = writable.iter().map(|path| folder(path)).collect::<io::Result<_>>()?;
    let owners: Vec<u32> = folders.iter().map(|folder| Ok(folder.metadata()?.uid())).collect::<io::Result<_>>()?;
    let ours = owners.iter().copied().find(|owner| (FIRST..FIRST + MANY).contains(owner));
    // Drawn, since our own process id is small in each cell: the limit of processes counts a user's everywhere.
    let id = ours.unwrap_or_else(|| FIRST + rand::random::<u32>() % MANY);
    for (folder, _) in folders.iter().zip(owners).filter(|(_, owner)| *owner == 0) {
        fchown(folder, Some(id), Some(id))?;
    }
    Ok(id)
}

/// A folder, and no link to one.
fn folder(path: &Path) -> io::Result<File> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::DIRECTORY;
    OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

/// Gives this process, which has one thread, a user namespace in which it is root, and its children a namespace of
/// process ids. Who is root anyway needs no such namespace for that.
pub(super) fn become_root_of_a_namespace() -> io::Result<()> {
    let (uid, gid) = (geteuid(), getegid());
    if uid.is_root() {
        return Ok(unshare(CloneFlags::CLONE_NEWPID)?);
    }
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWPID)?;
    map(0, uid, gid)
}

/// Gives up everything, for good. As root of the machine, this process becomes the user `unprivileged`; as root of a
/// namespace, somebody in a further one, where it looks like an ordinary user.
pub(super) fn become_nobody(unprivileged: Option<u32>) -> io::Result<()> {
    let without_bounding_set = || {
        for capability in CapabilitySet::all().iter() {
            // The kernel refuses those that it does not know.
            remove_capability_from_bounding_set(capability).ok();
        }
    };
    match unprivileged {
        Some(id) => {
            without_bounding_set();
            setgroups(&[])?;
            setresgid(Gid::from_raw(id), Gid::from_raw(id), Gid::from_raw(id))?;
            setresuid(Uid::from_raw(id), Uid::from_raw(id), Uid::from_raw(id))?;
        }
        None => {
            let (uid, gid) = (geteuid(), getegid());
            unshare(CloneFlags::CLONE_NEWUSER)?;
            map(INSIDE, uid, gid)?;
            without_bounding_set();
        }
    }
    clear_ambient_capability_set()?;
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?;
    set_no_new_privs(true)?;
    // Nobody looks into this process: neither into its memory, nor at what it has open.
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

/// In the user namespace that this process has just got, `inside` stands for the user `uid` and the group `gid`.
fn map(inside: u32, uid: Uid, gid: Gid) -> io::Result<()> {
    std::fs::write("/proc/self/setgroups", "deny")?;
    std::fs::write("/proc/self/uid_map", format!("{inside} {uid} 1"))?;
    std::fs::write("/proc/self/gid_map", format!("{inside} {gid} 1"))
}
