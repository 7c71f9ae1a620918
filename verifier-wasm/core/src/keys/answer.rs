//! What every host makes of an answer before anybody reads its body: status, content coding, media type, size.

use crate::limits::{CRL_TEXT_BYTES, DISCOVERY_BYTES, JWKS_BYTES, MEDIA_TYPE_SHOWN};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// What is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Document {
    /// A discovery document (RFC 8414, OpenID Connect Discovery).
    Discovery,
    /// A JWK set (RFC 7517).
    KeySet,
    /// A revocation list (RFC 5280 section 5).
    RevocationList,
}

/// The head of an answer, as the host has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerHead<'a> {
    /// The HTTP status. An answer behind a redirect that was followed has the status of the redirect.
    pub status: u16,
    /// The values of all `Content-Type` fields.
    pub content_type: Vec<&'a str>,
    /// The values of all `Content-Encoding` fields.
    pub content_encoding: Vec<&'a str>,
    /// How many bytes the body has, where that is known already.
    pub length: Option<usize>,
}

/// Why an answer is not read. The texts are for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnswerRefused {
    /// It points elsewhere: the answer of another place is not the answer of this one (RFC 8414 section 6.2).
    Redirect {
        /// The HTTP status.
        status: u16,
    },
    /// It is not 200.
    Status {
        /// The HTTP status.
        status: u16,
    },
    /// The body is compressed: a small one may unpack to a large one.
    ContentCoding,
    /// It does not say that it is what was asked for.
    MediaType {
        /// What was asked for.
        document: Document,
        /// The media type, cut to a length that fits a log line; empty when there is none.
        found: String,
    },
    /// The body is too large.
    TooLarge {
        /// Bytes of the largest body that is read.
        limit: usize,
    },
}

impl Document {
    /// The media types that an answer should have: what a host asks for in `Accept`.
    #[must_use]
    pub const fn media_types(self) -> &'static [&'static str] {
        match self {
            // RFC 7517 section 8.5, RFC 8414 section 3.2.
            Self::Discovery | Self::KeySet => &["application/json", "application/jwk-set+json"],
            // RFC 2585 section 4.2, its elder, and what the stores of objects say of any file. A list is signed, so
            // the type proves nothing that its content does not.
            Self::RevocationList => &[
                "application/pkix-crl",
                "application/x-pkcs7-crl",
                "application/x-pem-file",
                "application/octet-stream",
                "binary/octet-stream",
            ],
        }
    }

    /// Whether a body of this media type, which is empty where there is none, may be the document.
    ///
    /// The address is configured, or named by a document from there, and what comes must be strict JSON of one form: the
    /// type proves nothing beyond that. Stores of objects and servers of files say what they say of any file. A page is
    /// told by its own type, `text/html`, and an answer of two types by nobody.
    fn may_have(self, media_type: &str) -> bool {
        let is_it = |known: &&str| media_type.eq_ignore_ascii_case(known);
        if self.media_types().iter().any(is_it) {
            return true;
        }
        match self {
            Self::Discovery | Self::KeySet => {
                ANY_FILE.iter().any(is_it) || is_structured_json(media_type)
            }
            Self::RevocationList => false,
        }
    }

    /// Bytes of the largest body that is read.
    #[must_use]
    pub const fn max_bytes(self) -> usize {
        match self {
            Self::Discovery => DISCOVERY_BYTES,
            Self::KeySet => JWKS_BYTES,
            Self::RevocationList => CRL_TEXT_BYTES,
        }
    }

    /// The value of `Accept` for a request.
    #[must_use]
    pub fn accept(self) -> String {
        self.media_types().join(", ")
    }

    /// Whether the body behind this head is to be read.
    ///
    /// # Errors
    /// The first rule that the answer breaks, in the order of [`AnswerRefused`].
    pub fn check(self, head: &AnswerHead<'_>) -> Result<(), AnswerRefused> {
        let AnswerHead { status, content_type, content_encoding, length } = head;
        match *status {
            200 => {}
            status @ 300..=399 => return Err(AnswerRefused::Redirect { status }),
            status => return Err(AnswerRefused::Status { status }),
        }
        // Some hosts hand over several fields of a name as one, joined by commas.
        let mut codings = content_encoding.iter().flat_map(|value| value.split(','));
        if !codings.all(|coding| coding.trim().eq_ignore_ascii_case("identity")) {
            return Err(AnswerRefused::ContentCoding);
        }
        let essence = |value: &&str| value.split(';').next().unwrap_or_default().trim().to_string();
        // Two types are none.
        let found = match content_type.as_slice() {
            [one] if !one.contains(',') => essence(one),
            several => several.join(", "),
        };
        if !self.may_have(&found) {
            let found = found.chars().take(MEDIA_TYPE_SHOWN).collect();
            return Err(AnswerRefused::MediaType { document: self, found });
        }
        match length {
            Some(length) if *length > self.max_bytes() => Err(self.too_large()),
            _ => Ok(()),
        }
    }

    /// The refusal of a body that turns out to be larger than [`Document::max_bytes`].
    #[must_use]
    pub const fn too_large(self) -> AnswerRefused {
        AnswerRefused::TooLarge { limit: self.max_bytes() }
    }
}

