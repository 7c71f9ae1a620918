//! The environments that are known by name. Each says what its proofs hold, which fields say who, and what its
//! structured members are; all of it compiles to the language of conditions.

use crate::cms::Profile;

/// A kind of environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Preset {
    /// Any OIDC issuer.
    Generic,
    /// A cluster of Alibaba Cloud with RAM roles for service accounts: Kubernetes with an issuer of the cloud.
    AckRrsa,
    /// A managed identity of an Azure virtual machine.
    AzureVm,
    /// A virtual machine of Google Compute Engine.
    GceVm,
    /// A job of GitHub Actions.
    GithubActions,
    /// A job of GitLab CI.
    GitlabCi,
    /// A pod of a Kubernetes cluster.
    Kubernetes,
    /// A JWT-SVID.
    SpiffeJwt,
    /// An X.509-SVID.
    SpiffeX509,
    /// A certificate of a private CA.
    Pca,
    /// An instance document of Alibaba Cloud.
    AlibabaEcs,
    /// An instance document of Amazon EC2.
    AmazonEc2,
    /// An attested document of Azure.
    AzureAttested,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 13] = [
        Self::Generic,
        Self::AckRrsa,
        Self::AzureVm,
        Self::GceVm,
        Self::GithubActions,
        Self::GitlabCi,
        Self::Kubernetes,
        Self::SpiffeJwt,
        Self::SpiffeX509,
        Self::Pca,
        Self::AlibabaEcs,
        Self::AmazonEc2,
        Self::AzureAttested,
    ];

    /// The `type`s that a provider may have, for a message.
    pub(super) const TYPES: &str = "oidc (or generic), ack_rrsa, azure_vm, gce_vm, github_actions, \
                                    gitlab_ci, kubernetes, spiffe, pca or pkcs7";

    /// The preset of OIDC tokens with this `type`.
    pub(super) fn of_tokens(name: &str) -> Option<Self> {
        match name {
            "oidc" | "generic" => Some(Self::Generic),
            "ack_rrsa" => Some(Self::AckRrsa),
            "azure_vm" => Some(Self::AzureVm),
            "gce_vm" => Some(Self::GceVm),
            "github_actions" => Some(Self::GithubActions),
            "gitlab_ci" => Some(Self::GitlabCi),
            "kubernetes" => Some(Self::Kubernetes),
            _ => None,
        }
    }

    /// The preset of documents with this profile.
    pub(super) const fn of_documents(profile: Profile) -> Self {
        match profile {
            Profile::AmazonEc2 => Self::AmazonEc2,
            Profile::AzureAttested => Self::AzureAttested,
            _ => Self::AlibabaEcs,
        }
    }

    /// The `type` of its providers.
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::Generic => "oidc",
            Self::AckRrsa => "ack_rrsa",
            Self::AzureVm => "azure_vm",
            Self::GceVm => "gce_vm",
            Self::GithubActions => "github_actions",
            Self::GitlabCi => "gitlab_ci",
            Self::Kubernetes => "kubernetes",
            Self::SpiffeJwt | Self::SpiffeX509 => "spiffe",
            Self::Pca => "pca",
            Self::AlibabaEcs | Self::AmazonEc2 | Self::AzureAttested => "pkcs7",
        }
    }

    /// The issuer of the public service, when the environment has one.
    #[must_use]
    pub const fn default_issuer(self) -> Option<&'static str> {
        match self {
            Self::GceVm => Some("https://accounts.google.com"),
            Self::GithubActions => Some("https://token.actions.githubusercontent.com"),
            Self::GitlabCi => Some("https://gitlab.com"),
            _ => None,
        }
    }

    /// [`Preset::default_issuer`] of providers of this `type`.
    #[must_use]
    pub fn default_issuer_of(type_name: &str) -> Option<&'static str> {
        Self::of_tokens(type_name).and_then(Self::default_issuer)
    }
}
