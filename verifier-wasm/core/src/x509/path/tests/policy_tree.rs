//! The graph of policies beside the tree that RFC 5280 describes, on paths that nobody would issue.

use super::policies::{ANY, policies_of, policy};
use super::*;
use crate::x509::path::policies::policies;
use alloc::collections::BTreeSet;
use core::cell::Cell;
use proptest::test_runner::Config;

/// A policy: an index in [`POLICIES`].
type Id = usize;

/// What certificates of this test can say; the first is anyPolicy.
const POLICIES: [&str; 4] = [ANY, "1.2.1", "1.2.2", "1.2.3"];
const ANY_ID: Id = 0;

/// What one certificate says.
#[derive(Clone, Debug, Default)]
struct Says {
    self_issued: bool,
    policies: Option<BTreeSet<Id>>,
    mappings: Vec<(Id, Id)>,
    require_explicit: Option<u8>,
    inhibit_mapping: Option<u8>,
    inhibit_any: Option<u8>,
}

/// A node of the tree; one that is deleted stays in its place.
struct Node {
    depth: usize,
    policy: Id,
    expected: BTreeSet<Id>,
    parent: usize,
    is_there: bool,
}

/// valid_policy_tree, the root first.
struct Tree(Vec<Node>);

impl Tree {
    fn at(&self, depth: usize) -> Vec<usize> {
        let there = |own: &usize| self.0[*own].is_there && self.0[*own].depth == depth;
        (0..self.0.len()).filter(there).collect()
    }

    fn add(&mut self, parent: usize, policy: Id, expected: BTreeSet<Id>) {
        let depth = self.0[parent].depth + 1;
        self.0.push(Node { depth, policy, expected, parent, is_there: true });
    }

    /// Deletes nodes above `depth` without children.
    fn prune(&mut self, depth: usize) {
        for above in (0..depth).rev() {
            for node in self.at(above) {
                let has_child = |child: &Node| child.is_there && child.parent == node;
                self.0[node].is_there = self.0[1..].iter().any(has_child);
            }
        }
    }

    fn is_null(&self) -> bool {
        !self.0[0].is_there
    }

    /// 6.1.3 (d) and (e).
    fn meet(&mut self, i: usize, says: &Says, any_counts: bool) {
        let Some(policies) = &says.policies else {
            self.0.iter_mut().for_each(|node| node.is_there = false);
            return;
        };
        let above = self.at(i - 1);
        for own in policies.iter().copied().filter(|own| *own != ANY_ID) {
            let expecting = |node: &&usize| self.0[**node].expected.contains(&own);
            let mut parents: Vec<usize> = above.iter().filter(expecting).copied().collect();
            if parents.is_empty() {
                parents.extend(above.iter().filter(|node| self.0[**node].policy == ANY_ID));
            }
            for parent in parents {
                self.add(parent, own, BTreeSet::from([own]));
            }
        }
        if policies.contains(&ANY_ID) && any_counts {
            for parent in above {
                for own in self.0[parent].expected.clone() {
                    let has = self.at(i).iter().any(|child| {
                        self.0[*child].parent == parent && self.0[*child].policy == own
                    });
                    if !has {
                        self.add(parent, own, BTreeSet::from([own]));
                    }
                }
            }
        }
        self.prune(i);
    }

    /// 6.1.4 (b).
    fn map(&mut self, i: usize, says: &Says, allowed: bool) {
        let issuers: BTreeSet<Id> = says.mappings.iter().map(|(issuer, _)| *issuer).collect();
        for issuer in issuers {
            let to = says.mappings.iter().filter(|(from, _)| *from == issuer);
            let subjects: BTreeSet<Id> = to.map(|(_, subject)| *subject).collect();
            let nodes = self.at(i);
            let own: Vec<usize> =
                nodes.iter().copied().filter(|node| self.0[*node].policy == issuer).collect();
            let any = nodes.iter().copied().find(|node| self.0[*node].policy == ANY_ID);
            match (allowed, any) {
                (false, _) => own.iter().for_each(|node| self.0[*node].is_there = false),
                (true, Some(any)) if own.is_empty() => {
                    self.add(self.0[any].parent, issuer, subjects);
                }
                (true, _) => {
                    own.iter().for_each(|node| self.0[*node].expected = subjects.clone());
                }
            }
        }
        self.prune(i);
    }

    /// The policies whose parent is anyPolicy after 6.1.5 (g).
    fn intersect(&mut self, n: usize, initial: &[Id]) -> BTreeSet<Id> {
        let domain = |tree: &Self| -> Vec<usize> {
            let parent_is_any = |own: &usize| {
                tree.0[*own].depth > 0 && tree.0[tree.0[*own].parent].policy == ANY_ID
            };
            (1..=n).flat_map(|depth| tree.at(depth)).filter(parent_is_any).collect()
        };
        if !initial.contains(&ANY_ID) {
            let first = domain(self);
            let present: Vec<Id> = first.iter().map(|node| self.0[*node].policy).collect();
            for node in first {
                let own = self.0[node].policy;
                if own != ANY_ID && !initial.contains(&own) {
                    self.0[node].is_there = false;
                }
            }
            for node in 1..self.0.len() {
                self.0[node].is_there &= self.0[self.0[node].parent].is_there;
            }
            let any = self.at(n).into_iter().find(|node| self.0[*node].policy == ANY_ID);
            if let Some(any) = any {
                for own in initial.iter().filter(|own| !present.contains(own)) {
                    self.add(self.0[any].parent, *own, BTreeSet::from([*own]));
                }
                self.0[any].is_there = false;
            }
            self.prune(n);
        }
        let is_any_last = self.at(n).iter().any(|node| self.0[*node].policy == ANY_ID);
        if is_any_last {
            return BTreeSet::from([ANY_ID]);
        }
        let policies = domain(self).into_iter().map(|node| self.0[node].policy);
        policies.filter(|own| *own != ANY_ID).collect()
    }
}

