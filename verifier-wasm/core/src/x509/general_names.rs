//! GeneralNames (RFC 5280 section 4.2.1.6): the subject alternative names.

use super::fields::{Field, Fields, constructed, primitive};
use super::names::Name;
use crate::refusal::Refusal;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::IpAddr;
use der::Tag;

const OTHER_NAME: Tag = constructed(0);
const RFC822_NAME: Tag = primitive(1);
const DNS_NAME: Tag = primitive(2);
const X400_ADDRESS: Tag = constructed(3);
const DIRECTORY_NAME: Tag = constructed(4);
const EDI_PARTY_NAME: Tag = constructed(5);
const URI: Tag = primitive(6);
const IP_ADDRESS: Tag = primitive(7);
const REGISTERED_ID: Tag = primitive(8);

/// One alternative name. Text is ASCII; whether it is a good name of its kind is [`GeneralName::is_plain`].
#[derive(Clone, Debug)]
pub(super) enum GeneralName {
    Email(String),
    Dns(String),
    Uri(String),
    Ip(IpAddr),
    Directory(Name),
    /// otherName, x400Address, ediPartyName, registeredID: nothing here reads them.
    Other,
}

impl GeneralName {
    /// Reads a GeneralNames SEQUENCE, which has at least one element.
    pub(super) fn read_all(mut names: Fields<'_>, field: &str) -> Result<Vec<Self>, Refusal> {
        if names.is_empty() {
            return Err(names.wrong(field).expected("at least one name"));
        }
        let mut all = Vec::new();
        while !names.is_empty() {
            let name = names.any(field)?;
            all.push(Self::read(&names, &name, field)?);
        }
        Ok(all)
    }

    fn read(names: &Fields<'_>, name: &Field<'_>, field: &str) -> Result<Self, Refusal> {
        let text = || ascii(name.contents).ok_or_else(|| names.wrong(field).expected("ASCII text"));
        Ok(match name.tag {
            RFC822_NAME => Self::Email(text()?),
            DNS_NAME => Self::Dns(text()?),
            URI => Self::Uri(text()?),
            IP_ADDRESS => Self::Ip(
                ip_address(name.contents)
                    .ok_or_else(|| names.wrong(field).expected("an address of 4 or 16 octets"))?,
            ),
            DIRECTORY_NAME => {
                let mut inside = names.inside(name)?;
                let directory_name = Name::read(&mut inside, field)?;
                inside.finish(field)?;
                Self::Directory(directory_name)
            }
            OTHER_NAME | X400_ADDRESS | EDI_PARTY_NAME | REGISTERED_ID => Self::Other,
            unknown => return Err(names.wrong(field).found(unknown)),
        })
    }

    /// Whether it is a plain name of its kind, one that a condition may read: a host name without wildcard,
    /// an addr-spec, an absolute URI without `*`. A wildcard has no meaning in an identity.
    pub(super) fn is_plain(&self) -> bool {
        match self {
            Self::Dns(name) => name.split('.').all(is_dns_label),
            Self::Email(address) => match address.split_once('@') {
                Some((local, host)) => {
                    !local.is_empty()
                        && local.bytes().all(|b| b.is_ascii_graphic() && b != b'*' && b != b'@')
                        && host.split('.').all(is_dns_label)
                }
                None => false,
            },
            Self::Uri(uri) => match uri.split_once(':') {
                Some((scheme, rest)) => {
                    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
                        && !rest.is_empty()
                        && rest.bytes().all(|b| b.is_ascii_graphic() && b != b'*')
                }
                None => false,
            },
            Self::Ip(_) => true,
            Self::Directory(_) | Self::Other => false,
        }
    }
}

/// A label of a host name; `_` because service names have it (RFC 2782).
fn is_dns_label(label: &str) -> bool {
    !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// IA5String is ASCII; octets above it are not text that anybody agrees on.
fn ascii(octets: &[u8]) -> Option<String> {
    octets.is_ascii().then(|| octets.iter().copied().map(char::from).collect())
}

fn ip_address(octets: &[u8]) -> Option<IpAddr> {
    if let Ok(octets) = <[u8; 4]>::try_from(octets) {
        return Some(IpAddr::from(octets));
    }
    <[u8; 16]>::try_from(octets).ok().map(IpAddr::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_have_no_wildcards_and_no_surprises() {
        let check = |name: GeneralName, plain: bool| assert_eq!(name.is_plain(), plain, "{name:?}");
        let dns = |text: &str| GeneralName::Dns(text.into());
        let uri = |text: &str| GeneralName::Uri(text.into());
        let email = |text: &str| GeneralName::Email(text.into());

        check(dns("a.example.com"), true);
        check(dns("_svc.example"), true);
        check(dns("*.example.com"), false);
        check(dns("a.example.com."), false);
        check(dns(".example.com"), false);
        check(dns("a.example.com\0.evil.example"), false);
        check(dns("a b"), false);
        check(dns(""), false);

        check(uri("spiffe://td/ns/a"), true);
        check(uri("urn:uuid:1"), true);
        check(uri("spiffe://td/*"), false);
        check(uri("spiffe://td/a b"), false);
        check(uri("//td/a"), false);
        check(uri("1x:y"), false);
        check(uri("spiffe:"), false);

        check(email("a@example.com"), true);
        check(email("*@example.com"), false);
        check(email("a@*.example.com"), false);
        check(email("a@b@example.com"), false);
        check(email("a@"), false);
        check(email("example.com"), false);
    }
}
