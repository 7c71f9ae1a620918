//! Findings about where proofs come from.

use super::{Findings, LintId, pointer};
use crate::keys::KeySource;
use crate::limits::{ANCHOR_NOTICE, KEYS_STALE_MAX, SKEW};
use crate::policy::provider::{
    ASSERTION_AUDIENCES, AssertionAudiences, OidcProvider, Provider, ProviderKind,
};
use crate::policy::{Preset, TrustPolicy, shared_issuers};
use crate::time::UnixTime;
use crate::x509::Certificate;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

/// Audiences that services demand which are no environments of workloads; a preset knows its own.
const AUDIENCES_OF_OTHERS: [&str; 5] =
    ["crates.io", "pypi", "rubygems.org", "sigstore", "sts.amazonaws.com"];

pub(super) fn look(policy: &TrustPolicy, now: Option<UnixTime>, findings: &mut Findings) {
    let mut seen = Seen::default();
    for (name, provider) in policy.providers() {
        let at = pointer(&["providers", name]);
        match &provider.kind {
            ProviderKind::Oidc(oidc) => {
                audiences(oidc, &at, findings);
                keys(oidc, &at, findings);
                if !oidc.limits_lifetime {
                    let message = "nothing limits the lifetime of its tokens";
                    findings.add(LintId::LifetimeUnlimited, &at, message);
                }
                loosened(oidc, &at, findings);
                served(oidc.key_rules().serve_for, &at, findings);
                assertions(Some(oidc.assertion_audiences), &at, findings);
                seen.issuer(name, oidc, &at, findings);
                seen.keys((name, &oidc.issuer), &oidc.keys, &at, findings);
            }
            ProviderKind::ClientKey(own) => {
                assertions(Some(own.audiences), &at, findings);
                served(own.key_rules().serve_for, &at, findings);
                // Its one client is the issuer, and has this key alone.
                seen.keys((name, name), &own.keys, &at, findings);
            }
            ProviderKind::Pca(pca) => {
                assertions(pca.x5c, &at, findings);
                for (root, place) in pca.roots.iter().zip(&pca.root_places) {
                    let at = format!("{at}/roots/{place}");
                    certificate(root.certificate(), now, at, findings);
                }
                for (helper, place) in pca.intermediates.iter().zip(&pca.intermediate_places) {
                    let at = format!("{at}/intermediates/{place}");
                    certificate(helper, now, at, findings);
                }
            }
            ProviderKind::Pkcs7(pkcs7) => {
                for (index, signer) in pkcs7.signers.iter().enumerate() {
                    let at = format!("{at}/signers/{index}");
                    certificate(signer.certificate(), now, at, findings);
                }
                for (index, root) in pkcs7.anchors.iter().enumerate() {
                    let at = format!("{at}/anchors/{index}");
                    certificate(root.certificate(), now, at, findings);
                }
            }
        }
        guessable(provider, &at, findings);
        super::credentials::patterns(
            provider.trust_condition.as_ref(),
            provider,
            &format!("{at}/trust_condition"),
            findings,
        );
    }
}

fn audiences(provider: &OidcProvider, at: &str, findings: &mut Findings) {
    for (index, audience) in provider.audiences.iter().enumerate() {
        if is_of_another(audience) {
            findings.add(
                LintId::AudienceOfAnother,
                format!("{at}/audiences/{index}"),
                format!("tokens for `{audience}` are made for another service"),
            );
        }
    }
}

/// What a provider takes beyond what it takes by default.
fn loosened(provider: &OidcProvider, at: &str, findings: &mut Findings) {
    if !provider.other_audiences.is_empty() {
        let message = format!("tokens may also be for `{}`", provider.other_audiences.join("`, `"));
        findings.add(LintId::OtherAudiences, format!("{at}/other_audiences"), message);
    }
    if provider.takes_access_tokens() {
        let message = "tokens of type `at+jwt` are access tokens";
        findings.add(LintId::AccessTokens, format!("{at}/types"), message);
    }
    if provider.clock_skew > SKEW {
        let message = format!("clocks may differ by {} s", provider.clock_skew);
        findings.add(LintId::ClockSkewWide, format!("{at}/clock_skew"), message);
    }
}

/// The audiences of assertions that clients make themselves.
fn assertions(audiences: Option<AssertionAudiences>, at: &str, findings: &mut Findings) {
    if audiences == Some(AssertionAudiences::IssuerOrTokenEndpoint) {
        let message = "assertions may be for the address of the token endpoint";
        findings.add(LintId::EndpointAudience, format!("{at}/{ASSERTION_AUDIENCES}"), message);
    }
}

/// Whether platforms make tokens for `audience` without being asked, or other services demand it.
fn is_of_another(audience: &str) -> bool {
    AUDIENCES_OF_OTHERS.contains(&audience)
        || Preset::ALL.iter().map(|preset| preset.guide()).any(|guide| {
            let begins = |prefix: &&str| audience.starts_with(*prefix);
            guide.foreign_audiences.contains(&audience)
                || guide.foreign_audience_prefixes.iter().any(begins)
        })
}

