//! An access token of ours that is exchanged for another (RFC 8693): narrowed by whoever holds it, or used by another client
//! for its subject.
//!
//! Neither token outlives the one that it came of, so no chain of exchanges does either.

use super::Exchange;
use super::asked::{Asked, named, unfit};
use crate::access_token::{self, Demands, VerifiedAccessToken, required_text};
use crate::grant::Terms;
use crate::jose::UnverifiedJws;
use crate::json::Object;
use crate::limits;
use crate::policy::{Binding, RESERVED_CLAIMS, TrustPolicy};
use crate::presented::{Presented, ScopeRequest};
use crate::refusal::{Code, Refusal, Step};
use crate::scope::ALL_SCOPES;
use crate::signature::Session;
use crate::trace::{Seen, Trace};
use crate::verdict::Stop;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The claim that says by which credential of its client an access token was issued.
const CREDENTIAL: &str = "application_federated_credential_name";

/// An access token of ours that may be exchanged: signed by a key that is published now, of nobody but its subject, and
/// with a client and a credential that are as good as they were.
pub(super) struct Subject<'p> {
    token: VerifiedAccessToken,
    /// The client and the credential that it was issued to.
    binding: Binding<'p>,
    /// The name of its resource.
    resource: &'p str,
    /// Seconds until it ends, at least one.
    left: i64,
}

impl<'p> Subject<'p> {
    /// Narrows a token that was presented by itself.
    ///
    /// # Errors
    /// Whatever is wrong with the token, and what it does not hold.
    pub(super) fn narrowed(
        token: &str,
        presented: &Presented,
        exchange: &Exchange<'p>,
        trace: &mut Trace,
    ) -> Result<Terms, Stop> {
        let token = access_token::read(token)?;
        trace.passed(Step::Form, || Seen::found("an access token of ours"));
        let session = Session::new(exchange.signatures);
        let subject = Self::verified(token, Some(presented), exchange, &session, trace)?;
        let binding = &subject.binding;
        trace.bind(binding);
        trace.passed(Step::Credential, || Seen::found(format!("{binding}")));
        let asked = subject.within_itself(&presented.scope);
        Ok(subject.terms(note(asked, &presented.scope, trace)?, binding))
    }

