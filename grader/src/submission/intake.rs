//! A class: everything that was handed in, listed and not yet looked into.

use super::contents::{self, Contents, Packed, Part, Trouble};
use super::export::{self, Claimed, Export};
use super::handed::{Handed, Order};
use super::layout::{self, Task};
use super::matching::{Directory, Match};
use super::roster::{self, Roster, RosterError};
use super::sources::Language;
use super::{Invalid, Learner, Note, Unreadable, naming};
use crate::course::Exercise;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// How submissions are found and read.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What they are written in, where they do not say so themselves.
    pub language: Language,
    pub roster: Option<PathBuf>,
    /// Where an archive of a whole class is unpacked; the system's folder for temporary files by default.
    pub scratch: Option<PathBuf>,
}

/// What a class has handed in.
#[derive(Debug)]
pub struct Intake {
    /// The platform whose export it is: "Canvas". None where it is just folders and archives.
    pub platform: Option<&'static str>,
    /// In the order of the roster, and then by id.
    pub handed: Vec<Handed>,
    /// Those on the roster of whom nothing was handed in.
    pub missing: Vec<Learner>,
    /// What does not fit, each named.
    pub problems: Vec<Note>,
}

impl Intake {
    /// Everybody in the class.
    pub fn learners(&self) -> impl Iterator<Item = &Learner> {
        self.handed.iter().map(|handed| &handed.learner).chain(&self.missing)
    }
}

/// Why submissions cannot be listed at all.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error(transparent)]
    Roster(#[from] RosterError),
    #[error("{} is neither a folder nor an archive of submissions", path.display())]
    NoFolder { path: PathBuf },
    #[error("there are no submissions in {}", path.display())]
    Empty { path: PathBuf },
    #[error("{}: {why}", path.display())]
    Damaged { path: PathBuf, why: Invalid },
}

/// Lists the submissions in `path`. Of each submission, the exercises of `graded` are looked for; `course` is all that
/// there are, so that one which is not meant is recognised.
///
/// # Errors
/// There are none, or the place or the roster cannot be read. What is wrong with a single submission is told by
/// [`Handed::open`].
pub fn find(path: &Path, options: &Options, course: &[Exercise], graded: &[&Exercise]) -> Result<Intake, IntakeError> {
    let task = |exercise: &Exercise| Task {
        id: exercise.id.clone(),
        folder: exercise.folder.clone(),
        graded: graded.iter().any(|graded| graded.id == exercise.id),
    };
    let tasks: Vec<Task> = course.iter().map(task).collect();
    let roster = options.roster.as_deref().map(roster::read).transpose()?;
    let class = Class::open(path, options)?;
    let mut export = class.export(&tasks)?;
    if export.claimed.is_empty() {
        return Err(IntakeError::Empty { path: path.to_owned() });
    }
    export.problems.splice(0..0, class.problems);
    let order = Order { tasks, language: options.language, _unpacked: class.unpacked };
    let mut intake = intake(export, roster, &Arc::new(order));
    for handed in &mut intake.handed {
        // Where it was unpacked to is of no interest.
        if let Ok(inner) = handed.origin.strip_prefix(&class.folder) {
            handed.origin = path.join(inner);
        }
    }
    Ok(intake)
}

/// The folder of a class.
struct Class {
    folder: PathBuf,
    /// What it is called.
    name: String,
    unpacked: Option<TempDir>,
    problems: Vec<Note>,
}

impl Class {
    fn open(path: &Path, options: &Options) -> Result<Class, IntakeError> {
        let shown = shown(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
        let name = Packed::stem(&shown).to_owned();
        if std::fs::metadata(path).map_err(Unreadable::at(path))?.is_dir() {
            return Ok(Class { folder: path.to_owned(), name, unpacked: None, problems: Vec::new() });
        }
        if !Packed::is_archive(&shown) {
            return Err(IntakeError::NoFolder { path: path.to_owned() });
        }
        let scratch = options.scratch.clone().unwrap_or_else(std::env::temp_dir);
        let folder = tempfile::Builder::new().prefix("kafkacourse-").tempdir_in(&scratch);
        let folder = folder.map_err(Unreadable::at(&scratch))?;
        let packed = Packed::found_at(path, &shown)?;
        let problems = contents::unpack(path, packed, folder.path()).map_err(|trouble| match trouble {
            Trouble::Unreadable(unreadable) => IntakeError::Unreadable(unreadable),
            Trouble::Invalid(why) => IntakeError::Damaged { path: path.to_owned(), why },
        })?;
        Ok(Class { folder: folder.path().to_owned(), name, unpacked: Some(folder), problems })
    }

    /// What the class has handed in. Folders that only wrap it are looked through. Where all of it is one submission, the
    /// class is one learner.
    fn export(&self, tasks: &[Task]) -> Result<Export, IntakeError> {
        let found = export::recognise(&self.folder)?;
        let whole = Part { origin: self.folder.clone(), name: self.name.clone() };
        let looks_like_one = found.parts().any(|part| layout::is_part(&part.name, tasks));
        if found.platform.is_none() && looks_like_one && is_submission(&whole, tasks)? {
            let mut export = Export::submission(whole);
            export.problems.push(Note::new("all of this was taken as one submission, and not as a class"));
            return Ok(export);
        }
        let mut inner = wrapped(&found);
        for _ in 0..DEEPEST {
            let Some(only) = inner else { break };
            let mut deeper = export::recognise(&only.origin)?;
            let of_platform = deeper.platform.is_some();
            if !of_platform && is_submission(&only, tasks)? {
                break;
            }
            if of_platform || has_submission(deeper.parts().take(MOST_TRIED), tasks)? {
                deeper.problems.extend(found.problems);
                return Ok(deeper);
            }
            inner = wrapped(&deeper);
        }
        Ok(found)
    }
}

/// The folder that is all there is, if there is one.
fn wrapped(export: &Export) -> Option<Part> {
    let mut parts = export.parts();
    let only = parts.next().filter(|_| parts.next().is_none() && export.platform.is_none())?;
    matches!(Packed::found_at(&only.origin, &only.name), Ok(Packed::Folder)).then(|| only.clone())
}

/// So many folders are looked into to find out whether they are submissions.
const MOST_TRIED: usize = 10;

/// So many folders may be wrapped around a class.
const DEEPEST: usize = 3;

fn has_submission<'p>(mut parts: impl Iterator<Item = &'p Part>, tasks: &[Task]) -> Result<bool, Unreadable> {
    parts.try_fold(false, |found, part| Ok(found || is_submission(part, tasks)?))
}

