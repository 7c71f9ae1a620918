//! A vector for every code of the table of refusals, or a reason why there is none.

use anyhow::Result;
use credmint_core::Code;
use credmint_tests::vectors;
use std::collections::BTreeSet;

/// Codes that no vector can have, each with what prevents it. A vector is a request of a verify command in
/// JSON, so that every host can answer it.
const WITHOUT: &[(Code, &str)] = &[
    (Code::RequestMalformed, HTTP),
    (Code::RequestContentType, HTTP),
    (Code::RequestMethod, HTTP),
    (Code::RequestFraming, HTTP),
    (Code::RequestTooSlow, HTTP),
    (Code::RequestTimeout, HTTP),
    (Code::RateLimited, HTTP),
    (Code::Overloaded, HTTP),
    (Code::ForwardedSource, HTTP),
    (
        Code::ParameterDuplicated,
        "an object of JSON has each member once; `presented.rs` has the test",
    ),
    (Code::AuthorizationUnsupported, HTTP),
    (Code::ForwardedCertificate, HTTP),
    (
        Code::CredentialAmbiguous,
        "credentials that one proof could be of do not load; `exchange/tests/discovered.rs` has the test",
    ),
    (Code::TokenMissing, GUARD),
    (Code::AuthorizationMalformed, GUARD),
    (Code::ScopeInsufficient, GUARD),
    (Code::ClockImplausible, GUARD),
    (Code::DiscoveryMalformed, FETCHED),
    (Code::DiscoveryIssuer, FETCHED),
    (Code::KeyUse, SKIPPED),
    (Code::KeyNotPinned, SKIPPED),
    (Code::SignatureBudget, "a path spends the budget before its assertion does, as `path_budget`"),
    (Code::UnsupportedSignature, "a back end is missing: a mistake of a build"),
    (Code::UnsupportedHash, ALONE),
    (Code::SignatureInvalid, ALONE),
    (Code::PolicyBudget, "`x509/policies.rs` has the test"),
    (Code::CrlTooLarge, LISTS),
    (Code::CrlMalformed, LISTS),
    (Code::CrlExtensionCritical, LISTS),
    (Code::UnsupportedCrlDelta, LISTS),
    (Code::UnsupportedCrlIndirect, LISTS),
    (Code::CrlUnavailable, LISTS),
    (Code::CertificateRevoked, LISTS),
    (Code::UnsupportedCrlAlgorithm, LISTS),
    (Code::CrlSignatureInvalid, LISTS),
    (Code::CrlKeyUsage, LISTS),
    (Code::CrlMissing, LISTS),
    (Code::CrlStale, LISTS),
    (Code::CrlNotYetValid, LISTS),
    (Code::CmsContentDiffers, "a document is always in its message"),
    (Code::CmsAttributesConfusion, "a document that is read as JSON first is no set of attributes"),
    (
        Code::CmsSignerName,
        "roots of clouds are those that the world trusts; no key below one is known here",
    ),
    (Code::ClientNonceMissing, INSTANCES),
    (Code::InstanceUnnamed, INSTANCES),
    (Code::InstanceUsed, INSTANCES),
    (Code::InstanceBound, INSTANCES),
    (Code::ReplayStoreBusy, ENVIRONMENT),
    (Code::ReplayStoreForgot, ENVIRONMENT),
    (Code::ReplayStoreUnavailable, ENVIRONMENT),
    (Code::AuditUnavailable, ENVIRONMENT),
    (Code::SigningUnavailable, ENVIRONMENT),
    (Code::InternalError, "a place that is never reached"),
];

const HTTP: &str = "refused before there is a token request; the tests of the service have it";
const GUARD: &str = "refused at a protected resource; `vectors/guard` has it";
const FETCHED: &str = "a request brings key sets, not discovery documents; `keys.rs` has the test";
const LISTS: &str = "of revocation lists; `x509/crl.rs` has the tests";
const SKIPPED: &str =
    "a key of a set that cannot be used is left out; `key_unknown` has the reason in its detail";
const ALONE: &str = "of a bare signature; `credmint signature` has the tests";
const INSTANCES: &str =
    "of instances that are remembered; `document_policies.rs` and the store have the tests";
const ENVIRONMENT: &str =
    "something around the decision has failed; the tests of the service have it";

#[test]
fn every_code_has_a_vector_or_a_reason() -> Result<()> {
    let vectors = vectors::all()?;
    let seen: BTreeSet<&str> =
        vectors.iter().filter_map(|vector| vector.expect["code"].as_str()).collect();
    let mut findings = Vec::new();
    for code in Code::ALL {
        let reason = WITHOUT.iter().find(|(known, _)| known == code);
        match (seen.contains(code.as_str()), reason) {
            (false, None) => findings.push(format!("{}: no vector and no reason", code.as_str())),
            (true, Some(_)) => findings.push(format!("{}: has a vector now", code.as_str())),
            (false, Some((_, reason))) => println!("{}: {reason}", code.as_str()),
            (true, None) => {}
        }
    }
    anyhow::ensure!(findings.is_empty(), "\n{}", findings.join("\n"));
    println!("{} codes, {} with vectors", Code::ALL.len(), seen.len());
    Ok(())
}
