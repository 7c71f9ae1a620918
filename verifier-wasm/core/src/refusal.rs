//! Refusals: a stable code, who is at fault, the step that failed, the rule behind it, what was seen.
//!
//! One table (`refusal/codes.rs`) is the source of the Rust enum, the JavaScript union type, `docs/errors.md` and
//! the answers of the issuer. Its *public column* is what a caller may see; the rest is the operator's.

mod answer;
mod codes;
mod record;

pub use answer::OauthAnswer;
pub use codes::{Code, PublicCode};
pub use record::RefusalRecord;

use crate::limits::REFUSAL_TEXT_BYTES;
use crate::secrets;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use core::fmt::{self, Write as _};

/// The steps of a decision, in their order. Every host goes through them the same way, so every host gives the same code.
///
/// Four kinds of code come elsewhere than their step: an algorithm that is not offered is refused before
/// [`Step::KeyLookup`] where keys may be fetched, so that nothing is fetched for it; the size and form of a payload are
/// checked after [`Step::Signature`], because nothing unsigned is read; the client of an access token of ours that is
/// narrowed is looked up when its claims have been checked; and an edge refuses an implausible clock before anything else.
/// `docs/architecture.md` has the order in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Step {
    /// Bytes and counts, before anything is parsed.
    Size,
    /// Syntax: the request, the token, the certificates, the message.
    Form,
    /// Client, credential and provider: known, enabled, of the right kind.
    Binding,
    /// The configured key or signer that the proof names.
    KeyLookup,
    /// The certificate path from the leaf to a registered root.
    Path,
    /// The algorithm against the closed set that the key carries.
    Algorithm,
    /// The signature itself.
    Signature,
    /// `typ`: what kind of token it is.
    Type,
    /// Who issued it.
    Issuer,
    /// For whom it is meant.
    Audience,
    /// `exp`, `nbf`, `iat` and the longest lifetime.
    Times,
    /// The credential, where the request names none: the one whose conditions hold.
    Credential,
    /// The provider's condition.
    TrustCondition,
    /// The age of a document.
    Freshness,
    /// The credential's condition.
    VerificationCondition,
    /// The attributes that go into the token.
    Mapping,
    /// What was asked for against what is granted.
    Scope,
    /// What must be consumed before a token may be minted.
    Obligations,
}

impl Step {
    /// The stable text form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Form => "form",
            Self::Binding => "binding",
            Self::KeyLookup => "key_lookup",
            Self::Path => "path",
            Self::Algorithm => "algorithm",
            Self::Signature => "signature",
            Self::Type => "type",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Times => "times",
            Self::Credential => "credential",
            Self::TrustCondition => "trust_condition",
            Self::Freshness => "freshness",
            Self::VerificationCondition => "verification_condition",
            Self::Mapping => "mapping",
            Self::Scope => "scope",
            Self::Obligations => "obligations",
        }
    }
}

/// Who can correct the cause of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The proof or the request: its sender.
    Credential,
    /// The trust policy: its author.
    Policy,
    /// The issuer keys: the party that publishes them.
    Keys,
    /// The surroundings: store, network, clock.
    Environment,
    /// Credmint itself; please report it.
    Bug,
}

impl Fault {
    /// The stable text form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::Policy => "policy",
            Self::Keys => "keys",
            Self::Environment => "environment",
            Self::Bug => "bug",
        }
    }
}

/// A refusal: a code and what was seen. The texts are for the operator; the caller gets
/// [`Code::public`] and its sentence alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    code: Code,
    /// Apart, so that what can be refused is small where nothing is.
    texts: Option<Box<Texts>>,
}

/// The operator's texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Texts {
    detail: Option<String>,
    expected: Option<String>,
    found: Option<String>,
    /// The caller's text.
    told: Option<&'static str>,
}

impl Refusal {
    /// A refusal with nothing to add to its code.
    #[must_use]
    pub const fn new(code: Code) -> Self {
        Self { code, texts: None }
    }

    /// Adds where it happened or what exactly is wrong. Never a secret, never a whole token.
    #[must_use]
    pub fn detail(self, detail: impl fmt::Display) -> Self {
        self.with(|texts| &mut texts.detail, &detail)
    }