fn keys(provider: &OidcProvider, at: &str, findings: &mut Findings) {
    let KeySource::JwksUri(url) = &provider.keys else { return };
    if !provider.names_issuer {
        return;
    }
    if host(url) != host(&provider.issuer) {
        findings.add(
            LintId::KeysElsewhere,
            format!("{at}/keys/jwks_uri"),
            format!("`{}` is not the host of `{}`", host(url), provider.issuer),
        );
    }
}

/// How long keys serve that were fetched.
fn served(serve_for: Option<i64>, at: &str, findings: &mut Findings) {
    if let Some(seconds) = serve_for.filter(|seconds| *seconds > KEYS_STALE_MAX) {
        let message = format!("keys serve for {seconds} seconds");
        findings.add(LintId::KeysServeLong, format!("{at}/keys/serve_for"), message);
    }
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

fn certificate(
    certificate: &Certificate,
    now: Option<UnixTime>,
    at: String,
    findings: &mut Findings,
) {
    let Some(now) = now else { return };
    let left = certificate.not_after().since(now);
    if left < 0 {
        findings.add(
            LintId::CertificateEnds,
            at,
            format!("{certificate} ended at {}", certificate.not_after()),
        );
    } else if left < ANCHOR_NOTICE {
        findings.add(
            LintId::CertificateEnds,
            at,
            format!("{certificate} ends at {}", certificate.not_after()),
        );
    }
}

fn guessable(provider: &Provider, at: &str, findings: &mut Findings) {
    let ProviderKind::Pkcs7(pkcs7) = &provider.kind else { return };
    let Some(audience) = &pkcs7.audience else { return };
    if let Some(reason) = crate::policy::guessable_audience(audience) {
        findings.add(LintId::AudienceGuessable, format!("{at}/audience"), reason);
    }
}

/// What the providers so far had.
#[derive(Default)]
struct Seen {
    /// The first issuer of each normalised spelling.
    issuers: BTreeMap<String, String>,
    /// The first issuer of each key or address of keys, with the provider's name.
    keys: BTreeMap<Vec<u8>, (String, String)>,
}

impl Seen {
    fn issuer(&mut self, name: &str, provider: &OidcProvider, at: &str, findings: &mut Findings) {
        let issuer = &provider.issuer;
        let at = format!("{at}/issuer");
        let first = self.issuers.entry(normalised(issuer)).or_insert_with(|| issuer.clone());
        if first != issuer {
            let message = format!("`{issuer}` of `{name}` is not `{first}`");
            findings.add(LintId::IssuersLookAlike, at, message);
            return;
        }
        let near = shared_issuers()
            .map(|(known, _)| known)
            .find(|known| known != issuer && is_near(&normalised(known), &normalised(issuer)));
        if let Some(known) = near {
            let message = format!("`{issuer}` is not the well-known `{known}`");
            findings.add(LintId::IssuersLookAlike, at, message);
        }
    }

    fn keys(
        &mut self,
        (name, issuer): (&str, &str),
        source: &KeySource,
        at: &str,
        findings: &mut Findings,
    ) {
        let sources: Vec<Vec<u8>> = match source {
            KeySource::Discovery => return,
            KeySource::JwksUri(url) => vec![url.clone().into_bytes()],
            KeySource::Static(set) => {
                set.keys().iter().map(|key| key.key().spki_der().to_vec()).collect()
            }
        };
        let owner = || (issuer.to_string(), name.to_string());
        let mut other: Option<String> = None;
        for source in sources {
            let (other_issuer, first) = self.keys.entry(source).or_insert_with(owner);
            if other_issuer != issuer {
                other = Some(first.clone());
            }
        }
        if let Some(other) = other {
            let message = format!("`{name}` and `{other}` are two issuers with one key");
            findings.add(LintId::IssuersShareKey, format!("{at}/keys"), message);
        }
    }
}

/// An issuer without what is easy to overlook.
fn normalised(issuer: &str) -> String {
    let lower = issuer.to_ascii_lowercase();
    let rest = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest);
    let rest = rest.trim_end_matches('/');
    let (host, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let host = host.strip_suffix(":443").unwrap_or(host).trim_end_matches('.');
    format!("{host}{path}")
}

/// Whether one character more, less or other makes one of the other.
fn is_near(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    if long.len().saturating_sub(short.len()) > 1 {
        return false;
    }
    let same = short.bytes().zip(long.bytes()).take_while(|(a, b)| a == b).count();
    let tail = |text: &str, skipped: usize| text.bytes().skip(skipped).collect::<Vec<u8>>();
    let after = same.saturating_add(1);
    if short.len() == long.len() {
        return tail(short, after) == tail(long, after);
    }
    tail(short, same) == tail(long, after)
}
