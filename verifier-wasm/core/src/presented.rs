//! What came in: a token request whose parameters have been read and of which nothing is proven.

mod client_certificate;
mod told;

pub use client_certificate::ClientCertificate;

use crate::limits;
use crate::limits::WORD_BYTES;
use crate::names::is_name;
use crate::refusal::{Code, Refusal};
use crate::scope::{ALL_SCOPES, is_audience, is_scope_value};
use alloc::borrow::{Cow, ToOwned};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// A token request (RFC 6749 section 4.4.2 with RFC 7521 section 4.2). Nothing in it is proven.
#[derive(Clone, PartialEq, Eq)]
pub struct Presented {
    /// `client_id`: the client that the sender says it is.
    pub client_id: String,
    /// `application_federated_credential_name`: which of the client's credentials is meant.
    pub credential: String,
    /// The proof.
    pub assertion: Assertion,
    /// `scope`: what is asked for.
    pub scope: ScopeRequest,
}

/// A proof, as it came in.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Assertion {
    /// A JWT signed by the key of a certificate of a private CA.
    Pca {
        /// `client_assertion`: the JWT.
        jwt: String,
        /// `client_x509`: the certificate.
        certificate: String,
        /// `client_x509_chain`: its intermediates, in any order; may be empty.
        chain: String,
    },
    /// An OIDC token.
    Oidc {
        /// `client_assertion`: the token.
        token: String,
    },
    /// A PKCS#7 document.
    Pkcs7 {
        /// `client_assertion`: base64 or PEM.
        document: String,
    },
}

impl Assertion {
    /// The word for its kind, that of the providers.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Pca { .. } => "pca",
            Self::Oidc { .. } => "oidc",
            Self::Pkcs7 { .. } => "pkcs7",
        }
    }
}

/// Proofs are secrets while they live: only their kind is shown.
impl fmt::Debug for Assertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presented")
            .field("client_id", &self.client_id)
            .field("credential", &self.credential)
            .field("assertion", &self.assertion)
            .field("scope", &self.scope)
            .finish()
    }
}

/// The parameter again, without repetitions.
impl fmt::Display for ScopeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, value) in self.values.iter().enumerate() {
            let blank = if index == 0 { "" } else { " " };
            write!(f, "{blank}{}|{value}", self.audience)?;
        }
        Ok(())
    }
}

/// The scope asked for: values on one audience.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeRequest {
    /// The one audience.
    pub audience: String,
    /// The values in the order asked for, each once; `.all` stands for everything granted.
    pub values: Vec<String>,
}

/// The assertion type of a PCA proof.
pub const X509_JWT_BEARER: &str =
    "urn:cloud:idaas:params:oauth:client-assertion-type:x509-jwt-bearer";
/// The assertion type of an OIDC proof.
pub const ID_TOKEN_BEARER: &str =
    "urn:cloud:idaas:params:oauth:client-assertion-type:id-token-bearer";
/// The assertion type of a PKCS#7 proof.
pub const PKCS7_BEARER: &str = "urn:cloud:idaas:params:oauth:client-assertion-type:pkcs7-bearer";

