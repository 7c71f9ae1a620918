//! Chains of one to four certificates below a root, with properties at random.

use crate::certificate::{self, Ca, When};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use rcgen::{
    CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, Issuer,
    KeyPair, KeyUsagePurpose, SanType,
};
use std::net::IpAddr;
use std::sync::LazyLock;

static KEYS: LazyLock<Vec<KeyPair>> = LazyLock::new(|| {
    certificate::keys(&[
        &rcgen::PKCS_ECDSA_P256_SHA256,
        &rcgen::PKCS_ECDSA_P384_SHA384,
        &rcgen::PKCS_ED25519,
        &rcgen::PKCS_RSA_SHA256,
    ])
});

/// One certificate.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) ca: Ca,
    pub(crate) key_usages: Vec<KeyUsagePurpose>,
    pub(crate) extended_key_usages: Vec<ExtendedKeyUsagePurpose>,
    pub(crate) when: When,
    pub(crate) dns: Vec<&'static str>,
    pub(crate) ip: Option<IpAddr>,
    pub(crate) permitted: Vec<&'static str>,
    pub(crate) excluded: Vec<&'static str>,
    pub(crate) permitted_network: Option<([u8; 4], u8)>,
    /// Whether the signature is another key's.
    pub(crate) forged: bool,
    key: usize,
}

/// The leaf first, the root last.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(crate) links: Vec<Link>,
}

/// Chains that are mostly good: one with many faults would tell of the first alone.
pub(crate) fn chains() -> impl Strategy<Value = Chain> {
    let authorities = vec(link(true), 1..=4);
    (link(false), authorities)
        .prop_map(|(leaf, authorities)| Chain { links: [vec![leaf], authorities].concat() })
}

fn link(is_authority: bool) -> impl Strategy<Value = Link> {
    use ExtendedKeyUsagePurpose as Use;
    use KeyUsagePurpose as Usage;
    let ca = match is_authority {
        true => prop_oneof![
            20 => Just(Ca::Yes),
            6 => (0..3_u8).prop_map(Ca::PathLength),
            1 => Just(Ca::No),
            1 => Just(Ca::Silent),
        ]
        .boxed(),
        false => prop_oneof![12 => Just(Ca::Silent), 6 => Just(Ca::No), 1 => Just(Ca::Yes)].boxed(),
    };
    let sign = if is_authority { Usage::KeyCertSign } else { Usage::DigitalSignature };
    let key_usages = prop_oneof![
        12 => Just(vec![sign, Usage::CrlSign]),
        4 => Just(vec![]),
        1 => Just(vec![Usage::CrlSign]),
        1 => Just(vec![Usage::DigitalSignature, Usage::KeyCertSign]),
    ];
    let extended_key_usages = prop_oneof![
        12 => Just(vec![]),
        6 => Just(vec![Use::ClientAuth]),
        2 => Just(vec![Use::ServerAuth, Use::ClientAuth]),
        1 => Just(vec![Use::ServerAuth]),
        1 => Just(vec![Use::Any]),
    ];
    let when = prop_oneof![24 => Just(When::Now), 1 => Just(When::Past), 1 => Just(When::Future)];
    let text = || {
        prop_oneof![
            4 => Just("a.example.com"), 2 => Just("example.com"), 1 => Just("b.example.com"),
            1 => Just("aexample.com"), 1 => Just("example.org"), 1 => Just("*.example.com"),
        ]
    };
    let dns = if is_authority { vec(text(), 0..=0).boxed() } else { vec(text(), 0..3).boxed() };
    let ip = prop_oneof![
        3 => Just(None),
        1 => Just(Some(IpAddr::from([192, 0, 2, 1]))),
        1 => Just(Some(IpAddr::from([198, 51, 100, 1]))),
        1 => Just(Some(IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]))),
    ];
    let ip = if is_authority { Just(None).boxed() } else { ip.boxed() };
    let subtree = || prop_oneof![Just("example.com"), Just("a.example.com"), Just("org"), Just("")];
    let subtrees = move || prop_oneof![8 => Just(vec![]), 1 => vec(subtree(), 1..3)];
    let (permitted, excluded) = match is_authority {
        true => (subtrees().boxed(), subtrees().boxed()),
        false => (Just(vec![]).boxed(), Just(vec![]).boxed()),
    };
    let network = prop_oneof![Just(([192, 0, 2, 0], 24)), Just(([0, 0, 0, 0], 0))];
    let network = match is_authority {
        true => option::weighted(0.08, network).boxed(),
        false => Just(None).boxed(),
    };
    let forged = prop::bool::weighted(0.03);
    let names = (dns, ip, permitted, excluded, network);
    (ca, key_usages, extended_key_usages, when, names, forged, 0..8_usize).prop_map(
        |(ca, key_usages, extended_key_usages, when, names, forged, key)| {
            let (dns, ip, permitted, excluded, permitted_network) = names;
            Link {
                ca,
                key_usages,
                extended_key_usages,
                when,
                dns,
                ip,
                permitted,
                excluded,
                permitted_network,
                forged,
                key,
            }
        },
    )
}

impl Chain {
    pub(crate) fn leaf(&self) -> &Link {
        &self.links[0]
    }

    pub(crate) fn root(&self) -> &Link {
        self.links.last().expect("a root")
    }

    pub(crate) fn authorities(&self) -> &[Link] {
        &self.links[1..]
    }

    /// Leaf, intermediates and root in DER.
    pub(crate) fn issue(&self) -> (Vec<u8>, Vec<Vec<u8>>, Vec<u8>) {
        let mut certificates: Vec<Vec<u8>> = Vec::new();
        for (level, link) in self.links.iter().enumerate() {
            let above = self.links.get(level + 1).unwrap_or(link);
            let issuer = (level + 1).min(self.links.len() - 1);
            let signer = if link.forged { above.key ^ 1 } else { above.key };
            let issuer_params = params(above, issuer);
            let issuer = Issuer::from_params(&issuer_params, &KEYS[signer]);
            let certificate = params(link, level).signed_by(&KEYS[link.key], &issuer);
            certificates.push(certificate.expect("a certificate").der().to_vec());
        }
        let root = certificates.pop().expect("a root");
        let leaf = certificates.remove(0);
        (leaf, certificates, root)
    }
}

/// The certificate of a level; its name is the level's.
fn params(link: &Link, level: usize) -> CertificateParams {
    let (usages, extended) = (&link.key_usages, &link.extended_key_usages);
    let mut params = certificate::params(link.ca, link.when, usages, extended);
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, format!("level {level}"));
    let dns = link.dns.iter().map(|text| SanType::DnsName((*text).try_into().expect("ASCII")));
    params.subject_alt_names = dns.chain(link.ip.map(SanType::IpAddress)).collect();
    let network = link.permitted_network.map(|(address, prefix)| {
        GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix(address, prefix))
    });
    params.name_constraints = certificate::constraints(&link.permitted, &link.excluded, network);
    params
}
