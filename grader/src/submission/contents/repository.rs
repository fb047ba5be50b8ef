//! A bare git repository: the files of the commit that HEAD names.
//!
//! Nothing in it may act: its settings, hooks, filters and remotes are those of a stranger. So git never sees the
//! repository, only the objects in it, from a repository of our own that is empty otherwise, and in an environment that
//! names no settings. What HEAD means is read here. Objects that lie elsewhere (alternates, links) are refused, and so is
//! whatever takes git too long.

use super::super::path::above;
use super::super::{Invalid, Unreadable};
use super::kind::{Kind, See, Trouble};
use crate::{files, limits};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Bytes of HEAD, a branch, or the list of packed branches.
const LONGEST: u64 = 4 << 20;
/// Seconds of processor time of one call of git.
const SECONDS: u64 = 20;
/// Bytes of memory of one call of git.
const MEMORY: u64 = 2 << 30;

/// Sees everything in the commit of HEAD.
pub fn list(origin: &Path, see: &mut See<'_>) -> Result<(), Trouble> {
    let repository = Repository::open(origin)?;
    let listed = repository.git(&["ls-tree", "-r", "-z", "-l", "--full-tree", &repository.commit], "")?;
    for line in listed.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
        let tab = line.iter().position(|byte| *byte == b'\t').ok_or_else(damaged)?;
        let (head, path) = (String::from_utf8_lossy(&line[..tab]), &line[tab + 1..]);
        let words: Vec<&str> = head.split_whitespace().collect();
        let kind = match words.as_slice() {
            ["120000", ..] => Kind::Link,
            [mode, "blob", _, bytes] if mode.starts_with("100") => {
                Kind::File { bytes: bytes.parse().map_err(|_| damaged())? }
            }
            _ => Kind::Special,
        };
        see(path, kind, 0)?;
    }
    Ok(())
}

/// The bytes of the files at these paths.
pub fn read(origin: &Path, wanted: &[&str]) -> Result<Vec<Result<Vec<u8>, Trouble>>, Trouble> {
    let repository = Repository::open(origin)?;
    let names: String = wanted.iter().map(|path| format!("{}:{path}\n", repository.commit)).collect();
    let told = repository.git(&["cat-file", "--batch"], &names)?;
    let mut rest = told.as_slice();
    let read: Option<Vec<_>> = wanted.iter().map(|_| Some(Ok(object(&mut rest)?.to_vec()))).collect();
    read.ok_or_else(damaged)
}

/// When the commit of HEAD was made, as far as whoever has made it tells.
pub fn time(origin: &Path) -> Option<jiff::Timestamp> {
    let repository = Repository::open(origin).ok()?;
    let told = repository.git(&["cat-file", "--batch"], &format!("{}\n", repository.commit)).ok()?;
    let text = String::from_utf8_lossy(object(&mut told.as_slice())?).into_owned();
    let committer = text.lines().find(|line| line.starts_with("committer "))?;
    let seconds = committer.rsplit(' ').nth(1)?.parse().ok()?;
    jiff::Timestamp::from_second(seconds).ok()
}

/// The next object of what `cat-file --batch` prints: a line with its length, then its bytes, then a line break.
fn object<'t>(told: &mut &'t [u8]) -> Option<&'t [u8]> {
    let (head, rest) = told.split_at_checked(told.iter().position(|byte| *byte == b'\n')?)?;
    let length: usize = std::str::from_utf8(head).ok()?.rsplit(' ').next()?.parse().ok()?;
    let (bytes, rest) = rest.get(1..)?.split_at_checked(length)?;
    *told = rest.get(1..)?;
    Some(bytes)
}

fn damaged() -> Trouble {
    Invalid::new("a damaged repository").into()
}

/// A repository of our own around the objects of a stranger's.
struct Repository {
    own: TempDir,
    objects: PathBuf,
    commit: String,
}

impl Repository {
    fn open(origin: &Path) -> Result<Repository, Trouble> {
        let objects = std::path::absolute(origin.join("objects")).map_err(Unreadable::at(origin))?;
        check(&objects)?;
        let commit = head(origin)?;
        let make = || -> io::Result<TempDir> {
            let own = tempfile::Builder::new().prefix("kafkacourse-").tempdir()?;
            std::fs::create_dir(own.path().join("refs"))?;
            std::fs::create_dir(own.path().join("objects"))?;
            std::fs::write(own.path().join("HEAD"), "ref: refs/heads/none\n")?;
            let (version, format) =
                if commit.len() == 40 { (0, "") } else { (1, "[extensions]\nobjectFormat = sha256\n") };
            let core = "bare = true\ncommitGraph = false\nmultiPackIndex = false\n";
            std::fs::write(
                own.path().join("config"),
                format!("[core]\nrepositoryFormatVersion = {version}\n{core}{format}"),
            )?;
            Ok(own)
        };
        let own = make().map_err(Unreadable::at(&std::env::temp_dir()))?;
        Ok(Repository { own, objects, commit })
    }

