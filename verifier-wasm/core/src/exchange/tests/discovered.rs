//! Several providers for one proof: what is fetched, what counts while one of them cannot answer, and how much is evaluated.

use super::{Exchange, NOW, Trace};
use crate::jose::KeyRules;
use crate::jose::tests::fake;
use crate::keys::KeyRing;
use crate::limits::{DISCOVERY_CANDIDATES, DISCOVERY_EVALUATED};
use crate::policy::TrustPolicy;
use crate::policy::tests::load;
use crate::presented::{JWT_BEARER_GRANT, JWT_SPIFFE_ASSERTION, Presented};
use crate::{Code, Source, UnixTime, Verdict};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// How many providers the trust domain has; each has an issuer and a key of its own.
const MESHES: u8 = 6;

/// A trust domain of several issuers, each with a discoverable credential.
fn mesh() -> TrustPolicy {
    let provider = |n: u8| {
        format!(
            r#""mesh{n}": {{"type": "spiffe", "trust_domain": "example.org", "issuer": "https://spire{n}",
                "audiences": ["https://api"], "keys": {{"jwks_uri": "https://spire{n}/keys"}}}}"#
        )
    };
    let client = |n: u8| {
        format!(
            r#""c{n}": {{"scopes": {{"api": ["read"]}}, "credentials": {{"main": {{"provider": "mesh{n}", "discoverable": true,
                "condition": "jwt.claims.sub == 'spiffe://example.org/w{n}' && jwt.claims.env.startsWith('prod')"}}}}}}"#
        )
    };
    policy(
        &(1..=MESHES).map(provider).collect::<Vec<_>>(),
        &(1..=MESHES).map(client).collect::<Vec<_>>(),
    )
}

fn policy(providers: &[String], clients: &[String]) -> TrustPolicy {
    let text = format!(
        r#"{{"version": 1, "issuer": "https://sts", "providers": {{{}}}, "resources": {{"api": {{"scopes": ["read"]}}}},
            "clients": {{{}}}}}"#,
        providers.join(","),
        clients.join(",")
    );
    load(&text).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// An SVID of the workload `w{workload}`, signed by this key in the name of the issuer of another number.
fn svid(workload: u8, env: &str, issuer: u8, key: u8) -> Presented {
    let header = format!(r#"{{"alg":"RS256","kid":"k{issuer}"}}"#);
    let claims = format!(
        r#"{{"iss":"https://spire{issuer}","sub":"spiffe://example.org/w{workload}","env":"{env}","aud":"https://sts","iat":{NOW},"exp":{}}}"#,
        NOW + 60
    );
    let token = fake::sign(&header, &claims, &fake::rsa(key));
    let parameters = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", JWT_SPIFFE_ASSERTION),
        ("client_assertion", &token),
        ("scope", "api|read"),
    ];
    Presented::from_parameters(parameters).unwrap()
}

fn issuer(n: u8) -> String {
    format!("https://spire{n}")
}

