//! Generated chains, judged here and by rustls-webpki: every difference has a rule that explains it.
//!
//! `CREDMINT_SEED` (a number) chooses the chains and `PROPTEST_CASES` how many there are.

#[path = "x509_generated/certificate.rs"]
mod certificate;
#[path = "x509_webpki/chain.rs"]
mod chain;
#[path = "x509_generated/compare.rs"]
mod compare;
#[path = "x509_webpki/rules.rs"]
mod rules;

use chain::{Chain, chains};
use compare::{NOW, name, verify};
use credmint_core::Code;
use credmint_tests::suites::oracle::{self, Purpose};

/// The two verdicts on one chain.
pub(crate) struct Verdicts {
    ours: Result<(), Code>,
    webpki: Result<(), String>,
}

#[test]
fn every_difference_has_a_rule() {
    compare::every_difference_has_a_rule(&chains(), 256, |chain| {
        let verdicts = judge(chain);
        let rule = rules::RULES.iter().find(|rule| rule.explains(chain, &verdicts));
        name(chain, verdicts.ours, &verdicts.webpki, rule.map(|rule| rule.name))
    });
}

fn judge(chain: &Chain) -> Verdicts {
    let (leaf, intermediates, root) = chain.issue();
    let roots = [root];
    Verdicts {
        ours: verify(&leaf, &intermediates, &roots[0]),
        webpki: oracle::webpki(&leaf, &intermediates, &roots, NOW, Purpose::CLIENT),
    }
}
