//! The lines of `messages.txt` as messages, fields and versions.
//!
//! A message begins with `KEY NAME request|response VERSIONS flexible VERSIONS`. Its fields follow, one a line, indented by
//! one space for each structure that they are in: `NAME TYPE VERSIONS [null VERSIONS] [tag NUMBER VERSIONS] [= DEFAULT]`.
//! Versions are `3`, `0-12`, `9+` or `none`. All is as in Kafka's definitions, see its `clients/src/main/resources/common/message/README.md`.

use std::fmt;
use std::sync::LazyLock;

use crate::reader::Malformed;

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Request,
    Response,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Direction::Request => "request",
            Direction::Response => "response",
        })
    }
}

/// A range of versions, both ends included; empty where `oldest` is above `newest`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    pub oldest: i16,
    pub newest: i16,
}

impl Versions {
    const NONE: Versions = Versions { oldest: 0, newest: -1 };

    pub fn contain(self, version: i16) -> bool {
        self.oldest <= version && version <= self.newest
    }

    fn parse(text: &str) -> Option<Versions> {
        if text == "none" {
            return Some(Versions::NONE);
        }
        if let Some(oldest) = text.strip_suffix('+') {
            return Some(Versions { oldest: oldest.parse().ok()?, newest: i16::MAX });
        }
        let (oldest, newest) = text.split_once('-').unwrap_or((text, text));
        Some(Versions { oldest: oldest.parse().ok()?, newest: newest.parse().ok()? })
    }
}

/// One message.
#[derive(Debug)]
pub struct Message {
    pub api: i16,
    pub name: &'static str,
    pub direction: Direction,
    pub versions: Versions,
    /// The versions with compact lengths and tagged fields (KIP-482).
    pub flexible: Versions,
    pub fields: Vec<Field>,
}

/// One field of a structure.
#[derive(Debug)]
pub struct Field {
    pub name: &'static str,
    pub kind: Kind,
    /// The versions that have it.
    pub versions: Versions,
    /// The versions in which it may be null.
    pub nullable: Versions,
    pub tag: u32,
    /// The versions in which it is written as a tagged field.
    pub tagged: Versions,
    /// What it is where it is not written, as text; none for zero, empty, or a structure of defaults.
    pub default: Option<&'static str>,
}

impl Field {
    /// Is it there, between the fields before and after it?
    pub fn in_line(&self, version: i16) -> bool {
        self.versions.contain(version) && !self.tagged.contain(version)
    }

    /// May it be there, behind the structure's other fields?
    pub fn is_tagged(&self, version: i16) -> bool {
        self.versions.contain(version) && self.tagged.contain(version)
    }
}

/// What a field holds.
#[derive(Debug)]
pub enum Kind {
    Bool,
    Int8,
    Int16,
    Uint16,
    Int32,
    Int64,
    Float64,
    Uuid,
    String,
    Bytes,
    /// Batches of records, which have a format of their own.
    Records,
    Structure(Vec<Field>),
    /// Entries, which are never arrays themselves.
    Array(Box<Kind>),
}

impl Kind {
    fn parse(text: &str) -> Option<Kind> {
        if let Some(entry) = text.strip_prefix("[]") {
            return Some(Kind::Array(Box::new(Kind::parse(entry)?)));
        }
        Some(match text {
            "bool" => Kind::Bool,
            "int8" => Kind::Int8,
            "int16" => Kind::Int16,
            "uint16" => Kind::Uint16,
            "int32" => Kind::Int32,
            "int64" => Kind::Int64,
            "float64" => Kind::Float64,
            "uuid" => Kind::Uuid,
            "string" => Kind::String,
            "bytes" => Kind::Bytes,
            "records" => Kind::Records,
            "struct" => Kind::Structure(Vec::new()),
            _ => return None,
        })
    }

    /// The bytes that every value of this kind takes, where that is the same for all.
    pub fn size(&self) -> Option<usize> {
        match self {
            Kind::Bool | Kind::Int8 => Some(1),
            Kind::Int16 | Kind::Uint16 => Some(2),
            Kind::Int32 => Some(4),
            Kind::Int64 | Kind::Float64 => Some(8),
            Kind::Uuid => Some(16),
            _ => None,
        }
    }

