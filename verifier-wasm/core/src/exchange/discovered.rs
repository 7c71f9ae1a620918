//! The credential of a request that names none: the one whose conditions hold for what its proof states.

use super::judge::conditions_hold;
use super::near;
use super::route::Candidates;
use crate::limits::DISCOVERY_EVALUATED;
use crate::policy::{Binding, ProviderBinding, TrustPolicy};
use crate::proof::{Evidence, Statement, Stating};
use crate::refusal::{Code, PublicCode, Refusal, Step};
use crate::trace::{Seen, Trace};
use crate::verdict::{Source, Stop};
use alloc::format;
use alloc::vec::Vec;

/// What states something: a proof that was verified, or one that was written down.
pub(super) trait States {
    /// What it states.
    fn stated(&self) -> &Stating;
}

impl States for Evidence {
    fn stated(&self) -> &Stating {
        self.stated()
    }
}

impl States for Stating {
    fn stated(&self) -> &Stating {
        self
    }
}

/// What a provider knows, and the credentials that its values lead to.
struct Known<'p, E> {
    to: ProviderBinding<'p>,
    proof: E,
    bindings: Vec<Binding<'p>>,
    way: Trace,
}

/// Asks each of the providers about the proof, by `verify`, and finds the one credential whose it is.
///
/// # Errors
/// Where no provider knows it, the refusal of the one that came furthest, or what is wanted first.
pub(super) fn discover<'p, E: States>(
    policy: &'p TrustPolicy,
    candidates: &Candidates<'p>,
    trace: &mut Trace,
    mut verify: impl FnMut(ProviderBinding<'p>, &mut Trace) -> Result<E, Stop>,
) -> Result<(E, Binding<'p>), Stop> {
    let (mut known, mut failed): (Vec<Known<'p, E>>, Option<(Stop, Trace)>) = (Vec::new(), None);
    let mut wanted: Vec<Source> = Vec::new();
    for to in &candidates.providers {
        let mut way = trace.of_one_way();
        way.passed(Step::Binding, || Seen::found(format!("provider {}", to.name)));
        let verified = verify(*to, &mut way);
        trace.tried(&mut way);
        match verified {
            Ok(proof) => {
                let bindings = bindings(policy, *to, candidates.client_id, proof.stated());
                known.push(Known { to: *to, proof, bindings, way });
            }
            Err(stop) => {
                if let Stop::Wanting(source) = &stop
                    && !matches!(source, Source::Signatures(_))
                    && !wanted.contains(source)
                {
                    wanted.push(source.clone());
                }
                if failed.as_ref().is_none_or(|(kept, _)| is_further(&stop, kept)) {
                    failed = Some((stop, way));
                }
            }
        }
    }
    let chosen = choose(&known, failed.as_ref().is_some_and(|(stop, _)| is_open(stop)));
    let awaited = match (&chosen, &failed) {
        (Choice::Nothing, Some((Stop::Wanting(source), _))) => Some(source),
        _ => None,
    };
    // The others are fetched beside it, so that several providers cost one wait.
    for source in wanted {
        if Some(&source) != awaited {
            trace.due(Some(source));
        }
    }
    match (chosen, failed) {
        (Choice::Nothing, Some((stop, way))) => {
            trace.follow(way);
            Err(stop)
        }
        (Choice::Nothing, None) => Err(Code::IssuerUnknown.into()),
        (Choice::Refused(refusal), _) => {
            if let Some(first) = known.first_mut() {
                trace.follow(core::mem::replace(&mut first.way, Trace::none()));
            }
            let is_nobodys = refusal.code() == Code::CredentialNotFound;
            let seen = |_: Option<&()>| match is_nobodys {
                true => near::seen(
                    known.iter().map(|it| (it.to, it.proof.stated())),
                    candidates.client_id,
                ),
                false => Seen::nothing(),
            };
            Err(trace
                .check(Step::Credential, Err(refusal), seen)
                .map_or_else(Stop::from, |()| Code::InternalError.into()))
        }
        (Choice::One { place, binding }, _) => {
            let Known { proof, way, .. } = known.swap_remove(place);
            trace.follow(way);
            trace.bind(&binding);
            trace.passed(Step::Credential, || Seen::found(format!("{binding}")));
            Ok((proof, binding))
        }
    }
}

/// The credentials that what was stated leads to.
fn bindings<'p>(
    policy: &'p TrustPolicy,
    to: ProviderBinding<'_>,
    client_id: Option<&str>,
    stated: &Stating,
) -> Vec<Binding<'p>> {
    let found = policy.discovery().candidates(to.name, client_id, stated.facts());
    let bound = found.iter().filter_map(|(client, name)| policy.bind_named(client, name).ok());
    bound.take(DISCOVERY_EVALUATED.saturating_add(1)).collect()
}