impl Presented {
    /// Reads the parameters of a token request. Unknown parameters are ignored (RFC 6749 section 3.2).
    ///
    /// # Errors
    /// A parameter that is missing, duplicated, too large or malformed; a grant or assertion type that is not
    /// offered.
    pub fn from_parameters<N, V>(
        parameters: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, Refusal>
    where
        N: Into<String>,
        V: Into<String>,
    {
        let mut parameters = Parameters::collect(parameters)?;
        let grant_type = parameters.required("grant_type")?;
        if grant_type != "client_credentials" {
            return Err(Refusal::new(Code::UnsupportedGrantType)
                .found(word(&grant_type))
                .told(told::malformed("grant_type")));
        }
        let client_id = parameters.name("client_id")?;
        let assertion_type = parameters.required("client_assertion_type")?;
        let credential = parameters.name("application_federated_credential_name")?;
        let assertion = match assertion_type.as_str() {
            X509_JWT_BEARER => Assertion::Pca {
                jwt: parameters.required("client_assertion")?,
                certificate: parameters.required("client_x509")?,
                chain: parameters.take("client_x509_chain").unwrap_or_default(),
            },
            // A token read from a file may end with a line break, which its own syntax does not know.
            ID_TOKEN_BEARER => Assertion::Oidc {
                token: parameters.required("client_assertion")?.trim_ascii().to_owned(),
            },
            PKCS7_BEARER => Assertion::Pkcs7 { document: parameters.required("client_assertion")? },
            other => {
                return Err(Refusal::new(Code::UnsupportedAssertionType)
                    .found(word(other))
                    .told(told::malformed("client_assertion_type")));
            }
        };
        let scope = ScopeRequest::parse(&parameters.required("scope")?)
            .map_err(|refusal| refusal.told(told::malformed("scope")))?;
        Ok(Self { client_id, credential, assertion, scope })
    }
}

/// A parameter for the operator. Who confuses parameters sends a proof where a word belongs, so a long one is
/// not repeated.
fn word(text: &str) -> Cow<'_, str> {
    match text.len() {
        0..=WORD_BYTES => Cow::Borrowed(text),
        bytes => Cow::Owned(format!("{bytes} bytes")),
    }
}

/// Parameters by name, each once.
struct Parameters(BTreeMap<String, String>);

impl Parameters {
    fn collect<N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Result<Self, Refusal>
    where
        N: Into<String>,
        V: Into<String>,
    {
        let mut parameters = BTreeMap::new();
        for (name, value) in pairs {
            let name = name.into();
            if parameters.len() >= limits::PARAMETERS {
                return Err(Refusal::new(Code::RequestTooLarge).detail("too many parameters"));
            }
            if parameters.contains_key(&name) {
                return Err(Refusal::new(Code::ParameterDuplicated)
                    .detail(word(&name))
                    .told(told::twice(&name)));
            }
            parameters.insert(name, value.into());
        }
        Ok(Self(parameters))
    }

    fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name).filter(|value| !value.is_empty())
    }

    fn required(&mut self, name: &'static str) -> Result<String, Refusal> {
        self.take(name).ok_or_else(|| {
            Refusal::new(Code::ParameterMissing).detail(name).told(told::missing(name))
        })
    }

    /// A parameter that names something of the policy.
    fn name(&mut self, name: &'static str) -> Result<String, Refusal> {
        let value = self.required(name)?;
        if !is_name(&value) {
            return Err(Refusal::new(Code::ParameterInvalid)
                .detail(name)
                .told(told::malformed(name)));
        }
        Ok(value)
    }
}

