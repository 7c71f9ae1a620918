//! Certificate policies along a path.

use super::*;
use crate::limits;
use crate::x509::tests::forge::{
    INHIBIT_ANY_POLICY, POLICIES, POLICY_CONSTRAINTS, POLICY_MAPPINGS, tlv,
};

pub(super) const ANY: &str = "2.5.29.32.0";

pub(super) fn policy(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new(text).unwrap()
}

fn oid(text: &str) -> Vec<u8> {
    tlv(0x06, policy(text).as_bytes())
}

impl Draft {
    pub(super) fn policies(self, list: &[&str]) -> Self {
        let list: Vec<_> = list.iter().map(|own| sequence(&[&oid(own)])).collect();
        self.extension(POLICIES, false, &sequence(&[&list.concat()]))
    }

    pub(super) fn maps(self, pairs: &[(&str, &str)]) -> Self {
        let pair = |(issuer, subject): &(&str, &str)| sequence(&[&oid(issuer), &oid(subject)]);
        let pairs: Vec<_> = pairs.iter().map(pair).collect();
        self.extension(POLICY_MAPPINGS, true, &sequence(&[&pairs.concat()]))
    }

    /// requireExplicitPolicy after this many certificates.
    pub(super) fn demands(self, skip: u8) -> Self {
        self.extension(POLICY_CONSTRAINTS, true, &sequence(&[&tlv(0x80, &[skip])]))
    }

    pub(super) fn inhibits_mapping(self, skip: u8) -> Self {
        self.extension(POLICY_CONSTRAINTS, true, &sequence(&[&tlv(0x81, &[skip])]))
    }

    pub(super) fn inhibits_any(self, skip: u8) -> Self {
        self.extension(INHIBIT_ANY_POLICY, true, &tlv(0x02, &[skip]))
    }
}

const NONE: Result<&[&str], Code> = Err(Code::CertificatePolicies);

/// Checks the policies of leaf ← a ← root that are asked for. `Ok(&[ANY])` is every policy.
fn check_policies(
    leaf: Draft,
    a: Draft,
    root: Draft,
    rules: PolicyRules<'_>,
    expect: Result<&[&str], Code>,
) {
    let rules = PathRules { policies: rules, ..any_use() };
    let found = verify_path(
        &leaf.signed_by("a", A),
        &[a.signed_by("root", ROOT)],
        &[root.anchor("root", ROOT)],
        &rules,
        PROVIDER,
    );
    let found =
        found.map(|path| policies_of(path.policies())).map_err(|stop| stop.into_refusal().code());
    let expect = expect.map(|list| list.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(found, expect);
}

pub(super) fn policies_of(set: &PolicySet) -> Vec<String> {
    match set {
        PolicySet::Any => alloc::vec![ANY.into()],
        PolicySet::Only(policies) => policies.clone(),
    }
}

fn free() -> PolicyRules<'static> {
    PolicyRules::ANY
}

fn explicit() -> PolicyRules<'static> {
    PolicyRules { require_explicit: true, ..free() }
}

#[test]
fn x30_a_policy_is_valid_when_every_certificate_says_it() {
    let check = |leaf: Draft, a: Draft, expect: &[&str]| {
        check_policies(leaf.clone(), a.clone(), root(), free(), Ok(expect));
        let demanded = if expect.is_empty() { NONE } else { Ok(expect) };
        check_policies(leaf, a, root(), explicit(), demanded);
    };
    let one = |draft: Draft| draft.policies(&["1.2.1"]);
    check(one(leaf()), one(a()), &["1.2.1"]);
    check(one(leaf()), a().policies(&["1.2.2", "1.2.1"]), &["1.2.1"]);
    check(
        leaf().policies(&["1.2.1", "1.2.3"]),
        a().policies(&["1.2.3", "1.2.1"]),
        &["1.2.1", "1.2.3"],
    );
    check(one(leaf()), a().policies(&[ANY]), &["1.2.1"]);
    check(leaf().policies(&[ANY]), one(a()), &["1.2.1"]);
    check(leaf().policies(&[ANY]), a().policies(&[ANY]), &[ANY]);
    check(one(leaf()), a().policies(&["1.2.2"]), &[]);
    check(one(leaf()), a(), &[]);
    check(leaf(), one(a()), &[]);
    check(leaf(), a(), &[]);
}

