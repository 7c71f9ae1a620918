//! Name constraints (RFC 5280 section 4.2.1.10): which names the certificates below an authority may have.
//!
//! | base | what is below it |
//! |---|---|
//! | dNSName `example.com` | the name itself and every name that ends in `.example.com` |
//! | dNSName `.example.com` | every name that ends in `.example.com`; where it is excluded, the name itself too |
//! | rfc822Name `a@example.com` | this mailbox |
//! | rfc822Name `example.com` | every mailbox on this host |
//! | rfc822Name `.example.com` | every mailbox on hosts below this domain |
//! | URI `example.com`, `.example.com` | every URI with this host; with hosts below this domain |
//! | iPAddress | the addresses of one range, of its own version |
//! | directoryName | names that begin with the same relative names |
//!
//! An empty dNSName is the base of all. A base of another kind (otherName, x400Address, ediPartyName,
//! registeredID), and text that is none of the above, such as `*.example.com`, cannot be judged: no certificate
//! below may have a name of that kind at all.
//!
//! The other way round, a name that is not clearly what its kind demands is below no base of a permission, and
//! may be below any base of an exclusion.

mod hosts;

use super::fields::{Fields, constructed, primitive};
use super::general_names::{GeneralName, Kind, directory_name};
use super::names::{Likeness, Name};
use crate::limits;
use crate::refusal::{Code, Refusal};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::net::IpAddr;
use der::Tag;
use hosts::{DnsBase, DnsName, HostBase, Mailbox, MailboxBase, uri_host};

/// What one authority says about names below it.
#[derive(Clone, Debug)]
pub(super) struct NameConstraints {
    permitted: Vec<Base>,
    excluded: Vec<Base>,
}

/// The top of a subtree of names.
#[derive(Clone, Debug)]
enum Base {
    Email(MailboxBase),
    Dns(DnsBase),
    Uri(HostBase),
    Ip(IpRange),
    Directory(Name),
    /// A name of this kind that cannot be judged.
    Unusable(Kind),
}

/// An address and the mask that says which of its bits count, both of one version.
#[derive(Clone, Copy, Debug)]
struct IpRange {
    address: IpAddr,
    mask: IpAddr,
}