    fn fields_mut(&mut self) -> Option<&mut Vec<Field>> {
        match self {
            Kind::Structure(fields) => Some(fields),
            Kind::Array(entry) => entry.fields_mut(),
            _ => None,
        }
    }
}

static MESSAGES: LazyLock<Vec<Message>> = LazyLock::new(|| {
    // A line that is not understood would be a fault of ours, which a test finds.
    parse(include_str!("messages.txt")).unwrap_or_default()
});

/// By api key: the places of request and response in [`MESSAGES`].
static PLACES: LazyLock<Vec<[Option<usize>; 2]>> = LazyLock::new(|| {
    let mut places = Vec::new();
    for (place, message) in MESSAGES.iter().enumerate() {
        let Ok(api) = usize::try_from(message.api) else { continue };
        if places.len() <= api {
            places.resize(api + 1, [None; 2]);
        }
        places[api][message.direction as usize] = Some(place);
    }
    places
});

/// All messages.
pub fn messages() -> &'static [Message] {
    &MESSAGES
}

/// The message of this kind and direction.
pub fn message(api: i16, direction: Direction) -> Option<&'static Message> {
    let places = PLACES.get(usize::try_from(api).ok()?)?;
    MESSAGES.get(places[direction as usize]?)
}

/// The same, if it exists in this version.
pub(super) fn in_version(api: i16, direction: Direction, version: i16) -> Result<&'static Message, Malformed> {
    let message = message(api, direction).ok_or_else(|| Malformed::new(format!("api key {api} is not known")))?;
    let Versions { oldest, newest } = message.versions;
    match message.versions.contain(version) {
        true => Ok(message),
        false => Err(Malformed::new(format!("{} has versions {oldest} to {newest}, not {version}", message.name))),
    }
}

/// Reads the table. An error names the line.
pub(super) fn parse(text: &'static str) -> Result<Vec<Message>, String> {
    let mut messages: Vec<Message> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let fault = |why: &str| format!("line {}: {why}: {line}", number + 1);
        let depth = line.len() - line.trim_start().len();
        if depth == 0 {
            messages.push(head(line).ok_or_else(|| fault("not a message"))?);
            continue;
        }
        let field = field(line).ok_or_else(|| fault("not a field"))?;
        let mut fields = &mut messages.last_mut().ok_or_else(|| fault("a field without a message"))?.fields;
        for _ in 1..depth {
            let outer = fields.last_mut().and_then(|outer| outer.kind.fields_mut());
            fields = outer.ok_or_else(|| fault("not in a structure"))?;
        }
        fields.push(field);
    }
    Ok(messages)
}

fn head(line: &'static str) -> Option<Message> {
    let mut words = line.split(' ');
    let api = words.next()?.parse().ok()?;
    let name = words.next()?;
    let direction = match words.next()? {
        "request" => Direction::Request,
        "response" => Direction::Response,
        _ => return None,
    };
    let versions = Versions::parse(words.next()?)?;
    let flexible = words.next().filter(|word| *word == "flexible").and_then(|_| words.next())?;
    let flexible = Versions::parse(flexible)?;
    words.next().is_none().then_some(Message { api, name, direction, versions, flexible, fields: Vec::new() })
}

fn field(line: &'static str) -> Option<Field> {
    let mut words = line.trim_start().split(' ');
    let (name, kind, versions) = (words.next()?, Kind::parse(words.next()?)?, Versions::parse(words.next()?)?);
    let mut field =
        Field { name, kind, versions, nullable: Versions::NONE, tag: 0, tagged: Versions::NONE, default: None };
    while let Some(word) = words.next() {
        match word {
            "null" => field.nullable = Versions::parse(words.next()?)?,
            "tag" => (field.tag, field.tagged) = (words.next()?.parse().ok()?, Versions::parse(words.next()?)?),
            "=" => field.default = Some(words.next()?),
            _ => return None,
        }
    }
    Some(field)
}