#[test]
fn x30_what_is_asked_for_is_in_the_set() {
    let initial = [policy("1.2.1"), policy("1.2.9")];
    let asked = PolicyRules { initial: &initial, require_explicit: true, ..free() };
    let any = [policy("1.2.9"), policy(ANY)];
    let both = |draft: Draft| draft.policies(&["1.2.1", "1.2.2"]);
    check_policies(both(leaf()), both(a()), root(), asked, Ok(&["1.2.1"]));
    check_policies(leaf().policies(&["1.2.2"]), both(a()), root(), asked, NONE);
    let lax = PolicyRules { require_explicit: false, ..asked };
    check_policies(leaf().policies(&["1.2.2"]), both(a()), root(), lax, Ok(&[]));
    let with_any = |draft: Draft| draft.policies(&[ANY]);
    check_policies(with_any(leaf()), with_any(a()), root(), asked, Ok(&["1.2.1", "1.2.9"]));
    let asked = PolicyRules { initial: &any, ..asked };
    check_policies(both(leaf()), both(a()), root(), asked, Ok(&["1.2.1", "1.2.2"]));
}

#[test]
fn x30_a_mapped_policy_is_named_as_the_root_names_it() {
    let mapping = || a().policies(&["1.2.1", "1.2.5"]).maps(&[("1.2.1", "1.3.1")]);
    let says = |own: &str| leaf().policies(&[own]);
    check_policies(says("1.3.1"), mapping(), root(), explicit(), Ok(&["1.2.1"]));
    check_policies(says("1.2.5"), mapping(), root(), explicit(), Ok(&["1.2.5"]));
    check_policies(says("1.2.1"), mapping(), root(), explicit(), NONE);
    let initial = [policy("1.3.1")];
    let foreign = PolicyRules { initial: &initial, ..explicit() };
    check_policies(says("1.3.1"), mapping(), root(), foreign, NONE);
    // One that a does not have is mapped only where it has all.
    let unknown = |own: &[&str]| a().policies(own).maps(&[("1.2.7", "1.3.1")]);
    check_policies(says("1.3.1"), unknown(&["1.2.1"]), root(), explicit(), NONE);
    check_policies(
        says("1.3.1"),
        unknown(&[ANY]),
        root(),
        explicit(),
        Ok(&["1.2.7", "1.3.1"][..1]),
    );
    // Two that become one, one that becomes two.
    let two = a().policies(&["1.2.1", "1.2.2"]).maps(&[("1.2.1", "1.3.1"), ("1.2.2", "1.3.1")]);
    check_policies(says("1.3.1"), two, root(), explicit(), Ok(&["1.2.1", "1.2.2"]));
    let one = a().policies(&["1.2.1"]).maps(&[("1.2.1", "1.3.1"), ("1.2.1", "1.3.2")]);
    check_policies(says("1.3.2"), one, root(), explicit(), Ok(&["1.2.1"]));
}

#[test]
fn x30_mapping_is_inhibited_by_the_caller_and_by_authorities() {
    let mapping = || a().policies(&["1.2.1", "1.2.5"]).maps(&[("1.2.1", "1.3.1")]);
    let says = |own: &str| leaf().policies(&[own]);
    let inhibited = PolicyRules { inhibit_mapping: true, ..explicit() };
    check_policies(says("1.3.1"), mapping(), root(), inhibited, NONE);
    // The policy that would be mapped is gone.
    check_policies(says("1.2.1"), mapping(), root(), inhibited, NONE);
    check_policies(says("1.2.5"), mapping(), root(), inhibited, Ok(&["1.2.5"]));
    check_policies(says("1.3.1"), mapping(), root().inhibits_mapping(0), explicit(), NONE);
    check_policies(
        says("1.3.1"),
        mapping(),
        root().inhibits_mapping(1),
        explicit(),
        Ok(&["1.2.1"]),
    );
}

