//! Whose a submission is: what an export tells of somebody, held against the roster.

use super::export::Who;
use super::learner::Learner;
use std::collections::HashMap;

/// Whom a submission belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// This one of the roster, by something that is theirs alone.
    Certain(usize),
    /// This one, whose name it is and nobody else's.
    ByName(usize),
    /// Several of the roster fit.
    Several,
    /// By name it would be somebody of whom the roster tells something else.
    Contradicted,
    Nobody,
}

/// The class, to find learners in.
#[derive(Debug, Default)]
pub struct Directory<'r> {
    learners: &'r [Learner],
    places: HashMap<(Key, String), Vec<usize>>,
}

/// What learners are found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Canvas,
    Moodle,
    Gradescope,
    Email,
    /// Whatever else tells somebody apart: an id, a login, a number of the school.
    Word,
    Name,
}

impl<'r> Directory<'r> {
    pub fn new(learners: &'r [Learner]) -> Directory<'r> {
        let mut directory = Directory { learners, places: HashMap::new() };
        for (learner, position) in learners.iter().zip(0..) {
            let mut add = |key: Key, text: &str| {
                let there = directory.places.entry((key, text.trim().to_lowercase())).or_default();
                if !there.contains(&position) {
                    there.push(position);
                }
            };
            add(Key::Word, learner.id.as_str());
            if let Some(email) = &learner.email {
                add(Key::Email, email);
                add(Key::Word, email.split('@').next().unwrap_or(email));
            }
            for (platform, text) in &learner.elsewhere {
                match platform.as_str() {
                    "canvas" => add(Key::Canvas, text),
                    "moodle" => add(Key::Moodle, text),
                    "gradescope" => add(Key::Gradescope, text),
                    _ => {}
                }
                add(if text.contains('@') { Key::Email } else { Key::Word }, text);
                add(Key::Word, text.split('@').next().unwrap_or(text));
            }
            orders(learner.name.as_deref().unwrap_or_default()).iter().for_each(|name| add(Key::Name, name));
        }
        directory
    }

    /// Whose submission it is. What is theirs alone goes before a name.
    pub fn find(&self, who: &Who) -> Match {
        let elsewhere = |platform: &str| who.elsewhere.get(platform).map(String::as_str);
        let word = elsewhere("sid").or(who.elsewhere.is_empty().then_some(who.called.as_str()));
        let claims = [
            (Key::Canvas, elsewhere("canvas")),
            (Key::Moodle, elsewhere("moodle")),
            (Key::Email, who.email.as_deref()),
            (Key::Word, word),
            (Key::Gradescope, elsewhere("gradescope")),
        ];
        for (key, text) in claims {
            let found = text.and_then(|text| self.places.get(&(key, text.trim().to_lowercase())));
            match found.map(Vec::as_slice) {
                Some([only]) => return Match::Certain(*only),
                Some(_) => return Match::Several,
                None => {}
            }
        }
        let name = who.name.as_deref().unwrap_or(&who.called);
        match self.places.get(&(Key::Name, squeezed(name))).map(Vec::as_slice) {
            None => Match::Nobody,
            Some([only]) if self.contradicts(who, *only) => Match::Contradicted,
            Some([only]) => Match::ByName(*only),
            Some(_) => Match::Several,
        }
    }

    /// Does the roster say something else of this learner than the export does?
    fn contradicts(&self, who: &Who, learner: usize) -> bool {
        let learner = &self.learners[learner];
        let differs = |(platform, text): (&String, &String)| {
            learner.elsewhere.get(platform).is_some_and(|other| platform != "gradescope" && other != text)
        };
        let emails = who.email.as_ref().zip(learner.email.as_ref());
        who.elsewhere.iter().any(differs) || emails.is_some_and(|(one, other)| !one.eq_ignore_ascii_case(other))
    }
}

/// A name in each order of its parts that may be meant, squeezed: Canvas sorts by `Lovelace, Ada`.
fn orders(name: &str) -> Vec<String> {
    let mut parts: Vec<&str> = name.split([' ', ',']).filter(|part| !part.is_empty()).take(MOST_PARTS).collect();
    let mut orders = Vec::new();
    for _ in 0..parts.len() {
        orders.push(squeezed(&parts.concat()));
        parts.rotate_left(1);
    }
    orders.retain(|order| !order.is_empty());
    orders
}

/// No name has more parts.
const MOST_PARTS: usize = 10;

/// Small letters and digits only.
fn squeezed(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::super::LearnerId;
    use super::*;

    fn learner(id: &str, name: &str, email: Option<&str>, elsewhere: &[(&str, &str)]) -> Learner {
        let elsewhere = elsewhere.iter().map(|(platform, text)| ((*platform).to_owned(), (*text).to_owned())).collect();
        Learner { id: LearnerId::new(id).unwrap(), name: Some(name.into()), email: email.map(str::to_owned), elsewhere }
    }

    fn who(called: &str, name: Option<&str>, elsewhere: &[(&str, &str)]) -> Who {
        let elsewhere = elsewhere.iter().map(|(platform, text)| ((*platform).to_owned(), (*text).to_owned())).collect();
        Who { called: called.into(), name: name.map(str::to_owned), email: None, elsewhere }
    }

    #[test]
    fn learners_are_found_and_never_guessed() {
        let class = [
            learner("ada", "Lovelace, Ada", Some("ada.l@x.org"), &[("canvas", "47"), ("sis_user", "u1")]),
            learner("g.hopper", "Grace Hopper", None, &[("moodle", "12")]),
            learner("twin1", "Kim Lee", None, &[]),
            learner("twin2", "Kim Lee", None, &[]),
        ];
        let directory = Directory::new(&class);
        let found = |who: Who| directory.find(&who);
        assert_eq!(found(who("x_47", Some("somebody"), &[("canvas", "47")])), Match::Certain(0));
        assert_eq!(found(who("Hopper", None, &[("moodle", "12")])), Match::Certain(1));
        assert_eq!(
            [found(who("ADA", None, &[])), found(who("u1", None, &[])), found(who("ada.l", None, &[]))],
            [Match::Certain(0); 3]
        );
        assert_eq!(found(who("hoppergrace_9", Some("hoppergrace"), &[("canvas", "9")])), Match::ByName(1));
        assert_eq!(found(who("Grace Hopper", None, &[])), Match::ByName(1));
        assert_eq!(found(who("lovelaceada_9", Some("lovelaceada"), &[("canvas", "9")])), Match::Contradicted);
        assert_eq!(found(who("Kim Lee", None, &[])), Match::Several);
        assert_eq!([found(who("mallory", None, &[])), found(who("", None, &[]))], [Match::Nobody; 2]);
        let email = Who { email: Some("Ada.L@x.org".into()), ..who("anybody", None, &[("gradescope", "3")]) };
        assert_eq!(found(email), Match::Certain(0));
    }
}
