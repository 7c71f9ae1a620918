//! Private CA: a JWT signed by the key of a certificate, sent along with its chain (RFC 7523, RFC 5280).

use super::Owed;
use super::replay::consume_once;
use super::{Context, Evidence, Freshness, Stating};
use crate::base64::{decode_standard, encode_standard, encode_url};
use crate::cms;
use crate::digest::Hash;
use crate::hex::Hex;
use crate::jose::{
    Algorithm, AlgorithmSet, Audiences, ClaimRules, Types, UnverifiedJws, VerificationKey,
    VerifiedJws, check_claims,
};
use crate::json::Value;
use crate::keys::{HeldCrls, KeyRing};
use crate::limits;
use crate::pem;
use crate::policy::{AssertionAudiences, CrlSource, PcaProvider, Provider};
use crate::recorded::{Recorded, Stated};
use crate::refusal::{Code, Refusal, Step};
use crate::signature::{KeyKind, PublicKey, RsaLimit, Session};
use crate::time::UnixTime;
use crate::trace::{Seen, Trace};
use crate::verdict::Stop;
use crate::x509::{
    Certificate, Crl, FetchedLists, KeyUse, Lineage, PathRules, Revocation, RevocationCheck,
    VerifiedPath, check_registered, find_path,
};
use alloc::string::String;
use alloc::vec::Vec;

/// An assertion and its certificates, their form read.
pub(crate) struct Form<'a> {
    jws: UnverifiedJws<'a>,
    leaf: Certificate,
    intermediates: Vec<Certificate>,
    place: Place,
}

/// Where the certificates of an assertion are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Beside it, in parameters of the request.
    Beside,
    /// In its header (RFC 7515 section 4.1.6).
    Header,
}

impl<'a> Form<'a> {
    pub(super) fn read(jwt: &'a str, certificate: &str, chain: &str) -> Result<Self, Refusal> {
        let jws = UnverifiedJws::parse(jwt)?;
        let leaf = Certificate::from_der(&pem::certificate(certificate)?)?;
        let mut intermediates = Vec::new();
        if !chain.trim_ascii().is_empty() {
            intermediates = cms::certificates(chain, limits::CERTIFICATES)?;
        }
        // The limit is for the request: the leaf counts.
        if intermediates.len() >= limits::CERTIFICATES {
            return Err(Refusal::new(Code::CertificatesTooMany));
        }
        Ok(Self { jws, leaf, intermediates, place: Place::Beside })
    }

    /// An assertion with the certificates of its header.
    pub(super) fn of_header(jws: UnverifiedJws<'a>, certificates: HeaderCertificates) -> Self {
        let HeaderCertificates { leaf, intermediates } = certificates;
        Self { jws, leaf, intermediates, place: Place::Header }
    }

    pub(super) fn verify(
        self,
        provider: &PcaProvider,
        context: Context<'_>,
    ) -> Result<Evidence, Stop> {
        let Context { to, client_id, ring, now, session, trace } = context;
        // The client signs for itself, so a request that names none names no key.
        let client_id = client_id.ok_or(Code::ClientUnknown)?;
        let Self { jws, leaf, intermediates, place } = self;
        let (audiences, types) = match place {
            Place::Beside => (AssertionAudiences::IssuerOrTokenEndpoint, Types::JWT),
            Place::Header => {
                let audiences = provider.x5c.ok_or(Code::CertificateInHeader)?;
                (audiences, Types::CLIENT_AUTHENTICATION)
            }
        };
        let certificate = certified(&leaf, intermediates, provider, (ring, now), session, trace)?;
        let verified = jws.proven_by_key(&leaf_key(&leaf, provider.rsa)?, session)?;
        check_named(&verified, &leaf)?;
        trace.passed(Step::Algorithm, || Seen::found(verified.algorithm().as_str()));
        trace.passed(Step::Signature, Seen::nothing);
        let claims = verified.claims()?;
        let audiences = audiences.texts(to.policy.issuer(), &to.policy.token_endpoint());
        // The client makes its own assertion: it is the issuer (RFC 7523 section 3).
        let longest = limits::PCA_ASSERTION_LIFETIME.saturating_add(limits::SKEW);
        let rules = ClaimRules::new(now, client_id, Audiences::one_of(&audiences), types, longest)
            .with_subject(client_id);
        trace.state(|| Recorded::new(Stated::Certificate(certificate.clone())));
        let claims = check_claims(&claims, verified.typ(), &rules)?;
        let obligation = consume_once(client_id, &claims, longest)?;
        super::note_claims(&claims, verified.typ(), now, trace);
        Ok(Evidence {
            stated: state(certificate, to.provider),
            owed: Some(Owed::Consumption(obligation)),
        })
    }

