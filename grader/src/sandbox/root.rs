//! The files of a cell: a root made from nothing, into which only what may be seen is bound, at the paths that it has
//! outside.

use super::Confinement;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::unistd::pivot_root;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf};

/// Devices that do no harm.
const DEVICES: [&str; 5] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

/// Temporary files, which all lie in one file system of a bounded size.
pub(super) const TEMPORARY: [&str; 2] = ["/tmp", "/dev/shm"];

/// Bytes of a file system for each of its files, so that empty ones do not take up memory without end.
const BYTES_PER_FILE: u64 = 4 << 10;

/// Where the new root is made, and where the old one lies meanwhile: below the temporary files of the machine, which are
/// out of sight then.
const WORKSHOP: &str = "/tmp";
const OLD: &str = "/old";
const NEW: &str = "/new";

/// What could not be done.
#[derive(Debug)]
pub(super) struct Failed {
    pub doing: String,
    pub error: io::Error,
}

/// The error of `result`, with what was tried.
pub(super) fn doing<T, E: Into<io::Error>>(doing: impl Into<String>, result: Result<T, E>) -> Result<T, Failed> {
    result.map_err(|error| Failed { doing: doing.into(), error: error.into() })
}

/// Makes the new root that of this process, which is in a mount namespace of its own, and where the machine's processes
/// cannot be seen.
pub(super) fn change(confinement: &Confinement) -> Result<(), Failed> {
    let nothing = None::<&str>;
    doing("keeping mounts to ourselves", mount(nothing, "/", nothing, MsFlags::MS_REC | MsFlags::MS_PRIVATE, nothing))?;
    // Where links lead is looked up while they lead there.
    let readable: Vec<(&PathBuf, PathBuf)> =
        confinement.readable.iter().filter_map(|path| Some((path, path.canonicalize().ok()?))).collect();
    let writable = confinement.writable.iter().map(|path| path.canonicalize().map(|target| (path, target)));
    let writable: Vec<(&PathBuf, PathBuf)> = doing("finding its folders", writable.collect::<io::Result<_>>())?;
    temporary_files(WORKSHOP, 1 << 20, 0o755)?;
    doing("entering the workshop", std::env::set_current_dir(WORKSHOP))?;
    let made = ["old", "new"].iter().try_for_each(std::fs::create_dir);
    doing("making folders", made)?;
    doing("leaving the old root", pivot_root(".", "old"))?;
    doing("entering the new root", std::env::set_current_dir("/"))?;
    temporary_files(NEW, 1 << 20, 0o755)?;
    // Before anything is shown: that may lie below the machine's own temporary files.
    let size = confinement.bounds.temporary;
    let [temporary, shared] = TEMPORARY.map(|path| inside(Path::new(path)));
    for path in [&temporary, &shared] {
        folder(path)?;
    }
    temporary_files(&temporary, size, 0o1777)?;
    let same = mount(Some(&temporary), &shared, nothing, MsFlags::MS_BIND, nothing);
    doing("sharing temporary files", same)?;

    let mut bound = Bound::default();
    let targets: BTreeSet<&PathBuf> = readable.iter().map(|(_, target)| target).collect();
    targets.into_iter().try_for_each(|path| bound.bind(path))?;
    writable.iter().try_for_each(|(_, target)| bound.bind(target))?;
    for (path, target) in readable.iter().chain(&writable).filter(|(path, target)| *path != target) {
        bound.link(path, target)?;
    }
    DEVICES.iter().try_for_each(|device| bound.bind(Path::new(device)))?;
    for (name, target) in [("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")] {
        doing("linking /dev", symlink(target, inside(Path::new("/dev")).join(name)))?;
    }
    accounts()?;
    processes()?;
    protect(&writable.iter().map(|(_, target)| target.as_path()).collect::<Vec<_>>())?;
    let readonly = MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_RDONLY | MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    doing("protecting the root", mount(nothing, NEW, nothing, readonly, nothing))?;

    doing("leaving the old root behind", umount2(OLD, MntFlags::MNT_DETACH))?;
    doing("entering the cell", std::env::set_current_dir(NEW))?;
    doing("entering the cell", pivot_root(".", "."))?;
    doing("leaving the workshop", umount2(".", MntFlags::MNT_DETACH))?;
    doing("entering the cell", std::env::set_current_dir("/"))
}

/// A file system in memory at `path`.
fn temporary_files(path: impl AsRef<Path>, size: u64, mode: u32) -> Result<(), Failed> {
    let options = format!("size={size},nr_inodes={},mode={mode:o}", (size / BYTES_PER_FILE).max(64));
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    let mounted = mount(Some("tmpfs"), path.as_ref(), Some("tmpfs"), flags, Some(options.as_str()));
    doing(format!("mounting a file system in memory on {}", path.as_ref().display()), mounted)
}

/// Where the absolute `path` of the cell is, as long as it is being built.
fn inside(path: &Path) -> PathBuf {
    below(NEW, path)
}

fn below(root: &str, path: &Path) -> PathBuf {
    Path::new(root).join(path.strip_prefix("/").unwrap_or(path))
}