#[test]
fn x30_any_policy_is_inhibited_by_the_caller_and_by_authorities() {
    let any = |draft: Draft| draft.policies(&[ANY]);
    let one = || leaf().policies(&["1.2.1"]);
    let inhibited = PolicyRules { inhibit_any: true, ..explicit() };
    check_policies(one(), any(a()), root(), inhibited, NONE);
    check_policies(any(leaf()), a().policies(&["1.2.1"]), root(), inhibited, NONE);
    check_policies(one(), a().policies(&["1.2.1", ANY]), root(), inhibited, Ok(&["1.2.1"]));
    check_policies(one(), any(a()), root().inhibits_any(0), explicit(), NONE);
    check_policies(one(), any(a()), root().inhibits_any(1), explicit(), Ok(&["1.2.1"]));
    check_policies(any(leaf()), any(a()), root().inhibits_any(1), explicit(), NONE);
    check_policies(any(leaf()), any(a()).inhibits_any(0), root(), explicit(), NONE);
    check_policies(any(leaf()), any(a()).inhibits_any(1), root(), explicit(), Ok(&[ANY]));
}

#[test]
fn x30_an_authority_may_demand_a_policy() {
    check_policies(leaf(), a().demands(0), root(), free(), NONE);
    check_policies(leaf(), a().demands(1), root(), free(), NONE);
    check_policies(leaf(), a().demands(2), root(), free(), Ok(&[]));
    check_policies(leaf(), a(), root().demands(0), free(), NONE);
    check_policies(leaf(), a(), root().demands(3), free(), Ok(&[]));
    // The leaf for itself, now but not later.
    check_policies(leaf().demands(0), a(), root(), free(), NONE);
    check_policies(leaf().demands(1), a(), root(), free(), Ok(&[]));
    let one = |draft: Draft| draft.policies(&["1.2.1"]);
    check_policies(one(leaf()), one(a()).demands(0), root(), free(), Ok(&["1.2.1"]));
}

