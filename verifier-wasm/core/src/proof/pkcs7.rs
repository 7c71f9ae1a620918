//! Identity documents that a cloud signs (RFC 5652): Alibaba Cloud ECS and ECI, Amazon EC2, Azure.

use super::{Context, Evidence, Freshness, Owed, Stating, first_use};
use crate::cms::{Authorities, CmsRules, Profile, SignedMessage, Trust};
use crate::json::{self, Object, Value};
use crate::limits;
use crate::pem;
use crate::policy::{Pkcs7Provider, Provider};
use crate::recorded::{Recorded, Stated};
use crate::refusal::{Code, Refusal, Step};
use crate::time::UnixTime;
use crate::trace::{Seen, Trace};
use crate::verdict::Stop;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A message whose form has been read.
pub(crate) struct Form {
    message: SignedMessage,
}

impl Form {
    /// The document's own form is read here as well, and forgotten again. Every profile demands it, and
    /// refusing it after the binding would tell which clients exist to a caller who can sign nothing.
    pub(super) fn read(document: &str) -> Result<Self, Refusal> {
        let message = SignedMessage::parse(&pem::message(document)?)?;
        let content = message.attached().ok_or(Code::CmsContentDetached)?;
        Document::read(content)?;
        Ok(Self { message })
    }

    pub(super) fn verify(
        self,
        provider: &Pkcs7Provider,
        context: Context<'_>,
    ) -> Result<Evidence, Stop> {
        let Context { to, now, session, trace, .. } = context;
        let rules = CmsRules { profile: provider.profile, time: Some(now), allow: provider.allow };
        let trust = Trust { signers: &provider.signers, authorities: authorities(provider, now) };
        let verified = self.message.proven_by(None, &trust, &rules, session)?;
        let document = Document::read(verified.content())?;

        let region = provider.regions.get(&verified.signer().fingerprint_sha256());
        document.check_region(provider.profile, region)?;
        trace.passed(Step::KeyLookup, || Seen::found(verified.signer().to_string()));
        trace.passed(Step::Signature, Seen::nothing);
        let signing_time = verified.signing_time();
        let certificates = verified.certificate_facts();
        trace.state(|| {
            let (text, certificates) = (document.text.clone(), certificates.clone());
            Recorded::new(Stated::Document { text, signing_time, certificates })
        });
        check(&document, provider, trace)?;
        let owed = owed(&document, signing_time, provider);
        let signed = Signed { signing_time, certificates };
        Ok(Evidence { stated: state(document, signed, provider, to.provider), owed })
    }
}

/// The roots of a provider that has some, for this time.
fn authorities(provider: &Pkcs7Provider, time: UnixTime) -> Option<Authorities<'_>> {
    let Pkcs7Provider { anchors, intermediates, .. } = provider;
    (!anchors.is_empty()).then_some(Authorities { anchors, intermediates, time })
}

/// What a message says beside its document.
pub(super) struct Signed {
    pub(super) signing_time: Option<UnixTime>,
    /// The models of the verified certificates, the signer's first.
    pub(super) certificates: Vec<Value>,
}

/// Checks a recorded document.
pub(super) fn check_recorded(
    text: &str,
    provider: &Pkcs7Provider,
    trace: &mut Trace,
) -> Result<(), Refusal> {
    check(&Document::read(text.as_bytes())?, provider, trace)
}

/// What a recorded document states.
pub(super) fn state_recorded(
    text: &str,
    signed: Signed,
    pkcs7: &Pkcs7Provider,
    provider: &Provider,
) -> Result<Stating, Refusal> {
    Ok(state(Document::read(text.as_bytes())?, signed, pkcs7, provider))
}

/// Checks the audience of a document where it has one. Its age is not looked at yet.
fn check(document: &Document, provider: &Pkcs7Provider, trace: &mut Trace) -> Result<(), Refusal> {
    if provider.profile == Profile::AlibabaEcs {
        document.check_audience(provider.audience.as_deref())?;
        let audience = || Seen::found(provider.audience.clone().unwrap_or_default());
        trace.passed(Step::Audience, audience);
    }
    Ok(())
}

/// What is remembered of the instance, where anything is.
fn owed(
    document: &Document,
    signing_time: Option<UnixTime>,
    provider: &Pkcs7Provider,
) -> Option<Owed> {
    let (names, uses) = provider.first_uses.as_ref()?;
    let instance = first_use::instance(&document.members, provider.profile, names);
    // Without a time it is refused by its age.
    let signed =
        period(document, signing_time, provider.profile).0.unwrap_or(UnixTime::from_seconds(0));
    Some(Owed::FirstUse(instance, signed.plus(0_i64.saturating_sub(limits::SKEW)), *uses))
}

