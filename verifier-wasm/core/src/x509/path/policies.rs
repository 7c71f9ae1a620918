//! Certificate policies along a path (RFC 5280 sections 6.1.2 to 6.1.5).
//!
//! The tree of RFC 5280 doubles with every certificate that maps two policies onto each other. Its nodes of one
//! depth differ only in how they were reached, so here a depth is a *level*: each policy once, with the
//! policies above that lead to it. A level holds no more policies than its certificate and the mappings of
//! the one above name, and the whole graph grows with the size of the certificates.

use super::PolicyRules;
use crate::limits;
use crate::refusal::{Code, Refusal};
use crate::x509::Certificate;
use crate::x509::fields::Oid;
use crate::x509::policies::{CertificatePolicies, PolicyId};
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

/// Certificate policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicySet {
    /// Every policy.
    Any,
    /// These, in numbers and dots, in the domain of the root; perhaps none.
    Only(Vec<String>),
}

/// The policies that a path is valid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Policies {
    /// Whoever asks.
    pub(super) authority: PolicySet,
    /// Of those that are asked for.
    pub(super) user: PolicySet,
}

/// The policies of a path after the certificates seen so far, the root's first.
struct State {
    /// One level for each certificate, the expected policies of the next one last.
    levels: Vec<Level>,
    /// How many more certificates that are not self-issued may follow before each takes effect; `None` for
    /// never.
    explicit: Option<u8>,
    inhibit_mapping: Option<u8>,
    inhibit_any: Option<u8>,
}

/// The policies of one depth.
#[derive(Clone, Default)]
struct Level {
    nodes: BTreeMap<PolicyId, Parents>,
    /// Whether anyPolicy is a node of this depth.
    any: bool,
}

/// Which nodes of the level above lead to a node.
#[derive(Clone)]
enum Parents {
    /// anyPolicy: a policy of the root's domain, found here first.
    Any,
    Policies(BTreeSet<PolicyId>),
}

/// The policies of the path of `chain`, the leaf first, below `root`.
///
/// Of the root, its policies and constraints count as those of a certificate of the path (RFC 5937 section
/// 3.2), its mappings do not: what is asked for is asked for in the root's own words.
///
/// # Errors
/// [`Code::CertificatePolicies`].
pub(super) fn policies(
    chain: &[&Certificate],
    root: &Certificate,
    rules: &PolicyRules<'_>,
) -> Result<Policies, Refusal> {
    let mut state = State::new(rules);
    if let Some(policies) = &root.extensions().policies {
        state.meet(policies, true);
    }
    state.constrain(root);
    for (below, certificate) in chain.iter().enumerate().rev() {
        let last = below == 0;
        let self_issued = certificate.is_self_issued();
        match &certificate.extensions().policies {
            Some(policies) => {
                let any = state.inhibit_any != Some(0) || (!last && self_issued);
                state.meet(policies, any);
            }
            None => state.clear(),
        }
        // 6.1.3 (f).
        if state.explicit == Some(0) && state.is_empty() {
            return Err(refused(certificate, rules));
        }
        if last {
            state.finish(certificate);
        } else {
            state.prepare(certificate, self_issued);
        }
        let held = state.levels.iter().map(|level| level.nodes.len()).sum::<usize>();
        if held > limits::PATH_POLICIES {
            return Err(Refusal::new(Code::PolicyBudget)
                .detail(certificate)
                .expected(limits::PATH_POLICIES)
                .found(held));
        }
    }
    let authority = state.constrained_to(&PolicyRules::ANY);
    let user = state.constrained_to(rules);
    // 6.1.5 (g).
    if state.explicit == Some(0) && user == PolicySet::Only(Vec::new()) {
        return Err(chain
            .first()
            .map_or_else(|| Code::CertificatePolicies.into(), |leaf| refused(leaf, rules)));
    }
    Ok(Policies { authority, user })
}

fn refused(certificate: &Certificate, rules: &PolicyRules<'_>) -> Refusal {
    let asked: Vec<String> = rules.initial.iter().map(ToString::to_string).collect();
    Refusal::new(Code::CertificatePolicies).detail(certificate).expected(match asked.as_slice() {
        [] => "a policy that all authorities of the path allow".to_owned(),
        asked => asked.join(" or "),
    })
}

impl State {
    /// 6.1.2 (a), (d), (e), (f).
    fn new(rules: &PolicyRules<'_>) -> Self {
        let at_once = |flag: bool| flag.then_some(0);
        Self {
            levels: vec![Level { nodes: BTreeMap::new(), any: true }],
            explicit: at_once(rules.require_explicit),
            inhibit_mapping: at_once(rules.inhibit_mapping),
            inhibit_any: at_once(rules.inhibit_any),
        }
    }

