//! The credential of a request that names none: the one whose conditions hold for what its proof states.

use super::judge::conditions_hold;
use super::near;
use super::route::Candidates;
use crate::policy::{Binding, ProviderBinding, TrustPolicy};
use crate::proof::{Evidence, Stating};
use crate::refusal::{Code, Refusal, Step};
use crate::trace::{Seen, Trace};
use crate::verdict::Stop;
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
                if failed.as_ref().is_none_or(|(kept, _)| is_further(&stop, kept)) {
                    failed = Some((stop, way));
                }
            }
        }
    }
    let is_wanting = matches!(failed, Some((Stop::Wanting(_), _)));
    match (choose(&known, is_wanting), failed) {
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
    found.iter().filter_map(|(client, name)| policy.bind_named(client, name).ok()).collect()
}

/// What came of looking for the credential.
enum Choice<'p> {
    /// No provider knows the proof, or one that may know it has not answered yet.
    Nothing,
    /// None, or more than one.
    Refused(Refusal),
    /// The credential, of the proof at this place.
    One { place: usize, binding: Binding<'p> },
}

/// The one credential whose conditions hold. An only one is chosen in any case, so that its own checks say what is wrong;
/// but not while the answer of a provider `is_wanting`.
fn choose<'p, E: States>(known: &[Known<'p, E>], is_wanting: bool) -> Choice<'p> {
    let mut candidates: Vec<(usize, Binding<'p>)> = Vec::new();
    for (place, one) in known.iter().enumerate() {
        candidates.extend(one.bindings.iter().map(|binding| (place, *binding)));
    }
    let is_only = candidates.len() == 1 && !is_wanting;
    let holds = |(place, binding): &(usize, Binding<'p>)| {
        let stated = known.get(*place).map(|one| one.proof.stated().clone());
        is_only || stated.is_some_and(|it| conditions_hold(&it.bound(binding), binding))
    };
    let mut held = candidates.iter().filter(|candidate| holds(candidate));
    match (held.next(), held.next()) {
        (Some((place, binding)), None) => Choice::One { place: *place, binding: *binding },
        (Some((_, one)), Some((_, other))) => {
            let names = format!("{one}; {other}");
            Choice::Refused(Refusal::new(Code::CredentialAmbiguous).found(names))
        }
        (None, _) if known.is_empty() || is_wanting => Choice::Nothing,
        (None, _) => Choice::Refused(not_found(&candidates)),
    }
}

fn not_found(candidates: &[(usize, Binding<'_>)]) -> Refusal {
    let refusal = Refusal::new(Code::CredentialNotFound);
    match candidates.first() {
        Some((_, near)) => refusal.detail(format!(
            "{} credentials are for such proofs, as {}/{}",
            candidates.len(),
            near.client_id,
            near.credential_name
        )),
        None => refusal.detail("no credential is for what the proof states of itself"),
    }
}

/// Whether a way came further than another before it ended. One that waits for something may still come to its end.
fn is_further(stop: &Stop, than: &Stop) -> bool {
    match (stop, than) {
        (_, Stop::Wanting(_)) => false,
        (Stop::Wanting(_), Stop::Refused(_)) => true,
        (Stop::Refused(one), Stop::Refused(other)) => one.code().step() > other.code().step(),
    }
}
