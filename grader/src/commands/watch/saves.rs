//! When a source of the program is saved.
//!
//! What counts is what lies in the folders, by its times and sizes: editors save by renaming, in several writes, or with
//! files of their own beside, and all of that comes to the same. What the system says of changes only wakes us up to look.
//! Where it says nothing (a network's file system, or no more watches), we look by ourselves.

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A save is over when nothing has changed for so long: an editor writes more than once, and a formatter after it.
const SETTLED: Duration = Duration::from_millis(30);
/// How often we look by ourselves where the system tells of changes, and where it does not.
const SELDOM: Duration = Duration::from_secs(2);
const OFTEN: Duration = Duration::from_millis(500);
/// A save that takes longer is none; what is there by then counts.
const LOOKS: usize = 60;
/// Of files and folders; who has more has named another folder than that of a program.
const MOST: usize = 20_000;

/// What a program is made of, in whatever language: what programs write while they run is none of it.
const SOURCES: [&str; 32] = [
    "c", "cc", "clj", "cpp", "cs", "csproj", "ex", "exs", "fs", "go", "gradle", "h", "hpp", "hs", "java", "js", "kt",
    "kts", "mjs", "cjs", "mod", "php", "pl", "proto", "py", "rb", "rs", "scala", "sh", "swift", "toml", "ts",
];
/// Folders of what is made of sources, or fetched.
const MADE: [&str; 7] = ["target", "node_modules", "__pycache__", "venv", "build", "dist", "obj"];

/// What lies in the folders: each source with what changes when it is saved.
type Sources = BTreeMap<PathBuf, Stamp>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: SystemTime,
    bytes: u64,
    file: u64,
}

/// Folders that are watched for as long as this lives.
pub(super) struct Saves {
    saved: UnboundedReceiver<PathBuf>,
    /// Why it takes half a second until a save is noticed, where it does.
    pub by_looking: Option<String>,
}

impl Saves {
    /// Watches the sources in `folders` and below.
    ///
    /// # Errors
    /// A folder cannot be read, or holds too much to be a program's.
    pub fn watch(folders: &[PathBuf]) -> io::Result<Saves> {
        let (wake, woken) = channel();
        let (tell, saved) = unbounded_channel();
        let told = wake.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // To look is to access: that must not wake us up again.
            if event.is_ok_and(|event| !event.kind.is_access()) {
                told.send(()).ok();
            }
        });
        let known = Look::at(folders)?;
        let mut watcher = Watched { watcher: watcher.ok(), folders: BTreeSet::new() };
        let by_looking = match folders.iter().find(|folder| is_remote(folder)) {
            Some(folder) => Some(format!("{} is on a network's file system", folder.display())),
            None => watcher.follow(&known.folders).err(),
        };
        let pause = if by_looking.is_some() { OFTEN } else { SELDOM };
        let folders = folders.to_owned();
        let watching = move || {
            let _wake = wake; // without a watcher, too, somebody holds the other end
            notice(&folders, known.sources, (watcher, pause), &woken, &tell);
        };
        thread::Builder::new().name("saves".into()).spawn(watching)?;
        Ok(Saves { saved, by_looking })
    }

    /// Waits for the next save, and returns a file that was changed by it. Nothing is lost where this is dropped.
    pub async fn next(&mut self) -> PathBuf {
        let Some(path) = self.saved.recv().await else { return std::future::pending().await };
        // Of several saves the last one counts.
        let mut last = path;
        while let Ok(path) = self.saved.try_recv() {
            last = path;
        }
        last
    }
}

