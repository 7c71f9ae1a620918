//! `credmint x509 verify`: one certificate, its intermediates, the anchors.

use crate::Host;
use crate::answer::{Misuse, Proven, Refused, Verification};
use crate::input;
use crate::request;
use crate::signature::RsaAllowed;
use crate::time::{self, Time};
use const_oid::ObjectIdentifier;
use credmint_core::Refusal;
use credmint_core::x509::{
    Certificate, KeyUse, PathRules, PolicyRules, PolicySet, Revocation, RevocationCheck, TriedPath,
    TrustAnchor, VerifiedPath, explain_path, extended_key_usage,
};
use serde::Deserialize;
use serde_json::{Value, json};

const ANY_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32.0");

/// One request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    leaf: String,
    #[serde(default, deserialize_with = "request::list")]
    intermediates: Vec<String>,
    anchors: Vec<String>,
    #[serde(default, deserialize_with = "request::list")]
    crls: Vec<String>,
    time: Option<Time>,
    extended_key_usages: Option<Vec<String>>,
    max_depth: Option<usize>,
    require_crls: Option<bool>,
    policies: Option<Policies>,
    #[serde(default, deserialize_with = "request::list")]
    allow: Vec<RsaAllowed>,
}

/// What is asked about certificate policies (RFC 5280 section 6.1.1 (c), (e), (f), (g)).
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Policies {
    #[serde(default, deserialize_with = "request::list")]
    initial: Vec<String>,
    require_explicit: Option<bool>,
    inhibit_mapping: Option<bool>,
    inhibit_any: Option<bool>,
}

impl Policies {
    /// The policies that will do, each in numbers and dots, or `any`.
    fn initial(&self) -> Result<Vec<ObjectIdentifier>, Misuse> {
        let read = |name: &String| {
            let unknown = || Misuse::new(format!("policies: initial: `{name}` is not a policy"));
            match name.as_str() {
                "any" => Ok(ANY_POLICY),
                numbers => ObjectIdentifier::new(numbers).map_err(|_| unknown()),
            }
        };
        self.initial.iter().map(read).collect()
    }

    fn rules<'a>(&self, initial: &'a [ObjectIdentifier]) -> PolicyRules<'a> {
        PolicyRules::one_of(initial)
            .with_require_explicit(self.require_explicit == Some(true))
            .with_inhibit_mapping(self.inhibit_mapping == Some(true))
            .with_inhibit_any(self.inhibit_any == Some(true))
    }
}

impl crate::Request for Request {
    fn judge(self, host: &dyn Host) -> Result<Verification, Misuse> {
        let usages = self.usages()?;
        let nothing = Policies::default();
        let policies = self.policies.as_ref().unwrap_or(&nothing);
        let initial = policies.initial()?;
        Ok(self.verify(&usages, policies.rules(&initial), host))
    }
}

impl Request {
    /// The usages asked for; none for `any`, clientAuth when nothing is said.
    fn usages(&self) -> Result<Vec<ObjectIdentifier>, Misuse> {
        let names: Vec<&str> = match &self.extended_key_usages {
            None => vec!["clientAuth"],
            Some(names) => names.iter().map(String::as_str).collect(),
        };
        match names[..] {
            ["any"] => Ok(Vec::new()),
            [] => Err(Misuse::new(
                "extended_key_usages: the list is empty; [\"any\"] means no restriction",
            )),
            _ => names.into_iter().map(usage).collect(),
        }
    }

    fn verify(
        &self,
        usages: &[ObjectIdentifier],
        policies: PolicyRules<'_>,
        host: &dyn Host,
    ) -> Verification {
        let rsa = RsaAllowed::limit(&self.allow);
        let leaf = input::certificate(&self.leaf)?;
        let intermediates = input::certificates(&self.intermediates)?;
        let anchors = input::certificates(&self.anchors)?
            .into_iter()
            .map(|root| TrustAnchor::from_certificate_allowing(root, rsa))
            .collect::<Result<Vec<_>, Refusal>>()?;
        let time = time::or_now(self.time, host);
        // Who names no use asks about the path alone, as RFC 5280 section 6 does: the last certificate may be an
        // authority, and one that signs nothing.
        let crls = input::revocation_lists(&self.crls)?;
        let revocation = match self.require_crls {
            Some(true) => RevocationCheck::Required(&crls),
            None | Some(false) => RevocationCheck::IfListed(&crls),
        };
        let rules = match usages {
            [] => PathRules::new(time, KeyUse::Any, revocation).with_any_leaf(),
            usages => PathRules::new(time, KeyUse::Named(usages), revocation),
        };
        let rules = rules.with_policies(policies).with_max_depth(self.max_depth).with_rsa(rsa);
        let report = crate::settle(host, |signatures| {
            explain_path(&leaf, &intermediates, &anchors, &rules, signatures)
        })?;
        match report.outcome {
            Ok(path) => Ok(proven(&path)),
            Err(tried) => Err(refused(tried)),
        }
    }
}

fn usage(name: &str) -> Result<ObjectIdentifier, Misuse> {
    let unknown = || format!("extended_key_usages: `{name}` is not an extended key usage");
    extended_key_usage(name).ok_or_else(|| Misuse::new(unknown()))
}

fn proven(path: &VerifiedPath) -> Proven {
    let subjects: Vec<String> =
        path.certificates().map(|certificate| certificate.subject().to_string()).collect();
    let facts = path.facts().to_string();
    let facts: Value = serde_json::from_str(&facts).unwrap_or(Value::Null);
    let mut proven = Proven::new();
    proven.insert("path".into(), json!(subjects));
    proven.insert("anchor".into(), path.anchor().certificate().subject().to_string().into());
    proven.insert("certificate".into(), facts);
    proven.insert("policies".into(), policies(path.policies()));
    let revocation = match path.revocation() {
        Revocation::Checked => "checked",
        Revocation::Unchecked => "unchecked",
    };
    proven.insert("revocation".into(), revocation.into());
    let certificates: Vec<&Certificate> =
        path.certificates().chain([path.anchor().certificate()]).collect();
    proven.insert("chain".into(), chain(&certificates, true, None));
    proven
}

/// The refusal, and the closest path as `tried`.
fn refused(tried: TriedPath) -> Refused {
    let certificates: Vec<&Certificate> = tried.certificates().iter().collect();
    let drawn = chain(&certificates, tried.ends_at_root(), tried.failed_at());
    let mut refused = Refused::from(tried.into_refusal());
    refused.beside.insert("tried".into(), drawn);
    refused
}

/// The certificates of a path, the leaf first.
fn chain(certificates: &[&Certificate], ends_at_root: bool, failed: Option<usize>) -> Value {
    let last = certificates.len().saturating_sub(1);
    let one = |(index, certificate): (usize, &&Certificate)| {
        let role = match index {
            0 => "leaf",
            index if index == last && ends_at_root => "root",
            _ => "intermediate",
        };
        json!({
            "role": role,
            "certificate": certificate.to_string(),
            "not_before": certificate.not_before().to_string(),
            "not_after": certificate.not_after().to_string(),
            "fingerprint": fingerprint(certificate),
            "failed": failed == Some(index),
        })
    };
    certificates.iter().enumerate().map(one).collect()
}

/// SHA-256 in lower-case hexadecimal, as conditions read it.
fn fingerprint(certificate: &Certificate) -> String {
    certificate.fingerprint_sha256().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `["any"]`, or the policies in numbers and dots.
fn policies(set: &PolicySet) -> Value {
    match set {
        PolicySet::Any => json!(["any"]),
        PolicySet::Only(policies) => json!(policies),
    }
}
