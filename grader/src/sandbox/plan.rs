//! What runs in a cell, as data.

use super::Confinement;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

/// What runs in a cell.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Plan {
    pub program: OsString,
    pub arguments: Vec<OsString>,
    /// All of it: nothing is inherited.
    pub environment: Vec<(OsString, OsString)>,
    /// Where it runs.
    pub folder: PathBuf,
    pub confinement: Confinement,
    /// How many listeners are handed out of the cell.
    pub listeners: u16,
}

/// A plan, and what the first process of the cell has to know of those around it.
#[cfg(target_os = "linux")]
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Task {
    pub plan: Plan,
    /// Is it root of the machine, or of a namespace?
    pub as_root: bool,
    /// Does a control group bound the memory?
    pub counted: bool,
}

/// The environment of every program, which its own comes on top of.
const ENVIRONMENT: [(&str, &str); 4] =
    [("PATH", "/usr/local/bin:/usr/bin:/bin"), ("HOME", "/tmp"), ("TMPDIR", "/tmp"), ("LANG", "C.UTF-8")];

impl Plan {
    /// `command` with its arguments, and with what has been set of its environment. It runs in its folder if the
    /// confinement shows that, else in the first that it may write into, else among temporary files.
    pub fn new(command: &Command, confinement: &Confinement, listeners: u16) -> Plan {
        let always = ENVIRONMENT.map(|(name, value)| (name.into(), value.into()));
        let set = command.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
        let folder = command.get_current_dir().filter(|folder| confinement.shows(folder));
        let writable = confinement.writable.first().map(PathBuf::as_path);
        Plan {
            program: command.get_program().to_owned(),
            arguments: command.get_args().map(ToOwned::to_owned).collect(),
            environment: always.into_iter().chain(set).collect(),
            folder: folder.or(writable).unwrap_or("/tmp".as_ref()).to_owned(),
            confinement: confinement.clone(),
            listeners,
        }
    }
}
