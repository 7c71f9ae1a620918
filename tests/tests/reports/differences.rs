//! Lines that do not come out as `expected` says, each with what comes out instead and why; and cases whose policies are
//! in a language that has grown since.

/// One line of one case.
pub(crate) struct Difference {
    /// `pki` or `oidc`.
    pub(crate) part: &'static str,
    pub(crate) case: &'static str,
    pub(crate) line: &'static str,
    /// What comes out, or its beginning.
    pub(crate) got: &'static str,
    pub(crate) why: &'static str,
}

impl Difference {
    pub(crate) fn is_of(&self, part: &str, case: &str, line: &str) -> bool {
        (self.part, self.case, self.line) == (part, case, line)
    }
}

const fn row(
    part: &'static str,
    case: &'static str,
    line: &'static str,
    got: &'static str,
    why: &'static str,
) -> Difference {
    Difference { part, case, line, got, why }
}

const SPELLING: &str =
    "every common spelling is accepted and compared by value, so there is nothing to find";

pub(crate) const DIFFERENCES: &[Difference] = &[
    row(
        "pki",
        "15-serial-and-fingerprint-spelling",
        "as-openssl-prints",
        "s-openssl.yaml: good",
        SPELLING,
    ),
    row("pki", "15-serial-and-fingerprint-spelling", "lower", "s-lower.yaml: good", SPELLING),
    row("pki", "15-serial-and-fingerprint-spelling", "colons", "s-colons.yaml: good", SPELLING),
    row(
        "pki",
        "15-serial-and-fingerprint-spelling",
        "fingerprint-as-openssl-prints",
        "f-openssl.yaml: good",
        SPELLING,
    ),
    row(
        "pki",
        "15-serial-and-fingerprint-spelling",
        "fingerprint-upper",
        "f-upper.yaml: good",
        SPELLING,
    ),
    row(
        "pki",
        "12-crl-forms",
        "policy-url-ldap",
        "ldap.yaml:7:19: /providers/plant/crls/0/url: revocation lists are fetched over http or https alone",
        "addresses over http are accepted too, and the message says so",
    ),
    row(
        "oidc",
        "04-buildkite-sub-has-commit",
        "by-pipeline-id.json",
        "by-pipeline-id.json:32:5: /clients/app/credentials/main: nothing in the alternative",
        "`identity` at the provider, or `type: buildkite`, says which claims are immutable",
    ),
    row(
        "oidc",
        "10-audiences",
        "two, both listed at the provider",
        "audience_ambiguous",
        "`audiences` are alternatives; what may stand beside one of them is in `other_audiences`",
    ),
    row(
        "oidc",
        "13-numbers-and-duplicates",
        "nested large number",
        "json_number",
        "1e+300 is no integer, and no number that every reader holds exactly",
    ),
    row(
        "oidc",
        "18-settings-that-users-look-for",
        "clock_skew.json",
        "clock_skew.json:15:18: /providers/idp/clock_skew: clocks may differ by 120 s",
        "this setting exists now",
    ),
    row(
        "oidc",
        "18-settings-that-users-look-for",
        "typ.json",
        "typ.json:15:4: /providers/idp/types: tokens of type `at+jwt`",
        "this setting exists now",
    ),
    row(
        "oidc",
        "18-settings-that-users-look-for",
        "subject-claim.json",
        "subject-claim.json:35:5: /clients/app/credentials/main: nothing in the alternative",
        "this setting exists now, and asks the condition to fix what it names",
    ),
    row(
        "oidc",
        "13-numbers-and-duplicates",
        "400 groups",
        "token_too_large",
        "the token has more than 16 KiB, the limit of tokens",
    ),
];

/// A text in a file of a case, and the one that says the same today.
pub(crate) struct Adapted {
    pub(crate) case: &'static str,
    pub(crate) file: &'static str,
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
}

pub(crate) const ADAPTED: &[Adapted] = &[
    // An attribute that a name may have several times is a list.
    Adapted {
        case: "13-who-by-san-ou-uid",
        file: "ou.yaml",
        from: "cert.subject.OU == \"Robots\"",
        to: "\"Robots\" in cert.subject.OU",
    },
    Adapted {
        case: "13-who-by-san-ou-uid",
        file: "dc.yaml",
        from: "cert.subject.DC == \"example\"",
        to: "\"example\" in cert.subject.DC",
    },
    // An account alone is a group, and the case is about the form of documents.
    Adapted {
        case: "18-documents-as-pasted",
        file: "policy.yaml",
        from: "{ provider: ecs }",
        to: "{ provider: ecs, instances: [i-aaa] }",
    },
];
