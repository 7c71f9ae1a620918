//! The certificates that clouds publish for their signed documents, as data: of signers, and of the authorities above
//! signers that are replaced often.
//!
//! A policy may name them in place of the certificates themselves: `anchors: alibaba_cloud`,
//! `signers: [{ cloud: aws, region: us-east-1 }]`, or `intermediates: azure`. [`resolve`] puts the certificates in the
//! place of the names when a policy is loaded; what runs at the edge gets the policy resolved, and carries no table.
//!
//! There is no row for what is not known: no second certificate of Alibaba Cloud, no roots of Azure. The
//! 1024-bit certificates of EC2's bare signatures are left out on purpose: they sign no messages.

mod check;
mod resolve;

pub use check::check;
pub use resolve::resolve;

use credmint_core::json::{self, Value};
use credmint_core::{UnixTime, base64};
use std::sync::LazyLock;

/// The table, a JSON array with one object a certificate.
pub const TABLE: &str = include_str!("certificates.json");

/// The [`Row::kind`] of an authority between a root and signers. It helps to find a path, and is trusted for nothing.
pub const AUTHORITY: &str = "intermediate";

/// One certificate that a cloud publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Whose it is: `aws`, `alibaba`, `azure`.
    pub cloud: String,
    /// The part of the cloud that has accounts of its own: `aws`, `aws-cn`, `aws-us-gov`, `aws-eusc`, `alibaba`; `azure`
    /// for all of Azure's.
    pub partition: String,
    /// The region that it signs for; `None` for all.
    pub region: Option<String>,
    /// The endpoint of a signer: `rsa2048`, or `dsa`, the older one of EC2. [`AUTHORITY`] for one between a root and
    /// signers.
    pub kind: String,
    /// SHA-256 of the certificate, lower-case hexadecimal.
    pub sha256: String,
    /// From when it is valid.
    pub not_before: UnixTime,
    /// Until when it is valid.
    pub not_after: UnixTime,
    /// Where the cloud publishes it, and where it was taken from.
    pub source: String,
    /// Whether a document of a real instance was verified under it.
    pub verified_by_real_document: bool,
    /// The certificate in DER.
    pub certificate: Vec<u8>,
}

/// Reads a table.
///
/// # Errors
/// A sentence that says which row is not as it should be.
pub fn parse(table: &str) -> Result<Vec<Row>, String> {
    let rows = json::parse(table.as_bytes()).map_err(|refusal| refusal.to_string())?;
    let rows = rows.as_array().ok_or("the table is not an array")?;
    let read = |(at, row)| Row::read(row).ok_or(format!("row {at} has a missing or wrong member"));
    rows.iter().enumerate().map(read).collect()
}

/// The rows of [`TABLE`]. That it can be read is a test of this crate.
#[must_use]
pub fn rows() -> &'static [Row] {
    static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| parse(TABLE).unwrap_or_default());
    &ROWS
}

impl Row {
    fn read(row: &Value) -> Option<Self> {
        const MEMBERS: [&str; 10] = [
            "cloud",
            "partition",
            "region",
            "kind",
            "sha256",
            "not_before",
            "not_after",
            "source",
            "verified_by_real_document",
            "certificate",
        ];
        let members = row.as_object()?;
        if members.iter().any(|(name, _)| !MEMBERS.contains(&name)) {
            return None;
        }
        let text = |name: &str| members.get(name)?.as_str().map(str::to_owned);
        let region = match members.get("region") {
            None => None,
            Some(region) => Some(region.as_str()?.to_owned()),
        };
        Some(Self {
            cloud: text("cloud")?,
            partition: text("partition")?,
            region,
            kind: text("kind")?,
            sha256: text("sha256")?,
            not_before: time(&text("not_before")?)?,
            not_after: time(&text("not_after")?)?,
            source: text("source")?,
            verified_by_real_document: members.get("verified_by_real_document")?.as_bool()?,
            certificate: base64::decode_standard(text("certificate")?.as_bytes())?,
        })
    }

    /// What it is called in messages.
    #[must_use]
    pub fn name(&self) -> String {
        let region = self.region.as_deref().unwrap_or("every region");
        format!("{} {} for {region}", self.partition, self.kind)
    }
}

/// `2026-11-24T12:00:00Z`.
fn time(text: &str) -> Option<UnixTime> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.splitn(3, '-');
    let mut time = time.splitn(3, ':');
    let year = date.next()?.parse().ok()?;
    let next = |parts: &mut dyn Iterator<Item = &str>| parts.next()?.parse::<u8>().ok();
    let (month, day) = (next(&mut date)?, next(&mut date)?);
    let (hour, minute, second) = (next(&mut time)?, next(&mut time)?, next(&mut time)?);
    UnixTime::from_civil(year, month, day, hour, minute, second)
}
