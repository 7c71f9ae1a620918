//! Distribution points (RFC 5280 sections 4.2.1.13 and 5.2.5): which part of an authority's revocations is found
//! where, as a certificate says it and as a list says it of itself.

use super::fields::{Field, Fields, constructed, primitive};
use super::general_names::GeneralName;
use super::names::Name;
use crate::ber;
use crate::limits;
use crate::refusal::{Code, Refusal};
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use der::Tag;

/// Reasons for a revocation, as a set of the bits of ReasonFlags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reasons(u16);

impl Reasons {
    pub(super) const NONE: Self = Self(0);
    /// keyCompromise (1) to aACompromise (8): the reasons that RFC 5280 section 6.3.3 counts.
    pub(super) const ALL: Self = Self(0x01fe);

    /// Reads the contents of a ReasonFlags. Like every named bit list in DER it ends with a bit that is set
    /// (X.690 section 11.2.2); one without any reason says nothing and refuses.
    pub(super) fn read(contents: &[u8]) -> Option<Self> {
        let (unused, bytes) = match *contents {
            [unused @ 0..=7, first] if first != 0 => (unused, [first, 0]),
            [7, first, 0x80] => (7, [first, 0x80]),
            _ => return None,
        };
        let last = if bytes[1] == 0 { bytes[0] } else { bytes[1] };
        if last.trailing_zeros() != u32::from(unused) {
            return None;
        }
        // Bit 0 of an ASN.1 list is the top bit of the first byte; it is named `unused`.
        let reasons = Self(u16::from_be_bytes(bytes).reverse_bits()).and(Self::ALL);
        (reasons != Self::NONE).then_some(reasons)
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// DistributionPointName: where lists are found.
#[derive(Clone, Debug)]
pub(super) enum PointName {
    Full(Vec<GeneralName>),
    /// The contents of a relative distinguished name below the name of whoever issues the list.
    Relative(Box<[u8]>),
}

impl PointName {
    /// Reads the CHOICE inside `[0]`.
    ///
    /// # Errors
    /// `too_many` when there are more names than any real point has: each is compared with others, before any signature.
    pub(super) fn read(
        outer: &Fields<'_>,
        field: &Field<'_>,
        too_many: Code,
    ) -> Result<Self, Refusal> {
        let mut choice = outer.inside(field)?;
        let name = if let Some(full) = choice.take_if(constructed(0), "fullName")? {
            Self::Full(read_names(&choice, &full, "fullName", too_many)?)
        } else {
            let relative = choice.take(constructed(1), "nameRelativeToCRLIssuer")?;
            if relative.contents.is_empty() {
                return Err(choice.wrong("nameRelativeToCRLIssuer"));
            }
            if relative.contents.len() > limits::URL_BYTES {
                return Err(Refusal::new(too_many)
                    .detail("nameRelativeToCRLIssuer")
                    .expected(format_args!("at most {} bytes", limits::URL_BYTES)));
            }
            Self::Relative(relative.contents.into())
        };
        choice.finish("distributionPointName")?;
        Ok(name)
    }

    /// Whether one name of this and one of `other` are the same, where both are of lists that `issuer` signs.
    pub(super) fn matches(&self, other: &Self, issuer: &Name) -> bool {
        let (own, others) = (self.names(issuer), other.names(issuer));
        own.iter().any(|name| others.iter().any(|other| is_same(name, other)))
    }

    /// Whether one of the names is `issuer`'s own.
    pub(super) fn contains(&self, issuer: &Name) -> bool {
        let is_issuer = |name: &GeneralName| match name {
            GeneralName::Directory(name) => name.matches(issuer),
            _ => false,
        };
        self.names(issuer).iter().any(is_issuer)
    }

    fn names(&self, issuer: &Name) -> Cow<'_, [GeneralName]> {
        match self {
            Self::Full(names) => Cow::Borrowed(names),
            Self::Relative(rdn) => {
                Cow::Owned(below(issuer, rdn).map(GeneralName::Directory).into_iter().collect())
            }
        }
    }
}

/// GeneralNames of which there are at most [`limits::DISTRIBUTION_POINT_NAMES`].
fn read_names(
    outer: &Fields<'_>,
    value: &Field<'_>,
    field: &str,
    too_many: Code,
) -> Result<Vec<GeneralName>, Refusal> {
    let mut names = outer.inside(value)?;
    let mut count = 0_usize;
    while !names.is_empty() {
        if count >= limits::DISTRIBUTION_POINT_NAMES {
            return Err(Refusal::new(too_many)
                .detail(field)
                .expected(format_args!("at most {} names", limits::DISTRIBUTION_POINT_NAMES)));
        }
        names.any(field)?;
        count = count.saturating_add(1);
    }
    GeneralName::read_all(outer.inside(value)?, field)
}

/// Whether two names of places are one: texts by their bytes, since a URI that differs in anything is another
/// document, distinguished names as such. Kinds of names that are not read here are the same as none.
fn is_same(one: &GeneralName, other: &GeneralName) -> bool {
    match (one, other) {
        (GeneralName::Email(one), GeneralName::Email(other))
        | (GeneralName::Dns(one), GeneralName::Dns(other))
        | (GeneralName::Uri(one), GeneralName::Uri(other)) => one == other,
        (GeneralName::Ip(one), GeneralName::Ip(other)) => one == other,
        (GeneralName::Directory(one), GeneralName::Directory(other)) => one.matches(other),
        _ => false,
    }
}

/// `issuer` with one more relative distinguished name; `None` when that is no name.
fn below(issuer: &Name, rdn: &[u8]) -> Option<Name> {
    let mut fields = Fields::of(issuer.der(), Code::CrlMalformed).ok()?;
    let mut rdns = fields.take(Tag::Sequence, "issuer").ok()?.contents.to_vec();
    ber::push_value(&mut rdns, 0x31, rdn);
    let mut name = vec![];
    ber::push_value(&mut name, 0x30, &rdns);
    Name::read(&mut Fields::of(&name, Code::CrlMalformed).ok()?, "distributionPoint").ok()
}

/// One DistributionPoint of a certificate.
#[derive(Clone, Debug)]
pub(super) struct DistributionPoint {
    pub(super) name: Option<PointName>,
    pub(super) reasons: Reasons,
    /// Another than the certificate's issuer signs the lists of this point.
    pub(super) is_of_another_issuer: bool,
}

impl DistributionPoint {
    /// Reads a CRLDistributionPoints SEQUENCE, which has at least one element.
    pub(super) fn read_all(mut list: Fields<'_>) -> Result<Vec<Self>, Refusal> {
        const FIELD: &str = "cRLDistributionPoints";
        let mut points = Vec::new();
        while !list.is_empty() {
            let point = list.take(Tag::Sequence, FIELD)?;
            if points.len() >= limits::DISTRIBUTION_POINTS {
                return Err(Refusal::new(Code::CertificateExtensionsTooMany).detail(FIELD));
            }
            points.push(Self::read(list.inside(&point)?)?);
        }
        if points.is_empty() {
            return Err(list.wrong(FIELD).expected("at least one point"));
        }
        Ok(points)
    }

