//! Suites of other projects: their cases, their verdicts, and the one file of exceptions from these.
//!
//! A runner opens a [`Suite`], hands every case to [`Suite::judge`] and ends with [`Suite::finish`], which prints
//! the counts. A verdict that is another than the suite's must stand in `exceptions/x509.json`, with the verdict that
//! is given and a reason; an exception that is none (any more) fails the run.

pub mod authorities;
mod exceptions;
pub mod oracle;
pub mod pem_blocks;

use credmint_core::{Refusal, UnixTime};
use exceptions::Exception;
use std::collections::{BTreeMap, BTreeSet};

/// The suites that have a runner.
pub const SUITES: &[&str] = &[
    "pkits",
    "x509-limbo",
    "boringssl-pki/verify_certificate_chain_unittest",
    "boringssl-pki/parse_certificate_unittest",
    "boringssl-pki/name_constraints_unittest",
    "boringssl-pki/verify_name_match_unittest",
    "boringssl-pki/verify_signed_data_unittest",
    "boringssl-pki/path_builder_unittest",
    "boringssl-pki/crl_unittest",
    "boringssl-pki/certificate_policies_unittest",
    "boringssl-pki/cert_issuer_source_static_unittest",
    "boringssl-pki/verify_unittest",
];

/// One run of a suite.
pub struct Suite {
    name: &'static str,
    exceptions: BTreeMap<String, Exception>,
    cases: BTreeSet<String>,
    wrong: Vec<String>,
    /// Cases with the suite's verdict.
    agreed: usize,
    /// Cases that the oracle was asked about, and those of them in which it has the suite's verdict.
    asked: usize,
    oracle_agreed: usize,
}

impl Suite {
    /// A run of the suite of this name, with its exceptions.
    ///
    /// # Panics
    /// When the suite is not one of [`SUITES`], or the file of exceptions is not well-formed.
    #[must_use]
    pub fn open(name: &'static str) -> Self {
        assert!(SUITES.contains(&name), "{name} is no suite");
        Self {
            name,
            exceptions: exceptions::of(name),
            cases: BTreeSet::new(),
            wrong: Vec::new(),
            agreed: 0,
            asked: 0,
            oracle_agreed: 0,
        }
    }

    /// Compares what was `found` for a case with what the suite says, or with the exception.
    pub fn judge(&mut self, case: &str, good: bool, found: &Result<(), Refusal>) {
        if !self.cases.insert(case.to_owned()) {
            self.wrong.push(format!("{case}: the case ran twice"));
        }
        let verdict = verdict(found);
        let same = good == found.is_ok();
        self.agreed += usize::from(same);
        match exceptions::find(&mut self.exceptions, case) {
            // One exception for many cases tells of those that differ.
            Some((pattern, _)) if same && pattern != case => {}
            Some((_, exception)) => {
                exception.met = true;
                if same {
                    self.wrong.push(format!("{case}: no exception any more: {verdict}"));
                } else if exception.verdict != verdict {
                    let Exception { verdict: expect, reason, .. } = exception;
                    self.wrong.push(format!("{case}: {found:?}, not {expect} as in: {reason}"));
                }
            }
            None if same => {}
            None => self.wrong.push(format!("{case}: {found:?}, the suite says good: {good}")),
        }
    }

    /// As [`Suite::judge`], and counts whether the oracle's verdict is the suite's.
    pub fn judge_beside(
        &mut self,
        case: &str,
        good: bool,
        found: &Result<(), Refusal>,
        oracle: bool,
    ) {
        self.judge(case, good, found);
        self.asked += 1;
        self.oracle_agreed += usize::from(good == oracle);
    }

