//! The room that a program takes up on the disk, in the folder that it is given.

use crate::evidence::Limit;
use crate::limits::FOLDER_BYTES;
use crate::recorder::Recorder;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How often somebody looks: a folder with a file or two is looked at in some microseconds.
const LOOK: Duration = Duration::from_millis(500);

/// What every entry counts for, however little is in it.
const ENTRY_BYTES: u64 = 1 << 10;

/// Watches `folder`, and ends the scenario when too much is in it.
pub(super) async fn watch(folder: PathBuf, recorder: Arc<Recorder>) {
    let mut looks = tokio::time::interval(LOOK);
    loop {
        looks.tick().await;
        let looked = folder.clone();
        if let Ok(true) = tokio::task::spawn_blocking(move || holds_more(&looked, FOLDER_BYTES)).await {
            return recorder.reach(Limit::Folder(FOLDER_BYTES));
        }
    }
}

/// Do the files in `folder` take up more than `bytes` on the disk? Links are not followed, and what cannot be looked at
/// counts as an entry.
fn holds_more(folder: &Path, bytes: u64) -> bool {
    let (mut taken, mut open) = (0, vec![folder.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let found = entry.metadata();
            taken += ENTRY_BYTES + found.as_ref().map_or(0, |found| found.blocks() * 512);
            if taken > bytes {
                return true;
            }
            if found.is_ok_and(|found| found.is_dir()) {
                open.push(entry.path());
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_a_folder_is_counted_and_links_are_not_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("a/b");
        std::fs::create_dir_all(&inner).expect("a folder");
        assert!(!holds_more(folder.path(), 64 << 10));
        std::os::unix::fs::symlink("/", inner.join("everything")).expect("a link");
        std::os::unix::fs::symlink(folder.path(), inner.join("circle")).expect("a link");
        assert!(!holds_more(folder.path(), 64 << 10));
        std::fs::write(inner.join("data"), vec![1; 80 << 10]).expect("a file");
        assert!(holds_more(folder.path(), 64 << 10) && !holds_more(folder.path(), 1 << 20));
        (0..100).for_each(|n| std::fs::write(inner.join(n.to_string()), "").expect("a file"));
        assert!(holds_more(folder.path(), 150 << 10), "empty files take up room, too");
    }
}
