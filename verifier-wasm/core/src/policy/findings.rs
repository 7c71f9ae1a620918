//! The table of findings. `docs/lints.md` is written from it.

/// Declares the findings: name, stable id, what it is, why it matters, how to correct it.
macro_rules! lints {
    ($($name:ident $id:literal $what:literal $why:literal $mend:literal;)*) => {
        /// A kind of finding. The text form ([`LintId::as_str`]) never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum LintId {
            $(#[doc = $what] #[doc = ""] #[doc = concat!("`", $id, "`")] $name,)*
        }

        impl LintId {
            /// Every kind, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable text form, lower-case with underscores.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// What it is: a sentence.
            #[must_use]
            pub const fn what(self) -> &'static str {
                match self { $(Self::$name => $what,)* }
            }

            /// Why it matters: a sentence or two.
            #[must_use]
            pub const fn why(self) -> &'static str {
                match self { $(Self::$name => $why,)* }
            }

            /// How to correct it: a part of a sentence.
            #[must_use]
            pub const fn mend(self) -> &'static str {
                match self { $(Self::$name => $mend,)* }
            }
        }
    };
}

lints! {
    AudienceOfAnother "audience_of_another_service"
        "A provider takes tokens that are made for another service."
        "Anyone who receives such a token for its own purpose, including that service, can present it here."
        "let workloads ask for an audience of this issuer alone";
    IssuersLookAlike "issuers_look_alike"
        "Two issuers, or an issuer and a well-known one, differ in a way that is easy to overlook."
        "Issuers are compared character by character: one of the two is probably a mistake, or an attack."
        "write the issuer as its tokens do, and delete the other";
    IssuersShareKey "issuers_share_a_key"
        "Two issuers have the same key, or the same address of keys."
        "The holder of that key can sign as either of them."
        "give each issuer its own keys";
    KeysElsewhere "keys_from_another_host"
        "The keys of an issuer come from another host than the issuer's."
        "Whoever controls that host or its domain name can sign as the issuer."
        "use `discovery: true`, or paste the keys, unless that host is the issuer's own";
    LifetimeUnlimited "no_lifetime_limit"
        "A provider of tokens has no `max_lifetime`."
        "A token that leaks can be used for as long as its issuer chose, up to a day."
        "set `max_lifetime` to what the environment needs, as 3600s";
    OtherAudiences "other_audiences"
        "A provider takes tokens that are meant for other services as well."
        "Each of these services receives such tokens, and can present them here."
        "have workloads ask for a token for this issuer alone, and delete `other_audiences`";
    AccessTokens "access_tokens_as_proofs"
        "A provider takes access tokens as proofs of identity."
        "A service that receives an access token can present it here, as its sender."
        "let workloads present ID tokens, or see to it that no service takes tokens for this audience";
    EndpointAudience "token_endpoint_as_audience"
        "A provider takes assertions that name the token endpoint as their audience."
        "A client learns that address from metadata. Whoever gives it false metadata receives assertions for this endpoint, \
         and can present them here."
        "have clients name the issuer as `aud`, and delete `assertion_audiences`";
    ClockSkewWide "wide_clock_skew"
        "A provider lets clocks differ by more than 30 seconds."
        "A token is good for that much longer after its end, a stolen one too."
        "set the clocks right, and delete `clock_skew`";
    KeysServeLong "keys_serve_long"
        "The fetched keys of an issuer serve for more than ten minutes while their source fails."
        "A key that the issuer has removed, because it was stolen, is good for so long where somebody keeps its source from being asked."
        "delete `serve_for`, or make it as short as the failures that you expect";
    CertificateEnds "certificate_ends"
        "A registered certificate has ended, or ends within 30 days."
        "Every proof that depends on it is refused from then on. The others of its list go on serving; a provider whose \
         roots have all ended does not load."
        "register its successor beside it, then remove it";
    AudienceGuessable "guessable_audience"
        "The audience of instance documents can be guessed."
        "Whoever can query the metadata service of an instance gets a document for any audience that they can guess."
        "take an identifier with ten random letters and digits in it, as idaas_7f3c91d0b2";
    NameWithoutId "name_without_id"
        "A binding depends on a name that can be given up and taken by someone else."
        "After a rename or a deletion, whoever registers the name next gets the tokens."
        "bind the immutable id, as repository_id or project_id";
    UntrustedTrigger "untrusted_trigger"
        "A binding does not say which events, environments or workflows may use it, or names an event that runs \
         other people's code."
        "A workflow for `pull_request_target` or `workflow_run` runs on the default branch with its name in `ref`, \
         and may run code of a fork."
        "bind event_name to harmless events, or environment, workflow_ref or job_workflow_ref";
    AnyBranch "any_branch"
        "A binding takes jobs of every branch."
        "Whoever may push a branch, which nobody has reviewed, gets the tokens."
        "bind the ref and, where the platform says so, that it is protected, or an environment with rules of its own";
    PatternOnSubject "pattern_on_subject"
        "A pattern is applied to the whole `sub`."
        "A `sub` joins names with characters that may also occur in the names, so one text can have two meanings."
        "compare the claims of which it is made, each by itself, or `sub` with ==";
    PatternEverything "pattern_takes_everything"
        "A pattern takes every value."
        "`glob(ref, \"**/**\")` looks like a condition on the ref and is none."
        "name the values, or the part of them that must be there";
    PatternOpen "open_pattern"
        "A pattern ends, or begins, within a name."
        "`org/app*` matches `org/app-of-somebody-else`."
        "end the fixed part with a separator such as / : or -, or list the names";
    StarLiteral "star_is_literal"
        "A text that is compared literally contains a star."
        "`==` and `in` know no patterns, so this matches only a value that contains a star."
        "write the whole value, or use glob(…)";
    NeverMatches "literal_never_matches"
        "A field is compared with a text that it probably never is."
        "Where the text must be the field's, every proof is refused; where it must not, nothing is kept out."
        "write the value as the proofs have it";
    NeverHolds "conditions_never_hold"
        "The conditions of a binding contradict each other."
        "Every proof is refused, and nothing that is discoverable is found."
        "correct the values that a field would have to have at once, in `match`, `condition` and `trust_condition`";
    AllOfNothing "all_of_nothing"
        "`all` is used on a list that may be empty."
        "For an empty list `all` is always true."
        "ask for list.size() > 0 as well, or use exists";
    LifetimeShort "short_token_lifetime"
        "Access tokens live for less than 3000 seconds."
        "The stock client of Alibaba Cloud IDaaS keeps a token for up to ten minutes after its end."
        "use 3000s or more, unless there is no such client";
    AcceptanceIdle "acceptance_without_finding"
        "A finding is accepted that is not there."
        "It would hide the finding when it comes back for another reason."
        "delete it from `accept`";
}

impl LintId {
    /// The kind with this text form.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|id| id.as_str() == name)
    }
}