    /// What git prints, given this to read.
    fn git(&self, arguments: &[&str], input: &str) -> Result<Vec<u8>, Trouble> {
        let fault = Unreadable::at(Path::new("git"));
        let told = self.own.path().join("input");
        let mut file = File::create(&told).map_err(&fault)?;
        file.write_all(input.as_bytes()).map_err(&fault)?;
        let mut git = Command::new("git");
        git.args(arguments).current_dir(self.own.path()).env_clear();
        git.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        git.env("GIT_DIR", self.own.path()).env("GIT_OBJECT_DIRECTORY", &self.objects).env("HOME", self.own.path());
        for (name, value) in [
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_SYSTEM", "/dev/null"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_ATTR_NOSYSTEM", "1"),
            ("GIT_NO_REPLACE_OBJECTS", "1"),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_ALLOW_PROTOCOL", ""),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("LC_ALL", "C"),
        ] {
            git.env(name, value);
        }
        git.stdin(File::open(&told).map_err(&fault)?).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = git.spawn().map_err(&fault)?;
        bound(&child);
        let mut printed = Vec::new();
        let output = child.stdout.take();
        let read = output.map_or(Ok(0), |output| output.take(limits::DIRECTORY_BYTES + 1).read_to_end(&mut printed));
        let too_much = printed.len() as u64 > limits::DIRECTORY_BYTES;
        if too_much || read.is_err() {
            child.kill().ok();
        }
        let status = child.wait().map_err(&fault)?;
        read.map_err(&fault)?;
        match (too_much, status.success()) {
            (true, _) => Err(Invalid::new("more files than any submission has").into()),
            (_, false) => Err(damaged()),
            (_, true) => Ok(printed),
        }
    }
}

/// Objects that unpack to much, or for long, end the program that unpacks them.
#[cfg(target_os = "linux")]
fn bound(child: &std::process::Child) {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    for (resource, most) in [(Resource::Cpu, SECONDS), (Resource::As, MEMORY)] {
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        prlimit(Some(Pid::from_child(child)), resource, limit).ok();
    }
}

#[cfg(not(target_os = "linux"))]
fn bound(_: &std::process::Child) {
    let _ = (SECONDS, MEMORY);
}

/// Sees to it that all objects are here: no link leads elsewhere, and no list names other places.
fn check(objects: &Path) -> Result<(), Trouble> {
    let elsewhere = |path: &Path| {
        let place = path.strip_prefix(objects).unwrap_or(path).to_string_lossy();
        Err(Invalid::at("the repository's objects lie elsewhere", format!("objects/{place}")).into())
    };
    let mut folders = vec![objects.to_owned()];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(Unreadable::at(&folder))? {
            let entry = entry.map_err(Unreadable::at(&folder))?;
            let (path, kind) = (entry.path(), entry.file_type().map_err(Unreadable::at(&folder))?);
            seen += 1;
            match (kind.is_dir(), kind.is_file()) {
                _ if seen > limits::SUBMITTED_ENTRIES => {
                    return Err(Invalid::new(format!("more than {} objects", limits::SUBMITTED_ENTRIES)).into());
                }
                (true, _) => folders.push(path),
                (_, true) if path.ends_with("info/alternates") || path.ends_with("info/http-alternates") => {
                    return elsewhere(&path);
                }
                (_, true) => {}
                _ => return elsewhere(&path),
            }
        }
    }
    Ok(())
}

/// The commit that HEAD names. Where its branch is not there, and there is just one, that one counts.
fn head(origin: &Path) -> Result<String, Trouble> {
    let text =
        |name: &str| files::read_below(origin, name, LONGEST).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let head = text("HEAD").map_err(Unreadable::at(origin))?;
    let Some(branch) = head.trim().strip_prefix("ref:").map(str::trim) else { return commit(head.trim()) };
    let packed = text("packed-refs").unwrap_or_default();
    let packed = || {
        let lines = packed.lines().filter(|line| !line.starts_with(['#', '^']));
        lines.filter_map(|line| line.split_once(' ')).filter(|(_, name)| name.starts_with("refs/heads/"))
    };
    let named = |name: &str| {
        // A path that leads out is none of a branch.
        let inside =
            name.starts_with("refs/heads/") && !name.split('/').any(|part| part.is_empty() || part.starts_with('.'));
        let loose = inside.then(|| text(name).ok()).flatten();
        loose.or_else(|| packed().find(|(_, other)| *other == name).map(|(commit, _)| commit.to_owned()))
    };
    if let Some(found) = named(branch) {
        return commit(found.trim());
    }
    let mut branches: Vec<String> = packed().map(|(_, name)| name.to_owned()).collect();
    branches.extend(loose(origin)?);
    branches.sort();
    branches.dedup();
    match branches.as_slice() {
        [] => Err(Invalid::new("there is no commit in it").into()),
        [only] => commit(named(only).unwrap_or_default().trim()),
        _ => Err(Invalid::new("HEAD names a branch that is not there").into()),
    }
}

fn commit(text: &str) -> Result<String, Trouble> {
    let is_one = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_one { Ok(text.to_owned()) } else { Err(damaged()) }
}

/// The branches that are files.
fn loose(origin: &Path) -> Result<Vec<String>, Trouble> {
    let mut found = Vec::new();
    let mut folders = vec!["refs/heads".to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(origin.join(&folder)) else { continue };
        for entry in entries.flatten() {
            let (Ok(name), Ok(kind)) = (entry.file_name().into_string(), entry.file_type()) else { continue };
            let path = format!("{folder}/{name}");
            match (kind.is_dir(), kind.is_file()) {
                (true, _) if above(&path).count() < 8 => folders.push(path),
                (_, true) => found.push(path),
                _ => {}
            }
            if found.len() + folders.len() > limits::SUBMITTED_ENTRIES {
                return Err(Invalid::new("more branches than any submission has").into());
            }
        }
    }
    Ok(found)
}
