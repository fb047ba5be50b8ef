//! Which programs of a class are alike: a quick list, to look at. It proves nothing.
//!
//! Programs are compared by their tokens (`tokens`), of which winnowing (`winnow`) chooses some. What stands in the stub, and
//! what most of the class has in common, is nobody's own and does not count.

mod tokens;
mod winnow;

use crate::submission::{Language, LearnerId};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use winnow::{grams, prints, shared};

/// A program with fewer prints of its own is too short to say anything: some 80 tokens.
const LEAST: usize = 8;
/// Of how many programs on nothing but what most have in common is left out.
const CROWD: usize = 6;

/// A program of one exercise.
pub struct Program<'a> {
    pub learner: &'a LearnerId,
    pub language: Language,
    /// See [`crate::submission::Sources::fingerprint`].
    pub fingerprint: &'a str,
    /// What it is made of, of our comparison.
    own: Vec<u64>,
    /// Of its tokens, all in their order.
    text: u64,
}

/// Programs that are alike, in an exercise.
#[derive(Debug, Default, PartialEq, Serialize)]
pub struct Alike {
    /// The same, byte for byte.
    pub identical: Vec<Vec<LearnerId>>,
    /// The same but for names, comments, spacing and literals.
    pub renamed: Vec<Vec<LearnerId>>,
    /// The others, those with most in common first.
    pub pairs: Vec<Pair>,
    pub compared: usize,
    /// Too short, beside the stub, to be compared.
    pub too_short: usize,
}

/// Two programs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    pub learners: [LearnerId; 2],
    /// How much of the shorter one stands in the other, too, from 0 to 1.
    pub share: f64,
    /// In prints: how much that is.
    pub shared: usize,
}

/// What of a stub does not count.
pub struct Stub(HashSet<u64>);

impl Stub {
    pub fn new(source: &[u8], language: Language) -> Stub {
        Stub(grams(&tokens::tokens(source, language)).collect())
    }
}

impl<'a> Program<'a> {
    /// The program of these files; of each nothing but its prints is kept.
    pub fn new(
        learner: &'a LearnerId,
        language: Language,
        fingerprint: &'a str,
        files: &BTreeMap<String, Vec<u8>>,
        stub: &Stub,
    ) -> Program<'a> {
        let mut own = Vec::new();
        let mut text = DefaultHasher::new();
        for source in files.values() {
            let tokens = tokens::tokens(source, language);
            tokens.hash(&mut text);
            own.extend(prints(&tokens, &stub.0));
        }
        own.sort_unstable();
        own.dedup();
        Program { learner, language, fingerprint, own, text: text.finish() }
    }
}