    /// The token that a client exchanges which has proven itself.
    ///
    /// # Errors
    /// Whatever is wrong with the token.
    pub(super) fn of_another(
        token: (UnverifiedJws<'_>, String),
        exchange: &Exchange<'p>,
        session: &Session<'_>,
        trace: &mut Trace,
    ) -> Result<Self, Stop> {
        Self::verified(token, None, exchange, session, trace)
    }

    /// Lets a client use it for its subject. `actor` is the subject of the client's own proof.
    ///
    /// # Errors
    /// What the client may not exchange, or not both of them have.
    pub(super) fn used_by(
        &self,
        client: &Binding<'_>,
        actor: String,
        request: &ScopeRequest,
        trace: &mut Trace,
    ) -> Result<Terms, Refusal> {
        let asked = self.within_both(client, request);
        Ok(self.terms(note(asked, request, trace)?, client).used_by(actor))
    }

    fn verified(
        (jws, kid): (UnverifiedJws<'_>, String),
        named: Option<&Presented>,
        exchange: &Exchange<'p>,
        session: &Session<'_>,
        trace: &mut Trace,
    ) -> Result<Self, Stop> {
        let (policy, now) = (exchange.policy, exchange.now);
        let keys = exchange.own.ok_or_else(|| {
            Refusal::new(Code::KeysUnavailable)
                .detail("who judges was not given the signing keys of the issuer itself")
                .found(policy.issuer())
        })?;
        let verified = jws.proven_by(keys, session)?;
        let of_subject = |what: &str| Seen::found(format!("subject token: {what}"));
        trace.passed(Step::KeyLookup, || of_subject(&kid));
        trace.passed(Step::Algorithm, || of_subject(verified.algorithm().as_str()));
        trace.passed(Step::Signature, || of_subject("signed by us"));
        trace.exchanges(&verified);
        let audiences = audiences(policy);
        let demands = Demands {
            issuer: policy.issuer(),
            audiences: &audiences,
            skew: limits::SKEW,
            max_lifetime: limits::ACCESS_TOKEN_LIFETIME_MAX,
        };
        let token = access_token::accept(&verified, demands, now)?;
        if token.claims().contains("act") {
            return Err(Code::SubjectTokenExchanged.into());
        }
        // Its own end and no skew: what comes of it would otherwise have no time to live, or outlive it.
        let left = token.expires().since(now);
        if left < 1 {
            let found = format!("exp {}", token.expires());
            return Err(Refusal::new(Code::Expired)
                .detail(format!("now {now}"))
                .found(found)
                .into());
        }
        trace.passed(Step::Type, || of_subject(verified.typ().unwrap_or_default()));
        trace.passed(Step::Issuer, || of_subject(token.issuer()));
        trace.passed(Step::Audience, || of_subject(token.audience()));
        trace.passed(Step::Times, || of_subject(&format!("{left} s until it expires")));
        let credential = required_text(token.claims(), CREDENTIAL)?;
        if let Some(presented) = named {
            of_its_owner(presented, token.client_id(), &credential)?;
        }
        let binding = policy.bind_named(token.client_id(), &credential)?;
        let resource = policy.resource_named(token.audience()).ok_or_else(|| {
            Refusal::new(Code::InternalError).detail("an audience that was found")
        })?;
        Ok(Self { token, binding, resource, left })
    }

    /// What may be had of the token by itself: its own resource, some of its own values, as far as its credential still
    /// has them. Where the request names no resource, the token does.
    fn within_itself(&self, request: &ScopeRequest) -> Result<Asked, Refusal> {
        let resource = named(self.binding.policy, request)?.unwrap_or(self.resource);
        if resource != self.resource {
            return Err(Refusal::new(Code::TargetBeyondToken)
                .expected(self.resource)
                .found(resource));
        }
        let held = self.token.scope();
        let limits =
            [(Code::ScopeBeyondToken, held), (Code::ScopeNotGranted, self.granted(resource))];
        within(&limits, &request.values, resource, request)?;
        if !request.values.is_empty() && !request.wants_all() {
            return self.asked(resource, request.values.clone(), request);
        }
        within(&limits, held, resource, request)?;
        self.asked(resource, held.to_vec(), request)
    }

    /// What a client may have for the subject: on a resource for which it may exchange tokens, what both of them have. Of
    /// the token's own resource the subject has what the token says, of another what its credential is granted there.
    fn within_both(&self, client: &Binding<'_>, request: &ScopeRequest) -> Result<Asked, Refusal> {
        let allowed = &client.client.may_exchange;
        if allowed.is_empty() {
            return Err(Refusal::new(Code::ClientNotAuthorized).found(client.client_id));
        }
        let resource = named(self.binding.policy, request)?.unwrap_or(self.resource);
        let own = client.credential.scopes.get(resource);
        let Some(own) = own.filter(|_| allowed.iter().any(|name| name == resource)) else {
            return Err(Refusal::new(Code::TargetNotGranted)
                .detail("may_exchange and scopes of the client")
                .expected(allowed.join(" or "))
                .found(resource));
        };
        let granted = self.granted(resource);
        // On another resource the token holds nothing that could be compared.
        let held = if resource == self.resource { self.token.scope() } else { granted };
        let limits = [
            (Code::ScopeNotGranted, own.as_slice()),
            (Code::ScopeBeyondSubject, granted),
            (Code::ScopeBeyondToken, held),
        ];
        within(&limits, &request.values, resource, request)?;
        let values: Vec<String> = match request.values.is_empty() || request.wants_all() {
            true => {
                let is_in_all = |value: &&String| limits.iter().all(|(_, has)| has.contains(value));
                own.iter().filter(is_in_all).cloned().collect()
            }
            false => request.values.clone(),
        };
        if values.is_empty() {
            return Err(unfit(Code::ScopeBeyondSubject, request, resource, ALL_SCOPES, granted));
        }
        self.asked(resource, values, request)
    }

    /// What its credential has on a resource by the policy of now.
    fn granted(&self, resource: &str) -> &'p [String] {
        self.binding.credential.scopes.get(resource).map(Vec::as_slice).unwrap_or_default()
    }

    fn asked(
        &self,
        resource: &str,
        values: Vec<String>,
        request: &ScopeRequest,
    ) -> Result<Asked, Refusal> {
        if values.is_empty() {
            return Err(Refusal::new(Code::ScopeBeyondToken).detail("the token has no scope"));
        }
        let unnamed = if resource == self.resource { self.token.audience() } else { resource };
        let audience = request.target().unwrap_or(unnamed).to_string();
        Ok(Asked { audience, resource: resource.to_string(), values })
    }

    /// A token for the same subject, with what was said of it, for no longer.
    fn terms(&self, asked: Asked, to: &Binding<'_>) -> Terms {
        let lifetime = to.policy.token_lifetime(to.credential, &asked.resource).min(self.left);
        let (subject, client_id) = (self.token.subject().to_string(), to.client_id.to_string());
        let issuer = to.policy.issuer().to_string();
        let signing_algorithm = to.policy.signing_algorithm(&asked.resource);
        Terms::new(issuer, subject, client_id, asked.audience, asked.values, lifetime)
            .of_credential(to.credential_name)
            .with_claims(self.mapped())
            .signed_with(signing_algorithm)
    }

    /// The claims that a policy mapped when it was issued.
    fn mapped(&self) -> Object {
        let mut mapped = self.token.claims().clone();
        for reserved in RESERVED_CLAIMS {
            mapped.remove(reserved);
        }
        mapped
    }
}

/// All texts by which a token can name a resource of the policy.
fn audiences(policy: &TrustPolicy) -> Vec<String> {
    let names = policy.resources().map(|(name, _)| name);
    names.chain(policy.resource_identifiers().map(|(id, _)| id)).map(ToString::to_string).collect()
}

/// A request that names a client or a credential names those of the token.
fn of_its_owner(presented: &Presented, client_id: &str, credential: &str) -> Result<(), Refusal> {
    let names = [(&presented.client_id, client_id), (&presented.credential, credential)];
    for (named, owned) in names {
        if let Some(named) = named.as_ref().filter(|named| *named != owned) {
            return Err(Refusal::new(Code::SubjectTokenOwner).expected(owned).found(named));
        }
    }
    Ok(())
}

/// Whether each of the values is in each of the lists.
///
/// # Errors
/// The code of the first list that lacks one.
fn within(
    lists: &[(Code, &[String])],
    values: &[String],
    resource: &str,
    request: &ScopeRequest,
) -> Result<(), Refusal> {
    for (code, has) in lists {
        let lacks = |value: &&String| *value != ALL_SCOPES && !has.contains(value);
        if let Some(lacking) = values.iter().find(lacks) {
            return Err(unfit(*code, request, resource, lacking, has));
        }
    }
    Ok(())
}

fn note(
    asked: Result<Asked, Refusal>,
    request: &ScopeRequest,
    trace: &mut Trace,
) -> Result<Asked, Refusal> {
    trace.check(Step::Scope, asked, |asked| match asked {
        Some(asked) => Seen::found(format!("{} for {}", asked.values.join(" "), asked.audience)),
        None => Seen::found(request.to_string()),
    })
}
