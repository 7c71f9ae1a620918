//! The environments that are known by name: the one list. A new one is a file below, a line here, and a page.

mod ack_rrsa;
mod alibaba_ecs;
mod amazon_ec2;
mod aws_sts;
mod azure_attested;
mod azure_vm;
mod bitbucket;
mod buildkite;
mod circleci;
mod client_key;
mod fly;
mod forgejo;
mod gce_vm;
mod generic;
mod github_actions;
mod gitlab_ci;
mod hcp_terraform;
mod kubernetes;
mod pca;
mod spiffe;

use super::guide::Guide;
use super::models::CLIENT;
use super::preset::{Definition, Documents, Field, Path, Proofs};
use crate::expr::{self, Model, Requirement, Segment, Shape, ValueForm};
use crate::json::Value;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Declares the presets: name, file, the definition in the file. The guide of a file is for all of its presets.
macro_rules! presets {
    ($($preset:ident = $file:ident::$definition:ident;)*) => {
        /// A kind of environment.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Preset {
            $(#[doc = concat!("What `policy/presets/", stringify!($file), ".rs` says.")] $preset,)*
        }

        impl Preset {
            /// Every preset, in the order of the list.
            pub const ALL: &[Self] = &[$(Self::$preset),*];

            /// What decides about its proofs.
            pub(super) const fn definition(self) -> &'static Definition {
                match self { $(Self::$preset => &$file::$definition,)* }
            }

            /// What people are told of it.
            #[must_use]
            pub const fn guide(self) -> &'static Guide {
                match self { $(Self::$preset => &$file::GUIDE,)* }
            }
        }
    };
}

presets! {
    GithubActions = github_actions::PRESET;
    GitlabCi = gitlab_ci::PRESET;
    Kubernetes = kubernetes::PRESET;
    AckRrsa = ack_rrsa::PRESET;
    SpiffeJwt = spiffe::JWT;
    SpiffeX509 = spiffe::X509;
    Generic = generic::PRESET;
    Pca = pca::PRESET;
    ClientKey = client_key::PRESET;
    AlibabaEcs = alibaba_ecs::PRESET;
    AmazonEc2 = amazon_ec2::PRESET;
    AzureAttested = azure_attested::PRESET;
    AzureVm = azure_vm::PRESET;
    GceVm = gce_vm::PRESET;
    Buildkite = buildkite::PRESET;
    CircleCi = circleci::PRESET;
    Bitbucket = bitbucket::PRESET;
    Fly = fly::PRESET;
    HcpTerraform = hcp_terraform::PRESET;
    Forgejo = forgejo::PRESET;
    AwsSts = aws_sts::PRESET;
}

/// What the providers of a `type` take, in the order in which types are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Takes {
    /// Tokens of an OIDC issuer.
    Tokens,
    /// Certificates or tokens of a trust domain.
    Svids,
    /// Certificates of a private CA.
    Certificates,
    /// Assertions of a client with a key of its own.
    Keys,
    /// Documents that a cloud signs.
    Documents,
}

impl Preset {
    /// The presets of providers of this `type`, none when there is no such type.
    pub(super) fn of_type(name: &str) -> impl Iterator<Item = Self> {
        let is_it = move |preset: &Self| {
            let Definition { type_name, also, .. } = preset.definition();
            *type_name == name || *also == Some(name)
        };
        Self::ALL.iter().copied().filter(is_it)
    }

    /// The presets of documents, each with what is said of them.
    pub(super) fn of_documents() -> impl Iterator<Item = (Self, &'static Documents)> {
        Self::ALL.iter().filter_map(|preset| Some((*preset, preset.definition().documents()?)))
    }

