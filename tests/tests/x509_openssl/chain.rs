//! Chains of one to four certificates below a root, with properties at random.

use crate::certificate::{self, Ca, When};
use proptest::collection::vec;
use proptest::prelude::*;
use rcgen::string::BmpString;
use rcgen::{
    CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue,
    ExtendedKeyUsagePurpose, GeneralSubtree, Issuer, KeyPair, KeyUsagePurpose, SanType,
    SerialNumber,
};
use std::sync::LazyLock;

static KEYS: LazyLock<Vec<KeyPair>> = LazyLock::new(|| {
    certificate::keys(&[
        &rcgen::PKCS_ECDSA_P256_SHA256,
        &rcgen::PKCS_ECDSA_P384_SHA384,
        &rcgen::PKCS_ED25519,
    ])
});

/// How a certificate spells the name of its issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    AsCertified,
    Capitals,
    /// As a BMPString.
    Wide,
    /// Another name.
    Wrong,
}

/// Which key identifier of its issuer it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    Right,
    Absent,
    Wrong,
}

/// One certificate.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) ca: Ca,
    pub(crate) key_usages: Vec<KeyUsagePurpose>,
    pub(crate) extended_key_usages: Vec<ExtendedKeyUsagePurpose>,
    pub(crate) when: When,
    pub(crate) dns: Vec<&'static str>,
    pub(crate) email: Option<&'static str>,
    pub(crate) uri: Option<&'static str>,
    pub(crate) permitted: Vec<&'static str>,
    pub(crate) excluded: Vec<&'static str>,
    pub(crate) permitted_email: Option<&'static str>,
    pub(crate) spelling: Spelling,
    pub(crate) hint: Hint,
    pub(crate) serial: &'static [u8],
    pub(crate) has_subject: bool,
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
    let names = names(is_authority);
    let forged = prop::bool::weighted(0.02);
    let form = (spelling(), hint(), serial(), prop::bool::weighted(0.95), forged);
    (ca(is_authority), usages(is_authority), when(), names, form, 0..6_usize).prop_map(
        move |(ca, (key_usages, extended_key_usages), when, names, form, key)| {
            let (dns, email, uri, permitted, excluded, permitted_email) = names;
            let (spelling, hint, serial, has_subject, forged) = form;
            let has_subject = has_subject || is_authority;
            Link {
                ca,
                key_usages,
                extended_key_usages,
                when,
                dns,
                email,
                uri,
                permitted,
                excluded,
                permitted_email,
                spelling,
                hint,
                serial,
                has_subject,
                forged,
                key,
            }
        },
    )
}

fn ca(is_authority: bool) -> BoxedStrategy<Ca> {
    match is_authority {
        true => prop_oneof![
            40 => Just(Ca::Yes),
            6 => (0..4_u8).prop_map(Ca::PathLength),
            1 => Just(Ca::No),
            1 => Just(Ca::Silent),
        ]
        .boxed(),
        false => prop_oneof![6 => Just(Ca::Silent), 12 => Just(Ca::No), 1 => Just(Ca::Yes)].boxed(),
    }
}

fn usages(
    is_authority: bool,
) -> impl Strategy<Value = (Vec<KeyUsagePurpose>, Vec<ExtendedKeyUsagePurpose>)> {
    use ExtendedKeyUsagePurpose as Use;
    use KeyUsagePurpose as Usage;
    let sign = if is_authority { Usage::KeyCertSign } else { Usage::DigitalSignature };
    let key_usages = prop_oneof![
        60 => Just(vec![sign, Usage::CrlSign]),
        2 => Just(vec![]),
        1 => Just(vec![Usage::CrlSign]),
        1 => Just(vec![Usage::DigitalSignature, Usage::KeyCertSign]),
        1 => Just(vec![Usage::KeyEncipherment]),
        1 => Just(vec![Usage::KeyAgreement]),
    ];
    let extended_key_usages = prop_oneof![
        40 => Just(vec![]),
        12 => Just(vec![Use::ClientAuth]),
        4 => Just(vec![Use::ServerAuth, Use::ClientAuth]),
        1 => Just(vec![Use::ServerAuth]),
        1 => Just(vec![Use::Any]),
    ];
    (key_usages, extended_key_usages)
}

fn when() -> impl Strategy<Value = When> {
    prop_oneof![80 => Just(When::Now), 1 => Just(When::Past), 1 => Just(When::Future)]
}

type Names = (
    Vec<&'static str>,
    Option<&'static str>,
    Option<&'static str>,
    Vec<&'static str>,
    Vec<&'static str>,
    Option<&'static str>,
);

