//! What people are told of a preset: its page, the words of the schema, how to start, and findings of its own.
//!
//! Nothing here decides about a proof. Hosts that only judge refer to none of it, so their builds are without it.

use crate::expr::Requirement;

/// What is said of an environment.
#[derive(Debug)]
#[non_exhaustive]
pub struct Guide {
    /// The name of its page: `docs/environments/PAGE.md`.
    pub page: &'static str,
    /// What its proofs are: a sentence.
    pub about: &'static str,
    /// What members of `match` mean whose names do not say it: the member, and a part of a sentence.
    pub matches: &'static [(&'static str, &'static str)],
    /// Audiences for which the platform makes tokens without being asked, or that its own services demand.
    pub foreign_audiences: &'static [&'static str],
    /// How more such audiences begin.
    pub foreign_audience_prefixes: &'static [&'static str],
    /// What starts its workloads, where others may have a say in it.
    pub trigger: Option<Trigger>,
    /// What of a workload's source should be fixed, where anybody who may push has workloads.
    pub branch: Option<Branch>,
    /// The certificates of its document signers, or of the authorities above them, in the table of clouds.
    pub cloud: Option<Cloud>,
    /// How `credmint init` starts a configuration.
    pub init: Option<Init>,
}

impl Guide {
    /// A guide to start from, which says nothing.
    pub(super) const EMPTY: Self = Self {
        page: "",
        about: "",
        matches: &[],
        foreign_audiences: &[],
        foreign_audience_prefixes: &[],
        trigger: None,
        branch: None,
        cloud: None,
        init: None,
    };
}

/// What starts a workload.
#[derive(Debug)]
#[non_exhaustive]
pub struct Trigger {
    /// The claim that names the event.
    pub event: &'static [&'static str],
    /// Events that run with the rights of the default branch what others wrote.
    pub untrusted: &'static [&'static str],
    /// The claims of which one should be fixed.
    pub fixed_by: Requirement,
}

/// The source of a workload: whoever may push a branch has workloads of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Branch {
    /// The claims of which one should be fixed.
    pub fixed_by: Requirement,
    /// The claim with the branch, which a pattern may narrow instead; none where its name alone does not protect it.
    pub narrowed_by: Option<&'static [&'static str]>,
}

/// A cloud in the table of certificates.
#[derive(Debug)]
#[non_exhaustive]
pub struct Cloud {
    /// Its word in the table.
    pub key: &'static str,
    /// Its names in a policy, beside the profile's.
    pub names: &'static [&'static str],
}

/// A starting configuration. In its texts `{name}` stands for the answer to the question with that flag, or for a
/// value that is worked out.
#[derive(Debug)]
#[non_exhaustive]
pub struct Init {
    /// What must be known beside what every environment asks.
    pub questions: &'static [Question],
    /// What is worked out and not asked for.
    pub values: &'static [Value],
    /// The name of the provider.
    pub provider: &'static str,
    /// The members of the provider, as lines of YAML.
    pub settings: &'static str,
    /// What the credential demands: its `condition` or its `match`, as a line of YAML.
    pub binding: &'static str,
    /// The expression of the subject.
    pub subject: &'static str,
    /// What is left for the author to do, each as a sentence.
    pub left: &'static [&'static str],
    /// The members of `given` of the two tests, as lines of YAML.
    pub given: &'static str,
    /// The name of the test that a token is given in, and its subject behind the client id.
    pub accepted: (&'static str, &'static str),
    /// The name of the test that none is given in: it is the other one but for one answer.
    pub refused: &'static str,
    /// The flag of that answer, and what follows it there.
    pub changed: (&'static str, &'static str),
}

/// One thing that must be known.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Question {
    /// The flag that answers it, without dashes.
    pub flag: &'static str,
    /// How it is asked.
    pub text: &'static str,
    /// What an empty answer means; none means that there must be an answer.
    pub default: Option<&'static str>,
    /// Whether the answer has digits alone.
    pub is_number: bool,
}

impl Question {
    /// A question that must be answered.
    #[must_use]
    pub const fn required(flag: &'static str, text: &'static str) -> Self {
        Self { flag, text, default: None, is_number: false }
    }

    /// A question that must be answered by digits.
    #[must_use]
    pub const fn number(flag: &'static str, text: &'static str) -> Self {
        Self { flag, text, default: None, is_number: true }
    }

    /// A question whose empty answer means `default`.
    #[must_use]
    pub const fn with_default(
        flag: &'static str,
        text: &'static str,
        default: &'static str,
    ) -> Self {
        Self { flag, text, default: Some(default), is_number: false }
    }
}

/// A value that is worked out.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    /// 128 random bits in hexadecimal.
    Random {
        /// What it stands for in the texts.
        name: &'static str,
        /// What comes before the bits.
        prefix: &'static str,
    },
    /// A part of an answer.
    Part {
        /// What it stands for in the texts.
        name: &'static str,
        /// The flag of the answer.
        flag: &'static str,
        /// Finds the part.
        find: fn(&str) -> Option<&str>,
        /// What an answer without it should be: a sentence.
        expected: &'static str,
    },
}

impl Value {
    /// What it stands for in the texts.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Random { name, .. } | Self::Part { name, .. } => name,
        }
    }
}
