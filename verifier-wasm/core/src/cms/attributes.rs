//! Signed attributes (RFC 5652 sections 5.3, 5.4 and 11; RFC 6211).

use super::algorithms::AlgorithmProtection;
use super::{ID_DATA, is};
use crate::ber;
use crate::refusal::{Code, Refusal};
use crate::time::UnixTime;
use crate::x509::fields::{Field, Fields, Oid};
use crate::x509::validity;
use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use const_oid::ObjectIdentifier;
use der::Tag;

const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");
const ALGORITHM_PROTECTION: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.52");

/// The attributes whose values are read.
#[derive(Clone, Copy)]
enum Known {
    ContentType,
    MessageDigest,
    SigningTime,
    AlgorithmProtection,
}

/// Their names.
const KNOWN: [(ObjectIdentifier, Known, &str); 4] = [
    (CONTENT_TYPE, Known::ContentType, "contentType"),
    (MESSAGE_DIGEST, Known::MessageDigest, "messageDigest"),
    (SIGNING_TIME, Known::SigningTime, "signingTime"),
    (ALGORITHM_PROTECTION, Known::AlgorithmProtection, "CMSAlgorithmProtection"),
];

/// The identifier byte of a SET.
const SET: u8 = 0x31;

/// Signed attributes in DER, read. That they were signed is for the signature to say.
#[derive(Clone, Debug)]
pub(super) struct SignedAttributes {
    /// What the signature is over.
    pub(super) signed: Vec<u8>,
    pub(super) message_digest: Vec<u8>,
    pub(super) signing_time: Option<UnixTime>,
    pub(super) protection: Option<AlgorithmProtection>,
    /// The first attribute that is none of the above.
    pub(super) other: Option<String>,
}

impl SignedAttributes {
    /// Reads `signedAttrs`, `[0] IMPLICIT SET OF Attribute`, as received.
    ///
    /// The signature is over the DER of the attributes under the tag of a SET (RFC 5652 section 5.4). Nothing
    /// is encoded anew for it: what came in must be DER to the innermost value and in the order of a SET OF
    /// (X.690 section 11.6), and then differs from what was signed in its first byte alone.
    pub(super) fn read(received: &Field<'_>) -> Result<Self, Refusal> {
        ber::require_der(received.der)
            .map_err(|refusal| wrong("signedAttrs").expected("DER").found(refusal))?;
        let mut read = Reading::default();
        let mut attributes = Fields::of(received.contents, Code::CmsAttributes)?;
        let mut previous: &[u8] = &[];
        while !attributes.is_empty() {
            let attribute = attributes.take(Tag::Sequence, "signedAttrs")?;
            if attribute.der <= previous {
                return Err(wrong("signedAttrs").expected("the order of a SET OF in DER"));
            }
            previous = attribute.der;
            read.attribute(attributes.inside(&attribute)?)?;
        }
        if !read.has_content_type {
            return Err(wrong("contentType").expected("one"));
        }
        let mut signed = received.der.to_vec();
        if let Some(tag) = signed.first_mut() {
            *tag = SET;
        }
        Ok(Self {
            signed,
            message_digest: read
                .message_digest
                .ok_or_else(|| wrong("messageDigest").expected("one"))?,
            signing_time: read.signing_time,
            protection: read.protection,
            other: read.other,
        })
    }
}

impl SignedAttributes {
    /// What there is, by name or numbers, in its order.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let read = |mut fields: Fields<'_>| -> Result<(), Refusal> {
            let set = fields.take(Tag::Set, "signedAttrs")?;
            let mut attributes = fields.inside(&set)?;
            while !attributes.is_empty() {
                let attribute = attributes.take(Tag::Sequence, "signedAttrs")?;
                let attribute_type = attributes.inside(&attribute)?.oid("attribute type")?;
                names.push(known(attribute_type).1.into_owned());
            }
            Ok(())
        };
        // They were read once, so they can be read again.
        let _ = Fields::of(&self.signed, Code::CmsAttributes).and_then(read);
        names
    }
}

/// The attribute when its value is read, and its name, or the numbers of another.
fn known(attribute_type: Oid<'_>) -> (Option<Known>, Cow<'static, str>) {
    match KNOWN.iter().find(|(oid, ..)| is(attribute_type, oid)) {
        Some((_, known, name)) => (Some(*known), (*name).into()),
        None => (None, attribute_type.to_string().into()),
    }
}

/// The attributes read so far.
#[derive(Default)]
struct Reading<'a> {
    /// The types of those that are none of the below.
    others: BTreeSet<&'a [u8]>,
    has_content_type: bool,
    message_digest: Option<Vec<u8>>,
    signing_time: Option<UnixTime>,
    protection: Option<AlgorithmProtection>,
    other: Option<String>,
}

impl<'a> Reading<'a> {
    /// Reads one Attribute: a type that did not occur before, and a SET of exactly one value.
    ///
    /// RFC 5652 demands both for the attributes of its section 11. For any other, a second value or a second
    /// instance would be there to be read by one and overlooked by the next.
    fn attribute(&mut self, mut fields: Fields<'a>) -> Result<(), Refusal> {
        let attribute_type = fields.oid("attribute type")?;
        let (known, name) = known(attribute_type);
        let again = match known {
            Some(Known::ContentType) => self.has_content_type,
            Some(Known::MessageDigest) => self.message_digest.is_some(),
            Some(Known::SigningTime) => self.signing_time.is_some(),
            Some(Known::AlgorithmProtection) => self.protection.is_some(),
            None => !self.others.insert(attribute_type.bytes()),
        };
        if again {
            return Err(wrong(&name).expected("one").found("two"));
        }
        let set = fields.take(Tag::Set, &name)?;
        let mut values = fields.inside(&set)?;
        fields.finish(&name)?;
        match known {
            Some(Known::ContentType) => self.content_type(&mut values)?,
            Some(Known::MessageDigest) => {
                let digest = values.take(Tag::OctetString, &name)?;
                self.message_digest = Some(digest.contents.to_vec());
            }
            Some(Known::SigningTime) => {
                self.signing_time = Some(validity::time(&mut values, &name)?);
            }
            Some(Known::AlgorithmProtection) => {
                self.protection = Some(AlgorithmProtection::read(&mut values)?);
            }
            None => {
                values.any(&name)?;
                self.other.get_or_insert_with(|| name.to_string());
            }
        }
        values.finish(&name)
    }

    /// The type of the content, which is also said outside the attributes (RFC 5652 section 11.1).
    fn content_type(&mut self, values: &mut Fields<'a>) -> Result<(), Refusal> {
        let content_type = values.oid("contentType")?;
        self.has_content_type = true;
        match is(content_type, &ID_DATA) {
            true => Ok(()),
            false => Err(wrong("contentType").expected("id-data").found(content_type)),
        }
    }
}

fn wrong(attribute: &str) -> Refusal {
    Refusal::new(Code::CmsAttributes).detail(attribute)
}