/// RFC 5280 sections 6.1.2 to 6.1.5 to the letter, the topmost certificate first; `None` is a refusal.
fn tree(path: &[Says], initial: &[Id], flags: [bool; 3]) -> Option<BTreeSet<Id>> {
    let n = path.len();
    let [mut explicit, mut mapping, mut any] = flags.map(|flag| if flag { 0 } else { n + 1 });
    let any_set = BTreeSet::from([ANY_ID]);
    let root = Node { depth: 0, policy: ANY_ID, expected: any_set, parent: 0, is_there: true };
    let mut tree = Tree(alloc::vec![root]);
    for (i, says) in (1..).zip(path) {
        tree.meet(i, says, any > 0 || (i < n && says.self_issued));
        if explicit == 0 && tree.is_null() {
            return None;
        }
        if i == n {
            explicit = explicit.saturating_sub(1);
            if says.require_explicit == Some(0) {
                explicit = 0;
            }
            continue;
        }
        tree.map(i, says, mapping > 0);
        let counters = [
            (&mut explicit, says.require_explicit),
            (&mut mapping, says.inhibit_mapping),
            (&mut any, says.inhibit_any),
        ];
        for (counter, own) in counters {
            if !says.self_issued {
                *counter = counter.saturating_sub(1);
            }
            *counter = own.map_or(*counter, |own| (*counter).min(own.into()));
        }
    }
    let found = if tree.is_null() { BTreeSet::new() } else { tree.intersect(n, initial) };
    (explicit > 0 || !found.is_empty()).then_some(found)
}

impl Says {
    /// The certificate that says so; a signature is not looked at.
    fn certificate(&self, subject: &str, issuer: &str) -> Certificate {
        let names =
            |list: &BTreeSet<Id>| -> Vec<&str> { list.iter().map(|own| POLICIES[*own]).collect() };
        let mut draft = Draft::authority(subject, A).with("signature", b"\x03\x02\x00\x01");
        if let Some(list) = &self.policies {
            draft = draft.policies(&names(list));
        }
        if !self.mappings.is_empty() {
            let pair = |(from, to): &(Id, Id)| (POLICIES[*from], POLICIES[*to]);
            draft = draft.maps(&self.mappings.iter().map(pair).collect::<Vec<_>>());
        }
        draft = match (self.require_explicit, self.inhibit_mapping) {
            (Some(skip), None) => draft.demands(skip),
            (None, Some(skip)) => draft.inhibits_mapping(skip),
            _ => draft,
        };
        if let Some(skip) = self.inhibit_any {
            draft = draft.inhibits_any(skip);
        }
        draft.signed_by(issuer, ROOT)
    }
}

#[test]
fn x30_the_graph_is_the_tree_of_the_rfc() {
    let state = Cell::new(0x9e37_79b9_7f4a_7c15_u64);
    let below = |bound: u64| {
        let mut next = state.get();
        next ^= next << 13;
        next ^= next >> 7;
        next ^= next << 17;
        state.set(next);
        (next >> 20) % bound
    };
    let one_in = |bound: u64| below(bound) == 0;
    let id = || usize::try_from(below(3)).unwrap() + 1;
    let skip = |rare: u64| one_in(rare).then(|| u8::try_from(below(3)).unwrap());
    let says = || {
        let policies = (0..=below(3)).map(|_| id()).chain(one_in(3).then_some(ANY_ID));
        let require_explicit = skip(4);
        Says {
            self_issued: one_in(4),
            policies: (!one_in(12)).then(|| policies.collect()),
            mappings: (0..below(4)).map(|_| (id(), id())).collect(),
            require_explicit,
            inhibit_mapping: skip(6).filter(|_| require_explicit.is_none()),
            inhibit_any: skip(6),
        }
    };
    let root_certificate = root().signed_by("root", ROOT);
    // As many as a property test has: few while one works, many where PROPTEST_CASES says so.
    let cases = Config::default().cases;
    let mut refused = 0;
    for _ in 0..cases {
        let path: Vec<Says> = (0..=below(4)).map(|_| says()).collect();
        let initial: Vec<Id> =
            if one_in(2) { alloc::vec![ANY_ID] } else { (0..=below(2)).map(|_| id()).collect() };
        let flags = [one_in(2), one_in(8), one_in(8)];
        let asked: Vec<_> = initial.iter().map(|own| policy(POLICIES[*own])).collect();
        let [require_explicit, inhibit_mapping, inhibit_any] = flags;
        let rules = PolicyRules { initial: &asked, require_explicit, inhibit_mapping, inhibit_any };
        let mut issuer = String::from("root");
        let mut certificates = Vec::new();
        for (i, own) in path.iter().enumerate() {
            let subject = if own.self_issued { issuer.clone() } else { format!("{i}") };
            certificates.push(own.certificate(&subject, &issuer));
            issuer = subject;
        }
        let chain: Vec<&Certificate> = certificates.iter().rev().collect();
        let found = policies(&chain, &root_certificate, &rules).ok();
        let found = found.map(|own| policies_of(&own.user).into_iter().collect::<BTreeSet<_>>());
        let expect = tree(&path, &initial, flags);
        let expect = expect.map(|set| set.iter().map(|own| POLICIES[*own].to_string()).collect());
        refused += u32::from(expect.is_none());
        assert_eq!(found, expect, "{path:#?} {initial:?} {flags:?}");
    }
    assert!((cases / 8..cases - cases / 8).contains(&refused), "{refused} of {cases}");
}
