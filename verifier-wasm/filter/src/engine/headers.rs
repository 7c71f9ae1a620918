//! The header fields by which a service learns whose a token is.

use crate::host::Fields;
use credmint_core::guard::VerifiedAccessToken;
use credmint_core::{Code, Refusal};

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
    /// Many servers fold `-` and `_` when they hand fields to a program, some every octet that is neither letter nor
    /// digit (RFC 3875 section 4.1.18), and names have no case (RFC 9110 section 5.1).
    #[must_use]
    pub fn forgeries(&self, fields: &Fields) -> Vec<String> {
        let ours = [&self.subject, &self.client_id, &self.scope];
        let mut names: Vec<String> = fields
            .iter()
            .filter(|(name, _)| ours.iter().any(|own| looks_like(name, own)))
            .map(|(name, _)| name.clone())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The fields for a token.
    ///
    /// # Errors
    /// [`Code::ClaimsMalformed`] when a value cannot stand in a field: nothing is left out or altered.
    pub fn of(&self, token: &VerifiedAccessToken) -> Result<Vec<(String, String)>, Refusal> {
        let mut fields = vec![
            (self.subject.clone(), visible("sub", token.subject())?),
            (self.client_id.clone(), visible("client_id", token.client_id())?),
        ];
        if !token.scope().is_empty() {
            let values: Result<Vec<_>, _> =
                token.scope().iter().map(|value| visible("scope", value)).collect();
            fields.push((self.scope.clone(), values?.join(" ")));
        }
        Ok(fields)
    }
}

/// Whether a name is `own`, a name of ours, once case is gone and every octet but letters and digits is a hyphen.
fn looks_like(name: &str, own: &str) -> bool {
    let folded = |octet: u8| {
        if octet.is_ascii_alphanumeric() { octet.to_ascii_lowercase() } else { b'-' }
    };
    name.len() == own.len() && name.bytes().zip(own.bytes()).all(|(a, b)| folded(a) == b)
}

/// The value of a claim when it has visible ASCII characters alone: no field value can then end early, and no two
/// servers can read it differently.
fn visible(claim: &str, value: &str) -> Result<String, Refusal> {
    if !value.is_empty() && value.bytes().all(|octet| octet.is_ascii_graphic()) {
        Ok(value.to_owned())
    } else {
        Err(Refusal::new(Code::ClaimsMalformed)
            .detail(format_args!("{claim}: cannot stand in a header field"))
            .expected("visible ASCII characters"))
    }
}