/// What servers say of a file whose type they do not know, and old names of JSON. The first is no type at all.
const ANY_FILE: [&str; 5] =
    ["", "application/octet-stream", "binary/octet-stream", "text/plain", "text/json"];

/// Whether it is a type of its own that is written in JSON (RFC 6839 section 3.1).
fn is_structured_json(media_type: &str) -> bool {
    let Some((_, subtype)) = media_type.split_once('/') else { return false };
    let suffix = subtype.rsplit_once('+').map(|(_, suffix)| suffix);
    suffix.is_some_and(|suffix| suffix.eq_ignore_ascii_case("json")) && !media_type.contains(',')
}

impl<'a> AnswerHead<'a> {
    /// Takes what counts from all fields of an answer; a name is in any case, a value that is no text counts as wrong.
    pub fn of(
        status: u16,
        fields: impl IntoIterator<Item = (&'a str, &'a [u8])>,
        length: Option<usize>,
    ) -> Self {
        let mut head = Self { status, length, ..Self::default() };
        for (name, value) in fields {
            let values = match name {
                name if name.eq_ignore_ascii_case("content-type") => &mut head.content_type,
                name if name.eq_ignore_ascii_case("content-encoding") => &mut head.content_encoding,
                _ => continue,
            };
            values.push(core::str::from_utf8(value).unwrap_or("\u{fffd}"));
        }
        head
    }
}

impl fmt::Display for AnswerRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Redirect { status } => {
                write!(f, "the answer is a redirect ({status}); configure the URL that it leads to")
            }
            Self::Status { status } => write!(f, "the answer has status {status}, not 200"),
            Self::ContentCoding => {
                f.write_str("the answer has a content coding that was not asked for")
            }
            Self::MediaType { document, found } => {
                let allowed = document.media_types().join(" or ");
                write!(f, "the answer's media type is {found:?}, not {allowed}")
            }
            Self::TooLarge { limit } => write!(f, "the answer is larger than {limit} bytes"),
        }
    }
}

impl core::error::Error for AnswerRefused {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn head<'a>(status: u16, fields: &[(&'a str, &'a str)]) -> AnswerHead<'a> {
        let fields = fields.iter().map(|(name, value)| (*name, value.as_bytes()));
        AnswerHead::of(status, fields, None)
    }

    const JSON: (&str, &str) = ("Content-Type", "application/json");

