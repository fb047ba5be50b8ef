//! Winnowing: of all runs of tokens in a program a few are chosen, the same ones wherever the same tokens stand.
//!
//! Any part that two programs share is noticed if it is at least [`GRAM`] + [`WINDOW`] - 1 tokens long, and none that is
//! shorter than [`GRAM`].

use super::tokens::Token;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Tokens that are looked at together: two or three lines of code.
pub const GRAM: usize = 20;

/// Of so many neighbouring grams at least one is chosen.
pub const WINDOW: usize = 12;

/// The chosen grams of a program, without those of its stub; sorted, each once.
pub fn prints(tokens: &[Token], stub: &HashSet<u64>) -> Vec<u64> {
    let grams: Vec<u64> = grams(tokens).collect();
    let mut chosen: Vec<u64> = match grams.len() {
        0 => Vec::new(),
        // The smallest of each window; where two are as small, the later one, which stays longer.
        _ => grams.windows(WINDOW.min(grams.len())).filter_map(|window| window.iter().rev().min().copied()).collect(),
    };
    chosen.sort_unstable();
    chosen.dedup();
    chosen.retain(|gram| !stub.contains(gram));
    chosen
}

/// Every gram of these tokens.
pub fn grams(tokens: &[Token]) -> impl Iterator<Item = u64> {
    tokens.windows(GRAM).map(|gram| {
        let mut hash = DefaultHasher::new();
        gram.hash(&mut hash);
        hash.finish()
    })
}

/// How many two sorted lists have in common.
pub fn shared(a: &[u64], b: &[u64]) -> usize {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut shared = 0;
    while let (Some(left), Some(right)) = (a.peek(), b.peek()) {
        match left.cmp(right) {
            std::cmp::Ordering::Less => drop(a.next()),
            std::cmp::Ordering::Greater => drop(b.next()),
            std::cmp::Ordering::Equal => {
                shared += 1;
                a.next();
                b.next();
            }
        }
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokens in which nothing repeats.
    fn part(from: u16, length: u16) -> Vec<Token> {
        (from..from + length).map(Token::Keyword).collect()
    }

    #[test]
    fn a_shared_part_is_found_wherever_it_stands() {
        let long = (GRAM + WINDOW - 1) as u16;
        let one = [part(1000, 50), part(0, long), part(2000, 30)].concat();
        let two = [part(3000, 7), part(0, long)].concat();
        let none = HashSet::new();
        assert!(shared(&prints(&one, &none), &prints(&two, &none)) >= 1);
        let short = [part(3000, 60), part(0, GRAM as u16 - 1), part(4000, 60)].concat();
        assert_eq!(shared(&prints(&one, &none), &prints(&short, &none)), 0, "too short to say anything");
    }

    #[test]
    fn the_stub_does_not_count() {
        let stub: HashSet<u64> = grams(&part(0, 100)).collect();
        let own = [part(0, 100), part(5000, 80)].concat();
        assert!(prints(&part(0, 100), &stub).is_empty());
        let prints = prints(&own, &stub);
        assert!(!prints.is_empty() && prints.iter().all(|print| !stub.contains(print)));
        assert!(super::prints(&part(0, 3), &stub).is_empty());
    }
}
