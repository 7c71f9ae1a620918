//! Whom a request is about: the client and the credential that it names, or those that are to be found by its proof.

use crate::form::Means;
use crate::policy::{Binding, ProviderBinding, ProviderKind, TrustPolicy};
use crate::presented::Presented;
use crate::proof::{Form, fits};
use crate::recorded::Stated;
use crate::refusal::{Code, Refusal};
use crate::rehearsal::Rehearsal;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The two ways to a binding.
pub(super) enum Route<'p> {
    /// The request names client and credential.
    Named(Binding<'p>),
    /// The request names no credential: one of these providers knows the proof, and its discoverable credentials say whose
    /// it is.
    Discovered(Candidates<'p>),
}

/// Where a credential is looked for.
pub(super) struct Candidates<'p> {
    /// At least one.
    pub(super) providers: Vec<ProviderBinding<'p>>,
    /// The client that the request names, whose credentials alone count.
    pub(super) client_id: Option<&'p str>,
}

/// The way of this request. What its proof says of itself takes part only to look up what is configured.
///
/// # Errors
/// What the request names is unknown or disabled, or there is no provider for such a proof.
pub(super) fn route<'p>(
    policy: &'p TrustPolicy,
    presented: &Presented,
    form: &Form<'_>,
) -> Result<Route<'p>, Refusal> {
    let names = (presented.client_id.as_deref(), presented.credential.as_deref());
    way(policy, names, form.means(), &|name| form.claimed(name))
}

/// The way of a request without its proof.
///
/// # Errors
/// As [`route`] has them; and no request of this form has such a proof.
pub(super) fn recorded<'p>(
    policy: &'p TrustPolicy,
    rehearsal: &Rehearsal,
) -> Result<Route<'p>, Refusal> {
    let Rehearsal { form, client_id, credential, given, .. } = rehearsal;
    let names = (client_id.as_deref(), credential.as_deref());
    let means = given.means(*form).ok_or_else(|| {
        Refusal::new(Code::ProviderKind).detail(form.as_str()).found(given.kind())
    })?;
    let claimed = |name: &str| match &given.stated {
        Stated::Claims { claims, .. } => claims.get(name)?.as_str().map(ToString::to_string),
        // Its assertion is the client's own, and was found to be.
        Stated::Certificate(_) => client_id.clone(),
        Stated::Document { .. } => None,
    };
    way(policy, names, means, &claimed)
}

/// The way of a request with these names, whose proof is sent as this and claims that.
fn way<'p>(
    policy: &'p TrustPolicy,
    names: (Option<&str>, Option<&str>),
    means: Means,
    claimed: &dyn Fn(&str) -> Option<String>,
) -> Result<Route<'p>, Refusal> {
    if let (Some(client_id), Some(credential)) = names {
        let binding = policy.bind_named(client_id, credential)?;
        if !fits(means, &binding.provider.kind) {
            let takes = binding.provider.kind.name();
            return Err(Refusal::new(Code::ProviderKind).expected(takes).found(means.kind()));
        }
        return Ok(Route::Named(binding));
    }
    let look_for = match means {
        Means::Token => Of::Issuer(claimed("iss")),
        Means::OfClient { has_certificates } => match claimed("iss") {
            Some(id) if policy.client(&id).is_some() => {
                return of_client(policy, names.0, &id, has_certificates);
            }
            issuer => Of::Issuer(issuer),
        },
        Means::Svid => Of::TrustDomain(claimed("sub")),
        Means::Document => Of::Documents,
        Means::Certified => Of::Certificates,
        Means::Tls => Of::TlsCertificates,
    };
    candidates(policy, names.0, &look_for).map(Route::Discovered)
}

/// The way of an assertion that says that this client signed it: `iss` alone decides, since no issuer is called like a
/// client, and a client has an own key or certificates.
fn of_client<'p>(
    policy: &'p TrustPolicy,
    named: Option<&str>,
    id: &str,
    has_certificates: bool,
) -> Result<Route<'p>, Refusal> {
    let is_named = named.is_none_or(|named| named == id);
    match policy.own_key(id) {
        Some((credential, _)) if is_named => policy.bind_named(id, credential).map(Route::Named),
        None if is_named && has_certificates => {
            candidates(policy, Some(id), &Of::HeaderCertificates).map(Route::Discovered)
        }
        _ => Err(Refusal::new(Code::IssuerUnknown).found(id)),
    }
}

/// By what providers are looked up.
enum Of {
    Issuer(Option<String>),
    TrustDomain(Option<String>),
    Documents,
    Certificates,
    /// Certificates that were shown in a handshake of TLS.
    TlsCertificates,
    /// Certificates that an assertion brings in its header.
    HeaderCertificates,
}

fn candidates<'p>(
    policy: &'p TrustPolicy,
    client_id: Option<&str>,
    look_for: &Of,
) -> Result<Candidates<'p>, Refusal> {
    let client_id = match client_id {
        Some(client_id) => Some(policy.enabled_client(client_id)?.0),
        None => None,
    };
    let discovery = policy.discovery();
    let unknown = Refusal::new(Code::IssuerUnknown);
    let (names, unknown) = match (look_for, client_id) {
        (Of::Issuer(Some(issuer)), _) => {
            (discovery.providers_of_issuer(issuer, client_id), unknown.found(issuer))
        }
        (Of::TrustDomain(Some(subject)), _) => {
            let domain = trust_domain(subject);
            (discovery.providers_of_trust_domain(domain, client_id), unknown.found(subject))
        }
        (Of::Issuer(None), _) => (Vec::new(), unknown.found("no iss")),
        (Of::TrustDomain(None), _) => (Vec::new(), unknown.found("no sub")),
        (Of::Documents, _) => (discovery.document_providers(client_id), unknown),
        (Of::Certificates | Of::HeaderCertificates | Of::TlsCertificates, Some(client_id)) => {
            (discovery.certificate_providers(client_id), unknown)
        }
        (Of::Certificates | Of::HeaderCertificates | Of::TlsCertificates, None) => {
            (Vec::new(), unknown.found("no client_id"))
        }
    };
    let bindings = names.into_iter().filter_map(|name| policy.provider_binding(name));
    let mut providers: Vec<ProviderBinding<'p>> = bindings.collect();
    if matches!(look_for, Of::TlsCertificates) {
        providers.retain(|to| fits(Means::Tls, &to.provider.kind));
    }
    if providers.is_empty() {
        return Err(unknown);
    }
    if matches!(look_for, Of::HeaderCertificates) {
        let takes = |to: &ProviderBinding<'_>| matches!(&to.provider.kind, ProviderKind::Pca(pca) if pca.x5c.is_some());
        providers.retain(takes);
        if providers.is_empty() {
            return Err(Code::CertificateInHeader.into());
        }
    }
    Ok(Candidates { providers, client_id })
}

/// The trust domain of a SPIFFE ID, as an ID: all before its path.
fn trust_domain(id: &str) -> &str {
    const SCHEME: &str = "spiffe://";
    let name = id.strip_prefix(SCHEME).unwrap_or_default();
    let path = name.find('/').unwrap_or(name.len()).saturating_add(SCHEME.len());
    id.get(..path).unwrap_or_default()
}
