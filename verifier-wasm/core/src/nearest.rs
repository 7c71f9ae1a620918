//! The nearest of some texts, for messages about a misspelt one.

use crate::limits::{NEAREST_CANDIDATES, NEAREST_CHARACTERS};
use alloc::vec::Vec;

/// The candidate that `text` is most likely a misspelling of; `None` when none is near.
pub(crate) fn nearest<'c>(
    text: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    nearest_of(text, &mut candidates.into_iter())
}

/// As [`nearest`], compiled once for all kinds of candidates.
fn nearest_of<'c>(text: &str, candidates: &mut dyn Iterator<Item = &'c str>) -> Option<&'c str> {
    candidates
        .take(NEAREST_CANDIDATES)
        .filter_map(|candidate| Some((distance(text, candidate)?, candidate)))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, candidate)| *distance <= allowed(text, candidate))
        .map(|(_, candidate)| candidate)
}

/// One change in five characters is still a misspelling, and two are in any text that has more than three.
fn allowed(text: &str, candidate: &str) -> usize {
    let longer = text.chars().count().max(candidate.chars().count());
    if longer > 3 { longer.div_euclid(5).max(2) } else { longer.div_euclid(3) }
}

/// How many characters must be inserted, removed or replaced (Levenshtein); `None` for texts that are too long.
fn distance(one: &str, other: &str) -> Option<usize> {
    let other: Vec<char> = other.chars().take(NEAREST_CHARACTERS.saturating_add(1)).collect();
    if other.len() > NEAREST_CHARACTERS || one.chars().nth(NEAREST_CHARACTERS).is_some() {
        return None;
    }
    // row[i]: the distance between what was read of `one` and the first i characters of `other`.
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (read, character) in one.chars().enumerate() {
        let mut diagonal = read;
        let mut left = read.saturating_add(1);
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, candidate) in row.iter_mut().skip(1).zip(&other) {
            let above = *cell;
            let replaced = diagonal.saturating_add(usize::from(*candidate != character));
            left = replaced.min(above.saturating_add(1)).min(left.saturating_add(1));
            *cell = left;
            diagonal = above;
        }
    }
    row.last().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        let check = |one: &str, other: &str, expect: usize| {
            assert_eq!(distance(one, other), Some(expect), "{one} {other}");
            assert_eq!(distance(other, one), Some(expect), "{other} {one}");
        };
        check("", "", 0);
        check("", "abc", 3);
        check("kitten", "sitting", 3);
        check("org/repo-a", "org/repo-b", 1);
        check("ümlaut", "umlaut", 1);
        assert_eq!(distance(&"a".repeat(NEAREST_CHARACTERS + 1), "a"), None);
        assert_eq!(distance("a", &"a".repeat(NEAREST_CHARACTERS + 1)), None);
    }

    #[test]
    fn the_nearest_is_near() {
        let check = |text: &str, candidates: &[&str], expect: Option<&str>| {
            assert_eq!(nearest(text, candidates.iter().copied()), expect, "{text}");
        };
        check("org/repo-a", &["org/shop", "org/repo-b"], Some("org/repo-b"));
        check("deplyo", &["deploy", "main"], Some("deploy"));
        check("x", &["deploy", "y"], None);
        check("anything", &[], None);
    }
}
