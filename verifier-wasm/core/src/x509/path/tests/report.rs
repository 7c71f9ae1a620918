//! The path that came nearest, and the counters.

use super::*;
use crate::limits;

fn code(tried: TriedPath) -> Code {
    tried.refusal().code()
}

fn report(leaf: &Certificate, bag: &[Certificate], anchors: &[TrustAnchor]) -> PathReport {
    judged(leaf, bag, anchors, &any_use())
}

/// The subjects of the closest path, the failing one in brackets, `!` behind a registered root.
fn drawn(tried: &TriedPath) -> String {
    let mut drawn = Vec::new();
    for (index, certificate) in tried.certificates().iter().enumerate() {
        let subject = certificate.subject().to_string().replace("CN=", "");
        let failed = tried.failed_at() == Some(index);
        drawn.push(if failed { format!("[{subject}]") } else { subject });
    }
    drawn.join(" ") + if tried.ends_at_root() { "!" } else { "" }
}

#[test]
fn the_path_that_came_nearest_is_told() {
    let check = |leaf: &Certificate, bag: &[Certificate], anchors: &[TrustAnchor], expect: &str| {
        let found = report(leaf, bag, anchors).outcome.map(|_| "valid").map_err(|t| drawn(&t));
        assert_eq!(found.expect_err("no path"), expect);
    };
    let good = leaf().signed_by("a", A);
    let anchors = [root().anchor("root", ROOT)];
    let expired = a().valid("200101000000Z", "210101000000Z").signed_by("root", ROOT);
    check(&good, core::slice::from_ref(&expired), &anchors, "leaf [a]");
    check(&good, &[], &anchors, "[leaf]");
    check(&good, &[a().signed_by("root", OTHER)], &anchors, "leaf [a] root!");
    check(
        &leaf().signed_by("a", OTHER),
        &[a().signed_by("root", ROOT)],
        &anchors,
        "[leaf] a root!",
    );
    let not_ca = Draft::leaf("a", A).signed_by("root", ROOT);
    check(&good, core::slice::from_ref(&not_ca), &anchors, "leaf [a]");
    // Of two, the one whose reason says more.
    check(&good, &[not_ca, expired], &anchors, "leaf [a]");
    check(&a().signed_by("root", ROOT), &[], &anchors, "[a]");
    let old = root().valid("200101000000Z", "210101000000Z").anchor("root", ROOT);
    check(&good, &[a().signed_by("root", ROOT)], &[old], "leaf a [root]!");
    // One name begins with the other.
    let longer = Draft::leaf("a client", LEAF).valid("200101000000Z", "210101000000Z");
    check(&longer.signed_by("a", A), &[a().signed_by("root", ROOT)], &anchors, "[a client]");
    let forged = Draft::leaf("a client", LEAF).signed_by("a", OTHER);
    check(&forged, &[a().signed_by("root", ROOT)], &anchors, "[a client] a root!");
    let weak = Draft::leaf("a client", LEAF).with("key", &sequence(&[]));
    check(&weak.signed_by("a", A), &[a().signed_by("root", ROOT)], &anchors, "[a client]");
    // One that is too long to be shown whole.
    let long = Draft::leaf(&"x".repeat(400), LEAF).signed_by("a", OTHER);
    let found = report(&long, &[a().signed_by("root", ROOT)], &anchors).outcome.unwrap_err();
    assert_eq!(found.failed_at(), Some(0));
}

#[test]
fn x01_rivals_for_one_name_cost_what_the_budgets_allow() {
    // Seven authorities of one name and seven keys, each signed by the others' name: everything leads on.
    let rivals: Vec<Certificate> =
        (20..27).map(|key| Draft::authority("a", Key(key)).signed_by("a", Key(key + 1))).collect();
    let leaf = leaf().signed_by("a", Key(20));
    let anchors = [Draft::authority("a", ROOT).anchor("a", ROOT)];
    let report = report(&leaf, &rivals, &anchors);
    assert_eq!(report.outcome.map(drop).map_err(code), Err(Code::PathBudget));
    assert!(report.cost.signatures <= limits::SIGNATURES, "{:?}", report.cost);
    assert!(report.cost.steps <= limits::PATH_STEPS + 1, "{:?}", report.cost);
}

#[test]
fn x02_a_loop_costs_a_step_a_link() {
    let bag =
        [Draft::authority("a", A).signed_by("b", B), Draft::authority("b", B).signed_by("a", A)];
    let leaf = leaf().signed_by("a", A);
    let report = report(&leaf, &bag, &[root().anchor("root", ROOT)]);
    let cost = PathCost { signatures: 0, steps: 2, comparisons: 0 };
    assert_eq!(report.cost, cost);
    assert_eq!(report.outcome.map(drop).map_err(code), Err(Code::PathNotFound));
}

#[test]
fn a_signature_that_is_refused_by_form_counts() {
    let anchors = [root().anchor("root", ROOT)];
    let malformed = leaf().with("signature", b"\x03\x03\x00\x30\x00").signed_by("root", ROOT);
    let report = report(&malformed, &[], &anchors);
    let cost = PathCost { signatures: 1, steps: 1, comparisons: 0 };
    assert_eq!(report.cost, cost);
    assert_eq!(report.outcome.map(drop).map_err(code), Err(Code::PathSignatureInvalid));
    let good = self::report(&leaf().signed_by("root", ROOT), &[], &anchors);
    assert_eq!((good.outcome.is_ok(), good.cost), (true, cost));
}
