//! Scripts as they are written: text to statements.
//!
//! ```text
//! == the name of a script [JoinGroup 5-9, SyncGroup 5]     the versions it is for, where not all
//! # a comment
//! topic t 2 cleanup.policy=compact                         creates it, with 2 partitions, and waits for its leaders
//! Produce {Acks: -1, TopicData: [{Name: $t, TopicId: $t.id, PartitionData: [{Records: batch{values: [x]}}]}]}
//! b: JoinGroup {GroupId: $g} -> me = MemberId, e = GenerationId
//! b: send SyncGroup {GroupId: $g, MemberId: $me, GenerationId: $e+1}
//! b: receive differs ErrorCode "why it does"
//! Heartbeat {…} until ErrorCode = 27
//! wait 100
//! b: close
//! ```
//!
//! `b:` names the connection, `a` where none is named. A request is sent and answered before the next line; `send` leaves
//! the answer for a later `receive`. A request is repeated while its answer says that a coordinator is not ready, unless
//! it begins with `once`, and with `until` as long as the answer is another. A field that is not named has its default,
//! and one that a version does not have is left out, so one line serves all versions. A variable that nothing has set is a
//! name that nobody else uses.

use std::fmt;

/// A script, with the place where it begins.
#[derive(Debug, Clone)]
pub struct Script {
    pub name: String,
    /// Requests, and the versions of them that it is for.
    pub only: Vec<(String, i16, i16)>,
    pub statements: Vec<Statement>,
}

/// A line of a script.
#[derive(Debug, Clone)]
pub struct Statement {
    pub line: usize,
    pub connection: String,
    pub action: Action,
    /// Variables, and where in the answer they are found.
    pub captures: Vec<(String, String)>,
    pub until: Option<(String, Term)>,
    /// Places of the answer that differ from Kafka's, each with its reason.
    pub differs: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
pub enum Action {
    Topic { name: String, partitions: i64, configs: Vec<(String, String)> },
    Wait { ms: u64 },
    Ask { api: String, body: Term, once: bool },
    Send { api: String, body: Term },
    Receive,
    Close,
}

/// A value as it is written.
#[derive(Debug, Clone)]
pub enum Term {
    Null,
    Bool(bool),
    Number(i64),
    Text(String),
    /// `$name`, and what is added to it.
    Variable(String, i64),
    List(Vec<Term>),
    Structure(Vec<(String, Term)>),
    /// `batch{…}`, `hex{…}`, `repeat{…}`, `string{…}`.
    Made(String, Vec<(String, Term)>),
}

/// What is wrong with a script, and on which line.
#[derive(Debug)]
pub struct Fault(pub String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The scripts of a file.
///
/// # Errors
/// Names the line.
pub fn parse(text: &str) -> Result<Vec<Script>, Fault> {
    let mut parser = Parser { rest: text, line: 1 };
    let mut scripts = Vec::new();
    loop {
        parser.blank();
        if parser.rest.is_empty() {
            return Ok(scripts);
        }
        scripts.push(parser.script()?);
    }
}

struct Parser<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Parser<'a> {
    fn fault<T>(&self, why: impl fmt::Display) -> Result<T, Fault> {
        Err(Fault(format!("line {}: {why}", self.line)))
    }

    fn skip(&mut self, bytes: usize) {
        let (gone, rest) = self.rest.split_at(bytes);
        self.line += gone.matches('\n').count();
        self.rest = rest;
    }

    /// Leaves out spaces, line ends and comments.
    fn blank(&mut self) {
        loop {
            let blank = self.rest.len() - self.rest.trim_start().len();
            self.skip(blank);
            if !self.rest.starts_with('#') {
                return;
            }
            self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
        }
    }

    fn has(&mut self, token: &str) -> bool {
        self.blank();
        let has = self.rest.starts_with(token);
        if has {
            self.skip(token.len());
        }
        has
    }

    fn must(&mut self, token: &str) -> Result<(), Fault> {
        match self.has(token) {
            true => Ok(()),
            false => self.fault(format_args!("`{token}` expected before `{}`", self.shown())),
        }
    }

    fn shown(&self) -> String {
        self.rest.chars().take(20).collect()
    }

    fn word(&mut self) -> Result<&'a str, Fault> {
        self.blank();
        let part = |c: char| c.is_alphanumeric() || "_.-/".contains(c);
        let length = self.rest.find(|c| !part(c)).unwrap_or(self.rest.len());
        match length {
            0 => self.fault(format_args!("a word expected before `{}`", self.shown())),
            _ => {
                let word = &self.rest[..length];
                self.skip(length);
                Ok(word)
            }
        }
    }

