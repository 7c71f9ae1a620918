//! Attacks on signed messages, each beside a message of the same kind that verifies.

mod algorithms;
mod attributes;
mod form;
mod message;
mod signers;

use super::*;
use crate::digest::Hash;
use crate::jose::tests::fake;
use crate::time::UnixTime;
use crate::verdict::Stop;
use alloc::vec::Vec;
use message::{Message, pinned};

const EC2: Profile = Profile::AmazonEc2;
const ECS: Profile = Profile::AlibabaEcs;
const GENERIC: Profile = Profile::Generic;

fn rules(profile: Profile) -> CmsRules {
    CmsRules { profile, time: None, allow: Allow::default() }
}

fn verify(
    message: &[u8],
    detached: Option<&[u8]>,
    signers: &[PinnedSigner],
    rules: &CmsRules,
) -> Result<VerifiedContent, Refusal> {
    let message = SignedMessage::parse(message)?;
    message.verify(detached, signers, rules, fake::PROVIDER).map_err(Stop::into_refusal)
}

/// Verifies an encoded message against the usual signer.
#[track_caller]
fn check_der(message: &[u8], profile: Profile, expect: Result<(), Code>) {
    let verdict = verify(message, None, &[pinned(&fake::rsa(1))], &rules(profile));
    let shown = verdict.as_ref().map(drop);
    assert_eq!(verdict.as_ref().map(drop).map_err(Refusal::code), expect, "{shown:?}");
}

#[track_caller]
fn check(message: &Message, profile: Profile, expect: Result<(), Code>) {
    check_der(&message.der(), profile, expect);
}

/// A message of EC2 that its signer made with this change.
fn ec2(change: impl FnOnce(&mut Message)) -> Message {
    let mut message = Message::ec2();
    change(&mut message);
    message
}

/// The same for ECS.
fn ecs(change: impl FnOnce(&mut Message)) -> Message {
    let mut message = Message::ecs();
    change(&mut message);
    message
}

/// A message in the form of ECS over this content, for tests of other rooms; its signer is
/// [`signer_certificate`].
pub(crate) fn ecs_message(content: Option<&str>) -> Vec<u8> {
    let change = |message: &mut Message| match content {
        Some(content) => message.content = content.into(),
        None => message.detached = true,
    };
    ecs(change).der()
}

/// A message in the form of EC2 by the same signer.
pub(crate) fn ec2_message() -> Vec<u8> {
    Message::ec2().der()
}

/// The certificate of the signer of these messages, in DER.
pub(crate) fn signer_certificate() -> Vec<u8> {
    pinned(&fake::rsa(1)).certificate().raw().to_vec()
}

/// The attributes of [`Message::ec2`] in their order: contentType, signingTime, CMSAlgorithmProtection,
/// messageDigest.
fn usual() -> [Vec<u8>; 4] {
    Message::ec2().signer.attributes.unwrap().try_into().unwrap()
}

fn changed(bytes: &[u8], of: &[u8]) -> Vec<u8> {
    let at = bytes.windows(of.len()).position(|window| window == of).unwrap();
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes
}