    /// Prints the counts.
    ///
    /// # Panics
    /// When a case was wrong, an exception is stale, or the suite has another number of cases than `expect`.
    pub fn finish(mut self, expect: usize) {
        let stale = self.exceptions.iter().filter(|(_, exception)| !exception.met);
        self.wrong.extend(stale.map(|(case, _)| format!("{case}: an exception without a case")));
        assert!(self.wrong.is_empty(), "{}:\n{}", self.name, self.wrong.join("\n"));
        let cases = self.cases.len();
        assert_eq!(cases, expect, "{} has other cases than expected", self.name);
        let (name, agreed) = (self.name, self.agreed);
        print!("{name}: {agreed} of {cases} as the suite says, {} exceptions", cases - agreed);
        match self.asked {
            0 => println!(),
            asked => println!("; rustls-webpki: {} of {asked}", self.oracle_agreed),
        }
    }
}

/// `accept`, or the code of the refusal.
#[must_use]
pub fn verdict(found: &Result<(), Refusal>) -> &'static str {
    found.as_ref().map_or_else(|refusal| refusal.code().as_str(), |()| "accept")
}

/// A UTCTime or GeneralizedTime of a suite's text, `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`.
///
/// # Panics
/// When the text is none.
#[must_use]
pub fn time(text: &str) -> UnixTime {
    let text = if text.len() == 13 { format!("20{text}") } else { text.to_owned() };
    let number = |at: usize, length: usize| text[at..at + length].parse::<u16>().expect("digits");
    let small = |at: usize| u8::try_from(number(at, 2)).expect("two digits");
    UnixTime::from_civil(number(0, 4), small(4), small(6), small(8), small(10), small(12))
        .expect("a time")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panicking;
    use credmint_core::Code;

    fn run(name: &'static str, exceptions: &[(&str, &str)]) -> Suite {
        let mut suite = Suite::open(name);
        suite.exceptions = exceptions
            .iter()
            .map(|(case, verdict)| (String::from(*case), Exception::new(verdict, "a reason")))
            .collect();
        suite
    }

    #[test]
    fn only_what_the_suite_or_an_exception_says_is_right() {
        let check = |good: bool, found: Result<(), Code>, exception: Option<&str>, right: bool| {
            let exceptions: Vec<_> =
                exception.map(|verdict| ("case", verdict)).into_iter().collect();
            let mut suite = run("pkits", &exceptions);
            let found = found.map_err(Refusal::new);
            suite.judge("case", good, &found);
            assert_eq!(suite.wrong.is_empty(), right, "{found:?} {exception:?}");
        };
        let expired = Err(Code::CertificateExpired);
        check(true, Ok(()), None, true);
        check(false, expired, None, true);
        check(true, expired, None, false);
        check(false, Ok(()), None, false);
        check(true, expired, Some("certificate_expired"), true);
        check(false, Ok(()), Some("accept"), true);
        check(true, expired, Some("path_not_found"), false);
        // The suite and the code agree: the exception is stale.
        check(true, Ok(()), Some("certificate_expired"), false);
        check(false, expired, Some("certificate_expired"), false);
    }

    #[test]
    fn an_exception_may_be_for_all_cases_with_an_ending() {
        let mut suite = run("pkits", &[("*, twin", "accept")]);
        suite.judge("a", false, &Err(Refusal::new(Code::CertificateExpired)));
        suite.judge("a, twin", false, &Err(Refusal::new(Code::CertificateExpired)));
        assert!(!suite.exceptions["*, twin"].met);
        suite.judge("b, twin", false, &Ok(()));
        assert!(suite.exceptions["*, twin"].met && suite.wrong.is_empty());
        suite.judge("b", false, &Ok(()));
        assert_eq!(suite.wrong.len(), 1);
    }

    #[test]
    fn an_exception_for_a_case_that_is_not_there_is_stale() {
        let message = panicking::message(|| run("pkits", &[("gone", "accept")]).finish(0));
        assert!(message.contains("an exception without a case"), "{message}");
    }

    #[test]
    fn times() {
        assert_eq!(time("151002120000Z"), time("20151002120000Z"));
        assert_eq!(time("19700101000001Z"), UnixTime::from_seconds(1));
    }
}
