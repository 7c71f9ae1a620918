//! Revocation lists, field by field.

use super::certificates::{equal, seconds};
use super::names;
use credmint_core::x509::{Crl, RevocationReason};
use der::Decode;
use x509_cert::crl::{CertificateList, RevokedCert};
use x509_cert::ext::pkix::CrlReason;

pub(crate) fn compare(der: &[u8], ours: &Crl) -> Result<(), String> {
    let theirs = CertificateList::<x509_cert::certificate::Rfc5280>::from_der(der);
    let theirs = theirs.map_err(|error| format!("not read: {error}"))?.tbs_cert_list;
    names::same(ours.issuer(), &theirs.issuer)?;
    equal("thisUpdate", &ours.this_update().seconds(), &seconds(theirs.this_update))?;
    let next = theirs.next_update.map(seconds);
    equal("nextUpdate", &Some(ours.next_update().seconds()), &next)?;
    let revoked = theirs.revoked_certificates.unwrap_or_default();
    equal("entries", &ours.len(), &revoked.len())?;
    for entry in &revoked {
        let serial = entry.serial_number.as_bytes();
        // A second entry for a serial number may have another reason: the first of the enumeration is ours.
        let same: Vec<&RevokedCert> =
            revoked.iter().filter(|other| other.serial_number == entry.serial_number).collect();
        let reasons: Result<Vec<_>, String> = same.iter().map(|entry| reason(entry)).collect();
        let Some(found) = ours.reason_of(serial) else {
            return Err(format!("an entry that is not found: {serial:02x?}"));
        };
        let reasons = reasons?;
        if !reasons.contains(&found) {
            return Err(format!("reason of an entry: ours {found:?}, theirs {reasons:?}"));
        }
    }
    Ok(())
}

fn reason(entry: &RevokedCert) -> Result<RevocationReason, String> {
    let extensions = entry.crl_entry_extensions.iter().flatten();
    let Some(own) = extensions.into_iter().find(|own| own.extn_id.to_string() == "2.5.29.21")
    else {
        return Ok(RevocationReason::Unspecified);
    };
    let reason = CrlReason::from_der(own.extn_value.as_bytes());
    Ok(match reason.map_err(|error| format!("reason: {error}"))? {
        CrlReason::Unspecified => RevocationReason::Unspecified,
        CrlReason::KeyCompromise => RevocationReason::KeyCompromise,
        CrlReason::CaCompromise => RevocationReason::CaCompromise,
        CrlReason::AffiliationChanged => RevocationReason::AffiliationChanged,
        CrlReason::Superseded => RevocationReason::Superseded,
        CrlReason::CessationOfOperation => RevocationReason::CessationOfOperation,
        CrlReason::CertificateHold => RevocationReason::CertificateHold,
        CrlReason::PrivilegeWithdrawn => RevocationReason::PrivilegeWithdrawn,
        CrlReason::AaCompromise => RevocationReason::AaCompromise,
        CrlReason::RemoveFromCRL => return Err("reason removeFromCRL".to_owned()),
    })
}
