//! Plays a script to one broker.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use wire::schema::{self, Direction, Value};

use crate::compare::{Lines, lines};
use crate::peer::{Outcome, Peer};
use crate::script::{self, Action, Script, Statement, Term};
use crate::variables::Variables;

/// A coordinator is loading, not there yet, elsewhere, or busy with the transaction before.
const NOT_YET: [i64; 4] = [14, 15, 16, 51];

/// Between two tries, and how long they go on.
const PAUSE: Duration = Duration::from_millis(20);
const LIMIT: Duration = Duration::from_secs(5);

/// The version of each request in a run, by its name.
pub type Versions = HashMap<String, i16>;

/// What was answered to a line of a script.
#[derive(Debug)]
pub struct Played {
    pub line: usize,
    /// `JoinGroup v9`.
    pub request: String,
    pub answer: Lines,
}

/// Plays a script, each request in the version of this run. It ends early where a version cannot say what is asked.
pub fn play(script: &Script, versions: &Versions, address: &str, run: &str) -> Vec<Played> {
    let mut player = Player {
        peer: Peer::new(address),
        variables: Variables::new(run.to_owned()),
        versions: versions.clone(),
        asked: HashMap::new(),
        topics: Vec::new(),
    };
    let mut played = Vec::new();
    for statement in &script.statements {
        match player.statement(statement) {
            Ok(None) => {}
            Ok(Some(step)) => played.push(step),
            Err(why) => {
                let answer = vec![("not asked".to_owned(), why)];
                played.push(Played { line: statement.line, request: String::new(), answer });
                break;
            }
        }
    }
    player.clean();
    played
}

struct Player {
    peer: Peer,
    variables: Variables,
    versions: Versions,
    /// By connection: the request whose answer will be received.
    asked: HashMap<String, String>,
    topics: Vec<String>,
}

impl Player {
    fn statement(&mut self, statement: &Statement) -> Result<Option<Played>, String> {
        let connection = &statement.connection;
        let (request, outcome) = match &statement.action {
            Action::Topic { name, partitions, configs } => {
                self.topic(name, *partitions, configs)?;
                return Ok(None);
            }
            Action::Wait { ms } => {
                std::thread::sleep(Duration::from_millis(*ms));
                return Ok(None);
            }
            Action::Close => {
                self.peer.close(connection);
                return Ok(None);
            }
            Action::Send { api, body } => {
                let request = self.send(connection, api, body)?;
                self.asked.insert(connection.clone(), request);
                return Ok(None);
            }
            Action::Receive => (self.asked.remove(connection).unwrap_or_default(), Some(self.peer.receive(connection))),
            Action::Ask { api, body, once } => self.ask(connection, api, body, *once, statement.until.as_ref())?,
        };
        let answer = match outcome {
            None => vec![("answered".to_owned(), "not at all".to_owned())],
            Some(Outcome::Closed) => vec![("answered".to_owned(), "by closing the connection".to_owned())],
            Some(Outcome::Unreadable(why)) => vec![("answered".to_owned(), why)],
            Some(Outcome::Answer(value, rest)) => {
                for (name, path) in &statement.captures {
                    let found = find(&value, path).cloned();
                    let field = path.rsplit('.').next().unwrap_or_default();
                    self.variables.set(name, found.unwrap_or(Value::Null), field);
                }
                let mut lines = lines(&value, &self.variables);
                if rest > 0 {
                    lines.push(("bytes too many".to_owned(), rest.to_string()));
                }
                lines
            }
        };
        Ok(Some(Played { line: statement.line, request, answer }))
    }

    fn send(&mut self, connection: &str, api: &str, body: &Term) -> Result<String, String> {
        let message = schema::messages().iter().find(|it| it.name == api && it.direction == Direction::Request);
        let message = message.ok_or(format!("there is no request {api}"))?;
        let version = *self.versions.get(api).ok_or(format!("{api} is not served"))?;
        let value = self.variables.structure(&message.fields, body)?;
        let body = schema::write(message.api, version, Direction::Request, &value).map_err(|why| why.to_string())?;
        self.peer.send(connection, message.api, version, &body);
        if api == "Produce" && value.get("Acks") == Some(&Value::Number(0)) {
            self.peer.expect_nothing(connection);
        }
        Ok(format!("{api} v{version}"))
    }