    /// The word for it: its `type`, or the `profile` of documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.definition().documents() {
            Some(documents) => documents.name,
            None => self.type_name(),
        }
    }

    /// The `type` of its providers.
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        self.definition().type_name
    }

    /// Another `type` that means the same.
    #[must_use]
    pub const fn other_type_name(self) -> Option<&'static str> {
        self.definition().also
    }

    /// What its providers take.
    #[must_use]
    pub const fn takes(self) -> Takes {
        match self.definition() {
            Definition { rule: Some(_), .. } => Takes::Svids,
            Definition { proofs: Proofs::Tokens { .. }, .. } => Takes::Tokens,
            Definition { proofs: Proofs::Certificates, .. } => Takes::Certificates,
            Definition { proofs: Proofs::Keys, .. } => Takes::Keys,
            Definition { proofs: Proofs::Documents(_), .. } => Takes::Documents,
        }
    }

    /// Whether its documents name the audience that the workload asked for.
    #[must_use]
    pub fn names_audience(self) -> bool {
        self.definition().documents().is_some_and(|documents| documents.names_audience)
    }

    /// The fields of which every way to satisfy a binding must fix one set: they say who.
    #[must_use]
    pub const fn identity(self) -> Requirement {
        self.definition().identity
    }

    /// The members of `match:`.
    #[must_use]
    pub const fn match_fields(self) -> &'static [Field] {
        self.definition().matches
    }

    /// The models that conditions on its proofs read.
    pub(super) const fn models(self) -> [Model; 2] {
        [Model::client(CLIENT), self.definition().model]
    }

    /// The form of the texts at a path, where they have one.
    pub(super) fn form_of(self, path: Path) -> Option<ValueForm> {
        let (_, names) = path.split_first()?;
        let shape = self.definition().model.shape();
        match names.iter().fold(shape, |shape, name| shape.step(name)) {
            Shape::Text(form) => Some(form),
            _ => None,
        }
    }

    /// Whether facts at a path, or below it, are lower-cased.
    pub(super) fn folds(self, path: &expr::Path) -> bool {
        let model = self.definition().model;
        let step = |shape: Shape, segment: &Segment| match segment {
            Segment::Member(name) => shape.step(name),
            Segment::Index(_) => shape.step("[0]"),
        };
        model.name() == path.root() && path.segments().iter().fold(model.shape(), step).folds()
    }

    /// What a proof states, with its texts in the spelling that literals are brought to.
    pub(crate) fn folded(self, model: Value) -> Value {
        self.definition().model.shape().folded(model)
    }

    /// Whether the author of a provider may say which claims identify.
    #[must_use]
    pub const fn chooses_identity(self) -> bool {
        self.definition().chooses_identity
    }

    /// The issuer of the public service, when the environment has one.
    #[must_use]
    pub const fn default_issuer(self) -> Option<&'static str> {
        match self.definition().proofs {
            Proofs::Tokens { issuer } => issuer,
            Proofs::Certificates | Proofs::Keys | Proofs::Documents(_) => None,
        }
    }

    /// Every issuer of the public service.
    pub(super) fn public_issuers(self) -> impl Iterator<Item = &'static str> {
        self.default_issuer().into_iter().chain(self.definition().other_issuers.iter().copied())
    }

    /// [`Preset::default_issuer`] of providers of this `type`.
    #[must_use]
    pub fn default_issuer_of(type_name: &str) -> Option<&'static str> {
        Self::of_type(type_name).find_map(Self::default_issuer)
    }

    /// The preset whose public service has this issuer.
    pub(super) fn of_issuer(issuer: &str) -> Option<Self> {
        let has = |preset: &Self| preset.public_issuers().any(|known| known == issuer);
        Self::ALL.iter().copied().find(has)
    }

    /// The first preset of each `type`: by what they take, then the type that has another name, then by name.
    #[must_use]
    pub fn of_each_type() -> Vec<Self> {
        let mut all = Self::ALL.to_vec();
        all.sort_by_key(|preset| {
            let definition = preset.definition();
            (preset.takes(), definition.also.is_none(), definition.type_name)
        });
        all.dedup_by_key(|preset| preset.type_name());
        all
    }

    /// The `type`s that a provider may have, for a message.
    pub(super) fn types_in_words() -> String {
        let in_words = |preset: Self| match preset.other_type_name() {
            Some(other) => format!("{} (or {other})", preset.type_name()),
            None => preset.type_name().to_string(),
        };
        one_of(&Self::of_each_type().into_iter().map(in_words).collect::<Vec<_>>())
    }

    /// The `profile`s that documents may have, for a message.
    pub(super) fn profiles_in_words() -> String {
        one_of(&Self::of_documents().map(|(_, documents)| documents.name).collect::<Vec<_>>())
    }
}

/// `a, b or c`.
fn one_of<T: AsRef<str>>(words: &[T]) -> String {
    let mut text = String::new();
    for (index, word) in words.iter().enumerate() {
        let before = match index.saturating_add(1) {
            1 => "",
            nth if nth == words.len() => " or ",
            _ => ", ",
        };
        text.push_str(before);
        text.push_str(word.as_ref());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::preset::Test;

    #[test]
    fn parts_of_a_text_are_members_and_members_are_parts() {
        for preset in Preset::ALL {
            let Definition { matches, composed, .. } = preset.definition();
            let parts: Vec<_> = composed
                .iter()
                .flat_map(|it| it.parts.iter().chain(it.others))
                .map(|(_, part)| *part)
                .collect();
            let members = matches.iter().filter(|field| field.test == Test::Part);
            assert_eq!(members.map(|field| field.name).collect::<Vec<_>>(), parts, "{preset:?}");
            let is_there =
                |(name, _): &(&str, &str)| matches.iter().any(|field| field.name == *name);
            assert!(preset.guide().matches.iter().all(is_there), "{preset:?}");
        }
    }

    #[test]
    fn every_preset_binds_somebody_and_says_where_it_is_told_of() {
        for preset in Preset::ALL {
            assert!(!preset.identity().to_string().is_empty(), "{preset:?}");
            assert!(!preset.guide().page.is_empty(), "{preset:?}");
            let is_public = preset.default_issuer().is_some();
            assert_eq!(preset.definition().owner.is_some(), is_public, "{preset:?}");
        }
    }
}
