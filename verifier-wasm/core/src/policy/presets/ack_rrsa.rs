//! A pod of an Alibaba Cloud cluster with RAM roles for service accounts: Kubernetes with an issuer of the cloud.

use super::kubernetes;
use crate::policy::guide::{Guide, Init};
use crate::policy::preset::{Definition, Proofs};

pub(super) static PRESET: Definition = Definition {
    type_name: "ack_rrsa",
    proofs: Proofs::Tokens { issuer: None },
    identity: kubernetes::IDENTITY,
    group: kubernetes::GROUP,
    model: kubernetes::MODEL,
    matches: kubernetes::MATCHES,
    ..Definition::EMPTY
};

pub(super) static GUIDE: Guide = Guide {
    page: "ack_rrsa",
    about: "Tokens of service accounts of an Alibaba Cloud cluster with RRSA.",
    matches: kubernetes::WORDS,
    foreign_audiences: &["sts.aliyuncs.com"],
    init: Some(Init {
        questions: kubernetes::QUESTIONS,
        values: &[],
        provider: "ack",
        settings: "type: ack_rrsa\n\
                   issuer: '{token-issuer}'\n\
                   audiences: ['{issuer}'] # the audience of the projected volume\n\
                   keys: { discovery: true }\n\
                   max_lifetime: 3600s\n",
        binding: kubernetes::BINDING,
        subject: kubernetes::SUBJECT,
        left: &[kubernetes::LEFT],
        given: kubernetes::GIVEN,
        accepted: kubernetes::ACCEPTED,
        refused: kubernetes::REFUSED,
        changed: kubernetes::CHANGED,
    }),
    ..Guide::EMPTY
};