    /// 6.1.3 (d): what the next certificate says, of what is expected of it. `any` is whether its anyPolicy
    /// counts.
    fn meet(&mut self, says: &CertificatePolicies, any: bool) {
        let Some(expected) = self.levels.last_mut() else { return };
        let any = says.any && any;
        if !any {
            expected.nodes.retain(|policy, _| says.policies.contains(policy));
        }
        if expected.any {
            for policy in &says.policies {
                expected.nodes.entry(policy.clone()).or_insert(Parents::Any);
            }
        }
        expected.any &= any;
    }

    /// 6.1.3 (e).
    fn clear(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            *level = Level::default();
        }
    }

    fn is_empty(&self) -> bool {
        self.levels.last().is_none_or(|level| level.nodes.is_empty() && !level.any)
    }

    /// 6.1.4 (b), (h), (i), (j): after a certificate that signed the next one.
    fn prepare(&mut self, certificate: &Certificate, self_issued: bool) {
        self.map(certificate);
        if !self_issued {
            self.count();
        }
        self.constrain(certificate);
    }

    /// 6.1.5 (a), (b): after the last certificate.
    fn finish(&mut self, certificate: &Certificate) {
        self.count();
        let constraints = certificate.extensions().policy_constraints;
        if constraints.and_then(|constraints| constraints.require_explicit) == Some(0) {
            self.explicit = Some(0);
        }
    }

    fn count(&mut self) {
        for counter in [&mut self.explicit, &mut self.inhibit_mapping, &mut self.inhibit_any] {
            *counter = counter.map(|number| number.saturating_sub(1));
        }
    }

    fn constrain(&mut self, certificate: &Certificate) {
        let extensions = certificate.extensions();
        let lower = |counter: &mut Option<u8>, own: Option<u8>| {
            *counter = match (*counter, own) {
                (Some(counter), Some(own)) => Some(counter.min(own)),
                (counter, own) => counter.or(own),
            };
        };
        if let Some(constraints) = extensions.policy_constraints {
            lower(&mut self.explicit, constraints.require_explicit);
            lower(&mut self.inhibit_mapping, constraints.inhibit_mapping);
        }
        lower(&mut self.inhibit_any, extensions.inhibit_any_policy);
    }

    /// 6.1.4 (b): the level that is expected of the next certificate.
    fn map(&mut self, certificate: &Certificate) {
        let allowed = self.inhibit_mapping != Some(0);
        let Some(level) = self.levels.last_mut() else { return };
        let mappings = certificate.extensions().policy_mappings.as_ref();
        let mappings = mappings.map_or(&[][..], |mappings| mappings.0.as_slice());
        let mut next = Level { nodes: BTreeMap::new(), any: level.any };
        let mut mapped: BTreeSet<&PolicyId> = BTreeSet::new();
        for (issuer, subject) in mappings {
            if !allowed {
                level.nodes.remove(issuer);
                continue;
            }
            // (b)(1), second paragraph: anyPolicy is a node, and stands for the one that is not.
            if level.any {
                level.nodes.entry(issuer.clone()).or_insert(Parents::Any);
            }
            if level.nodes.contains_key(issuer) {
                mapped.insert(issuer);
                next.lead(subject, issuer);
            }
        }
        for policy in level.nodes.keys().filter(|policy| !mapped.contains(policy)) {
            next.lead(policy, policy);
        }
        self.levels.push(next);
    }

    /// 6.1.5 (g): the policies of the root's domain that lead to the last level, of those that are asked for.
    fn constrained_to(&self, rules: &PolicyRules<'_>) -> PolicySet {
        let asked_any = rules.asks_any();
        let asked = |policy: &PolicyId| {
            asked_any || rules.initial.iter().any(|asked| asked.as_bytes() == &**policy)
        };
        let any = self.levels.last().is_some_and(|level| level.any);
        if any && asked_any {
            return PolicySet::Any;
        }
        let mut found: BTreeSet<PolicyId> = BTreeSet::new();
        if any {
            found.extend(rules.initial.iter().map(|policy| Box::from(policy.as_bytes())));
        }
        let mut reached: BTreeSet<&PolicyId> = match self.levels.last() {
            Some(level) => level.nodes.keys().collect(),
            None => BTreeSet::new(),
        };
        for level in self.levels.iter().rev() {
            let mut above = BTreeSet::new();
            for policy in reached {
                match level.nodes.get(policy) {
                    Some(Parents::Any) if asked(policy) => drop(found.insert(policy.clone())),
                    Some(Parents::Policies(parents)) => above.extend(parents),
                    _ => {}
                }
            }
            reached = above;
        }
        PolicySet::Only(found.iter().map(|policy| Oid::shown(policy).to_string()).collect())
    }
}

impl Level {
    /// Adds the node `policy`, reached from `parent` above.
    fn lead(&mut self, policy: &PolicyId, parent: &PolicyId) {
        let node = self.nodes.entry(policy.clone());
        match node.or_insert_with(|| Parents::Policies(BTreeSet::new())) {
            Parents::Policies(parents) => drop(parents.insert(parent.clone())),
            Parents::Any => {}
        }
    }
}