fn names(is_authority: bool) -> BoxedStrategy<Names> {
    let host = prop_oneof![
        4 => Just("a.example.com"), 2 => Just("example.com"), 1 => Just("b.example.com"),
        1 => Just("aexample.com"), 1 => Just("example.org"), 1 => Just("*.example.com"),
    ];
    let email = prop_oneof![
        4 => Just(None), 1 => Just(Some("a@example.com")), 1 => Just(Some("a@b.example.com")),
    ];
    let uri = prop_oneof![3 => Just(None), 1 => Just(Some("https://a.example.com/x"))];
    if !is_authority {
        let nothing = (Just(vec![]), Just(vec![]), Just(None));
        return (vec(host, 0..3), email, uri, nothing)
            .prop_map(|(dns, email, uri, (permitted, excluded, permitted_email))| {
                (dns, email, uri, permitted, excluded, permitted_email)
            })
            .boxed();
    }
    let subtree = || {
        prop_oneof![
            3 => Just("example.com"), 1 => Just("a.example.com"), 1 => Just("org"), 1 => Just(""),
            1 => Just(".example.com"),
        ]
    };
    let subtrees = move || prop_oneof![12 => Just(vec![]), 1 => vec(subtree(), 1..3)];
    let permitted_email = prop_oneof![
        24 => Just(None), 1 => Just(Some("example.com")), 1 => Just(Some(".example.com")),
        1 => Just(Some("a@example.com")),
    ];
    (subtrees(), subtrees(), permitted_email)
        .prop_map(|(permitted, excluded, email)| (vec![], None, None, permitted, excluded, email))
        .boxed()
}

fn spelling() -> impl Strategy<Value = Spelling> {
    prop_oneof![
        40 => Just(Spelling::AsCertified), 4 => Just(Spelling::Capitals), 4 => Just(Spelling::Wide),
        1 => Just(Spelling::Wrong),
    ]
}

fn hint() -> impl Strategy<Value = Hint> {
    prop_oneof![40 => Just(Hint::Right), 1 => Just(Hint::Absent), 1 => Just(Hint::Wrong)]
}

fn serial() -> impl Strategy<Value = &'static [u8]> {
    prop_oneof![
        40 => Just(&[7_u8][..]), 1 => Just(&[0_u8][..]), 2 => Just(&[0x80_u8; 20][..]),
    ]
}

impl Chain {
    pub(crate) fn leaf(&self) -> &Link {
        &self.links[0]
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
            let mut issuer_params = params(above, issuer);
            // The root names itself as it is named.
            if level != issuer {
                issuer_params.distinguished_name = spelled(issuer, link.spelling);
            }
            // The identifier of the key that should have signed, whichever did.
            let method = rcgen::KeyIdMethod::PreSpecified(identifier(above.key));
            issuer_params.key_identifier_method = method;
            let issuer = Issuer::from_params(&issuer_params, &KEYS[signer]);
            let certificate = params(link, level).signed_by(&KEYS[link.key], &issuer);
            certificates.push(certificate.expect("a certificate").der().to_vec());
        }
        let root = certificates.pop().expect("a root");
        let leaf = certificates.remove(0);
        (leaf, certificates, root)
    }
}

/// The key identifier of a key.
fn identifier(key: usize) -> Vec<u8> {
    vec![0x1d, u8::try_from(key).expect("a small number")]
}

/// The name of a level in a spelling.
fn spelled(level: usize, spelling: Spelling) -> DistinguishedName {
    let name = format!("level {level}");
    let value = match spelling {
        Spelling::AsCertified => DnValue::from(name),
        Spelling::Capitals => DnValue::from(name.to_uppercase()),
        Spelling::Wide => DnValue::BmpString(BmpString::try_from(name.as_str()).expect("text")),
        Spelling::Wrong => DnValue::from(format!("{name} or another")),
    };
    let mut spelled = DistinguishedName::new();
    spelled.push(DnType::CommonName, value);
    spelled
}

/// The certificate of a level; its name is the level's.
fn params(link: &Link, level: usize) -> CertificateParams {
    let (usages, extended) = (&link.key_usages, &link.extended_key_usages);
    let mut params = certificate::params(link.ca, link.when, usages, extended);
    params.distinguished_name = match link.has_subject {
        true => spelled(level, Spelling::AsCertified),
        false => DistinguishedName::new(),
    };
    params.serial_number = Some(SerialNumber::from_slice(link.serial));
    let text = |text: &str| text.try_into().expect("ASCII");
    let dns = link.dns.iter().map(|name| SanType::DnsName(text(name)));
    let email = link.email.map(|name| SanType::Rfc822Name(text(name)));
    let uri = link.uri.map(|name| SanType::URI(text(name)));
    params.subject_alt_names = dns.chain(email).chain(uri).collect();
    let email = link.permitted_email.map(|text| GeneralSubtree::Rfc822Name(text.to_owned()));
    params.name_constraints = certificate::constraints(&link.permitted, &link.excluded, email);
    params.key_identifier_method = rcgen::KeyIdMethod::PreSpecified(identifier(link.key));
    match link.hint {
        Hint::Right => params.use_authority_key_identifier_extension = true,
        Hint::Absent => {}
        Hint::Wrong => {
            let other = vec![0x30, 4, 0x80, 2, 0x1d, 0x77];
            params.custom_extensions =
                vec![CustomExtension::from_oid_content(&[2, 5, 29, 35], other)];
        }
    }
    params
}
