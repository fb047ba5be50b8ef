//! Runs of a script: together they send each request in each version that is served.

use cluster::versions::SERVED;
use kafka_protocol::messages::ApiKey;
use wire::schema::{self, Direction};

use crate::play::Versions;
use crate::script::{Action, Script};

/// The versions of all requests in run `n`: the newest in run 0, the next older in run 1, until each has had its oldest.
pub fn versions(script: &Script, n: i16) -> Versions {
    let version = |(name, oldest, newest): (String, i16, i16)| (name, (newest - n).max(oldest));
    ranges(script).into_iter().map(version).collect()
}

/// Name, oldest and newest version of each request, for this script.
fn ranges(script: &Script) -> Vec<(String, i16, i16)> {
    let range = |(api, oldest, newest): &(ApiKey, i16, i16)| {
        let name = format!("{api:?}");
        let message = schema::message(*api as i16, Direction::Request).expect("what is served exists");
        let oldest = (*oldest).max(message.versions.oldest); // Produce claims more than exists
        match script.only.iter().find(|(only, ..)| *only == name) {
            Some(only) => only.clone(),
            None => (name, oldest, *newest),
        }
    };
    SERVED.iter().map(range).collect()
}

/// How many runs it takes until each request of the script was sent in each version.
pub fn runs(script: &Script) -> i16 {
    let asks = |name: &str| {
        script.statements.iter().any(
            |statement| matches!(&statement.action, Action::Ask { api, .. } | Action::Send { api, .. } if api == name),
        )
    };
    let counts =
        ranges(script).into_iter().filter(|(name, ..)| asks(name)).map(|(_, oldest, newest)| newest - oldest + 1);
    counts.max().unwrap_or(1)
}