/// A name that a certificate has.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bearer<'a> {
    /// The subject.
    Subject(&'a Name),
    /// The emailAddress of the subject; `None` when it is not text. It is compared as the directory does:
    /// an exclusion ignores capitals in the local part too.
    SubjectEmail(Option<&'a str>),
    /// An alternative name.
    Alternative(&'a GeneralName),
}

/// Why a name may not be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Violation {
    NotPermitted,
    Excluded,
    /// A constraint, or the name, is of a kind or form that cannot be judged.
    NotJudged,
}

impl NameConstraints {
    /// Reads a NameConstraints SEQUENCE.
    ///
    /// The minimum and the maximum of a subtree have no meaning here: a subtree is its base alone. DER does not write a
    /// minimum of zero, which is the default (X.690 section 11.5); authorities exist that do, and it says the same.
    pub(super) fn read(value: &[u8]) -> Result<Self, Refusal> {
        let name = "nameConstraints";
        let mut fields = Fields::of_sequence(value, name, Code::CertificateExtensionInvalid)?;
        if fields.is_empty() {
            return Err(fields.wrong(name).expected("permitted or excluded subtrees"));
        }
        let mut read = |number| match fields.take_if(constructed(number), name)? {
            Some(list) => subtrees(fields.inside(&list)?),
            None => Ok(Vec::new()),
        };
        let constraints = Self { permitted: read(0)?, excluded: read(1)? };
        fields.finish(name)?;
        let count = constraints.permitted.len().saturating_add(constraints.excluded.len());
        if count > limits::NAME_CONSTRAINTS {
            return Err(Refusal::new(Code::CertificateExtensionsTooMany)
                .detail(name)
                .expected(limits::NAME_CONSTRAINTS)
                .found(count));
        }
        Ok(constraints)
    }

    /// What is permitted and what is excluded, for people.
    pub(super) fn texts(&self) -> (Vec<String>, Vec<String>) {
        let texts = |bases: &[Base]| bases.iter().map(Base::text).collect();
        (texts(&self.permitted), texts(&self.excluded))
    }

    /// Whether they say which names of `kind` there may be. An exclusion does not: it leaves all others.
    pub(super) fn permit(&self, kind: Kind) -> bool {
        self.permitted.iter().any(|base| base.kind() == kind)
    }

    /// Whether they say of any kind which names there may be.
    pub(super) const fn permit_any(&self) -> bool {
        !self.permitted.is_empty()
    }

    /// Whether they are about names of any other kind.
    pub(super) fn are_about_other_names(&self) -> bool {
        self.bases().any(|base| base.kind() != Kind::Directory)
    }

    /// How many comparisons [`NameConstraints::judge`] may make.
    pub(super) fn comparisons(&self, bearer: Bearer<'_>) -> usize {
        self.bases().filter(|base| base.kind() == bearer.kind()).count()
    }

    /// Whether a certificate below may have this name: below one of the permitted bases of its kind, when
    /// there are any, and below no excluded one.
    pub(super) fn judge(&self, bearer: Bearer<'_>) -> Result<(), Violation> {
        let of_kind = |list: &'_ [Base]| list.iter().any(|base| base.kind() == bearer.kind());
        let unusable = |base: &Base| matches!(base, Base::Unusable(kind) if *kind == bearer.kind());
        if self.bases().any(unusable) {
            return Err(Violation::NotJudged);
        }
        let (mut below, mut unsure) = (false, false);
        for base in self.excluded.iter().filter(|base| base.kind() == bearer.kind()) {
            match base.excludes(bearer) {
                Likeness::Same => return Err(Violation::Excluded),
                Likeness::Unsure => unsure = true,
                Likeness::Different => {}
            }
        }
        if unsure {
            return Err(Violation::NotJudged);
        }
        for base in self.permitted.iter().filter(|base| base.kind() == bearer.kind()) {
            below |= base.permits(bearer);
        }
        if of_kind(&self.permitted) && !below { Err(Violation::NotPermitted) } else { Ok(()) }
    }

    fn bases(&self) -> impl Iterator<Item = &Base> {
        self.permitted.iter().chain(&self.excluded)
    }
}

/// Reads GeneralSubtrees, of which there is at least one.
fn subtrees(mut list: Fields<'_>) -> Result<Vec<Base>, Refusal> {
    let name = "nameConstraints";
    if list.is_empty() {
        return Err(list.wrong(name).expected("at least one subtree"));
    }
    let mut bases = Vec::new();
    while !list.is_empty() {
        let subtree = list.take(Tag::Sequence, name)?;
        let mut subtree = list.inside(&subtree)?;
        bases.push(Base::read(&mut subtree)?);
        let minimum = subtree.take_if(primitive(0), name)?;
        if !subtree.is_empty() || minimum.is_some_and(|minimum| minimum.contents != [0]) {
            return Err(subtree.wrong(name).expected("a base with the minimum 0 and no maximum"));
        }
    }
    Ok(bases)
}

impl Base {
    fn read(subtree: &mut Fields<'_>) -> Result<Self, Refusal> {
        let name = "nameConstraints";
        let base = subtree.any(name)?;
        let Some(kind) = Kind::of(base.tag) else {
            return Err(subtree.wrong(name).found(base.tag));
        };
        // Text outside ASCII is no base of anything.
        let text = core::str::from_utf8(base.contents).ok().filter(|text| text.is_ascii());
        let read = match kind {
            Kind::Email => text.and_then(MailboxBase::read).map(Self::Email),
            Kind::Dns => text.and_then(DnsBase::read).map(Self::Dns),
            Kind::Uri => text.and_then(HostBase::read).map(Self::Uri),
            Kind::Directory => Some(Self::Directory(directory_name(subtree, &base, name)?)),
            Kind::Ip => {
                let range = IpRange::read(base.contents).ok_or_else(|| {
                    subtree.wrong(name).expected("an address and a mask without gaps")
                })?;
                Some(Self::Ip(range))
            }
            Kind::Other | Kind::X400 | Kind::EdiParty | Kind::RegisteredId => None,
        };
        Ok(read.unwrap_or(Self::Unusable(kind)))
    }

    const fn kind(&self) -> Kind {
        match self {
            Self::Email(_) => Kind::Email,
            Self::Dns(_) => Kind::Dns,
            Self::Uri(_) => Kind::Uri,
            Self::Ip(_) => Kind::Ip,
            Self::Directory(_) => Kind::Directory,
            Self::Unusable(kind) => *kind,
        }
    }

    /// Whether every reading of the name is below this base.
    fn permits(&self, bearer: Bearer<'_>) -> bool {
        match (self, bearer) {
            (Self::Directory(base), Bearer::Subject(name)) => name.below(base) == Likeness::Same,
            (Self::Email(base), Bearer::SubjectEmail(Some(text))) => permits_email(base, text),
            (Self::Directory(base), Bearer::Alternative(GeneralName::Directory(name))) => {
                name.below(base) == Likeness::Same
            }
            (Self::Email(base), Bearer::Alternative(GeneralName::Email(text))) => {
                permits_email(base, text)
            }
            (Self::Dns(base), Bearer::Alternative(GeneralName::Dns(text))) => {
                DnsName::read(text).is_some_and(|name| name.is_below(base))
            }
            (Self::Uri(base), Bearer::Alternative(GeneralName::Uri(text))) => {
                uri_host(text).is_some_and(|host| base.contains(&host))
            }
            (Self::Ip(range), Bearer::Alternative(GeneralName::Ip(address))) => {
                range.contains(*address)
            }
            _ => false,
        }
    }

    /// Whether the name is below this base, [`Likeness::Unsure`] when it cannot be read.
    fn excludes(&self, bearer: Bearer<'_>) -> Likeness {
        match (self, bearer) {
            (Self::Directory(base), Bearer::Subject(name)) => name.below(base),
            (Self::Email(base), Bearer::SubjectEmail(text)) => {
                let mailbox = text.and_then(Mailbox::read);
                judged(mailbox, |mailbox| base.contains(mailbox, str::eq_ignore_ascii_case))
            }
            (Self::Directory(base), Bearer::Alternative(GeneralName::Directory(name))) => {
                name.below(base)
            }
            (Self::Email(base), Bearer::Alternative(GeneralName::Email(text))) => {
                judged(Mailbox::read(text), |mailbox| base.contains(mailbox, str::eq))
            }
            (Self::Dns(base), Bearer::Alternative(GeneralName::Dns(text))) => {
                judged(DnsName::read(text), |name| name.may_be_below(base))
            }
            (Self::Uri(base), Bearer::Alternative(GeneralName::Uri(text))) => {
                judged(uri_host(text), |host| base.contains(host))
            }
            (Self::Ip(range), Bearer::Alternative(GeneralName::Ip(address))) => {
                judged(Some(*address), |address| range.contains(*address))
            }
            _ => Likeness::Unsure,
        }
    }
}

fn permits_email(base: &MailboxBase, text: &str) -> bool {
    Mailbox::read(text).is_some_and(|mailbox| base.contains(&mailbox, str::eq))
}

fn judged<T>(name: Option<T>, contains: impl FnOnce(&T) -> bool) -> Likeness {
    match name {
        None => Likeness::Unsure,
        Some(name) if contains(&name) => Likeness::Same,
        Some(_) => Likeness::Different,
    }
}

impl Bearer<'_> {
    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Subject(_) => Kind::Directory,
            Self::SubjectEmail(_) => Kind::Email,
            Self::Alternative(name) => name.kind(),
        }
    }
}