    pub(super) fn in_words(&self) -> String {
        alloc::format!("an assertion with the certificate {}", self.leaf)
    }
}

/// What the leaf states, once the provider vouches for it: by a path to a root, or since it is registered itself.
pub(super) fn certified(
    leaf: &Certificate,
    mut intermediates: Vec<Certificate>,
    provider: &PcaProvider,
    (ring, now): (&KeyRing, UnixTime),
    session: &Session<'_>,
    trace: &mut Trace,
) -> Result<Value, Stop> {
    trace.due(ring.due_crls(&provider.crl_urls().collect::<Vec<_>>(), now));
    if !provider.fingerprints.is_empty() {
        check_pinned(leaf, provider, now)?;
        trace.passed(Step::Path, || {
            Seen::found(alloc::format!("{leaf}; registered by its fingerprint"))
        });
        return Ok(leaf.facts());
    }
    intermediates.extend(provider.intermediates.iter().cloned());
    let path = path(leaf, &intermediates, provider, (ring, now), session, trace)?;
    trace.passed(Step::Path, || Seen::found(path_in_words(&path)));
    Ok(path.facts())
}

/// The certificates of a header, their form read.
pub(super) struct HeaderCertificates {
    leaf: Certificate,
    intermediates: Vec<Certificate>,
}

impl HeaderCertificates {
    /// Reads them, the leaf first, where there are any: base64 of DER each, not base64url. One that the request has `beside`
    /// the assertion must be the leaf: what is signed names one certificate.
    pub(super) fn read(
        jws: &UnverifiedJws<'_>,
        beside: Option<&str>,
    ) -> Result<Option<Self>, Refusal> {
        let Some(texts) = jws.header_member("x5c") else { return Ok(None) };
        let texts = texts.as_array().ok_or_else(not_certificates)?;
        if texts.len() > limits::CERTIFICATES {
            return Err(Refusal::new(Code::CertificatesTooMany));
        }
        let read = |text: &Value| {
            let text = text.as_str().ok_or_else(not_certificates)?;
            let der = decode_standard(text.as_bytes()).ok_or_else(not_certificates)?;
            Certificate::from_der(&der)
        };
        let (first, others) = texts.split_first().ok_or_else(not_certificates)?;
        let leaf = read(first)?;
        let intermediates = others.iter().map(read).collect::<Result<_, Refusal>>()?;
        if let Some(beside) = beside
            && pem::certificate(beside)? != leaf.raw()
        {
            let refusal = Refusal::new(Code::AssertionCertificate);
            return Err(refusal
                .detail("x5c")
                .expected("the certificate of client_x509")
                .found(&leaf));
        }
        Ok(Some(Self { leaf, intermediates }))
    }
}

fn not_certificates() -> Refusal {
    Refusal::new(Code::JwsHeaderInvalid).detail("x5c: not a list of certificates in base64")
}

/// The way from the leaf to a root of the provider.
fn path(
    leaf: &Certificate,
    intermediates: &[Certificate],
    provider: &PcaProvider,
    (ring, now): (&KeyRing, UnixTime),
    session: &Session<'_>,
    trace: &mut Trace,
) -> Result<VerifiedPath, Stop> {
    let lists = RevocationLists::of(provider, ring, now)?;
    let revocation = match provider.require_crls {
        true => RevocationCheck::Required(&lists.held),
        false => RevocationCheck::IfListed(&lists.held),
    };
    let RevocationLists { start, addresses, lineages, .. } = &lists;
    let fetched = FetchedLists::new(*start, addresses.clone(), lineages.clone(), ring.crl_floors());
    let rules = PathRules::new(now, KeyUse::Named(&provider.extended_key_usages), revocation)
        .with_rsa(provider.rsa)
        .with_fetched(Some(&fetched));
    let path = find_path(leaf, intermediates, &provider.roots, &rules, session);
    // What was found out about lists is good whatever became of the path.
    trace.verified(fetched.into_found());
    path.map_err(|stop| stop.map_refusal(|refusal| lists.explain(refusal)))
}