    fn read(mut point: Fields<'_>) -> Result<Self, Refusal> {
        let name = match point.take_if(constructed(0), "distributionPoint")? {
            Some(field) => {
                Some(PointName::read(&point, &field, Code::CertificateExtensionsTooMany)?)
            }
            None => None,
        };
        let reasons = match point.take_if(primitive(1), "reasons")? {
            Some(field) => Reasons::read(field.contents).ok_or_else(|| point.wrong("reasons"))?,
            None => Reasons::ALL,
        };
        let issuer = point.take_if(constructed(2), "cRLIssuer")?;
        if let Some(issuer) = &issuer {
            let too_many = Code::CertificateExtensionsTooMany;
            read_names(&point, issuer, "cRLIssuer", too_many)?;
        }
        // Section 4.2.1.13: reasons alone are no point.
        if name.is_none() && issuer.is_none() {
            return Err(point.wrong("cRLDistributionPoints").expected("a name or a cRLIssuer"));
        }
        point.finish("cRLDistributionPoints")?;
        Ok(Self { name, reasons, is_of_another_issuer: issuer.is_some() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_a_list_of_bits_that_ends_with_one() {
        let check = |contents: &[u8], expect: Option<u16>| {
            assert_eq!(Reasons::read(contents).map(|reasons| reasons.0), expect, "{contents:02x?}");
        };
        // keyCompromise is bit 1.
        check(&[6, 0x40], Some(0x02));
        check(&[5, 0x60], Some(0x06));
        check(&[7, 0x7f, 0x80], Some(0x1fe));
        check(&[7, 0x00, 0x80], Some(0x100));
        // The bit that is named `unused` is no reason.
        check(&[6, 0xc0], Some(0x02));
        check(&[7, 0x80], None);
        // No reason at all, in every form.
        check(&[], None);
        check(&[0], None);
        check(&[0, 0], None);
        check(&[1], None);
        check(&[8, 0x40], None);
        check(&[5, 0x40], None);
        check(&[7, 0x40], None);
        check(&[6, 0x40, 0x00], None);
        check(&[6, 0x00, 0xc0], None);
        check(&[7, 0x7f, 0x80, 0x00], None);
    }
}