impl Base {
    /// The kind, and the base as it is compared.
    fn text(&self) -> String {
        let kind = self.kind();
        match self {
            Self::Dns(base) => format!("{kind} {base}"),
            Self::Ip(range) => format!("{kind} {} mask {}", range.address, range.mask),
            Self::Directory(name) => format!("{kind} {name}"),
            Self::Email(base) => format!("{kind} {base}"),
            Self::Uri(base) => format!("{kind} {base}"),
            Self::Unusable(_) => format!("{kind}, which cannot be judged"),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotPermitted => "outside what is permitted",
            Self::Excluded => "excluded",
            Self::NotJudged => "constrained in a way that cannot be judged",
        })
    }
}

impl IpRange {
    /// Reads address and mask, four or sixteen bytes each; the mask is ones, then zeros (RFC 4632).
    fn read(bytes: &[u8]) -> Option<Self> {
        let half = bytes.len().checked_div(2)?;
        let (address, mask) = bytes.split_at_checked(half)?;
        let (address, mask) =
            (super::general_names::ip_address(address)?, super::general_names::ip_address(mask)?);
        let bits = bits(mask);
        (bits.leading_ones().saturating_add(bits.trailing_zeros()) >= u128::BITS)
            .then_some(Self { address, mask })
    }

    /// An address of the other version is never in the range, also not as one mapped into version 6.
    fn contains(&self, address: IpAddr) -> bool {
        let mask = bits(self.mask);
        address.is_ipv4() == self.address.is_ipv4()
            && bits(address) & mask == bits(self.address) & mask
    }
}

/// The bits of an address, those of version 4 after 96 ones, so that a mask is ones, then zeros, in both.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) | (u128::MAX << 32),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[cfg(test)]
mod tests;
