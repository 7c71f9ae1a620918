//! What fuzzing runs: one function a parser, fed with any bytes. `cargo xtask long fuzz` runs each under libFuzzer, and
//! `tests/tests/fuzz_seeds.rs` with the seeds and their nearest neighbours.
//!
//! None may panic, and what nobody signed may not be accepted.

use std::cell::RefCell;

use base64ct::{Base64, Encoding};
use credmint_core::expr::{Expression, Model, Shape};
use credmint_core::jose::{JwkSet, UnverifiedJws};
use credmint_core::policy::TrustPolicy;
use credmint_core::signature::SignatureProvider;
use credmint_core::x509::Crl;
use credmint_core::{Presented, UnixTime, ber, json};
use credmint_rustcrypto::RustCrypto;
use credmint_verify::{Command, Host, Verifier};
use serde_json::{Map, Value, json};

/// A parser under test: any bytes in, out whether they were read or accepted. A panic is a finding.
pub type Target = fn(&[u8]) -> bool;

/// All of them, by the names of their binaries and of the folders of their seeds.
pub const TARGETS: [(&str, Target); 8] = [
    ("certificate", certificate),
    ("cms", cms),
    ("crl", crl),
    ("expression", expression),
    ("form", form),
    ("jwks", jwks),
    ("jws", jws),
    ("policy", policy),
];

/// 2026-11-24T12:00:00Z, when all seeds hold.
const NOW: i64 = 1_795_521_600;

const TOKEN: &str = include_str!("../seeds/jws/token");
const KEYS: &str = include_str!("../seeds/jwks/one-ec-key");
const LEAF: &[u8] = include_bytes!("../seeds/certificate/leaf.der");
const ANCHOR: &[u8] = include_bytes!("../anchor.der");
const POLICY: &str = include_str!("../seeds/policy/exchange.json");
const FORMS: [&str; 3] = [
    include_str!("../seeds/form/oidc"),
    include_str!("../seeds/form/pca"),
    include_str!("../seeds/form/pkcs7"),
];

/// A compact JWS: what is accepted has the header and the payload of the one token that its key signed.
pub fn jws(data: &[u8]) -> bool {
    let Ok(token) = str::from_utf8(data) else { return false };
    if let Ok(jws) = UnverifiedJws::parse(token) {
        let _ = (jws.algorithm(), jws.kid(), jws.typ(), jws.refuse_embedded_keys());
    }
    let keys: Value = serde_json::from_str(KEYS).expect("a seed");
    let accepted = accepts(Command::Jws, &json!({ "id": 0, "jws": token, "jwks": keys }));
    assert!(!accepted || signing_input(token) == signing_input(TOKEN), "nobody signed it");
    accepted
}

/// A JWK set.
pub fn jwks(data: &[u8]) -> bool {
    JwkSet::parse(data, &[]).is_ok()
}

/// A leaf with whatever certificates follow it, to a fixed anchor. Each also counts as an anchor of its own.
pub fn certificate(data: &[u8]) -> bool {
    let mut certificates = split(data).into_iter();
    let Some(leaf) = certificates.next() else { return false };
    let intermediates: Vec<_> = certificates.map(Base64::encode_string).collect();
    let request = |anchor: &[u8]| {
        json!({
            "id": 0, "leaf": Base64::encode_string(leaf), "intermediates": intermediates,
            "anchors": [Base64::encode_string(anchor)], "time": NOW, "extended_key_usages": ["any"],
        })
    };
    let _ = accepts(Command::X509, &request(leaf));
    let accepted = accepts(Command::X509, &request(ANCHOR));
    assert!(!accepted || holds(leaf, signed_part(LEAF)), "nobody signed it");
    accepted
}

/// A CMS message under each profile; the signer is pinned.
pub fn cms(data: &[u8]) -> bool {
    if let Ok(der) = ber::to_der(data) {
        assert_eq!(ber::to_der(&der).as_ref(), Ok(&der), "DER is its own DER");
    }
    let message = Base64::encode_string(data);
    let signer = &policy_of_seeds()["providers"]["ecs"]["signers"][0]["pem"];
    let mut accepted = false;
    for profile in ["alibaba-ecs", "amazon-ec2", "azure-attested", "generic"] {
        let request = json!({
            "id": 0, "cms": message, "signers": [signer], "profile": profile, "allow": ["sha1-rsa"],
        });
        accepted |= accepts(Command::Cms, &request);
    }
    accepted
}