/// Compares each program with each other of its language; at most `most` pairs that share at least `least` of the shorter
/// one are told.
pub fn compare(programs: &mut [Program<'_>], least: f64, most: usize) -> Alike {
    leave_out_common(programs);
    let compared: Vec<&Program<'_>> = programs.iter().filter(|program| program.own.len() >= LEAST).collect();
    let mut alike = Alike {
        identical: groups(&compared, |program| program.fingerprint.to_owned()),
        compared: compared.len(),
        too_short: programs.len() - compared.len(),
        ..Alike::default()
    };
    // One of each group of identical ones stands for it.
    let mut seen = HashSet::new();
    let different: Vec<&Program<'_>> =
        compared.iter().copied().filter(|program| seen.insert((program.language, program.fingerprint))).collect();
    alike.renamed = groups(&different, |program| format!("{:016x}", program.text));
    let mut seen = HashSet::new();
    let different: Vec<&Program<'_>> =
        different.iter().copied().filter(|program| seen.insert((program.language, program.text))).collect();
    alike.pairs = pairs(&different, least, most);
    alike
}

/// What stands in more than half of many programs is nobody's own.
fn leave_out_common(programs: &mut [Program<'_>]) {
    let mut by_language: HashMap<Language, HashMap<u64, usize>> = HashMap::new();
    let mut sizes: HashMap<Language, usize> = HashMap::new();
    let mut seen = HashSet::new();
    for program in programs.iter() {
        // Copies are no sign that something is common.
        if seen.insert((program.language, program.text)) {
            *sizes.entry(program.language).or_default() += 1;
            let counts = by_language.entry(program.language).or_default();
            program.own.iter().for_each(|print| *counts.entry(*print).or_default() += 1);
        }
    }
    for program in programs {
        let size = sizes.get(&program.language).copied().unwrap_or_default();
        if let (true, Some(counts)) = (size >= CROWD, by_language.get(&program.language)) {
            program.own.retain(|print| counts.get(print).is_none_or(|count| 2 * count <= size));
        }
    }
}

/// Those that have the same `key`, where they are several.
fn groups(programs: &[&Program<'_>], key: impl Fn(&Program<'_>) -> String) -> Vec<Vec<LearnerId>> {
    let mut groups: BTreeMap<(Language, String), Vec<LearnerId>> = BTreeMap::new();
    for program in programs {
        groups.entry((program.language, key(program))).or_default().push(program.learner.clone());
    }
    let mut groups: Vec<Vec<LearnerId>> = groups.into_values().filter(|group| group.len() > 1).collect();
    groups.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    groups
}

/// The pairs with most in common. No more of them are held at a time than are wanted.
fn pairs(programs: &[&Program<'_>], least: f64, most: usize) -> Vec<Pair> {
    let mut best: BinaryHeap<Reverse<(u64, usize, usize, usize)>> = BinaryHeap::new();
    for (position, one) in programs.iter().enumerate() {
        for (other_position, other) in programs.iter().enumerate().skip(position + 1) {
            if one.language != other.language {
                continue;
            }
            let shared = shared(&one.own, &other.own);
            let share = shared as f64 / one.own.len().min(other.own.len()) as f64;
            if share >= least {
                best.push(Reverse(((share * 1e6) as u64, shared, position, other_position)));
                if best.len() > most {
                    best.pop();
                }
            }
        }
    }
    let pair = |Reverse((share, shared, a, b)): Reverse<(u64, usize, usize, usize)>| Pair {
        learners: [programs[a].learner.clone(), programs[b].learner.clone()],
        share: share as f64 / 1e6,
        shared,
    };
    best.into_sorted_vec().into_iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STUB: &str = "use kit::Shutdown;\nfn main() -> Result<(), Box<dyn std::error::Error>> {\n    let shutdown = Shutdown::listen();\n    todo!(\"step 1 of 2\")\n}\n";

    /// A program of its own way: `kind` says which.
    fn source(kind: usize) -> String {
        let step = |n: usize| match (kind + n) % 4 {
            0 => format!("    if value_{n} > {n} {{ send(value_{n}, &mut state)?; }} else {{ skip(); }}\n"),
            1 => format!("    for item in batch.iter().filter(|x| x.ok) {{ total += item.amount * {n}; }}\n"),
            2 => format!(
                "    while let Some(record) = consumer.poll({n}) {{ match record {{ Ok(r) => keep(r), Err(e) => return Err(e) }} }}\n"
            ),
            _ => format!(
                "    let pair_{n} = (first[{n}] + second, third - fourth / 2.0); push(pair_{n}.0, pair_{n}.1);\n"
            ),
        };
        // Each kind has steps in an order that no other has.
        let steps: String = (0..24).map(|n| step(n * (2 * kind + 1) + n / 4)).collect();
        format!("fn main() {{\n{steps}}}\n")
    }

    fn alike(sources: &[(&str, String)]) -> Alike {
        let ids: Vec<LearnerId> = sources.iter().map(|(name, _)| LearnerId::new(name).unwrap()).collect();
        let stub = Stub::new(STUB.as_bytes(), Language::Rust);
        let mut programs: Vec<Program<'_>> = ids
            .iter()
            .zip(sources)
            .map(|(id, (_, source))| {
                let files = BTreeMap::from([("src/main.rs".to_owned(), source.clone().into_bytes())]);
                Program::new(id, Language::Rust, source, &files, &stub)
            })
            .collect();
        compare(&mut programs, 0.3, 10)
    }

    fn names(groups: &[Vec<LearnerId>]) -> Vec<String> {
        groups.iter().map(|group| group.iter().map(LearnerId::as_str).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn copies_renamed_copies_and_parts_are_told_apart() {
        let renamed = source(0).replace("value_", "v").replace("record", "r2").replace("    ", "\t");
        let half = |text: &str| text.lines().skip(1).take(12).map(|line| format!("{line}\n")).collect::<String>();
        let mixed = format!("fn main() {{\n{}{}}}\n", half(&source(0)), half(&source(3)));
        let told = alike(&[
            ("ada", source(0)),
            ("ben", source(0)),
            ("cyd", renamed),
            ("dan", mixed),
            ("eve", STUB.to_owned()),
        ]);
        assert_eq!(names(&told.identical), ["ada ben"]);
        assert_eq!(names(&told.renamed), ["ada cyd"]);
        assert_eq!((told.compared, told.too_short), (4, 1), "a stub is nobody's copy");
        let pair = &told.pairs[0];
        assert_eq!((pair.learners[0].as_str(), pair.learners[1].as_str()), ("ada", "dan"));
        assert!((0.3..0.9).contains(&pair.share), "{told:?}");
    }

    #[test]
    fn what_most_have_in_common_does_not_count() {
        let lesson = source(1);
        let own = |n: usize| {
            let lines: String = (0..40)
                .map(|at| if (at * 7 + n * 13) % (n + 3) < 2 { "    a(b, c);\n" } else { "    if d { e = f[g]; }\n" })
                .collect();
            format!("{lesson}fn own() {{\n{lines}}}\n")
        };
        let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
        let sources: Vec<(&str, String)> = names.iter().zip(0..).map(|(name, n)| (*name, own(n))).collect();
        let told = alike(&sources);
        assert!(told.pairs.iter().all(|pair| pair.share < 1.0), "{told:?}");
        let two = alike(&sources[..2]);
        assert!(two.pairs[0].share > 0.3, "of two programs nothing is known to be common: {two:?}");
    }

    #[test]
    fn no_more_pairs_are_told_than_wanted() {
        let sources: Vec<(String, String)> = (0..30)
            .map(|n| (format!("l{n}"), format!("{}// {n}\nfn f{n}() {{ {} }}\n", source(0), "g();".repeat(n))))
            .collect();
        let sources: Vec<(&str, String)> =
            sources.iter().map(|(name, source)| (name.as_str(), source.clone())).collect();
        assert!(alike(&sources[..5]).pairs.len() == 10);
    }
}
