//! What a confined program may do with files and processes, once more (`landlock(7)`): should it ever get out of its root
//! file system, it could still write nowhere but where it may, and signal nobody.

use landlock::{
    ABI, Access, AccessFs, LandlockStatus, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, Scope,
    path_beneath_rules,
};
use std::io;
use std::path::Path;

/// The newest version whose rights were tried. Of an older kernel as much is asked as that one knows.
const NEWEST: ABI = ABI::V7;

/// This process, and all that it starts, may read everything, and write below `writable`. Returns the version of Landlock
/// that holds; none where the kernel has none.
///
/// # Errors
/// The kernel has Landlock, and refuses these rules.
pub(super) fn restrict(writable: &[&Path]) -> io::Result<Option<u8>> {
    let restricted = || -> Result<_, RulesetError> {
        Ruleset::default()
            .handle_access(AccessFs::from_all(NEWEST))?
            .scope(Scope::from_all(NEWEST))?
            .create()?
            .add_rules(path_beneath_rules(["/"], AccessFs::from_read(NEWEST)))?
            .add_rules(path_beneath_rules(writable, AccessFs::from_all(NEWEST)))?
            .restrict_self()
    };
    match restricted().map_err(io::Error::other)?.landlock {
        LandlockStatus::Available { effective_abi, .. } => Ok(Some(effective_abi.min(NEWEST) as u8)),
        LandlockStatus::NotEnabled | LandlockStatus::NotImplemented => Ok(None),
    }
}
