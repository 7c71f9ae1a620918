//! The extensions about certificate policies (RFC 5280 sections 4.2.1.4, 4.2.1.5, 4.2.1.11, 4.2.1.14): what a
//! certificate says. What it means in a path is decided in `path::policies`.

use super::fields::{Field, Fields, primitive};
use crate::limits;
use crate::refusal::{Code, Refusal};
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use der::Tag;

/// A policy: its object identifier as encoded bytes.
pub(super) type PolicyId = Box<[u8]>;

/// anyPolicy, which means every policy.
pub(super) const ANY_POLICY: &[u8] = &[0x55, 0x1d, 0x20, 0x00];

/// id-qt-cps and id-qt-unotice: the qualifiers that RFC 5280 defines. They are for people.
const QUALIFIERS: &[&[u8]] =
    &[b"\x2b\x06\x01\x05\x05\x07\x02\x01", b"\x2b\x06\x01\x05\x05\x07\x02\x02"];

/// Section 4.2.1.4.
#[derive(Clone, Debug)]
pub(super) struct CertificatePolicies {
    /// The policies, without anyPolicy.
    pub(super) policies: BTreeSet<PolicyId>,
    pub(super) any: bool,
    /// Whether every qualifier is one that is understood, as it must be when the extension is critical.
    pub(super) qualifiers_known: bool,
}

impl CertificatePolicies {
    pub(super) fn read(value: &[u8]) -> Result<Self, Refusal> {
        let name = "certificatePolicies";
        let mut list = nonempty(value, name)?;
        let mut all = Self { policies: BTreeSet::new(), any: false, qualifiers_known: true };
        let mut count = 0_usize;
        while !list.is_empty() {
            count = within_limit(count, name)?;
            let information = list.take(Tag::Sequence, name)?;
            let mut information = list.inside(&information)?;
            let policy = information.oid(name)?.bytes();
            let known = match information.take_if(Tag::Sequence, name)? {
                Some(qualifiers) => qualifiers_known(information.inside(&qualifiers)?)?,
                None => true,
            };
            information.finish(name)?;
            let is_any = policy == ANY_POLICY;
            // Section 4.2.1.4: anyPolicy has no qualifiers but these, and no policy occurs twice.
            let new = if is_any {
                known && !core::mem::replace(&mut all.any, true)
            } else {
                all.policies.insert(policy.into())
            };
            if !new {
                return Err(list.wrong(name).expected("each policy once"));
            }
            all.qualifiers_known &= known;
        }
        Ok(all)
    }
}

/// Reads PolicyQualifierInfos, at least one; whether all are of a known type.
fn qualifiers_known(mut list: Fields<'_>) -> Result<bool, Refusal> {
    let name = "certificatePolicies.policyQualifiers";
    if list.is_empty() {
        return Err(list.wrong(name).expected("at least one qualifier"));
    }
    let mut known = true;
    while !list.is_empty() {
        let qualifier = list.take(Tag::Sequence, name)?;
        let mut qualifier = list.inside(&qualifier)?;
        known &= QUALIFIERS.contains(&qualifier.oid(name)?.bytes());
        qualifier.any(name)?;
        qualifier.finish(name)?;
    }
    Ok(known)
}

/// Section 4.2.1.5: pairs of a policy of the issuer's domain and one of the subject's that counts as it.
#[derive(Clone, Debug)]
pub(super) struct PolicyMappings(pub(super) Vec<(PolicyId, PolicyId)>);

impl PolicyMappings {
    pub(super) fn read(value: &[u8]) -> Result<Self, Refusal> {
        let name = "policyMappings";
        let mut list = nonempty(value, name)?;
        let mut pairs = Vec::new();
        while !list.is_empty() {
            within_limit(pairs.len(), name)?;
            let pair = list.take(Tag::Sequence, name)?;
            let mut pair = list.inside(&pair)?;
            let (issuer, subject) = (pair.oid(name)?.bytes(), pair.oid(name)?.bytes());
            pair.finish(name)?;
            // Section 6.1.4 (a).
            if issuer == ANY_POLICY || subject == ANY_POLICY {
                return Err(list.wrong(name).expected("no mapping from or to anyPolicy"));
            }
            pairs.push((issuer.into(), subject.into()));
        }
        Ok(Self(pairs))
    }
}

/// Section 4.2.1.11: after how many more certificates, self-issued ones not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PolicyConstraints {
    pub(super) require_explicit: Option<u8>,
    pub(super) inhibit_mapping: Option<u8>,
}

impl PolicyConstraints {
    pub(super) fn read(value: &[u8]) -> Result<Self, Refusal> {
        let name = "policyConstraints";
        let mut fields = nonempty(value, name)?;
        let mut read = |number| match fields.take_if(primitive(number), name)? {
            Some(field) => skip_certificates(&field).map(Some).ok_or_else(|| fields.wrong(name)),
            None => Ok(None),
        };
        let constraints = Self { require_explicit: read(0)?, inhibit_mapping: read(1)? };
        fields.finish(name)?;
        Ok(constraints)
    }
}

/// Section 4.2.1.14: after how many more certificates, self-issued ones not counted.
pub(super) fn inhibit_any_policy(value: &[u8]) -> Result<u8, Refusal> {
    let name = "inhibitAnyPolicy";
    let mut fields = Fields::of(value, Code::CertificateExtensionInvalid)?;
    let field = fields.take(Tag::Integer, name)?;
    let number = skip_certificates(&field).ok_or_else(|| fields.wrong(name))?;
    fields.finish(name)?;
    Ok(number)
}

/// A non-negative INTEGER. No path is longer than 127, so a larger number means no more than this one.
pub(super) fn skip_certificates(field: &Field<'_>) -> Option<u8> {
    match *field.contents {
        [number @ 0..=0x7f] => Some(number),
        [0x01..=0x7f, _, ..] | [0x00, 0x80..=0xff, ..] => Some(0x7f),
        _ => None,
    }
}

/// The values inside the SEQUENCE that an extension's value is, at least one.
fn nonempty<'a>(value: &'a [u8], name: &str) -> Result<Fields<'a>, Refusal> {
    let fields = Fields::of_sequence(value, name, Code::CertificateExtensionInvalid)?;
    if fields.is_empty() { Err(fields.wrong(name).expected("not empty")) } else { Ok(fields) }
}

/// One more than `count`, within [`limits::POLICIES`].
fn within_limit(count: usize, name: &str) -> Result<usize, Refusal> {
    let count = count.saturating_add(1);
    if count > limits::POLICIES {
        return Err(Refusal::new(Code::CertificateExtensionsTooMany)
            .detail(name)
            .expected(limits::POLICIES));
    }
    Ok(count)
}

#[cfg(test)]
mod tests;
