//! The file of exceptions: suite, reason, case, verdict. `*` and an ending stand for all cases with this ending.

use credmint_core::Code;
use credmint_core::json::{Limits, parse_with};
use std::collections::BTreeMap;

const FILE: &str = include_str!("../../exceptions/x509.json");

/// What is expected of a case in place of the suite's verdict.
pub(super) struct Exception {
    /// `accept`, or the code of a refusal.
    pub(super) verdict: String,
    pub(super) reason: String,
    /// Whether a case differed.
    pub(super) met: bool,
}

impl Exception {
    pub(super) fn new(verdict: &str, reason: &str) -> Self {
        Self { verdict: verdict.to_owned(), reason: reason.to_owned(), met: false }
    }
}

/// The exceptions of one suite, by case. A case occurs once, with one reason.
pub(super) fn of(suite: &str) -> BTreeMap<String, Exception> {
    let file = parse_with(FILE.as_bytes(), Limits::DOCUMENT).expect("the exceptions in JSON");
    let mut all = BTreeMap::new();
    let Some(groups) = file.get(suite) else { return all };
    for (reason, cases) in groups.as_object().expect("reasons").iter() {
        assert!(reason.len() > 10, "{suite}: `{reason}` is no reason");
        for (case, verdict) in cases.as_object().expect("cases").iter() {
            let verdict = verdict.as_str().expect("a verdict");
            assert!(is_verdict(verdict), "{suite}: `{verdict}` is no verdict");
            let exception = Exception::new(verdict, reason);
            assert!(all.insert(case.to_owned(), exception).is_none(), "{suite}: {case} twice");
        }
    }
    all
}

/// The exception for a case, with its key: the case itself, or the pattern.
pub(super) fn find<'a>(
    exceptions: &'a mut BTreeMap<String, Exception>,
    case: &str,
) -> Option<(&'a str, &'a mut Exception)> {
    let is_for = |key: &str| match key.strip_prefix('*') {
        Some(ending) => case.ends_with(ending),
        None => case == key,
    };
    let key = exceptions.keys().rev().find(|key| is_for(key))?.clone();
    exceptions.iter_mut().find(|(own, _)| **own == key).map(|(key, found)| (key.as_str(), found))
}

fn is_verdict(text: &str) -> bool {
    text == "accept" || Code::ALL.iter().any(|code| code.as_str() == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suites::SUITES;

    #[test]
    fn every_suite_of_the_file_has_a_runner_and_reads() {
        let file = parse_with(FILE.as_bytes(), Limits::DOCUMENT).unwrap();
        for (suite, groups) in file.as_object().unwrap().iter() {
            assert!(SUITES.contains(&suite), "{suite}");
            assert!(!of(suite).is_empty(), "{suite}: {groups}");
        }
    }
}