/// Tells of each save until nobody listens any more.
fn notice(
    folders: &[PathBuf],
    mut known: Sources,
    (mut watcher, pause): (Watched, Duration),
    woken: &Receiver<()>,
    tell: &UnboundedSender<PathBuf>,
) {
    while !tell.is_closed() {
        if let Err(RecvTimeoutError::Disconnected) = woken.recv_timeout(pause) {
            return;
        }
        // A folder that cannot be read at the moment is looked at again later.
        let Ok(mut now) = Look::at(folders) else { continue };
        for _ in 0..LOOKS {
            if now.sources == known {
                break;
            }
            thread::sleep(SETTLED);
            while woken.try_recv().is_ok() {}
            let Ok(again) = Look::at(folders) else { continue };
            let settled = again.sources == now.sources;
            now = again;
            if settled {
                break;
            }
        }
        watcher.follow(&now.folders).ok(); // what cannot be followed is looked at
        if let Some(path) = changed(&known, &now.sources) {
            known = now.sources;
            if tell.send(path).is_err() {
                return;
            }
        }
    }
}

/// The file that was saved last, of those that are not what they were; else one that is gone.
fn changed(before: &Sources, now: &Sources) -> Option<PathBuf> {
    let saved = now.iter().filter(|(path, stamp)| before.get(*path) != Some(stamp));
    let saved = saved.max_by_key(|(_, stamp)| stamp.modified).map(|(path, _)| path);
    saved.or_else(|| before.keys().find(|path| !now.contains_key(*path))).cloned()
}

/// What the system tells us about.
struct Watched {
    watcher: Option<RecommendedWatcher>,
    folders: BTreeSet<PathBuf>,
}

impl Watched {
    /// Follows these folders, each by itself: so those that do not matter take no watch.
    fn follow(&mut self, folders: &BTreeSet<PathBuf>) -> Result<(), String> {
        let Some(watcher) = &mut self.watcher else { return Err(limits("instances")) };
        for folder in folders.difference(&self.folders) {
            watcher.watch(folder, RecursiveMode::NonRecursive).map_err(|error| match error.kind {
                notify::ErrorKind::MaxFilesWatch => limits("watches"),
                _ => format!("the system does not tell of changes here ({error})"),
            })?;
        }
        self.folders.clone_from(folders);
        Ok(())
    }
}

/// What to raise where the system gives no more of these.
fn limits(what: &str) -> String {
    format!("the system gives no more inotify {what} (raise fs.inotify.max_user_{what} with sysctl)")
}

/// What is found in folders at one moment.
struct Look {
    sources: Sources,
    folders: BTreeSet<PathBuf>,
}

impl Look {
    fn at(folders: &[PathBuf]) -> io::Result<Look> {
        let mut look = Look { sources: Sources::new(), folders: folders.iter().cloned().collect() };
        let (mut open, mut seen) = (folders.to_vec(), 0);
        while let Some(folder) = open.pop() {
            let entries = match std::fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if folders.contains(&folder) => return Err(error),
                Err(_) => continue, // gone meanwhile, or not ours to read
            };
            for entry in entries.flatten() {
                seen += 1;
                if seen > MOST {
                    return Err(io::Error::other(format!(
                        "there are more than {MOST} files here; go into the folder of your program (cd)"
                    )));
                }
                let (path, name) = (entry.path(), entry.file_name());
                let Ok(kind) = entry.file_type() else { continue };
                if kind.is_dir() && !is_made(&name.to_string_lossy()) {
                    look.folders.insert(path.clone());
                    open.push(path);
                } else if kind.is_file()
                    && is_source(&path)
                    && let Ok(found) = entry.metadata()
                {
                    look.sources.insert(path, Stamp::of(&found));
                }
            }
        }
        Ok(look)
    }
}

impl Stamp {
    fn of(found: &std::fs::Metadata) -> Stamp {
        use std::os::unix::fs::MetadataExt;
        let modified = found.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        Stamp { modified, bytes: found.len(), file: found.ino() }
    }
}

fn is_made(folder: &str) -> bool {
    folder.starts_with('.') || MADE.contains(&folder)
}

/// Is it a source of a program? An exercise's own description is none, nor is what editors leave beside a file.
fn is_source(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_hidden = name.starts_with(['.', '#']) || name == "exercise.toml";
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    !is_hidden && SOURCES.contains(&&*extension)
}