/// Is an exercise found in it?
fn is_submission(part: &Part, tasks: &[Task]) -> Result<bool, Unreadable> {
    let contents = Contents::list(std::slice::from_ref(part))?;
    Ok(layout::find(&contents.items, tasks).values().any(Result::is_ok))
}

/// Gives each submission to the learner whose it is.
fn intake(export: Export, roster: Option<Roster>, order: &Arc<Order>) -> Intake {
    let has_roster = roster.is_some();
    let Roster { learners, handed_in: told, mut problems } = roster.unwrap_or_default();
    problems.extend(export.problems.into_iter().chain(export.remarks));
    let directory = Directory::new(&learners);
    let mut theirs: BTreeMap<usize, Vec<Claimed>> = BTreeMap::new();
    let mut strangers: BTreeMap<String, Vec<Claimed>> = BTreeMap::new();
    for mut claimed in export.claimed {
        let place = claimed.parts.first().map_or_else(|| claimed.who.called.clone(), |part| shown(&part.origin));
        let why = match directory.find(&claimed.who) {
            Match::Certain(learner) => {
                theirs.entry(learner).or_default().push(claimed);
                continue;
            }
            Match::ByName(learner) => {
                claimed.notes.push(Note::new("found in the roster by name only"));
                theirs.entry(learner).or_default().push(claimed);
                continue;
            }
            Match::Several => "it fits more than one learner of the roster, so it was given to none of them",
            Match::Contradicted => {
                "by name it is a learner of the roster, by number it is not, so it was not given to them"
            }
            Match::Nobody => "it is nobody's on the roster",
        };
        if has_roster {
            problems.push(Note::at(why, place));
        }
        strangers.entry(claimed.who.called.clone()).or_default().push(claimed);
    }
    let ids: Vec<_> = learners.iter().map(|learner| learner.id.clone()).collect();
    let names: Vec<&str> = strangers.keys().map(String::as_str).collect();
    let ids = naming::ids(&names, &ids);
    let mut handed = Vec::new();
    let mut missing = Vec::new();
    for (position, learner) in learners.into_iter().enumerate() {
        match theirs.remove(&position) {
            Some(claimed) => handed.push((learner, claimed)),
            None => missing.push(learner),
        }
    }
    let on_roster = handed.len();
    handed.extend(ids.into_iter().zip(strangers.into_values()).map(|(id, claimed)| {
        let who = &claimed[0].who;
        let learner =
            Learner { id, name: who.name.clone(), email: who.email.clone(), elsewhere: who.elsewhere.clone() };
        (learner, claimed)
    }));
    handed[on_roster..].sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
    let handed = handed.into_iter().map(|(learner, claimed)| {
        let told = told.get(&learner.id).copied();
        let handed = latest(learner, claimed, order);
        Handed { handed_in: told.or(handed.handed_in), ..handed }
    });
    Intake { platform: export.platform, handed: handed.collect(), missing, problems }
}

/// The one submission of a learner that counts: the last one, where times tell. Where they do not, none.
fn latest(mut learner: Learner, mut claimed: Vec<Claimed>, order: &Arc<Order>) -> Handed {
    claimed.sort_by_key(|claimed| claimed.handed_in);
    let times: Vec<_> = claimed.iter().map(|claimed| claimed.handed_in).collect();
    let undecided = match times.as_slice() {
        [.., before, last] => last.is_none() || before == last || times[0].is_none(),
        _ => false,
    };
    let places: Vec<PathBuf> =
        claimed.iter().flat_map(|claimed| &claimed.parts).map(|part| part.origin.clone()).collect();
    let Claimed { who, parts, handed_in, mut notes } = claimed.pop().unwrap_or_else(|| unreachable!("at least one"));
    // What the platform calls them goes along, whether or not the roster knows it.
    learner.name = learner.name.or(who.name);
    learner.email = learner.email.or(who.email);
    for (platform, text) in who.elsewhere {
        learner.elsewhere.entry(platform).or_insert(text);
    }
    for earlier in claimed.iter().flat_map(|claimed| &claimed.parts) {
        notes.push(Note::at("an earlier submission is left aside", shown(&earlier.origin)));
    }
    Handed {
        learner,
        origin: parts.first().map(|part: &Part| part.origin.clone()).unwrap_or_default(),
        handed_in,
        notes,
        several: if undecided { places } else { Vec::new() },
        parts,
        order: Arc::clone(order),
    }
}

fn shown(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