    /// Is this the next word? Then it is taken.
    fn keyword(&mut self, word: &str) -> bool {
        self.blank();
        let found = self.rest.strip_prefix(word).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()));
        if found {
            self.skip(word.len());
        }
        found
    }

    fn number(&mut self) -> Result<i64, Fault> {
        let word = self.word()?;
        word.parse().or_else(|_| self.fault(format_args!("`{word}` is not a number")))
    }

    fn text(&mut self) -> Result<String, Fault> {
        self.blank();
        let Some(rest) = self.rest.strip_prefix('"') else { return Ok(self.word()?.to_owned()) };
        let Some(end) = rest.find('"') else { return self.fault("a text without an end") };
        let text = rest[..end].to_owned();
        self.skip(end + 2);
        Ok(text)
    }

    fn script(&mut self) -> Result<Script, Fault> {
        self.must("== ")?;
        let head = self.rest.lines().next().unwrap_or_default();
        self.skip(head.len());
        let (name, only) = match head.split_once('[') {
            None => (head, Vec::new()),
            Some((name, only)) => {
                let only = only.trim_end().trim_end_matches(']').split(',').map(|only| versions(only.trim()));
                match only.collect::<Option<Vec<_>>>() {
                    Some(only) => (name, only),
                    None => return self.fault("versions are written as `JoinGroup 5-9` or `JoinGroup 5`"),
                }
            }
        };
        let mut statements = Vec::new();
        loop {
            self.blank();
            if self.rest.is_empty() || self.rest.starts_with("== ") {
                return Ok(Script { name: name.trim().to_owned(), only, statements });
            }
            statements.push(self.statement()?);
        }
    }

    fn statement(&mut self) -> Result<Statement, Fault> {
        let line = self.line;
        let mut word = self.word()?;
        let mut connection = "a";
        if self.rest.starts_with(':') {
            self.skip(1);
            connection = word;
            word = self.word()?;
        }
        let action = match word {
            "topic" => self.topic()?,
            "wait" => Action::Wait { ms: self.number()?.unsigned_abs() },
            "close" => Action::Close,
            "receive" => Action::Receive,
            "send" => Action::Send { api: self.word()?.to_owned(), body: self.term()? },
            "once" => Action::Ask { api: self.word()?.to_owned(), body: self.term()?, once: true },
            api => Action::Ask { api: api.to_owned(), body: self.term()?, once: false },
        };
        let connection = connection.to_owned();
        let mut statement =
            Statement { line, connection, action, captures: Vec::new(), until: None, differs: Vec::new() };
        if self.has("->") {
            loop {
                let name = self.word()?.to_owned();
                self.must("=")?;
                statement.captures.push((name, self.word()?.to_owned()));
                if !self.has(",") {
                    break;
                }
            }
        }
        if self.keyword("until") {
            let path = self.word()?.to_owned();
            self.must("=")?;
            statement.until = Some((path, self.term()?));
        }
        while self.keyword("differs") {
            statement.differs.push((self.word()?.to_owned(), self.text()?));
        }
        Ok(statement)
    }

    fn topic(&mut self) -> Result<Action, Fault> {
        let name = self.word()?.to_owned();
        let partitions = self.number()?;
        let mut configs = Vec::new();
        let rest = self.rest.lines().next().unwrap_or_default();
        self.skip(rest.len());
        for config in rest.split('#').next().unwrap_or_default().split_whitespace() {
            match config.split_once('=') {
                Some((name, value)) => configs.push((name.to_owned(), value.to_owned())),
                None => return self.fault(format_args!("`{config}` is not `name=value`")),
            }
        }
        Ok(Action::Topic { name, partitions, configs })
    }

    fn term(&mut self) -> Result<Term, Fault> {
        self.blank();
        if self.has("{") {
            return Ok(Term::Structure(self.fields()?));
        }
        if self.has("[") {
            let mut list = Vec::new();
            while !self.has("]") {
                list.push(self.term()?);
                self.has(",");
            }
            return Ok(Term::List(list));
        }
        if self.has("$") {
            let name = self.word()?.to_owned();
            let plus = if self.rest.starts_with('+') { Some(1) } else { None };
            return match plus {
                Some(sign) => {
                    self.skip(1);
                    Ok(Term::Variable(name, sign * self.number()?))
                }
                None => Ok(Term::Variable(name, 0)),
            };
        }
        if self.rest.starts_with('"') {
            return Ok(Term::Text(self.text()?));
        }
        let word = self.word()?;
        if self.rest.starts_with('{') {
            self.skip(1);
            return Ok(Term::Made(word.to_owned(), self.fields()?));
        }
        Ok(match word {
            "null" => Term::Null,
            "true" => Term::Bool(true),
            "false" => Term::Bool(false),
            word => word.parse().map_or_else(|_| Term::Text(word.to_owned()), Term::Number),
        })
    }

    fn fields(&mut self) -> Result<Vec<(String, Term)>, Fault> {
        let mut fields = Vec::new();
        while !self.has("}") {
            let name = self.word()?.to_owned();
            self.must(":")?;
            fields.push((name, self.term()?));
            self.has(",");
        }
        Ok(fields)
    }
}

/// `JoinGroup 5-9` or `JoinGroup 5`.
fn versions(text: &str) -> Option<(String, i16, i16)> {
    let (api, versions) = text.split_once(' ')?;
    let (oldest, newest) = versions.split_once('-').unwrap_or((versions, versions));
    Some((api.to_owned(), oldest.parse().ok()?, newest.parse().ok()?))
}
