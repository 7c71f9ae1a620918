//! issuingDistributionPoint (RFC 5280 section 5.2.5): which part of its issuer's certificates a list is about.

use crate::limits;
use crate::refusal::{Code, Refusal};
use crate::x509::Certificate;
use crate::x509::distribution_points::{DistributionPoint, PointName, Reasons};
use crate::x509::fields::{Fields, constructed, primitive};
use alloc::boxed::Box;

/// The part. Without the extension it is everything.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    point: Option<PointName>,
    kind: Kind,
    reasons: Reasons,
    /// The extension as it came; nothing without it.
    der: Box<[u8]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    All,
    EndEntities,
    Authorities,
    /// Attribute certificates, which are no certificates of keys.
    Attributes,
}

impl Default for Scope {
    fn default() -> Self {
        Self { point: None, kind: Kind::All, reasons: Reasons::ALL, der: Box::default() }
    }
}

impl Scope {
    /// Reads an IssuingDistributionPoint, in which something is said and not two things that exclude each other.
    pub(super) fn read(value: &[u8]) -> Result<Self, Refusal> {
        const FIELD: &str = "issuingDistributionPoint";
        // It is compared with each certificate before anybody knows who signed the list.
        if value.len() > limits::DISTRIBUTION_POINT_BYTES {
            return Err(Refusal::new(Code::CrlTooLarge)
                .detail(FIELD)
                .expected(format_args!("at most {} bytes", limits::DISTRIBUTION_POINT_BYTES))
                .found(value.len()));
        }
        let mut fields = Fields::of_sequence(value, FIELD, Code::CrlMalformed)?;
        if fields.is_empty() {
            return Err(fields.wrong(FIELD).expected("a sequence that is not empty"));
        }
        let mut scope = Self { der: value.into(), ..Self::default() };
        if let Some(name) = fields.take_if(constructed(0), "distributionPoint")? {
            scope.point = Some(PointName::read(&fields, &name, Code::CrlTooLarge)?);
        }
        for (number, kind) in [(1, Kind::EndEntities), (2, Kind::Authorities)] {
            scope.narrow(&mut fields, number, kind)?;
        }
        if let Some(reasons) = fields.take_if(primitive(3), "onlySomeReasons")? {
            scope.reasons = Reasons::read(reasons.contents)
                .ok_or_else(|| fields.wrong("onlySomeReasons").expected("at least one reason"))?;
        }
        if flag(&mut fields, 4, "indirectCRL")? {
            return Err(Refusal::new(Code::UnsupportedCrlIndirect).detail(FIELD));
        }
        scope.narrow(&mut fields, 5, Kind::Attributes)?;
        fields.finish(FIELD)?;
        Ok(scope)
    }

    /// Takes the flag `[number]`, of which the three kinds have one at most together.
    fn narrow(&mut self, fields: &mut Fields<'_>, number: u32, kind: Kind) -> Result<(), Refusal> {
        if flag(fields, number, "onlyContains")? {
            if self.kind != Kind::All {
                return Err(fields.wrong("onlyContains").expected("one kind"));
            }
            self.kind = kind;
        }
        Ok(())
    }

    /// The extension as it came, of which other lists of its lineage have the same.
    pub(super) fn der(&self) -> &[u8] {
        &self.der
    }

    /// RFC 5280 section 6.3.3 (b) and (d).
    ///
    /// A point whose lists another issuer signs is not served by this list. When all points of the certificate are
    /// such, its authority says that its own list is not where to look: a revocation in it holds, silence does not.
    pub(super) fn covers(&self, certificate: &Certificate) -> Result<Reasons, &'static str> {
        match self.kind {
            Kind::EndEntities if certificate.is_ca() => return Err("about end entities alone"),
            Kind::Authorities if !certificate.is_ca() => return Err("about authorities alone"),
            Kind::Attributes => return Err("about attribute certificates alone"),
            _ => {}
        }
        let points = &certificate.extensions().distribution_points;
        let mut own = points.iter().filter(|point| !point.is_of_another_issuer);
        // The section ends with a point that every certificate has: its issuer's own name.
        let is_own = |name: &PointName| name.contains(certificate.issuer());
        let Some(name) = self.point.as_ref().filter(|name| !is_own(name)) else {
            let silent = !points.is_empty() && own.next().is_none();
            return Ok(if silent { Reasons::NONE } else { self.reasons });
        };
        let served = |point: &&DistributionPoint| {
            point.name.as_ref().is_some_and(|own| own.matches(name, certificate.issuer()))
        };
        // Every point is looked at: the first may be one of another list.
        let reasons = own.filter(served).map(|point| point.reasons.and(self.reasons));
        reasons.reduce(Reasons::or).ok_or(match points.is_empty() {
            true => "of a distribution point, and the certificate names none",
            false => "of a distribution point that the certificate does not name",
        })
    }
}

/// A BOOLEAN DEFAULT FALSE with an implicit tag. DER has one way to write true, and false is not written.
fn flag(fields: &mut Fields<'_>, number: u32, name: &str) -> Result<bool, Refusal> {
    match fields.take_if(primitive(number), name)? {
        None => Ok(false),
        Some(field) if *field.contents == [0xff] => Ok(true),
        Some(_) => Err(fields.wrong(name)),
    }
}