    /// Adds what the configuration or the rule expects.
    #[must_use]
    pub fn expected(self, expected: impl fmt::Display) -> Self {
        self.with(|texts| &mut texts.expected, &expected)
    }

    /// Adds what the proof or the request has instead.
    #[must_use]
    pub fn found(self, found: impl fmt::Display) -> Self {
        self.with(|texts| &mut texts.found, &found)
    }

    /// Adds what the caller is told beside the sentence of the public code: which parameter is meant, and its form. It is
    /// a whole sentence of ours, in which nothing of a request can be.
    #[must_use]
    pub fn told(mut self, told: &'static str) -> Self {
        self.texts.get_or_insert_default().told = Some(told);
        self
    }

    /// Sets one of the texts; compiled once for whatever is shown.
    fn with(
        mut self,
        place: fn(&mut Texts) -> &mut Option<String>,
        text: &dyn fmt::Display,
    ) -> Self {
        *place(self.texts.get_or_insert_default()) = Some(shown(text));
        self
    }

    /// The reason code.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// Where it happened or what exactly is wrong, for the operator.
    #[must_use]
    pub fn detail_text(&self) -> Option<&str> {
        self.texts.as_ref()?.detail.as_deref()
    }

    /// What was expected, for the operator.
    #[must_use]
    pub fn expected_text(&self) -> Option<&str> {
        self.texts.as_ref()?.expected.as_deref()
    }

    /// What was found, for the operator.
    #[must_use]
    pub fn found_text(&self) -> Option<&str> {
        self.texts.as_ref()?.found.as_deref()
    }

    /// What the caller is told beside the sentence of the public code. From [`Step::Binding`] on nothing is told, since
    /// it would tell which clients exist.
    #[must_use]
    pub fn told_text(&self) -> Option<&'static str> {
        if self.code.step() >= Step::Binding { None } else { self.texts.as_ref()?.told }
    }
}

/// Text for the operator: cut at [`REFUSAL_TEXT_BYTES`], [harmful](is_harmful) characters escaped, and without what may
/// be a secret ([`secrets::hide`]).
///
/// The text is not made beyond the cut: a name of thousands of attributes costs no more than what is shown.
pub(crate) fn shown(text: &dyn fmt::Display) -> String {
    let mut out = Shown(String::new());
    // Its only error is that the text has been cut.
    let _ = write!(out, "{text}");
    match secrets::hide(&out.0) {
        Cow::Borrowed(_) => out.0,
        Cow::Owned(hidden) => hidden,
    }
}

/// Takes text until it is full.
struct Shown(String);

impl fmt::Write for Shown {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if self.0.len() >= REFUSAL_TEXT_BYTES {
                self.0.push('…');
                return Err(fmt::Error);
            }
            if is_harmful(character) {
                self.0.extend(character.escape_default());
            } else {
                self.0.push(character);
            }
        }
        Ok(())
    }
}

/// Whether a character can forge a log line or steer a terminal: control characters, separators of lines and
/// paragraphs, marks of direction.
#[must_use]
pub fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl fmt::Display for Refusal {
    /// The operator's line: code, sentence, then what was seen.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.code.sentence())?;
        if let Some(detail) = self.detail_text() {
            write!(f, " ({detail})")?;
        }
        if let Some(expected) = self.expected_text() {
            write!(f, "; expected {expected}")?;
        }
        if let Some(found) = self.found_text() {
            write!(f, "; found {found}")?;
        }
        Ok(())
    }
}