fn folder(path: &Path) -> Result<(), Failed> {
    let made = DirBuilder::new().recursive(true).mode(0o755).create(path);
    doing(format!("making the folder {}", path.display()), made)
}

/// The paths that have been bound. What lies below them is there already, and belongs to the machine.
#[derive(Default)]
struct Bound(Vec<PathBuf>);

impl Bound {
    fn covers(&self, path: &Path) -> bool {
        self.0.iter().any(|bound| path.starts_with(bound))
    }

    /// Shows what the machine has at `path`.
    fn bind(&mut self, path: &Path) -> Result<(), Failed> {
        let (source, target) = (below(OLD, path), inside(path));
        let what = || format!("showing {}", path.display());
        if !self.covers(path) {
            if doing(what(), source.symlink_metadata())?.is_dir() {
                folder(&target)?;
            } else {
                folder(target.parent().unwrap_or(&target))?;
                doing(what(), File::create(&target))?;
            }
        }
        doing(what(), mount(Some(&source), &target, None::<&str>, MsFlags::MS_BIND | MsFlags::MS_REC, None::<&str>))?;
        self.0.push(path.to_owned());
        Ok(())
    }

    /// Lets `path` lead to `target`.
    fn link(&self, path: &Path, target: &Path) -> Result<(), Failed> {
        let link = inside(path);
        if self.covers(path) || link.symlink_metadata().is_ok() {
            return Ok(());
        }
        folder(link.parent().unwrap_or(&link))?;
        doing(format!("linking {}", path.display()), symlink(target, link))
    }
}

/// The names of the program's user and of its loopback.
fn accounts() -> Result<(), Failed> {
    let etc = inside(Path::new("/etc"));
    folder(&etc)?;
    let files = [
        ("passwd", "box:x:1000:1000::/tmp:/bin/sh\n"),
        ("group", "box:x:1000:\n"),
        ("hosts", "127.0.0.1 localhost box\n"),
    ];
    files
        .iter()
        .filter(|(name, _)| !etc.join(name).exists())
        .try_for_each(|(name, text)| doing(format!("writing /etc/{name}"), std::fs::write(etc.join(name), text)))
}

/// The program's own processes, and nothing else of what the kernel tells.
fn processes() -> Result<(), Failed> {
    let path = inside(Path::new("/proc"));
    folder(&path)?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    doing("mounting /proc", mount(Some("proc"), &path, Some("proc"), flags, None::<&str>))
}

/// Nothing that was bound, or mounted below it, may be written, but where it is said so; nothing is a device or gives
/// rights to whoever runs it.
fn protect(writable: &[&Path]) -> Result<(), Failed> {
    let mounts = doing("reading the mounts", std::fs::read(inside(Path::new("/proc/self/mountinfo"))))?;
    for line in mounts.split(|byte| *byte == b'\n') {
        let mut fields = line.split(|byte| *byte == b' ');
        let (Some(path), Some(options)) = (fields.nth(4), fields.next()) else { continue };
        let path = unescaped(path);
        let Ok(shown) = path.strip_prefix(NEW).map(|rest| Path::new("/").join(rest)) else { continue };
        if ["/", "/proc"].iter().chain(&TEMPORARY).any(|own| shown == Path::new(own)) {
            continue;
        }
        let mut flags = MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_NOSUID | kept(options);
        if !writable.iter().any(|writable| shown.starts_with(writable)) {
            flags |= MsFlags::MS_RDONLY;
        }
        if !shown.starts_with("/dev") {
            flags |= MsFlags::MS_NODEV;
        }
        let protected = mount(None::<&str>, &path, None::<&str>, flags, None::<&str>);
        doing(format!("protecting {}", shown.display()), protected)?;
    }
    Ok(())
}

/// What has been forbidden on a mount stays so: the kernel would refuse anything else.
fn kept(options: &[u8]) -> MsFlags {
    let flags = options.split(|byte| *byte == b',').map(|option| match option {
        b"ro" => MsFlags::MS_RDONLY,
        b"nodev" => MsFlags::MS_NODEV,
        b"noexec" => MsFlags::MS_NOEXEC,
        b"noatime" => MsFlags::MS_NOATIME,
        b"nodiratime" => MsFlags::MS_NODIRATIME,
        b"relatime" => MsFlags::MS_RELATIME,
        _ => MsFlags::empty(),
    });
    flags.fold(MsFlags::empty(), |all, flag| all | flag)
}

/// A path of `/proc/self/mountinfo`, where a space, say, is `\040`.
fn unescaped(path: &[u8]) -> PathBuf {
    let (mut bytes, mut rest) = (Vec::new(), path);
    while let [first, after @ ..] = rest {
        let code = after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        match code.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) if *first == b'\\' => {
                bytes.push(byte);
                rest = &after[3..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_mounts_are_read() {
        assert_eq!(unescaped(br"/my\040courses/a\134b"), Path::new(r"/my courses/a\b"));
        assert_eq!(unescaped(br"/end\04"), Path::new(r"/end\04"));
        assert_eq!(kept(b"rw,nosuid,nodev,relatime"), MsFlags::MS_NODEV | MsFlags::MS_RELATIME);
    }
}
