//! What a proof stated, written down so that it can be judged again. It is no proof: conditions read it, and
//! nothing is minted for it.
//!
//! Its form is that of `given` in the tests of a policy and of `given` in audit records, so that either can be
//! copied to the other.

mod given;

pub(crate) use given::{read_given, read_time};

use crate::document::{self, Problem};
use crate::form::{Means, RequestForm};
use crate::json::{self, Object, Value};
use crate::redact::{redacted, redacted_object};
use crate::time::UnixTime;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The statement of a proof without the proof.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    pub(crate) stated: Stated,
    pub(crate) hidden: bool,
    /// Whether claims that are not here were not in the proof. The author of a test leaves out what every good token
    /// of a provider has.
    pub(crate) whole: bool,
}

/// What is stated, by kind of proof.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stated {
    /// The claims of an OIDC token, and the `typ` of its header.
    Claims { claims: Object, typ: Option<String> },
    /// The model `cert` of a certificate.
    Certificate(Value),
    /// The text of a document, the time that its signer signed beside it, and the models of the verified
    /// certificates.
    Document { text: String, signing_time: Option<UnixTime>, certificates: Vec<Value> },
}

impl Recorded {
    pub(crate) const fn new(stated: Stated) -> Self {
        Self { stated, hidden: false, whole: true }
    }

    /// Reads the form that [`Recorded::to_json`] writes, of a whole proof: what is not there, the proof did not have.
    ///
    /// # Errors
    /// Every problem, with its place.
    pub fn from_json(given: &Value) -> Result<Self, Vec<Problem>> {
        let recorded = document::read(given, read_given)?;
        Ok(Self { whole: true, ..recorded })
    }

    /// The word for the kind of proof that stated it, that of the providers.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self.stated {
            Stated::Claims { .. } => "oidc",
            Stated::Certificate(_) => "pca",
            Stated::Document { .. } => "pkcs7",
        }
    }

    /// When the proof says that it was made, where it does: the `iat` of a token, the time that a document was signed.
    #[must_use]
    pub fn issued_at(&self) -> Option<UnixTime> {
        match &self.stated {
            Stated::Claims { claims, .. } => {
                claims.get("iat").and_then(Value::as_integer).map(UnixTime::from_seconds)
            }
            Stated::Document { signing_time, .. } => *signing_time,
            Stated::Certificate(_) => None,
        }
    }

    /// What it was sent as in a request of this form; nothing where no such request has such a proof.
    pub(crate) const fn means(&self, form: RequestForm) -> Option<Means> {
        use RequestForm::{
            ClientAssertion, Idaas, IdaasExchange, SpiffeAssertion, TlsClient, TokenExchange,
        };
        match (&self.stated, form) {
            (Stated::Claims { .. }, ClientAssertion) => {
                Some(Means::OfClient { has_certificates: false })
            }
            (Stated::Claims { .. }, SpiffeAssertion) => Some(Means::Svid),
            (Stated::Claims { .. }, TlsClient) => None,
            (Stated::Claims { .. }, _) => Some(Means::Token),
            (Stated::Certificate(_), Idaas | IdaasExchange) => Some(Means::Certified),
            (Stated::Certificate(_), ClientAssertion) => {
                Some(Means::OfClient { has_certificates: true })
            }
            (Stated::Certificate(_), TlsClient) => Some(Means::Tls),
            (Stated::Document { .. }, Idaas | IdaasExchange | TokenExchange) => {
                Some(Means::Document)
            }
            _ => None,
        }
    }

    /// Whether secrets were taken out. What is judged by it may then differ from what the proof itself would give.
    #[must_use]
    pub const fn is_incomplete(&self) -> bool {
        self.hidden
    }

    /// The same without the texts that may not be shown: members by the names of secrets, tokens, PEM blocks.
    #[must_use]
    pub fn redacted(&self) -> Self {
        let (stated, hidden) = match &self.stated {
            Stated::Claims { claims, typ } => {
                let (claims, hidden) = redacted_object(claims);
                (Stated::Claims { claims, typ: typ.clone() }, hidden)
            }
            Stated::Certificate(facts) => {
                let (facts, hidden) = redacted(facts);
                (Stated::Certificate(facts), hidden)
            }
            Stated::Document { text, signing_time, certificates } => {
                let (text, mut hidden) = redacted_document(text);
                let mut shown = Vec::new();
                for certificate in certificates {
                    let (facts, of_this) = redacted(certificate);
                    hidden |= of_this;
                    shown.push(facts);
                }
                let document =
                    Stated::Document { text, signing_time: *signing_time, certificates: shown };
                (document, hidden)
            }
        };
        Self { stated, hidden: self.hidden || hidden, whole: self.whole }
    }

    /// The members of `given`: `claims` and `typ`, or `certificate`, or `document`, `signing_time` and
    /// `certificates`; and `incomplete` when secrets were taken out.
    #[must_use]
    pub fn to_json(&self) -> Object {
        self.clone().into_json()
    }

    /// As [`Recorded::to_json`], without a copy.
    #[must_use]
    pub fn into_json(self) -> Object {
        let mut given = Object::new();
        match self.stated {
            Stated::Claims { claims, typ } => {
                given.insert("claims", claims);
                if let Some(typ) = typ {
                    given.insert("typ", typ);
                }
            }
            Stated::Certificate(facts) => {
                given.insert("certificate", facts);
            }
            Stated::Document { text, signing_time, certificates } => {
                given.insert("document", text);
                if !certificates.is_empty() {
                    given.insert("certificates", certificates);
                }
                if let Some(time) = signing_time {
                    given.insert("signing_time", time.to_string());
                }
            }
        }
        if self.hidden {
            given.insert("incomplete", true);
        }
        given
    }
}

/// A document as it is, to the byte, unless something in it must be hidden.
fn redacted_document(text: &str) -> (String, bool) {
    let Ok(members) = json::parse_object(text.as_bytes()) else { return (String::new(), true) };
    let (members, hidden) = redacted_object(&members);
    if hidden { (members.to_string(), true) } else { (text.to_string(), false) }
}