impl ScopeRequest {
    /// Reads a `scope` parameter: items `audience|value` separated by blanks, all of one audience.
    ///
    /// # Errors
    /// [`Code::ScopeMalformed`], [`Code::ScopeAudiences`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.len() > limits::SCOPE_BYTES {
            return Err(Refusal::new(Code::ScopeMalformed).detail("the parameter is too long"));
        }
        let mut request: Option<Self> = None;
        for item in text.split(' ').filter(|item| !item.is_empty()) {
            let malformed =
                || Refusal::new(Code::ScopeMalformed).expected("audience|value").found(word(item));
            let (audience, value) = item.split_once('|').ok_or_else(malformed)?;
            if !is_audience(audience) || !is_scope_value(value) {
                return Err(malformed());
            }
            let request = request
                .get_or_insert_with(|| Self { audience: audience.to_owned(), values: Vec::new() });
            if request.audience != audience {
                return Err(Refusal::new(Code::ScopeAudiences)
                    .expected(&request.audience)
                    .found(audience));
            }
            if request.values.len() >= limits::SCOPE_ITEMS {
                return Err(Refusal::new(Code::ScopeMalformed).detail("too many items"));
            }
            if !request.values.iter().any(|known| known == value) {
                request.values.push(value.to_owned());
            }
        }
        request
            .ok_or_else(|| Refusal::new(Code::ScopeMalformed).detail("the parameter has no item"))
    }

    /// Whether everything granted is asked for.
    #[must_use]
    pub fn wants_all(&self) -> bool {
        self.values.iter().any(|value| value == ALL_SCOPES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn base() -> Vec<(&'static str, &'static str)> {
        vec![
            ("grant_type", "client_credentials"),
            ("client_id", "app_1"),
            ("client_assertion_type", ID_TOKEN_BEARER),
            ("application_federated_credential_name", "deploy"),
            ("client_assertion", "a.b.c\n"),
            ("scope", "api.example.com|read:file api.example.com|write"),
        ]
    }

    fn with(name: &'static str, value: Option<&'static str>) -> Result<Presented, Code> {
        let mut parameters = base();
        parameters.retain(|(known, _)| *known != name);
        parameters.extend(value.map(|value| (name, value)));
        Presented::from_parameters(parameters).map_err(|refusal| refusal.code())
    }

    #[test]
    fn a_request_is_read() {
        let presented = Presented::from_parameters(base()).unwrap();
        assert_eq!(presented.client_id, "app_1");
        assert_eq!(presented.credential, "deploy");
        assert_eq!(presented.assertion, Assertion::Oidc { token: "a.b.c".into() });
        assert_eq!(presented.scope.audience, "api.example.com");
        assert_eq!(presented.scope.values, ["read:file", "write"]);
    }

    #[test]
    fn wrong_parameters_are_refused() {
        let check = |name, value, code| assert_eq!(with(name, value).unwrap_err(), code, "{name}");
        check("grant_type", None, Code::ParameterMissing);
        check("grant_type", Some("password"), Code::UnsupportedGrantType);
        check("client_id", Some(""), Code::ParameterMissing);
        check("client_id", Some("a\u{0}b"), Code::ParameterInvalid);
        check("client_assertion_type", Some("urn:x"), Code::UnsupportedAssertionType);
        check("client_assertion", None, Code::ParameterMissing);
        check("application_federated_credential_name", None, Code::ParameterMissing);
        check("scope", None, Code::ParameterMissing);
        check("scope", Some("   "), Code::ScopeMalformed);
        check("scope", Some("read"), Code::ScopeMalformed);
        check("scope", Some("a|b|c"), Code::ScopeMalformed);
        check("scope", Some("|b"), Code::ScopeMalformed);
        check("scope", Some("a|"), Code::ScopeMalformed);
        check("scope", Some("a|b c|d"), Code::ScopeAudiences);
        assert!(with("unknown", Some("x")).is_ok());
    }

    #[test]
    fn duplicated_parameters_are_refused() {
        for (name, _) in base() {
            let mut parameters = base();
            parameters.push((name, "x"));
            let refusal = Presented::from_parameters(parameters).unwrap_err();
            assert_eq!(refusal.code(), Code::ParameterDuplicated);
            assert_eq!(refusal.detail_text(), Some(name));
        }
    }

    #[test]
    fn i10_a_proof_in_the_wrong_place_is_not_repeated() {
        let proof = "eyJhbGciOiJFUzI1NiJ9.".repeat(10);
        for name in ["grant_type", "client_assertion_type", "scope"] {
            let mut parameters = base();
            parameters.retain(|(known, _)| *known != name);
            parameters.push((name, &proof));
            let refusal = Presented::from_parameters(parameters).unwrap_err();
            assert_eq!(refusal.found_text(), Some("210 bytes"), "{name}");
        }
        let refusal = Presented::from_parameters([(&*proof, ""), (&proof, "")]).unwrap_err();
        assert_eq!(refusal.detail_text(), Some("210 bytes"));
    }

    #[test]
    fn debug_shows_no_proof() {
        let text = alloc::format!("{:?}", Presented::from_parameters(base()).unwrap());
        assert!(!text.contains("a.b.c"), "{text}");
    }
}