/// What a document states to this provider.
fn state(
    document: Document,
    signed: Signed,
    pkcs7: &Pkcs7Provider,
    provider: &Provider,
) -> Stating {
    let (since, expires) = period(&document, signed.signing_time, pkcs7.profile);
    let freshness = Freshness::Ages { signed: since, max_age: pkcs7.max_age, expires };
    Stating::new("pkcs7", document.into_facts(signed), freshness, provider)
}

/// From when a document counts, and when it ends by itself.
fn period(
    document: &Document,
    signing_time: Option<UnixTime>,
    profile: Profile,
) -> (Option<UnixTime>, Option<UnixTime>) {
    match profile {
        Profile::AlibabaEcs => (document.asked(), None),
        Profile::AzureAttested => document.period(),
        Profile::AmazonEc2 | Profile::Generic => (signing_time, None),
    }
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
    fn check_region(
        &self,
        profile: Profile,
        registered: Option<&BTreeSet<String>>,
    ) -> Result<(), Refusal> {
        let Some(registered) = registered else { return Ok(()) };
        let member = match profile {
            Profile::AmazonEc2 => "region",
            _ => "region-id",
        };
        match self.members.get(member).and_then(Value::as_str) {
            Some(region) if registered.contains(region) => Ok(()),
            found => Err(Refusal::new(Code::CmsSignerUnknown)
                .detail("the signer is registered for another region")
                .expected(registered.iter().map(String::as_str).collect::<Vec<_>>().join(" or "))
                .found(found.unwrap_or("no region"))),
        }
    }

    /// The audience that the workload asked for must be ours.
    fn check_audience(&self, expected: Option<&str>) -> Result<(), Refusal> {
        let expected = expected.ok_or(Code::InternalError)?;
        let audience = self.members.get("audience").ok_or(Code::DocumentAudienceMissing)?;
        let name = match audience {
            Value::String(name) => Some(name.as_str()),
            other => other.get("aud").and_then(Value::as_str),
        };
        match name {
            Some(name) if name == expected => Ok(()),
            Some(name) => Err(Refusal::new(Code::DocumentAudience).expected(expected).found(name)),
            None => Err(Refusal::new(Code::DocumentAudienceMissing).detail("audience without aud")),
        }
    }

    /// When the workload asked for the document, as its audience says.
    fn asked(&self) -> Option<UnixTime> {
        let time = self.members.get("audience")?.get("signingTime")?;
        time.as_integer().map(UnixTime::from_seconds)
    }

    /// When a document of Azure was made and when it ends: its `timeStamp` has both, or it has none.
    fn period(&self) -> (Option<UnixTime>, Option<UnixTime>) {
        let time = |name| azure_time(self.members.get("timeStamp")?.get(name)?.as_str()?);
        match (time("createdOn"), time("expiresOn")) {
            (Some(created), Some(expires)) => (Some(created), Some(expires)),
            _ => (None, None),
        }
    }

    /// The model `pkcs7` of conditions. Its certificates are those that were verified, the signer's first.
    fn into_facts(self, signed: Signed) -> Value {
        let mut payload = Object::new();
        payload.insert("data".to_string(), Value::from(self.text));
        payload.insert("jsonData".to_string(), Value::Object(self.members));
        let mut model = Object::new();
        model.insert("payload".to_string(), Value::Object(payload));
        if !signed.certificates.is_empty() {
            model.insert("certificates".to_string(), Value::from(signed.certificates));
        }
        if let Some(time) = signed.signing_time {
            model.insert("signingTime".to_string(), Value::from(time.seconds()));
        }
        Value::Object(model)
    }
}

/// Month, day and year in two digits, time of day, and the zone, which is always that of UTC.
fn azure_time(text: &str) -> Option<UnixTime> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).collect();
    let shape = text.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    let known = [b"00/00/00 00:00:00 -0000", b"00/00/00 00:00:00 +0000"];
    if !known.iter().any(|known| shape.clone().eq(known.iter().copied())) {
        return None;
    }
    let pairs = digits.chunks(2).map(two_digits).collect::<Option<Vec<u8>>>()?;
    match pairs.as_slice() {
        [month, day, yy, hour, minute, second, 0, 0] => {
            let year = u16::from(*yy).checked_add(2000)?;
            UnixTime::from_civil(year, *month, *day, *hour, *minute, *second)
        }
        _ => None,
    }
}

fn two_digits(pair: &[u8]) -> Option<u8> {
    match pair {
        [tens, ones] => {
            tens.checked_sub(b'0')?.checked_mul(10)?.checked_add(ones.checked_sub(b'0')?)
        }
        _ => None,
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