#[test]
fn x30_a_change_of_keys_is_not_counted_and_may_say_any_policy() {
    let check = |a: Draft, renewed: Draft, leaf: Draft, expect: Result<&[&str], Code>| {
        let certificates = [renewed.signed_by("a", A), a.signed_by("root", ROOT)];
        let found = verify_path(
            &leaf.signed_by("a", B),
            &certificates,
            &[root().anchor("root", ROOT)],
            &any_use(),
            PROVIDER,
        );
        let found = found
            .map(|path| policies_of(path.policies()))
            .map_err(|stop| stop.into_refusal().code());
        let expect = expect.map(|list| list.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(found, expect);
    };
    let renewed = || Draft::authority("a", B);
    // The leaf is the last and is always counted, the renewed authority never.
    check(a().demands(2), renewed(), leaf(), Ok(&[]));
    check(a().demands(1), renewed(), leaf(), NONE);
    let strict = a().policies(&["1.2.1"]).inhibits_any(0);
    let one = leaf().policies(&["1.2.1"]);
    check(strict.clone(), renewed().policies(&[ANY]), one.clone(), Ok(&["1.2.1"]));
    check(strict, renewed().policies(&["1.2.1"]), leaf().policies(&[ANY]), Ok(&[]));
}

#[test]
fn x30_the_policies_of_the_root_hold_too() {
    let one = |draft: Draft| draft.policies(&["1.2.1"]);
    check_policies(one(leaf()), one(a()), one(root()), explicit(), Ok(&["1.2.1"]));
    check_policies(one(leaf()), one(a()), root().policies(&[ANY]), explicit(), Ok(&["1.2.1"]));
    check_policies(one(leaf()), one(a()), root().policies(&["1.2.2"]), explicit(), NONE);
    check_policies(one(leaf()), one(a()), root().policies(&["1.2.2"]), free(), Ok(&[]));
}

#[test]
fn x30_the_authorities_set_does_not_depend_on_what_is_asked() {
    let initial = [policy("1.2.1")];
    let rules = PathRules { policies: PolicyRules { initial: &initial, ..free() }, ..any_use() };
    let both = |draft: Draft| draft.policies(&["1.2.1", "1.2.2"]);
    let path = verify_path(
        &both(leaf()).signed_by("a", A),
        &[both(a()).signed_by("root", ROOT)],
        &[root().anchor("root", ROOT)],
        &rules,
        PROVIDER,
    )
    .unwrap();
    assert_eq!(policies_of(path.policies()), ["1.2.1"]);
    assert_eq!(policies_of(path.authority_policies()), ["1.2.1", "1.2.2"]);
}

/// A chain of authorities that each map every policy onto every other, with `count` policies.
fn woven(count: usize) -> Result<Vec<String>, Code> {
    let names = ["root", "a", "b", "c", "d", "e"];
    let keys = [ROOT, A, B, Key(28), Key(29), Key(30)];
    let own: Vec<String> = (0..count).map(|i| format!("1.2.{i}")).collect();
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let pairs: Vec<(&str, &str)> = own.iter().flat_map(|i| own.iter().map(|s| (*i, *s))).collect();
    let authority = |i: usize| {
        let draft = Draft::authority(names[i], keys[i]).policies(&own).maps(&pairs);
        draft.signed_by(names[i - 1], keys[i - 1])
    };
    let certificates: Vec<_> = (1..6).map(authority).collect();
    let path = verify_path(
        &leaf().policies(&own).signed_by("e", keys[5]),
        &certificates,
        &[root().anchor("root", ROOT)],
        &PathRules { policies: explicit(), ..any_use() },
        PROVIDER,
    );
    path.map(|path| policies_of(path.policies())).map_err(|stop| stop.into_refusal().code())
}

/// CVE-2023-0464: the tree of RFC 5280 has count^6 leaves here.
#[test]
fn x30_cve_2023_0464_mappings_that_multiply_cost_no_more_than_their_size() {
    assert_eq!(woven(11).map(|found| found.len()), Ok(11));
}

#[test]
fn x30_policies_of_a_path_are_limited() {
    // Each authority keeps all that came from above and adds 127 of its own and 127 by mapping.
    let grow = |i: usize| -> Vec<(String, String)> {
        (0..limits::POLICIES).map(|j| ("1.2.1".into(), format!("1.3.{i}.{j}"))).collect()
    };
    let names = ["root", "a", "b", "c", "d", "e"];
    let keys = [ROOT, A, B, Key(28), Key(29), Key(30)];
    let found = |length: usize| {
        let authority = |i: usize| {
            let pairs = grow(i);
            let mut pairs: Vec<(&str, &str)> =
                pairs.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
            pairs[0] = ("1.2.1", "1.2.1");
            let own: Vec<String> = (1..limits::POLICIES).map(|j| format!("1.4.{i}.{j}")).collect();
            let own: Vec<&str> = own.iter().map(String::as_str).chain([ANY]).collect();
            let draft = Draft::authority(names[i], keys[i]).policies(&own).maps(&pairs);
            draft.signed_by(names[i - 1], keys[i - 1])
        };
        let certificates: Vec<_> = (1..=length).map(authority).collect();
        let path = verify_path(
            &leaf().policies(&[ANY]).signed_by(names[length], keys[length]),
            &certificates,
            &[root().anchor("root", ROOT)],
            &any_use(),
            PROVIDER,
        );
        path.map(drop).map_err(|stop| stop.into_refusal().code())
    };
    assert_eq!(found(2), Ok(()));
    assert_eq!(found(5), Err(Code::PolicyBudget));
}
