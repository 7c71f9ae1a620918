//! Signers by their chain: the certificate is in the message, the root in the configuration.

use super::profile::Profile;
use super::signed_data::SignedMessage;
use crate::limits;
use crate::refusal::{Code, Refusal};
use crate::signature::Session;
use crate::time::UnixTime;
use crate::verdict::Stop;
use crate::x509::{
    Certificate, KeyUse, PathRules, RevocationCheck, TrustAnchor, VerifiedPath, find_path,
};
use alloc::vec::Vec;
use const_oid::ObjectIdentifier;

const fn usage(last: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(last)
}

/// What a certificate that names its uses must be for, any of them (RFC 5280 section 4.2.1.12): whoever signs
/// messages signs mail, code or documents, or is a client.
const SIGNING_USAGES: [ObjectIdentifier; 4] = [
    usage("1.3.6.1.5.5.7.3.4"),  // emailProtection
    usage("1.3.6.1.5.5.7.3.3"),  // codeSigning
    usage("1.3.6.1.5.5.7.3.36"), // documentSigning (RFC 9336)
    usage("1.3.6.1.5.5.7.3.2"),  // clientAuth
];

/// Azure signs with the certificates of TLS hosts.
const HOST_USAGES: [ObjectIdentifier; 2] = [
    usage("1.3.6.1.5.5.7.3.1"), // serverAuth
    usage("1.3.6.1.5.5.7.3.2"), // clientAuth
];

/// The hosts whose certificates sign Azure's documents: the public cloud, the United States and China. Their
/// subdomains sign as well, one a region. A cloud that was closed, as that of Germany, has no host here: it makes
/// no documents, and a certificate for its host could one day belong to someone else.
const AZURE_HOSTS: [&str; 3] = ["metadata.azure.com", "metadata.azure.us", "metadata.azure.cn"];

/// Registered roots, and the time at which the path to one of them must be valid.
#[derive(Clone, Copy, Debug)]
pub struct Authorities<'a> {
    /// The roots.
    pub anchors: &'a [TrustAnchor],
    /// Registered certificates that help to find a path, beside those in the message; not trusted.
    pub intermediates: &'a [Certificate],
    /// The time of the check.
    pub time: UnixTime,
}

impl SignedMessage {
    /// The certificate in the message that it names as its signer's, and the others. Nothing is verified.
    ///
    /// Of two different certificates that both answer to the name, one would be judged and the other read.
    pub(super) fn embedded_signer(&self) -> Result<(Certificate, Vec<Certificate>), Refusal> {
        let embedded = self.certificates();
        if embedded.len() > limits::CERTIFICATES {
            return Err(Refusal::new(Code::CertificatesTooMany)
                .expected(format_args!("at most {}", limits::CERTIFICATES))
                .found(embedded.len()));
        }
        let identifier = &self.signer().identifier;
        let mut named: Option<Certificate> = None;
        let mut others = Vec::new();
        for der in embedded {
            let certificate = Certificate::from_der(der)?;
            if !identifier.names(&certificate) {
                others.push(certificate);
            } else if named.replace(certificate).is_some() {
                return Err(super::malformed("certificates").detail("two answer to the sid"));
            }
        }
        match named {
            Some(signer) => Ok((signer, others)),
            None => Err(Refusal::new(Code::CmsSignerUnknown)
                .detail("its certificate is not in the message")
                .found(identifier)),
        }
    }
}

impl Profile {
    /// Verifies the path of a signer to a registered root.
    pub(super) fn verify_chain(
        self,
        signer: &Certificate,
        embedded: &[Certificate],
        authorities: &Authorities<'_>,
        session: &Session<'_>,
    ) -> Result<VerifiedPath, Stop> {
        let key_use = KeyUse::Named(self.usages());
        let rules = PathRules::new(authorities.time, key_use, RevocationCheck::Off);
        let helpers = [embedded, authorities.intermediates].concat();
        let path = find_path(signer, &helpers, authorities.anchors, &rules, session)?;
        if self == Self::AzureAttested && !path.may_name_hosts() {
            return Err(Refusal::new(Code::CmsSignerName)
                .expected("authorities that may give names of hosts")
                .found(signer)
                .into());
        }
        Ok(path)
    }

    const fn usages(self) -> &'static [ObjectIdentifier] {
        match self {
            Self::AzureAttested => &HOST_USAGES,
            Self::Generic | Self::AmazonEc2 | Self::AlibabaEcs => &SIGNING_USAGES,
        }
    }

    /// Whether a certificate may be that of a signer of this profile, by its names.
    ///
    /// The authorities of Azure's signers issue certificates to anyone, so the root alone proves nothing.
    pub(super) fn check_name(self, signer: &Certificate) -> Result<(), Refusal> {
        if self != Self::AzureAttested {
            return Ok(());
        }
        match signer.host_names().any(is_azure_host) {
            true => Ok(()),
            false => Err(Refusal::new(Code::CmsSignerName)
                .expected("metadata.azure.com, or another host of Azure's metadata service")
                .found(signer)),
        }
    }
}

/// Whether a DNS name is one of the hosts or below one. Case means nothing in it (RFC 4343). A wildcard stands for one
/// label, so what it may stand for is below what follows it.
fn is_azure_host(name: &str) -> bool {
    let name = name.strip_prefix("*.").unwrap_or(name).to_ascii_lowercase();
    AZURE_HOSTS.iter().any(|host| {
        let above = name.strip_suffix(host);
        above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_azure() {
        for name in [
            "metadata.azure.com",
            "southcentralus.metadata.azure.com",
            "Metadata.Azure.US",
            "*.metadata.azure.com",
            "*.eastus.Metadata.azure.cn",
        ] {
            assert!(is_azure_host(name), "{name}");
        }
        for name in [
            "azure.com",
            "evilmetadata.azure.com",
            "metadata.azure.com.example",
            "metadata.azure.com.",
            "metadata.microsoftazure.de",
            "*.azure.com",
            "*.com",
            "*",
            "*metadata.azure.com",
            "*.*.metadata.azure.org",
            "",
            "azure.us",
        ] {
            assert!(!is_azure_host(name), "{name}");
        }
    }
}
