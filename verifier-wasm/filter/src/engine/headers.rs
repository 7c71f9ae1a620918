//! The header fields by which a service learns whose a token is.

use crate::host::Fields;
use credmint_core::guard::VerifiedAccessToken;
use credmint_core::token_text::field_value;
use std::collections::BTreeSet;

/// The names of the fields, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityHeaders {
    /// Holds the token's `sub`.
    pub subject: String,
    /// Holds its `client_id`.
    pub client_id: String,
    /// Holds its `scope`; absent when the token carries none.
    pub scope: String,
}

impl Default for IdentityHeaders {
    fn default() -> Self {
        Self {
            subject: "x-credmint-subject".to_owned(),
            client_id: "x-credmint-client".to_owned(),
            scope: "x-credmint-scope".to_owned(),
        }
    }
}

impl IdentityHeaders {
    /// The names, as they are spelled in the request, of fields that the service could take for ours.
    ///
    /// Many servers fold `-` and `_` when they hand fields to a program, some every byte that is neither letter nor
    /// digit (RFC 3875 section 4.1.18), and names have no case (RFC 9110 section 5.1).
    #[must_use]
    pub fn forgeries(&self, fields: &Fields) -> Vec<String> {
        let ours = [&self.subject, &self.client_id, &self.scope];
        let alike = fields.iter().filter(|(name, _)| ours.iter().any(|own| looks_like(name, own)));
        let mut names = BTreeSet::new();
        names.extend(alike.map(|(name, _)| name.clone()));
        names.into_iter().collect()
    }

    /// The fields for a token, with values as [`field_value`] writes them: what was left out or altered could be taken
    /// for another party.
    #[must_use]
    pub fn of(&self, token: &VerifiedAccessToken) -> Vec<(String, String)> {
        let mut fields = vec![
            (self.subject.clone(), field_value(token.subject())),
            (self.client_id.clone(), field_value(token.client_id())),
        ];
        if !token.scope().is_empty() {
            fields.push((self.scope.clone(), field_value(&token.scope().join(" "))));
        }
        fields
    }
}

/// Whether a name is `own`, a name of ours, once case is gone and every byte but letters and digits is a hyphen.
fn looks_like(name: &str, own: &str) -> bool {
    let folded = |byte: u8| {
        if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'-' }
    };
    name.len() == own.len() && name.bytes().zip(own.bytes()).all(|(a, b)| folded(a) == b)
}