/// Whether the leaf is one that the provider registers, and good by itself at `now`.
fn check_pinned(leaf: &Certificate, provider: &PcaProvider, now: UnixTime) -> Result<(), Refusal> {
    let fingerprint = leaf.fingerprint_sha256();
    if !provider.fingerprints.contains(&fingerprint) {
        return Err(Refusal::new(Code::CertificateNotRegistered)
            .detail(leaf)
            .found(Hex(&fingerprint)));
    }
    let usages = KeyUse::Named(&provider.extended_key_usages);
    let rules = PathRules::new(now, usages, RevocationCheck::Off).with_rsa(provider.rsa);
    check_registered(leaf, &rules)
}

/// The revocation lists of a provider at one moment.
struct RevocationLists {
    held: Vec<Crl>,
    /// The place of the first that was fetched.
    start: usize,
    /// The address of each fetched one whose signer is not known.
    addresses: Vec<usize>,
    /// The lineages of the fetched ones behind them, which were verified.
    lineages: Vec<Lineage>,
    /// An address from which none could be had.
    missing: Option<String>,
}

impl RevocationLists {
    /// The lists that the provider names, wanted from the host where they are due.
    fn of(provider: &PcaProvider, ring: &KeyRing, now: UnixTime) -> Result<Self, Stop> {
        let mut held = ring.given_crls().to_vec();
        held.extend(provider.crls.iter().filter_map(|source| match source {
            CrlSource::Given(list) => Some(list.clone()),
            CrlSource::Url(_) => None,
        }));
        let urls: Vec<&str> = provider.crl_urls().collect();
        let HeldCrls { unverified, kept, missing } = ring.crls(&urls, now)?;
        let start = held.len();
        let mut addresses = Vec::new();
        for (address, lists) in unverified.into_iter().enumerate() {
            addresses.extend(lists.iter().map(|_| address));
            held.extend(lists);
        }
        let (lineages, kept): (Vec<_>, Vec<_>) = kept.into_iter().unzip();
        held.extend(kept);
        Ok(Self { held, start, addresses, lineages, missing })
    }

    /// A list that is missing because it could not be fetched is not the policy's fault.
    fn explain(&self, refusal: Refusal) -> Refusal {
        match (refusal.code(), &self.missing) {
            (Code::CrlMissing, Some(url)) => Refusal::new(Code::CrlUnavailable).detail(url),
            _ => refusal,
        }
    }
}

/// The leaf, and whether anybody looked if it was revoked.
fn path_in_words(path: &VerifiedPath) -> String {
    let revocation = match path.revocation() {
        Revocation::Checked => "revocation was checked",
        Revocation::Unchecked => "revocation was not checked for every certificate of the path",
    };
    alloc::format!("{}; {revocation}", path.leaf())
}

/// What the certificate states.
pub(super) fn state(certificate: Value, provider: &Provider) -> Stating {
    Stating::new("cert", certificate, Freshness::Expires, provider)
}

/// The leaf's key with the algorithms that its family allows: any RSASSA-PKCS1-v1_5 for RSA, because clients
/// choose the hash by key size, and the curve's own for EC and Ed25519.
fn leaf_key(leaf: &Certificate, rsa: RsaLimit) -> Result<VerificationKey, Refusal> {
    let key: PublicKey = leaf.public_key(rsa)?;
    let algorithms = match key.kind() {
        KeyKind::Rsa { .. } => {
            AlgorithmSet::from_iter([Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512])
        }
        kind => AlgorithmSet::default_of(kind),
    };
    Ok(VerificationKey::new(key, algorithms, None))
}

/// The header may name the certificate whose key signed (RFC 7515 sections 4.1.6 to 4.1.8). It is no source of
/// keys; but one key can have several certificates with different names, and what the signer named is the one
/// that counts.
fn check_named(verified: &VerifiedJws, leaf: &Certificate) -> Result<(), Refusal> {
    let named = |member: &str, value: Option<&Value>, own: &dyn Fn() -> String| match value {
        Some(value) if value.as_str() != Some(&own()) => {
            Err(Refusal::new(Code::AssertionCertificate).detail(member).expected(leaf))
        }
        _ => Ok(()),
    };
    let thumbprint = |hash: Hash| encode_url(&hash.digest(leaf.raw()));
    let header = |member| verified.header_member(member);
    named("x5t", header("x5t"), &|| thumbprint(Hash::Sha1))?;
    named("x5t#S256", header("x5t#S256"), &|| thumbprint(Hash::Sha256))?;
    let first = header("x5c")
        .map(|chain| chain.as_array().and_then(|chain| chain.first()).unwrap_or(&Value::Null));
    named("x5c", first, &|| encode_standard(leaf.raw()))
}

#[cfg(test)]
mod tests;