    #[test]
    fn o13_an_answer_is_read_only_when_it_is_what_was_asked_for() {
        let check = |status: u16, fields: &[(&str, &str)], expect: &str| {
            let found = Document::KeySet.check(&head(status, fields));
            let found = found.map_or_else(|refused| refused.to_string(), |()| String::new());
            assert_eq!(found, expect, "{status} {fields:?}");
        };
        check(200, &[JSON], "");
        check(200, &[("CONTENT-TYPE", "Application/JSON; charset=utf-8"), ("etag", "x")], "");
        check(200, &[("content-type", "application/jwk-set+json")], "");
        check(200, &[JSON, ("Content-Encoding", "Identity")], "");
        // Some hosts hand over several fields of a name as one, joined by commas.
        for coding in ["identity, Identity", "identity,identity"] {
            check(200, &[JSON, ("content-encoding", coding)], "");
        }
        for status in [301, 302, 304, 307] {
            let expect = "; configure the URL that it leads to";
            check(status, &[JSON], &alloc::format!("the answer is a redirect ({status}){expect}"));
        }
        for status in [0, 100, 201, 204, 206, 404, 500, 999] {
            check(status, &[JSON], &alloc::format!("the answer has status {status}, not 200"));
        }
        for coding in ["gzip", "br", "identity, gzip", "identity,", "", "\u{fffd}"] {
            let expect = "the answer has a content coding that was not asked for";
            check(200, &[JSON, ("content-encoding", coding)], expect);
        }
        let other = |found: &str| {
            let allowed = "application/json or application/jwk-set+json";
            alloc::format!("the answer's media type is {found:?}, not {allowed}")
        };
        // What object stores and file servers say, and types of their own in JSON.
        for value in [
            "application/octet-stream",
            "binary/octet-stream",
            "text/plain;charset=UTF-8",
            "text/json",
            "application/vnd.example.keys+JSON",
            "",
        ] {
            check(200, &[("content-type", value)], "");
        }
        check(200, &[], "");
        for value in [
            "text/html",
            "text/html;charset=utf-8",
            "text/javascript",
            "application/xml",
            "image/svg+xml",
            "application/json5",
            "application/json+xml",
            "+json",
            "*/*",
        ] {
            let essence = value.split(';').next().unwrap();
            check(200, &[("content-type", value)], &other(essence));
        }
        check(200, &[JSON, JSON], &other("application/json, application/json"));
        check(200, &[JSON, ("content-type", "text/html")], &other("application/json, text/html"));
        for value in [
            "application/json, text/html",
            "application/json;a=b, text/html",
            "text/html,application/jwk-set+json",
            "text/html, a/b+json",
        ] {
            check(200, &[("content-type", value)], &other(value));
        }
        check(200, &[("content-type", &"x".repeat(100))], &other(&"x".repeat(64)));
    }

    #[test]
    fn each_document_has_its_media_types_and_its_size() {
        let check = |document: Document, media_type: &str, good: bool| {
            let found = document.check(&head(200, &[("content-type", media_type)]));
            assert_eq!(found.is_ok(), good, "{document:?} {media_type}");
        };
        check(Document::Discovery, "application/json", true);
        check(Document::KeySet, "application/octet-stream", true);
        for media_type in Document::RevocationList.media_types() {
            check(Document::RevocationList, media_type, true);
            check(Document::KeySet, media_type, media_type.ends_with("/octet-stream"));
        }
        check(Document::RevocationList, "application/json", false);
        for document in [Document::Discovery, Document::KeySet, Document::RevocationList] {
            let mut head = head(200, &[("content-type", document.media_types()[0])]);
            for (length, expect) in [(0, Ok(())), (1, Err(document.too_large()))] {
                head.length = Some(document.max_bytes() + length);
                assert_eq!(document.check(&head), expect, "{document:?}");
            }
        }
        let head = AnswerHead::of(200, vec![("content-type", &b"\xff"[..])], None);
        let found = "\u{fffd}".to_string();
        let refused = AnswerRefused::MediaType { document: Document::KeySet, found };
        assert_eq!(Document::KeySet.check(&head), Err(refused));
    }
}