impl core::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_well_formed() {
        let mut seen = BTreeSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{} twice", code.as_str());
            assert!(code.as_str().bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
            for text in [code.sentence(), code.advice()] {
                assert!(
                    text.ends_with('.')
                        && text.starts_with(|c: char| c.is_uppercase() || !c.is_alphabetic()),
                    "{text}"
                );
            }
        }
    }

    /// `UnsupportedKey` of `unsupported_key`.
    fn variant(code: &str) -> String {
        let words = code.split('_').filter_map(|word| word.split_at_checked(1));
        words.flat_map(|(first, rest)| [first.to_ascii_uppercase(), rest.into()]).collect()
    }

    #[test]
    fn variants_spell_their_codes() {
        for code in Code::ALL {
            assert_eq!(alloc::format!("{code:?}"), variant(code.as_str()));
        }
        for code in PublicCode::ALL {
            assert_eq!(alloc::format!("{code:?}"), variant(code.as_str()));
        }
    }

    #[test]
    fn unknown_client_credential_and_condition_look_alike() {
        let shared = [
            Code::ClientUnknown,
            Code::ClientDisabled,
            Code::CredentialUnknown,
            Code::CredentialDisabled,
            Code::ProviderDisabled,
            Code::ProviderKind,
            Code::KeyUnknown,
            Code::JwsSignatureInvalid,
            // What a profile demands of the form is known after the binding only.
            Code::CmsAttributes,
            Code::CmsAttributesConfusion,
            Code::CmsSignerUnknown,
            Code::CmsSignatureInvalid,
            Code::PathNotFound,
            Code::CertificateNotRegistered,
            Code::TrustConditionFalse,
            Code::TrustConditionError,
            Code::VerificationConditionFalse,
            Code::VerificationConditionError,
        ];
        assert!(shared.iter().all(|code| code.public() == PublicCode::NotTrusted));
    }

    #[test]
    fn i09_between_binding_and_signature_nothing_is_told() {
        let between = Step::Binding..=Step::Signature;
        for code in Code::ALL.iter().filter(|code| between.contains(&code.step())) {
            // The keys or revocation lists of a known client's provider may be out of reach. The caller is to try
            // again, and can do nothing to bring that about.
            let unreachable = matches!(
                code,
                Code::KeysUnavailable
                    | Code::JwksEmpty
                    | Code::CrlUnavailable
                    | Code::CrlStale
                    | Code::CrlNotYetValid
            );
            let expect = match unreachable {
                true => PublicCode::TemporarilyUnavailable,
                false => PublicCode::NotTrusted,
            };
            assert_eq!(code.public(), expect, "{code:?}");
        }
    }

    #[test]
    fn i09_the_caller_is_told_of_the_request_and_never_of_clients() {
        for code in Code::ALL {
            let told = Refusal::new(*code).detail("d").told("`scope` is missing.").told_text();
            let is_of_request = code.step() < Step::Binding;
            assert_eq!(told.is_some(), is_of_request, "{code:?}");
        }
        assert_eq!(Refusal::new(Code::ParameterMissing).told_text(), None);
    }

    #[test]
    fn i10_operator_text_has_no_secret() {
        let token = alloc::format!("eyJhbGciOiJFUzI1NiJ9.e30.{}", "A".repeat(86));
        let refusal = Refusal::new(Code::KeyUnknown)
            .detail(alloc::format!("kid {token}"))
            .expected(&token)
            .found(token.repeat(10));
        for text in [refusal.detail_text(), refusal.expected_text(), refusal.found_text()] {
            assert!(!text.unwrap().contains("AAAA"), "{text:?}");
        }
    }

    #[test]
    fn operator_text_is_escaped_and_cut() {
        let refusal = Refusal::new(Code::KeyUnknown)
            .found("a\r\nb\u{1b}[31m\u{202e}")
            .detail("x".repeat(10_000));
        assert_eq!(refusal.found_text(), Some("a\\r\\nb\\u{1b}[31m\\u{202e}"));
        assert!(refusal.detail_text().unwrap().len() < 300);
        let refusal = refusal.found("a\u{2028}b\u{2029}c\u{61c}");
        assert_eq!(refusal.found_text(), Some("a\\u{2028}b\\u{2029}c\\u{61c}"));
    }

    /// A text of a thousand pieces that counts how many were asked for.
    struct Pieces(core::cell::Cell<usize>);

    impl fmt::Display for Pieces {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            (0..1000).try_for_each(|_| {
                self.0.set(self.0.get() + 1);
                f.write_str("0123456789")
            })
        }
    }

    #[test]
    fn operator_text_is_not_made_beyond_the_cut() {
        let pieces = Pieces(core::cell::Cell::new(0));
        let refusal = Refusal::new(Code::KeyUnknown).found(&pieces);
        assert!(refusal.found_text().unwrap().ends_with('…'));
        assert!(pieces.0.get() < 30, "{}", pieces.0.get());
    }
}