/// What came of looking for the credential.
enum Choice<'p> {
    /// No provider knows the proof, or one that may know it could not say so yet.
    Nothing,
    /// None, or more than one.
    Refused(Refusal),
    /// The credential, of the proof at this place.
    One { place: usize, binding: Binding<'p> },
}

/// The one credential whose conditions hold. An only one is chosen in any case, so that its own checks say what is wrong;
/// but not while the answer of a provider `is_open`.
fn choose<'p, E: States>(known: &[Known<'p, E>], is_open: bool) -> Choice<'p> {
    let count = known.iter().map(|one| one.bindings.len()).fold(0, usize::saturating_add);
    if count > DISCOVERY_EVALUATED {
        let refusal = Refusal::new(Code::CredentialAmbiguous);
        return Choice::Refused(
            refusal
                .detail("too many credentials are for such proofs")
                .expected(format!("at most {DISCOVERY_EVALUATED}")),
        );
    }
    let is_only = count == 1 && !is_open;
    let mut found: Option<(usize, Binding<'p>)> = None;
    for (place, one) in known.iter().enumerate() {
        let mut statement: Option<Statement> = None;
        for binding in &one.bindings {
            let stated = match statement.take() {
                Some(stated) => stated.rebound(binding),
                None => one.proof.stated().clone().bound(binding),
            };
            let holds = is_only || conditions_hold(&stated, binding);
            statement = Some(stated);
            match found {
                Some((_, other)) if holds => {
                    let names = format!("{other}; {binding}");
                    return Choice::Refused(Refusal::new(Code::CredentialAmbiguous).found(names));
                }
                None if holds => found = Some((place, *binding)),
                _ => {}
            }
        }
    }
    match found {
        Some((place, binding)) => Choice::One { place, binding },
        None if known.is_empty() || is_open => Choice::Nothing,
        None => Choice::Refused(not_found(known, count)),
    }
}

fn not_found<E>(known: &[Known<'_, E>], count: usize) -> Refusal {
    let refusal = Refusal::new(Code::CredentialNotFound);
    match known.iter().find_map(|one| one.bindings.first()) {
        Some(near) => refusal.detail(format!(
            "{count} credentials are for such proofs, as {}/{}",
            near.client_id, near.credential_name
        )),
        None => refusal.detail("no credential is for what the proof states of itself"),
    }
}

/// Whether a provider may still know the proof, now or when something is available again.
fn is_open(stop: &Stop) -> bool {
    match stop {
        Stop::Wanting(_) => true,
        Stop::Refused(refusal) => refusal.code().public() == PublicCode::TemporarilyUnavailable,
    }
}

/// Whether a way came further than another before it ended. One that waits for something may still come to its end, and
/// where that is not available another time.
fn is_further(stop: &Stop, than: &Stop) -> bool {
    match (stop, than) {
        (_, Stop::Wanting(_)) => false,
        (Stop::Wanting(_), Stop::Refused(_)) => true,
        (Stop::Refused(one), Stop::Refused(other)) => {
            (is_open(stop), one.code().step()) > (is_open(than), other.code().step())
        }
    }
}
