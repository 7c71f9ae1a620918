//! rustls-webpki over AWS-LC: what another verifier says about the same certificates.

use credmint_core::UnixTime;
use rustls::pki_types::CertificateDer;
use std::time::Duration;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

/// What a path must be good for.
#[derive(Clone, Copy)]
pub enum Purpose {
    /// Anything: only a leaf for something else than TLS clients and servers alone is refused.
    Any,
    /// A use, by its object identifier's encoded bytes; a leaf without extendedKeyUsage will do.
    Use(&'static [u8]),
}

impl Purpose {
    /// serverAuth.
    pub const SERVER: Self = Self::Use(&[0x2b, 6, 1, 5, 5, 7, 3, 1]);
    /// clientAuth.
    pub const CLIENT: Self = Self::Use(&[0x2b, 6, 1, 5, 5, 7, 3, 2]);
}

/// Whether rustls-webpki finds a valid path from `leaf` to one of `anchors`; why not, if not.
///
/// It reads certificates of version 3 alone, asks neither basicConstraints nor dates of an anchor, and ignores keyUsage
/// and certificate policies.
///
/// # Errors
/// The oracle's reason.
pub fn webpki(
    leaf: &[u8],
    intermediates: &[Vec<u8>],
    anchors: &[Vec<u8>],
    time: UnixTime,
    purpose: Purpose,
) -> Result<(), String> {
    let anchors: Vec<CertificateDer<'_>> =
        anchors.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let anchors = anchors
        .iter()
        .map(anchor_from_trusted_cert)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| format!("anchor: {error:?}"))?;
    let intermediates: Vec<CertificateDer<'_>> =
        intermediates.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let leaf = CertificateDer::from(leaf);
    let leaf = EndEntityCert::try_from(&leaf).map_err(|error| format!("leaf: {error:?}"))?;
    let seconds = u64::try_from(time.seconds()).map_err(|_| "before 1970".to_owned())?;
    let time = rustls::pki_types::UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let check = |usage: KeyUsage| {
        leaf.verify_for_usage(
            webpki::ALL_VERIFICATION_ALGS,
            &anchors,
            &intermediates,
            time,
            usage,
            None,
            None,
        )
        .map(drop)
        .map_err(|error| format!("{error:?}"))
    };
    match purpose {
        Purpose::Any => check(KeyUsage::client_auth()).or_else(|_| check(KeyUsage::server_auth())),
        Purpose::Use(oid) => check(KeyUsage::required_if_present(oid)),
    }
}