/// A revocation list.
pub fn crl(data: &[u8]) -> bool {
    Crl::from_der(data).is_ok()
}

/// A trust policy, as JSON.
pub fn policy(data: &[u8]) -> bool {
    json::parse(data).is_ok_and(|document| TrustPolicy::from_document(&document).is_ok())
}

/// An expression: an error points into its text.
pub fn expression(data: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(data) else { return false };
    match Expression::parse(text) {
        Err(error) => {
            assert!(text.is_char_boundary(error.offset()), "{}", error.offset());
            false
        }
        Ok(expression) => {
            let models = [Model::jwt(Shape::Any), Model::client(Shape::Any)];
            let is_condition = expression.check_condition(&models).is_ok();
            expression.check_mapping(&models).is_ok() || is_condition
        }
    }
}

/// A token request by a whole policy: what is granted carries an assertion that somebody signed.
pub fn form(data: &[u8]) -> bool {
    let pairs = pairs(data);
    let Ok(presented) = Presented::from_parameters(pairs.iter().cloned()) else { return false };
    let form: Map<_, _> = pairs.into_iter().map(|(name, value)| (name, value.into())).collect();
    let request = json!({ "id": 0, "form": form, "now": NOW, "policy": policy_of_seeds() });
    let accepted = accepts(Command::Proof, &request);
    // In a document more than the signed part may vary: lengths, segments, unsigned attributes.
    if accepted && presented.assertion.kind() != "pkcs7" {
        let sent = form["client_assertion"].as_str().unwrap_or_default();
        let was_signed = FORMS.iter().flat_map(|form| self::pairs(form.as_bytes()));
        let mut was_signed = was_signed.filter(|(name, _)| name == "client_assertion");
        assert!(
            was_signed.any(|(_, signed)| signing_input(&signed) == signing_input(sent)),
            "nobody signed {sent}"
        );
    }
    accepted
}

fn pairs(form: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(form).into_owned().collect()
}

/// Whether the verify command accepts. What it does not understand is not accepted.
fn accepts(command: Command, request: &Value) -> bool {
    let answer = Verifier::new(command, &Alone).answer(request.to_string().as_bytes());
    answer.get("verdict").is_some_and(|verdict| verdict == "accept")
}

/// Pure Rust, no files, one time.
struct Alone;

impl Host for Alone {
    fn signatures(&self) -> SignatureProvider<'_> {
        SignatureProvider { backends: &[&RustCrypto] }
    }

    fn now(&self) -> UnixTime {
        UnixTime::from_seconds(NOW)
    }

    fn open_policy(&self, file: &str) -> Result<TrustPolicy, String> {
        Err(format!("{file}: there are no files here"))
    }
}

fn policy_of_seeds() -> Value {
    thread_local!(static READ: RefCell<Option<Value>> = const { RefCell::new(None) });
    READ.with_borrow_mut(|read| {
        read.get_or_insert_with(|| serde_json::from_str(POLICY).expect("a seed")).clone()
    })
}

/// What the signature of a compact JWS is over.
fn signing_input(token: &str) -> &str {
    token.trim().rsplit_once('.').map_or(token, |(input, _)| input)
}

/// The DER values of two length bytes that stand one after another; the rest is the last of them.
fn split(mut data: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    while let [0x30, 0x82, high, low, ..] = data {
        let length = 4 + usize::from(u16::from_be_bytes([*high, *low]));
        let Some((first, rest)) = data.split_at_checked(length) else { break };
        parts.push(first);
        data = rest;
    }
    if !data.is_empty() {
        parts.push(data);
    }
    parts
}

/// The TBSCertificate of the seed.
fn signed_part(certificate: &[u8]) -> &[u8] {
    let inner = &certificate[4..];
    let header = if inner[1] == 0x82 { 4 } else { 3 };
    let length = inner[2..header].iter().fold(0, |all, byte| all << 8 | usize::from(*byte));
    &inner[..header + length]
}

fn holds(data: &[u8], part: &[u8]) -> bool {
    data.windows(part.len()).any(|window| window == part)
}
