//! The revoked certificates of a list (RFC 5280 sections 5.1.2.6 and 5.3), in an index by serial number.

use super::each_extension;
use crate::limits;
use crate::limits::SERIAL_BYTES;
use crate::refusal::{Code, Refusal};
use crate::x509::fields::{Field, Fields};
use crate::x509::validity::either_time;
use alloc::vec::Vec;
use der::Tag;

/// id-ce, by encoded identifier.
const REASON_CODE: &[u8] = &[0x55, 0x1d, 21];
const CERTIFICATE_ISSUER: &[u8] = &[0x55, 0x1d, 29];

/// Why a certificate is revoked (RFC 5280 section 5.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RevocationReason {
    /// Nothing is said.
    #[default]
    Unspecified,
    /// The key of the certificate is in other hands.
    KeyCompromise,
    /// The key of the authority is in other hands.
    CaCompromise,
    /// What the certificate says about its subject is no longer true.
    AffiliationChanged,
    /// There is a newer certificate.
    Superseded,
    /// The certificate is no longer needed.
    CessationOfOperation,
    /// Suspended; what is on hold is not valid.
    CertificateHold,
    /// A right that the certificate gave was withdrawn.
    PrivilegeWithdrawn,
    /// The key of an attribute authority is in other hands.
    AaCompromise,
}

impl RevocationReason {
    /// The word of RFC 5280.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::CaCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::CertificateHold => "certificateHold",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
            Self::AaCompromise => "aACompromise",
        }
    }

    /// Reads a CRLReason. removeFromCRL (8) takes an entry back, which only a delta list can do: in a complete list
    /// it is neither a revocation nor none.
    fn read(value: &[u8]) -> Result<Self, Refusal> {
        let mut fields = Fields::of(value, Code::CrlMalformed)?;
        let reason = fields.take(Tag::Enumerated, "reasonCode")?;
        let wrong = fields.wrong("reasonCode").expected("a reason of a complete list");
        fields.finish("reasonCode")?;
        Ok(match *reason.contents {
            [0] => Self::Unspecified,
            [1] => Self::KeyCompromise,
            [2] => Self::CaCompromise,
            [3] => Self::AffiliationChanged,
            [4] => Self::Superseded,
            [5] => Self::CessationOfOperation,
            [6] => Self::CertificateHold,
            [9] => Self::PrivilegeWithdrawn,
            [10] => Self::AaCompromise,
            _ => return Err(wrong),
        })
    }
}

/// The entries that some certificate could have, sorted; a look-up allocates nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Entries {
    sorted: Vec<Entry>,
    count: usize,
}

/// Of two entries for one serial number the earlier reason of the enumeration comes first. Both revoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    serial: Serial,
    reason: RevocationReason,
}

/// The bytes of a serial number, and how many they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Serial {
    length: usize,
    bytes: [u8; SERIAL_BYTES],
}

impl Serial {
    /// `None` for a number that no certificate can have here, because it is longer.
    fn new(contents: &[u8]) -> Option<Self> {
        let mut bytes = [0; SERIAL_BYTES];
        bytes.get_mut(..contents.len())?.copy_from_slice(contents);
        Some(Self { length: contents.len(), bytes })
    }
}

impl Entries {
    /// Reads the contents of revokedCertificates, which has at least one element (section 5.1.2.6). `may_extend` says whether
    /// an entry may have extensions.
    pub(super) fn read(mut list: Fields<'_>, may_extend: bool) -> Result<Self, Refusal> {
        if list.is_empty() {
            return Err(list.wrong("revokedCertificates").expected("an entry, or no list"));
        }
        let mut all = Self::default();
        while !list.is_empty() {
            let entry = list.take(Tag::Sequence, "revokedCertificates")?;
            if all.count >= limits::CRL_ENTRIES {
                return Err(Refusal::new(Code::CrlTooLarge)
                    .expected(format_args!("at most {} entries", limits::CRL_ENTRIES)));
            }
            all.count = all.count.saturating_add(1);
            all.sorted.extend(read_entry(list.inside(&entry)?, may_extend)?);
        }
        all.sorted.sort_unstable();
        Ok(all)
    }

    pub(super) const fn count(&self) -> usize {
        self.count
    }

    pub(super) fn reason_of(&self, serial: &[u8]) -> Option<RevocationReason> {
        let serial = Serial::new(serial)?;
        let at = self.sorted.partition_point(|entry| entry.serial < serial);
        self.sorted.get(at).filter(|entry| entry.serial == serial).map(|entry| entry.reason)
    }
}

/// An entry, read to its end: what is wrong in one makes the whole list worthless, whomever it is about.
fn read_entry(mut entry: Fields<'_>, may_extend: bool) -> Result<Option<Entry>, Refusal> {
    let serial = entry.take(Tag::Integer, "userCertificate")?;
    if !is_minimal(&serial) {
        return Err(entry.wrong("userCertificate"));
    }
    either_time(&mut entry, "revocationDate")?;
    let mut reason = RevocationReason::default();
    if let Some(list) = entry.take_if(Tag::Sequence, "crlEntryExtensions")? {
        if !may_extend {
            return Err(entry.wrong("crlEntryExtensions").expected("none in version 1"));
        }
        each_extension(entry.inside(&list)?, |oid, critical, value| {
            match oid.bytes() {
                REASON_CODE => reason = RevocationReason::read(value)?,
                CERTIFICATE_ISSUER => {
                    return Err(Refusal::new(Code::UnsupportedCrlIndirect).found(oid));
                }
                _ if critical => {
                    return Err(Refusal::new(Code::CrlExtensionCritical)
                        .detail("crlEntryExtensions")
                        .found(oid));
                }
                _ => {}
            }
            Ok(())
        })?;
    }
    entry.finish("revokedCertificates")?;
    Ok(Serial::new(serial.contents).map(|serial| Entry { serial, reason }))
}

/// An INTEGER in as few bytes as it needs. It may be negative: authorities did revoke such certificates, and
/// none is read here, so that the entry is one that matches nothing.
fn is_minimal(integer: &Field<'_>) -> bool {
    match integer.contents {
        [] | [0x00, 0x00..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => false,
        [..] => true,
    }
}
