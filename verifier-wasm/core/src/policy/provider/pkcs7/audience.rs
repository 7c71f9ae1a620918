//! The audience of documents: who must have one, and which ones anybody could guess.

use crate::document::{Node, Problems};
use crate::limits::{AUDIENCE_CHANCE, AUDIENCE_CHARACTERS};
use crate::policy::preset::Documents;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};

/// Where a cloud signs the audience that the workload asked for, one is required; the others sign none, so a
/// configured one would promise what is not checked.
pub(super) fn read(
    profile_node: &Node<'_>,
    audience: Option<Node<'_>>,
    documents: &Documents,
    problems: &mut Problems,
) -> Option<Option<String>> {
    match (documents.names_audience, audience) {
        (true, Some(node)) => {
            let name = node.name(problems)?;
            if !name.is_ascii() {
                let message = format!("documents of {} are ASCII", documents.name);
                problems.report(&node, message, "an ASCII audience");
                return None;
            }
            Some(Some(name.to_string()))
        }
        (true, None) => {
            problems.report(
                profile_node,
                format!("documents of {} must name an audience", documents.name),
                "`audience` beside the profile: this installation's identifier, hard to guess",
            );
            None
        }
        (false, None) => Some(None),
        (false, Some(node)) => {
            problems.report(&node, "documents of this cloud name no audience", "no `audience`");
            None
        }
    }
}

/// Why an audience of ECS documents could be guessed; `None` when it looks as if it could not.
///
/// Whoever can make an instance's metadata service answer, by a forged request for instance, gets a document for
/// any audience that they can name. An audience that no outsider knows is therefore half of the protection. A
/// judgement by looks: at least 16 characters, of which ten in a row are letters and digits of chance. Digits alone
/// are a date or the number of an account.
#[must_use]
pub fn guessable_audience(audience: &str) -> Option<&'static str> {
    if audience.contains("://") || audience.contains('.') {
        return Some("it looks like an address, which others know");
    }
    if audience.len() < AUDIENCE_CHARACTERS {
        return Some("it has less than 16 characters");
    }
    let is_chance = |part: &str| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        let different: BTreeSet<u8> = part.bytes().collect();
        part.len() >= AUDIENCE_CHANCE && digits >= 3 && digits < part.len() && different.len() >= 6
    };
    match audience.split(|c: char| !c.is_ascii_alphanumeric()).any(is_chance) {
        true => None,
        false => Some("no part of it looks like chance"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c22_guessable_audiences() {
        for good in ["idaas_7f3c91d0b2", "0f8e2d6c4b1a39758e", "sts-4kq2vx9r81mz7t3n-prod"] {
            assert_eq!(guessable_audience(good), None, "{good}");
        }
        for guessable in [
            "",
            "abc",
            "idaas_test1",
            "https://sts.example.com",
            "sts.example.com/oauth2",
            "credmint_production_main",
            "idaas_0000000000000000",
            "idaas_aaaaaaaaaaaaaaaa",
            "idaas-2026-11-24-main-cluster",
            "1234567890123456",
            "idaas_20261124183059",
        ] {
            assert!(guessable_audience(guessable).is_some(), "{guessable}");
        }
    }
}
