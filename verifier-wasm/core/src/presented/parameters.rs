//! The parameters of a request by name.

use super::told;
use crate::limits;
use crate::names::is_name;
use crate::refusal::{Code, Refusal};
use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// A parameter for the operator. Who confuses parameters sends a proof where a word belongs, so a long one is
/// not repeated.
pub(super) fn word(text: &str) -> Cow<'_, str> {
    match text.len() {
        0..=limits::WORD_BYTES => Cow::Borrowed(text),
        bytes => Cow::Owned(format!("{bytes} bytes")),
    }
}

/// Those that may be sent more than once (RFC 8693 section 2.1, RFC 8707 section 2).
const REPEATABLE: [&str; 2] = ["audience", "resource"];

/// Parameters by name, each once but for the [repeatable](REPEATABLE) ones. An empty one is not there (RFC 6749 section 3.2).
pub(super) struct Parameters(BTreeMap<String, Vec<String>>);

impl Parameters {
    pub(super) fn collect<N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Result<Self, Refusal>
    where
        N: Into<String>,
        V: Into<String>,
    {
        let mut parameters: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (count, (name, value)) in pairs.into_iter().enumerate() {
            let name = name.into();
            if count >= limits::PARAMETERS {
                return Err(Refusal::new(Code::RequestTooLarge).detail("too many parameters"));
            }
            if parameters.contains_key(&name) && !REPEATABLE.contains(&name.as_str()) {
                return Err(Refusal::new(Code::ParameterDuplicated)
                    .detail(word(&name))
                    .told(told::twice(&name)));
            }
            parameters.entry(name).or_default().push(value.into());
        }
        Ok(Self(parameters))
    }

    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.take_all(name).pop()
    }

    /// The values of a parameter that may be repeated.
    pub(super) fn take_all(&mut self, name: &str) -> Vec<String> {
        let mut values = self.0.remove(name).unwrap_or_default();
        values.retain(|value| !value.is_empty());
        values
    }

    pub(super) fn required(&mut self, name: &'static str) -> Result<String, Refusal> {
        self.take(name).ok_or_else(|| {
            Refusal::new(Code::ParameterMissing).detail(name).told(told::missing(name))
        })
    }

    /// A proof. One that was read from a file may end with a line break, which its own syntax does not know.
    pub(super) fn proof(&mut self, name: &'static str) -> Result<String, Refusal> {
        let mut proof = self.required(name)?;
        let trimmed = proof.trim_ascii();
        if trimmed.len() < proof.len() {
            proof = trimmed.into();
        }
        Ok(proof)
    }

    /// A parameter that names something of the policy.
    pub(super) fn name(&mut self, name: &'static str) -> Result<String, Refusal> {
        checked(name, self.required(name)?)
    }

    /// The same where it may be left out.
    pub(super) fn optional_name(&mut self, name: &'static str) -> Result<Option<String>, Refusal> {
        self.take(name).map(|value| checked(name, value)).transpose()
    }
}

fn checked(name: &'static str, value: String) -> Result<String, Refusal> {
    if is_name(&value) {
        return Ok(value);
    }
    Err(Refusal::new(Code::ParameterInvalid).detail(name).told(told::malformed(name)))
}
