//! GeneralNames (RFC 5280 section 4.2.1.6): the subject alternative names.

use super::fields::{Field, Fields, constructed, primitive};
use super::names::Name;
use crate::refusal::Refusal;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
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
    /// A name of a kind that nothing here reads.
    Other(Kind),
}

/// The kinds of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Other,
    Email,
    Dns,
    X400,
    Directory,
    EdiParty,
    Uri,
    Ip,
    RegisteredId,
}

impl Kind {
    pub(super) const fn of(tag: Tag) -> Option<Self> {
        Some(match tag {
            OTHER_NAME => Self::Other,
            RFC822_NAME => Self::Email,
            DNS_NAME => Self::Dns,
            X400_ADDRESS => Self::X400,
            DIRECTORY_NAME => Self::Directory,
            EDI_PARTY_NAME => Self::EdiParty,
            URI => Self::Uri,
            IP_ADDRESS => Self::Ip,
            REGISTERED_ID => Self::RegisteredId,
            _ => return None,
        })
    }
}

impl fmt::Display for Kind {
    /// As RFC 5280 calls it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Other => "otherName",
            Self::Email => "rfc822Name",
            Self::Dns => "dNSName",
            Self::X400 => "x400Address",
            Self::Directory => "directoryName",
            Self::EdiParty => "ediPartyName",
            Self::Uri => "uniformResourceIdentifier",
            Self::Ip => "iPAddress",
            Self::RegisteredId => "registeredID",
        })
    }
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
        let kind = Kind::of(name.tag).ok_or_else(|| names.wrong(field).found(name.tag))?;
        Ok(match kind {
            Kind::Email => Self::Email(text()?),
            Kind::Dns => Self::Dns(text()?),
            Kind::Uri => Self::Uri(text()?),
            Kind::Ip => Self::Ip(
                ip_address(name.contents)
                    .ok_or_else(|| names.wrong(field).expected("an address of 4 or 16 bytes"))?,
            ),
            Kind::Directory => Self::Directory(directory_name(names, name, field)?),
            Kind::Other | Kind::X400 | Kind::EdiParty | Kind::RegisteredId => Self::Other(kind),
        })
    }

    pub(super) const fn kind(&self) -> Kind {
        match self {
            Self::Email(_) => Kind::Email,
            Self::Dns(_) => Kind::Dns,
            Self::Uri(_) => Kind::Uri,
            Self::Ip(_) => Kind::Ip,
            Self::Directory(_) => Kind::Directory,
            Self::Other(kind) => *kind,
        }
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
            Self::Directory(_) | Self::Other(_) => false,
        }
    }
}

/// Whether `name` is a host name, or one of a wildcard label in front of it (RFC 6125 section 6.4.3).
pub(super) fn is_host_name(name: &str) -> bool {
    name.strip_prefix("*.").unwrap_or(name).split('.').all(is_dns_label)
}

/// The Name inside `name`, a directoryName: the tag is explicit, because Name is a CHOICE.
pub(super) fn directory_name(
    names: &Fields<'_>,
    name: &Field<'_>,
    field: &str,
) -> Result<Name, Refusal> {
    let mut inside = names.inside(name)?;
    let directory_name = Name::read(&mut inside, field)?;
    inside.finish(field)?;
    Ok(directory_name)
}

/// A label of a host name; `_` because service names have it (RFC 2782).
pub(super) fn is_dns_label(label: &str) -> bool {
    !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// IA5String is ASCII; bytes above it are not text that anybody agrees on.
fn ascii(bytes: &[u8]) -> Option<String> {
    bytes.is_ascii().then(|| bytes.iter().copied().map(char::from).collect())
}

/// An address of version 4 or 6, by the number of bytes.
pub(super) fn ip_address(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(bytes) = <[u8; 4]>::try_from(bytes) {
        return Some(IpAddr::from(bytes));
    }
    <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from)
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
