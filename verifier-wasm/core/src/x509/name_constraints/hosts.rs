//! Host names, and what contains them: alone, in mailboxes, in URIs. Everything here is read whole or not at
//! all, so that no two readers can see different hosts.

use crate::x509::general_names::is_dns_label;
use alloc::string::String;
use core::fmt;

/// A dNSName in small letters, without the dot of the root.
pub(super) struct DnsName {
    /// Whether the first label is a wildcard: `host` is what follows it.
    wildcard: bool,
    host: String,
}

impl DnsName {
    pub(super) fn read(text: &str) -> Option<Self> {
        let (wildcard, rest) = match text.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        Some(Self { wildcard, host: labels(without_root(rest))? })
    }

    /// Whether every host that the name stands for is below `base`, as a permission means it.
    pub(super) fn is_below(&self, base: &DnsBase) -> bool {
        match base.with_itself || self.wildcard {
            true => is_below(&self.host, &base.host),
            false => is_subdomain(&self.host, &base.host),
        }
    }

    /// Whether some host that the name may stand for is below `base` or is it, as an exclusion means it: a wildcard is
    /// one label.
    pub(super) fn may_be_below(&self, base: &DnsBase) -> bool {
        let base = &*base.host;
        let parent = base.split_once('.').map(|(_, parent)| parent);
        is_below(&self.host, base) || (self.wildcard && parent == Some(&*self.host))
    }
}

/// The base of a dNSName constraint.
#[derive(Clone, Debug)]
pub(super) struct DnsBase {
    /// A host name in small letters; empty for all.
    host: String,
    /// Whether the name itself is permitted, not only what is below it.
    with_itself: bool,
}

impl DnsBase {
    /// A host name, or nothing for all. RFC 5280 section 4.2.1.10 has no dot in front for DNS names; authorities write it
    /// for the subdomains alone, as for the hosts of URIs. A permission means no more than that, and an exclusion
    /// spares the name itself no more than without the dot. A wildcard has no meaning here.
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self { host: String::new(), with_itself: true });
        }
        let (host, with_itself) = match text.strip_prefix('.') {
            Some(domain) => (domain, false),
            None => (text, true),
        };
        Some(Self { host: labels(without_root(host))?, with_itself })
    }
}

impl fmt::Display for DnsBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dot = if self.with_itself { "" } else { "." };
        write!(f, "{dot}{}", self.host)
    }
}

/// The name itself, or labels in front of it.
fn is_below(host: &str, base: &str) -> bool {
    base.is_empty() || host == base || is_subdomain(host, base)
}

/// One label or more in front of `domain`.
fn is_subdomain(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|front| front.ends_with('.'))
}

/// `a.example.` is `a.example`: the dot stands for the root of all names.
fn without_root(text: &str) -> &str {
    text.strip_suffix('.').unwrap_or(text)
}

/// The host name in small letters when it consists of labels.
fn labels(text: &str) -> Option<String> {
    text.split('.').all(is_dns_label).then(|| text.to_ascii_lowercase())
}

/// As [`labels`], and nobody takes it for an address: `127.1` and `0x7f.1` are addresses for some.
fn host(text: &str) -> Option<String> {
    let last = text.rsplit('.').next()?;
    if last.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    labels(text)
}

/// A mailbox whose local part is plain, because a quoted one has several spellings, at a host with a name, for
/// the same reason.
pub(super) struct Mailbox<'a> {
    local: &'a str,
    host: String,
}

impl<'a> Mailbox<'a> {
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let (local, at) = text.split_once('@')?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
        let plain = !local.is_empty() && local.bytes().all(plain);
        Some(Self { local: plain.then_some(local)?, host: host(at)? })
    }
}

/// The base of an rfc822Name constraint.
#[derive(Clone, Debug)]
pub(super) enum MailboxBase {
    /// The local part as it is written, and the host.
    Mailbox(String, String),
    Hosts(HostBase),
}

impl MailboxBase {
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.contains('@') {
            return Mailbox::read(text).map(|own| Self::Mailbox(own.local.into(), own.host));
        }
        HostBase::read(text).map(Self::Hosts)
    }

    /// Whether the mailbox is below; `same_local` compares local parts.
    pub(super) fn contains(
        &self,
        mailbox: &Mailbox<'_>,
        same_local: impl FnOnce(&str, &str) -> bool,
    ) -> bool {
        match self {
            Self::Mailbox(local, host) => *host == mailbox.host && same_local(local, mailbox.local),
            Self::Hosts(base) => base.contains(&mailbox.host),
        }
    }
}

/// The base of a URI constraint, and of one on mailboxes of any name.
#[derive(Clone, Debug)]
pub(super) enum HostBase {
    Host(String),
    /// Hosts below this domain.
    Domain(String),
}

impl HostBase {
    pub(super) fn read(text: &str) -> Option<Self> {
        match text.strip_prefix('.') {
            Some(domain) => host(domain).map(Self::Domain),
            None => host(text).map(Self::Host),
        }
    }

    pub(super) fn contains(&self, host: &str) -> bool {
        match self {
            Self::Host(own) => own == host,
            Self::Domain(domain) => is_subdomain(host, domain),
        }
    }
}

impl fmt::Display for MailboxBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mailbox(local, host) => write!(f, "{local}@{host}"),
            Self::Hosts(base) => write!(f, "{base}"),
        }
    }
}

impl fmt::Display for HostBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(own) => f.write_str(own),
            Self::Domain(domain) => write!(f, ".{domain}"),
        }
    }
}

/// The host name of an absolute URI (RFC 3986 section 3.2), in small letters. `None` without one, with an
/// address in its place, and for every URI in which two readers could see different hosts: escapes and
/// backslashes in the authority, two `@`.
pub(super) fn uri_host(text: &str) -> Option<String> {
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        return None;
    }
    let (scheme, rest) = text.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let rest = rest.strip_prefix("//").filter(|_| is_scheme)?;
    let authority = rest.split(['/', '?', '#']).next()?;
    if authority.contains(['%', '\\']) {
        return None;
    }
    let after_user = match authority.split_once('@') {
        Some((_, rest)) => rest,
        None => authority,
    };
    let name = match after_user.split_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        Some(_) => return None,
        None => after_user,
    };
    host(without_root(name))
}
