//! What is asked for: scope values, and the resource that they are for.

use super::parameters::word;
use super::told;
use crate::limits;
use crate::refusal::{Code, Refusal};
use crate::scope::{ALL_SCOPES, is_audience, is_identifier, is_scope_value};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeRequest {
    /// The texts that say for which resource, each once, the one that counts first: of `resource`, of `audience`, of the
    /// scope itself. Empty for the resource that the credential stands for.
    pub targets: Vec<String>,
    /// The values in the order asked for, each once; `.all` stands for everything granted. Empty for what the
    /// credential gives unasked.
    pub values: Vec<String>,
    /// How the scope is written.
    pub dialect: ScopeDialect,
}

/// How a scope is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeDialect {
    /// Items `audience|value`.
    Qualified,
    /// Values alone (RFC 6749 section 3.3).
    Plain,
}

impl ScopeRequest {
    /// Reads a `scope` parameter of items `audience|value` separated by blanks, all of one audience.
    ///
    /// # Errors
    /// [`Code::ScopeMalformed`], [`Code::ScopeAudiences`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let mut request =
            Self { targets: Vec::new(), values: Vec::new(), dialect: ScopeDialect::Qualified };
        for item in items(text)? {
            let malformed =
                || Refusal::new(Code::ScopeMalformed).expected("audience|value").found(word(item));
            let (audience, value) = item.split_once('|').ok_or_else(malformed)?;
            if !is_audience(audience) || !is_scope_value(value) {
                return Err(malformed());
            }
            match request.targets.first() {
                None => request.targets.push(audience.to_owned()),
                Some(first) if first == audience => {}
                Some(first) => {
                    return Err(Refusal::new(Code::ScopeAudiences).expected(first).found(audience));
                }
            }
            request.add(value)?;
        }
        if request.values.is_empty() {
            return Err(Refusal::new(Code::ScopeMalformed).detail("the parameter has no item"));
        }
        Ok(request)
    }

    /// Reads `scope` in either dialect, or its absence, beside what `resource` and `audience` say.
    ///
    /// # Errors
    /// [`Code::ScopeMalformed`], [`Code::ScopeAudiences`], [`Code::TargetMalformed`] (RFC 8707 section 2).
    pub fn read(
        scope: Option<&str>,
        resources: &[String],
        audiences: &[String],
    ) -> Result<Self, Refusal> {
        if let Some(wrong) = resources.iter().find(|text| !is_identifier(text)) {
            return Err(Refusal::new(Code::TargetMalformed).found(word(wrong)));
        }
        let is_target = |text: &String| is_audience(text) && text.len() <= limits::NAME_BYTES;
        if let Some(wrong) = audiences.iter().find(|text| !is_target(text)) {
            return Err(Refusal::new(Code::TargetMalformed).detail("audience").found(word(wrong)));
        }
        let mut request = match scope {
            Some(text) if text.contains('|') => Self::parse(text)?,
            scope => Self::plain(scope.unwrap_or_default())?,
        };
        let of_scope = core::mem::take(&mut request.targets);
        for target in resources.iter().chain(audiences).chain(&of_scope) {
            if !request.targets.contains(target) {
                request.targets.push(target.clone());
            }
        }
        Ok(request)
    }

    fn plain(text: &str) -> Result<Self, Refusal> {
        let mut request =
            Self { targets: Vec::new(), values: Vec::new(), dialect: ScopeDialect::Plain };
        for value in items(text)? {
            if !is_scope_value(value) {
                return Err(Refusal::new(Code::ScopeMalformed).found(word(value)));
            }
            request.add(value)?;
        }
        Ok(request)
    }

    fn add(&mut self, value: &str) -> Result<(), Refusal> {
        if self.values.len() >= limits::SCOPE_ITEMS {
            return Err(Refusal::new(Code::ScopeMalformed).detail("too many items"));
        }
        if !self.values.iter().any(|known| known == value) {
            self.values.push(value.to_owned());
        }
        Ok(())
    }

    /// The text that says for which resource, where the request does.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        self.targets.first().map(String::as_str)
    }

    /// Whether everything granted is asked for.
    #[must_use]
    pub fn wants_all(&self) -> bool {
        self.values.iter().any(|value| value == ALL_SCOPES)
    }
}

/// The items of a `scope` parameter of bounded length.
fn items(text: &str) -> Result<impl Iterator<Item = &str>, Refusal> {
    if text.len() > limits::SCOPE_BYTES {
        return Err(Refusal::new(Code::ScopeMalformed)
            .detail("the parameter is too long")
            .told(told::malformed("scope")));
    }
    Ok(text.split(' ').filter(|item| !item.is_empty()))
}

/// The `scope` parameter again, without repetitions.
impl fmt::Display for ScopeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, value) in self.values.iter().enumerate() {
            let blank = if index == 0 { "" } else { " " };
            match (self.dialect, self.target()) {
                (ScopeDialect::Qualified, Some(audience)) => {
                    write!(f, "{blank}{audience}|{value}")?;
                }
                _ => write!(f, "{blank}{value}")?,
            }
        }
        Ok(())
    }
}
