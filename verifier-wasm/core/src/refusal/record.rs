//! The operator's record of a refusal: the same members in every log and every answer of a verify command.

use super::{Code, PublicCode, Refusal};
use alloc::format;
use alloc::string::String;

/// A refusal as it is recorded. `code` to `sentence` are its row of the table, the rest is what was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusalRecord<'a> {
    /// The reason code, of which nothing is hidden.
    pub code: &'static str,
    /// The step that refused.
    pub step: &'static str,
    /// Who can correct it.
    pub fault: &'static str,
    /// What the caller is told.
    pub public: &'static str,
    /// What the code says, for the operator. The caller's sentence is
    /// [`PublicCode::sentence`].
    pub sentence: &'static str,
    /// Where it happened, or what exactly is wrong.
    pub detail: Option<&'a str>,
    /// What was expected.
    pub expected: Option<&'a str>,
    /// What was found instead.
    pub found: Option<&'a str>,
}

impl Refusal {
    /// The refusal as a record.
    #[must_use]
    pub fn record(&self) -> RefusalRecord<'_> {
        let code: Code = self.code();
        RefusalRecord {
            code: code.as_str(),
            step: code.step().as_str(),
            fault: code.fault().as_str(),
            public: code.public().as_str(),
            sentence: code.sentence(),
            detail: self.detail_text(),
            expected: self.expected_text(),
            found: self.found_text(),
        }
    }
}

impl PublicCode {
    /// The value of `error_description` in every answer (RFC 6749 section 5.2, RFC 6750 section 3.1): the code and its
    /// sentence, so that a reader of the answer alone can look it up.
    #[must_use]
    pub fn description(self) -> String {
        format!("{}: {}", self.as_str(), self.sentence())
    }
}

impl<'a> RefusalRecord<'a> {
    /// The members that have a value, by their names.
    pub fn members(self) -> impl Iterator<Item = (&'static str, &'a str)> {
        let members = [
            ("code", Some(self.code)),
            ("step", Some(self.step)),
            ("fault", Some(self.fault)),
            ("public", Some(self.public)),
            ("sentence", Some(self.sentence)),
            ("detail", self.detail),
            ("expected", self.expected),
            ("found", self.found),
        ];
        members.into_iter().filter_map(|(name, value)| Some((name, value?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn a_record_is_the_row_and_what_was_seen() {
        let refusal = Refusal::new(Code::KeyUnknown).detail("d").found("f");
        let members: Vec<_> = refusal.record().members().collect();
        assert_eq!(
            members,
            [
                ("code", "key_unknown"),
                ("step", "key_lookup"),
                ("fault", "keys"),
                ("public", "not_trusted"),
                ("sentence", Code::KeyUnknown.sentence()),
                ("detail", "d"),
                ("found", "f"),
            ]
        );
        assert_eq!(Refusal::new(Code::Expired).record().members().count(), 5);
    }
}