/// Does the folder lie where others can change it without our system's knowing?
#[cfg(target_os = "linux")]
fn is_remote(folder: &Path) -> bool {
    // statfs(2), and of the shared folders of virtual machines: NFS, SMB in its versions, FUSE, 9p, vboxsf.
    const REMOTE: [u64; 7] = [0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x6573_5546, 0x0102_1997, 0x786F_4256];
    rustix::fs::statfs(folder).is_ok_and(|found| REMOTE.contains(&((found.f_type as u64) & 0xFFFF_FFFF)))
}

#[cfg(not(target_os = "linux"))]
fn is_remote(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn program() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("src")).unwrap();
        fs::write(folder.path().join("src/main.rs"), "fn main() {}").unwrap();
        folder
    }

    /// The next save, as a path within the folder.
    fn saved(saves: &mut Saves, folder: &Path) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let next = async { tokio::time::timeout(Duration::from_secs(60), saves.next()).await };
        let path = runtime.block_on(next).expect("a save is noticed");
        path.strip_prefix(folder).unwrap().display().to_string()
    }

    /// Waits until this file is told to be saved. On a busy machine one save may look like two: a file goes and comes.
    fn until_saved(saves: &mut Saves, folder: &Path, file: &str) {
        while saved(saves, folder) != file {}
    }

    #[test]
    fn however_an_editor_saves_it_is_noticed() {
        let folder = program();
        let within = |path: &str| folder.path().join(path);
        let mut saves = Saves::watch(&[folder.path().to_owned()]).unwrap();
        fs::write(within("src/main.rs"), "fn main() { loop {} }").unwrap();
        until_saved(&mut saves, folder.path(), "src/main.rs");
        // By renaming, with a swap file and a probe beside it, as vim does.
        fs::write(within("src/4913"), "").unwrap();
        fs::write(within("src/.main.rs.swp"), "swap").unwrap();
        fs::rename(within("src/main.rs"), within("src/main.rs~")).unwrap();
        fs::write(within("src/main.rs"), "fn main() { }").unwrap();
        fs::remove_file(within("src/main.rs~")).unwrap();
        until_saved(&mut saves, folder.path(), "src/main.rs");
        // Whole, under another name first.
        fs::write(within("src/main.rs.new"), "fn main() {  }").unwrap();
        fs::rename(within("src/main.rs.new"), within("src/main.rs")).unwrap();
        until_saved(&mut saves, folder.path(), "src/main.rs");
        // In a folder that was not there before, and then once more in it.
        fs::create_dir(within("src/deep")).unwrap();
        fs::write(within("src/deep/er.rs"), "").unwrap();
        until_saved(&mut saves, folder.path(), "src/deep/er.rs");
        fs::write(within("src/deep/er.rs"), "mod a;").unwrap();
        until_saved(&mut saves, folder.path(), "src/deep/er.rs");
        fs::remove_file(within("src/deep/er.rs")).unwrap();
        until_saved(&mut saves, folder.path(), "src/deep/er.rs");
    }

    #[test]
    fn what_a_program_writes_is_no_save() {
        let folder = program();
        let mut saves = Saves::watch(&[folder.path().to_owned()]).unwrap();
        for name in ["payments.db", "out.json", "log.txt", "README.md", "Cargo.lock", ".hidden.rs", "exercise.toml"] {
            fs::write(folder.path().join(name), "written").unwrap();
        }
        fs::create_dir(folder.path().join("target")).unwrap();
        fs::write(folder.path().join("target/made.rs"), "").unwrap();
        fs::write(folder.path().join("Cargo.toml"), "[package]").unwrap();
        assert_eq!(saved(&mut saves, folder.path()), "Cargo.toml", "and nothing before it");
    }

    #[test]
    fn a_folder_that_is_not_there_is_told() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Saves::watch(&[folder.path().join("nowhere")]).is_err());
    }
}
