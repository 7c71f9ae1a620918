//! Identity documents that a cloud signs (RFC 5652): Alibaba Cloud ECS and ECI, Amazon EC2.

use super::{Evidence, Freshness, Statement, facts};
use crate::cms::{Allow, CmsRules, Profile, SignedMessage};
use crate::exchange::{Notes, Seen};
use crate::json::{self, Object, Value};
use crate::limits;
use crate::pem;
use crate::policy::{Binding, Pkcs7Provider};
use crate::recorded::{Recorded, Stated};
use crate::refusal::{Code, Refusal, Step};
use crate::signature::Session;
use crate::time::UnixTime;
use alloc::string::{String, ToString};

/// A message whose form has been read.
pub(crate) struct Form {
    message: SignedMessage,
}

impl Form {
    /// The document's own form is read here as well, and forgotten again. Every profile demands it, and
    /// refusing it after the binding would tell which clients exist to somebody who can sign nothing.
    pub(super) fn read(document: &str) -> Result<Self, Refusal> {
        let message = SignedMessage::parse(&pem::message(document)?)?;
        let content = message.attached().ok_or(Code::CmsContentDetached)?;
        Document::read(content)?;
        Ok(Self { message })
    }

    pub(super) fn verify(
        self,
        provider: &Pkcs7Provider,
        binding: &Binding<'_>,
        now: UnixTime,
        session: &Session<'_>,
        notes: &mut Notes<'_>,
    ) -> Result<Evidence, Refusal> {
        let rules =
            CmsRules { profile: provider.profile, time: Some(now), allow: Allow::default() };
        let verified = self.message.verify(None, &provider.signers, &rules, session)?;
        let document = Document::read(verified.content())?;

        let region = provider.regions.get(&verified.signer().fingerprint_sha256());
        document.check_region(provider.profile, region.map(String::as_str))?;
        notes.passed(Step::KeyLookup, || Seen::found(verified.signer().to_string()));
        notes.passed(Step::Signature, Seen::nothing);
        let signing_time = verified.signing_time();
        notes.stated(|| {
            Recorded::new(Stated::Document { text: document.text.clone(), signing_time })
        });
        Ok(Evidence {
            statement: state(document, signing_time, provider, binding, notes)?,
            obligation: None,
        })
    }
}

/// What a recorded document states.
pub(super) fn restate(
    text: &str,
    signing_time: Option<UnixTime>,
    provider: &Pkcs7Provider,
    binding: &Binding<'_>,
    notes: &mut Notes<'_>,
) -> Result<Statement, Refusal> {
    state(Document::read(text.as_bytes())?, signing_time, provider, binding, notes)
}

/// What a document states to this provider: its audience is checked, its age is not yet.
fn state(
    document: Document,
    signing_time: Option<UnixTime>,
    provider: &Pkcs7Provider,
    binding: &Binding<'_>,
    notes: &mut Notes<'_>,
) -> Result<Statement, Refusal> {
    let signed = match provider.profile {
        Profile::AlibabaEcs => {
            let checked = document.check_audience(provider.audience.as_deref());
            let audience =
                |_: Option<&_>| Seen::found(provider.audience.clone().unwrap_or_default());
            notes.take(Step::Audience, checked, audience)?.flatten()
        }
        _ => signing_time,
    };
    Ok(Statement {
        facts: facts(binding, "pkcs7", document.into_facts(signing_time)),
        freshness: Freshness::Ages { signed, max_age: provider.max_age },
    })
}

/// The signed content: one JSON object.
struct Document {
    text: String,
    members: Object,
}

impl Document {
    fn read(content: &[u8]) -> Result<Self, Refusal> {
        if content.len() > limits::DOCUMENT_BYTES {
            return Err(Refusal::new(Code::CmsTooLarge).detail("larger than any identity document"));
        }
        let members = json::parse_object(content)?;
        let text = String::from_utf8(content.to_vec())
            .map_err(|_| Refusal::new(Code::DocumentMalformed).detail("not UTF-8"))?;
        Ok(Self { text, members: with_audience_object(members) })
    }

    /// A document of another region than its signer's was not made by that region.
    fn check_region(&self, profile: Profile, registered: Option<&str>) -> Result<(), Refusal> {
        let Some(registered) = registered else { return Ok(()) };
        let member = match profile {
            Profile::AmazonEc2 => "region",
            _ => "region-id",
        };
        match self.members.get(member).and_then(Value::as_str) {
            Some(region) if region == registered => Ok(()),
            found => Err(Refusal::new(Code::CmsSignerUnknown)
                .detail("the signer is registered for another region")
                .expected(registered)
                .found(found.unwrap_or("no region"))),
        }
    }

    /// The audience that the workload asked for: ours, and the time when it asked. Returns that time.
    fn check_audience(&self, expected: Option<&str>) -> Result<Option<UnixTime>, Refusal> {
        let expected = expected.ok_or(Code::InternalError)?;
        let audience = self.members.get("audience").ok_or(Code::DocumentAudienceMissing)?;
        let (name, time) = match audience {
            Value::String(name) => (Some(name.as_str()), None),
            other => (
                other.get("aud").and_then(Value::as_str),
                other.get("signingTime").and_then(Value::as_integer),
            ),
        };
        match name {
            Some(name) if name == expected => Ok(time.map(UnixTime::from_seconds)),
            Some(name) => Err(Refusal::new(Code::DocumentAudience).expected(expected).found(name)),
            None => Err(Refusal::new(Code::DocumentAudienceMissing).detail("audience without aud")),
        }
    }

    /// The model `pkcs7` of conditions.
    fn into_facts(self, signing_time: Option<UnixTime>) -> Value {
        let mut payload = Object::new();
        payload.insert("data".to_string(), Value::from(self.text));
        payload.insert("jsonData".to_string(), Value::Object(self.members));
        let mut model = Object::new();
        model.insert("payload".to_string(), Value::Object(payload));
        if let Some(time) = signing_time {
            model.insert("signingTime".to_string(), Value::from(time.seconds()));
        }
        Value::Object(model)
    }
}

/// An audience that is a JSON object may be embedded as such or as its text: both become the object.
fn with_audience_object(mut members: Object) -> Object {
    let text = members.get("audience").and_then(Value::as_str);
    if let Some(object) = text.and_then(|text| json::parse_object(text.as_bytes()).ok()) {
        members.insert("audience".to_string(), Value::Object(object));
    }
    members
}

#[cfg(test)]
mod tests;