/// Brings the keys of one issuer.
fn bring(ring: &mut KeyRing, issuer: &str) {
    let number = issuer.trim_start_matches("https://spire").parse().unwrap();
    let keys = fake::jwks(&[fake::rsa_jwk(number, &format!(r#","kid":"k{number}""#))]);
    let now = UnixTime::from_seconds(NOW);
    ring.fetched(issuer, &KeyRules::default(), keys.as_bytes(), now).unwrap();
}

/// What the policy says, and what it wants beside.
fn decide(
    policy: &TrustPolicy,
    keys: &KeyRing,
    presented: &Presented,
) -> (Result<String, Result<Code, Source>>, Vec<Source>) {
    let now = UnixTime::from_seconds(NOW);
    let exchange = Exchange { policy, keys, signatures: fake::PROVIDER, now, own: None };
    let mut trace = Trace::none();
    let said = match exchange.decide(presented, &mut trace) {
        Verdict::Granted(grant) => Ok(grant.terms().subject().to_string()),
        Verdict::Refused(refusal) => Err(Ok(refusal.code())),
        Verdict::Wanting(source) => Err(Err(source)),
    };
    (said, trace.take_due())
}

fn key_set(n: u8) -> Source {
    Source::KeySet { issuer: issuer(n), url: format!("https://spire{n}/keys") }
}

#[test]
fn the_keys_of_all_providers_are_fetched_in_one_round() {
    let (policy, mut ring) = (mesh(), KeyRing::default());
    let presented = svid(MESHES, "prod", MESHES, MESHES);
    let mut waits = 0;
    let said = loop {
        let (said, due) = decide(&policy, &ring, &presented);
        let awaited = match said {
            Err(Err(source)) => source,
            said => break said,
        };
        waits += 1;
        for source in due.iter().chain([&awaited]) {
            match source {
                Source::KeySet { issuer, .. } => bring(&mut ring, issuer),
                other => panic!("{other:?}"),
            }
        }
    };
    assert_eq!((said, waits), (Ok("c6".to_string()), 1));
}

#[test]
fn who_is_found_waits_for_no_other_provider() {
    let (policy, mut ring) = (mesh(), KeyRing::default());
    bring(&mut ring, &issuer(MESHES));
    let others: Vec<Source> = (1..MESHES).map(key_set).collect();
    let found = decide(&policy, &ring, &svid(MESHES, "prod", MESHES, MESHES));
    assert_eq!(found, (Ok("c6".to_string()), others.clone()));
    // It is not told yet that a proof is nobody's.
    let found = decide(&policy, &ring, &svid(MESHES, "test", MESHES, MESHES));
    assert_eq!(found, (Err(Err(others[0].clone())), others[1..].to_vec()));
}

#[test]
fn nobody_is_told_to_be_unknown_while_a_provider_cannot_answer() {
    let policy = mesh();
    let (mut whole, mut broken) = (KeyRing::default(), KeyRing::default());
    for n in 1..=MESHES {
        bring(&mut whole, &issuer(n));
    }
    for n in 2..=MESHES {
        bring(&mut broken, &issuer(n));
    }
    broken.failed(&issuer(1), UnixTime::from_seconds(NOW));
    let check = |presented: &Presented, without: Result<&str, Code>, outage: Result<&str, Code>| {
        for (ring, expect) in [(&whole, without), (&broken, outage)] {
            let (said, due) = decide(&policy, ring, presented);
            assert_eq!((said, due), (expect.map(ToString::to_string).map_err(Ok), Vec::new()));
        }
    };
    let unavailable = Err(Code::KeysUnavailable);
    check(&svid(2, "prod", 2, 2), Ok("c2"), Ok("c2"));
    check(&svid(9, "prod", 2, 2), Err(Code::CredentialNotFound), unavailable);
    check(&svid(2, "test", 2, 2), Err(Code::VerificationConditionFalse), unavailable);
    check(&svid(2, "prod", 2, 7), Err(Code::JwsSignatureInvalid), unavailable);
    check(&svid(1, "prod", 1, 1), Ok("c1"), unavailable);
}

/// Whatever the sets of fields are: a part of them has as many credentials as a part may have.
#[test]
fn the_conditions_of_a_proof_are_bounded_together() {
    let parts = DISCOVERY_EVALUATED / DISCOVERY_CANDIDATES;
    let client = |part: usize, index: usize| {
        format!(
            r#""c{part}x{index}": {{"scopes": {{"api": ["read"]}}, "credentials": {{"main": {{"provider": "idp", "discoverable": true,
                "condition": "jwt.claims.sub == 'a' && jwt.claims.p{part} == 'y' && jwt.claims.ref.startsWith('r{part}x{index:02}/')"}}}}}}"#
        )
    };
    let idp = format!(
        r#""idp": {{"type": "oidc", "issuer": "https://idp", "audiences": ["https://sts"], "keys": {{"jwks": {}}}}}"#,
        fake::jwks(&[fake::rsa_jwk(1, r#","kid":"a""#)])
    );
    let clients: Vec<String> = (0..=parts)
        .flat_map(|part| (0..DISCOVERY_CANDIDATES).map(move |index| client(part, index)))
        .collect();
    let policy = policy(&[idp], &clients);
    let check = |parts: usize, reference: &str, expect: Result<&str, Code>| {
        let parts: String = (0..parts).map(|part| format!(r#""p{part}":"y","#)).collect();
        let claims = format!(
            r#"{{"iss":"https://idp","aud":"https://sts","sub":"a",{parts}"ref":"{reference}","iat":{NOW},"exp":{}}}"#,
            NOW + 60
        );
        let token = fake::sign(r#"{"alg":"RS256","kid":"a"}"#, &claims, &fake::rsa(1));
        let parameters =
            [("grant_type", JWT_BEARER_GRANT), ("assertion", &token), ("scope", "api|read")];
        let presented = Presented::from_parameters(parameters).unwrap();
        let (said, _) = decide(&policy, &KeyRing::default(), &presented);
        assert_eq!(said, expect.map(ToString::to_string).map_err(Ok), "{reference}");
    };
    check(parts, "r0x05/main", Ok("c0x5"));
    check(parts, "main", Err(Code::CredentialNotFound));
    check(parts + 1, "r0x05/main", Err(Code::CredentialAmbiguous));
    check(parts + 1, "main", Err(Code::CredentialAmbiguous));
}