    fn ask(
        &mut self,
        connection: &str,
        api: &str,
        body: &Term,
        once: bool,
        until: Option<&(String, Term)>,
    ) -> Result<(String, Option<Outcome>), String> {
        let start = Instant::now();
        loop {
            let request = self.send(connection, api, body)?;
            if api == "Produce" && matches!(body, Term::Structure(fields) if fields.iter().any(is_acks_zero)) {
                return Ok((request, None));
            }
            let outcome = self.peer.receive(connection);
            let again = match &outcome {
                Outcome::Answer(value, _) => {
                    let wanted = until.is_none_or(|(path, term)| match (find(value, path), term) {
                        (Some(Value::Null), term) => matches!(term, Term::Null),
                        (Some(Value::Number(n)), term) => *n == self.variables.number(term),
                        (Some(Value::Text(text)), Term::Text(wanted)) => text == wanted,
                        (Some(Value::List(list)), Term::List(wanted)) => list.is_empty() == wanted.is_empty(),
                        (Some(Value::Structure(_)), Term::Structure(_)) => true,
                        _ => false,
                    });
                    !wanted || !once && is_not_yet("", value)
                }
                _ => false,
            };
            if !again || start.elapsed() > LIMIT {
                return Ok((request, Some(outcome)));
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Creates a topic, and waits until its partitions have leaders that serve them.
    fn topic(&mut self, name: &str, partitions: i64, configs: &[(String, String)]) -> Result<(), String> {
        let listed: String =
            configs.iter().map(|(name, value)| format!("{{Name: {name}, Value: \"{value}\"}} ")).collect();
        let asked: String = (0..partitions).map(|n| format!("{{PartitionIndex: {n}, Timestamp: -2}} ")).collect();
        let text = format!(
            "== topic
            CreateTopics {{TimeoutMs: 10000, Topics: [{{Name: ${name}, NumPartitions: {partitions}, ReplicationFactor: 1,
                Configs: [{{Name: retention.ms, Value: \"-1\"}} {listed}]}}]}} -> {name}.id = Topics.0.TopicId
            ListOffsets {{ReplicaId: -1, Topics: [{{Name: ${name}, Partitions: [{asked}]}}]}}"
        );
        let script = script::parse(&text).map_err(|fault| fault.to_string())?.remove(0);
        let versions = Versions::from([("CreateTopics".to_owned(), 7), ("ListOffsets".to_owned(), 7)]);
        let ours = std::mem::replace(&mut self.versions, versions);
        for statement in &script.statements {
            let start = Instant::now();
            loop {
                let played = self.statement(statement)?.ok_or("a request was expected")?;
                let fault = played.answer.iter().find(|(place, value)| place.ends_with("ErrorCode") && value != "0");
                match fault {
                    None => break,
                    Some((place, why)) if start.elapsed() > LIMIT => {
                        return Err(format!("topic {name}: {place}: {why}"));
                    }
                    Some(_) => std::thread::sleep(PAUSE),
                }
            }
        }
        // Kafka's group coordinator hears of a topic a moment after its leaders do.
        std::thread::sleep(PAUSE);
        self.versions = ours;
        self.topics.push(name.to_owned());
        Ok(())
    }

    /// Deletes what was created; the broker may be shared.
    fn clean(&mut self) {
        let topics: String = self.topics.iter().map(|name| format!("${name} ")).collect();
        let text = format!("== clean\nclean: DeleteTopics {{TopicNames: [{topics}], TimeoutMs: 1000}}");
        let script = script::parse(&text).expect("it is written above").remove(0);
        self.versions = Versions::from([("DeleteTopics".to_owned(), 5)]);
        self.statement(&script.statements[0]).ok();
    }
}

fn is_acks_zero((name, term): &(String, Term)) -> bool {
    name == "Acks" && matches!(term, Term::Number(0))
}

fn is_not_yet(name: &str, value: &Value) -> bool {
    match value {
        Value::Number(code) => name == "ErrorCode" && NOT_YET.contains(code),
        Value::List(entries) => entries.iter().any(|entry| is_not_yet("", entry)),
        Value::Structure(fields) => fields.iter().any(|(name, value)| is_not_yet(name, value)),
        _ => false,
    }
}

/// `Groups.0.MemberId`.
fn find<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, part| match value {
        Value::List(entries) => entries.get(part.parse::<usize>().ok()?),
        value => value.get(part),
    })
}
