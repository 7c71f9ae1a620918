//! Certificates, field by field: theirs in the form of our outline.

use super::names;
use credmint_core::x509::Certificate as Ours;
use der::asn1::ObjectIdentifier;
use der::{Decode, Encode};
use serde_json::{Value, json};
use std::fmt::Debug;
use std::net::IpAddr;
use x509_cert::Certificate;
use x509_cert::ext::pkix::constraints::name::GeneralSubtrees;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    BasicConstraints, CertificatePolicies, ExtendedKeyUsage, KeyUsage, KeyUsages, NameConstraints,
    SubjectAltName, SubjectKeyIdentifier,
};
use x509_cert::time::Time;

pub(crate) fn compare(der: &[u8], ours: &Ours) -> Result<(), String> {
    let theirs = Certificate::from_der(der).map_err(|error| format!("not read: {error}"))?;
    let tbs = theirs.tbs_certificate();
    names::same(ours.subject(), tbs.subject())?;
    names::same(ours.issuer(), tbs.issuer())?;
    equal("serial number", ours.serial(), tbs.serial_number().as_bytes())?;
    let key = tbs.subject_public_key_info().to_der().map_err(|error| format!("key: {error}"))?;
    equal("key", ours.public_key_spki(), key.as_slice())?;
    equal("notBefore", &ours.not_before().seconds(), &seconds(tbs.validity().not_before))?;
    equal("notAfter", &ours.not_after().seconds(), &seconds(tbs.validity().not_after))?;
    let outline: Value =
        serde_json::from_str(&ours.outline().to_string()).expect("an outline is JSON");
    let algorithm = theirs.signature_algorithm().oid.to_string();
    let shown = outline["signature_algorithm"].as_str().unwrap_or_default();
    // A salt that is not accepted is named in words.
    if !shown.starts_with(&algorithm) && !shown.starts_with("RSASSA-PSS with ") {
        return Err(format!("signature algorithm: ours {shown}, theirs {algorithm}"));
    }
    extensions(&theirs, &outline)
}

/// Whether two readings of a field are equal.
pub(crate) fn equal<T: PartialEq + Debug + ?Sized>(
    field: &str,
    ours: &T,
    theirs: &T,
) -> Result<(), String> {
    match ours == theirs {
        true => Ok(()),
        false => Err(format!("{field}: ours {ours:?}, theirs {theirs:?}")),
    }
}

/// Unix seconds. A time before 1970 is none for x509-cert.
pub(crate) fn seconds(time: Time) -> i64 {
    i64::try_from(time.to_unix_duration().as_secs()).expect("a time of this era")
}

fn extensions(theirs: &Certificate, outline: &Value) -> Result<(), String> {
    let tbs = theirs.tbs_certificate();
    let all = tbs.extensions().map(Vec::as_slice).unwrap_or_default();
    let listed: Vec<(Value, Value)> =
        all.iter().map(|own| (json!(own.extn_id.to_string()), json!(own.critical))).collect();
    let ours = outline["extensions"].as_array().expect("a list");
    let ours: Vec<(Value, Value)> =
        ours.iter().map(|own| (own["oid"].clone(), own["critical"].clone())).collect();
    equal("extensions", &ours, &listed)?;

    let read = Reading(theirs);
    let constraints = read.one::<BasicConstraints>()?;
    equal("cA", &outline["ca"], &json!(constraints.as_ref().is_some_and(|own| own.ca)))?;
    let length = constraints.and_then(|own| own.path_len_constraint).map(|own| own.min(127));
    equal("pathLenConstraint", &outline["path_length"], &json!(length))?;
    let usage = read.one::<KeyUsage>()?.map(key_usages);
    equal("keyUsage", &outline["key_usage"], &json!(usage))?;
    let usages = read.one::<ExtendedKeyUsage>()?.map(|own| own.0);
    let usages = usages.map(|own| own.iter().map(extended_key_usage).collect::<Vec<_>>());
    equal("extKeyUsage", &outline["extended_key_usage"], &json!(usages))?;
    let identifier = read.one::<SubjectKeyIdentifier>()?;
    let identifier = identifier.map(|own| hex(own.0.as_bytes()));
    equal("subjectKeyIdentifier", &outline["subject_key_identifier"], &json!(identifier))?;
    let names = read.one::<SubjectAltName>()?.map(|own| own.0).unwrap_or_default();
    let names = names.iter().map(alternative_name).collect::<Result<Vec<_>, String>>()?;
    equal("subjectAltName", &outline["san"], &json!(names))?;
    let policies = read.one::<CertificatePolicies>()?.map(|own| policies(&own));
    let mut own = outline["policies"].clone();
    if let Some(own) = own.as_array_mut() {
        own.sort_by_key(|own| (own == "anyPolicy", own.to_string()));
    }
    equal("certificatePolicies", &own, &json!(policies))?;
    name_constraints(read.one::<NameConstraints>()?, &outline["name_constraints"])
}

/// The extensions that x509-cert reads.
struct Reading<'a>(&'a Certificate);

impl<'a> Reading<'a> {
    fn one<T: Decode<'a> + der::oid::AssociatedOid>(&self) -> Result<Option<T>, String>
    where
        T::Error: std::fmt::Display,
        der::Error: From<T::Error>,
    {
        let found = self.0.tbs_certificate().extensions().into_iter().flatten();
        let Some(own) = found.into_iter().find(|own| own.extn_id == T::OID) else {
            return Ok(None);
        };
        let read = T::from_der(own.extn_value.as_bytes());
        read.map(Some).map_err(|error| format!("extension {} not read: {error}", T::OID))
    }
}

fn key_usages(usage: KeyUsage) -> Vec<&'static str> {
    let names = [
        (KeyUsages::DigitalSignature, "digitalSignature"),
        (KeyUsages::NonRepudiation, "nonRepudiation"),
        (KeyUsages::KeyEncipherment, "keyEncipherment"),
        (KeyUsages::DataEncipherment, "dataEncipherment"),
        (KeyUsages::KeyAgreement, "keyAgreement"),
        (KeyUsages::KeyCertSign, "keyCertSign"),
        (KeyUsages::CRLSign, "cRLSign"),
        (KeyUsages::EncipherOnly, "encipherOnly"),
        (KeyUsages::DecipherOnly, "decipherOnly"),
    ];
    names.into_iter().filter(|(bit, _)| usage.0.contains(*bit)).map(|(_, name)| name).collect()
}

fn extended_key_usage(oid: &ObjectIdentifier) -> String {
    let names = [
        ("2.5.29.37.0", "anyExtendedKeyUsage"),
        ("1.3.6.1.5.5.7.3.1", "serverAuth"),
        ("1.3.6.1.5.5.7.3.2", "clientAuth"),
        ("1.3.6.1.5.5.7.3.3", "codeSigning"),
        ("1.3.6.1.5.5.7.3.4", "emailProtection"),
        ("1.3.6.1.5.5.7.3.8", "timeStamping"),
        ("1.3.6.1.5.5.7.3.9", "OCSPSigning"),
    ];
    let oid = oid.to_string();
    names.iter().find(|(known, _)| *known == oid).map_or(oid, |(_, name)| (*name).to_owned())
}

/// The policies, which have no order, sorted; anyPolicy last.
fn policies(policies: &CertificatePolicies) -> Vec<String> {
    const ANY: &str = "2.5.29.32.0";
    let mut all: Vec<String> =
        policies.0.iter().map(|own| own.policy_identifier.to_string()).collect();
    all.sort();
    let named = all.iter().filter(|own| *own != ANY).cloned();
    named.chain(all.iter().any(|own| own == ANY).then(|| "anyPolicy".to_owned())).collect()
}

fn kind(name: &GeneralName) -> &'static str {
    match name {
        GeneralName::OtherName(_) => "otherName",
        GeneralName::Rfc822Name(_) => "rfc822Name",
        GeneralName::DnsName(_) => "dNSName",
        GeneralName::DirectoryName(_) => "directoryName",
        GeneralName::EdiPartyName(_) => "ediPartyName",
        GeneralName::UniformResourceIdentifier(_) => "uniformResourceIdentifier",
        GeneralName::IpAddress(_) => "iPAddress",
        GeneralName::RegisteredId(_) => "registeredID",
    }
}

fn alternative_name(name: &GeneralName) -> Result<Value, String> {
    let text = match name {
        GeneralName::Rfc822Name(text)
        | GeneralName::DnsName(text)
        | GeneralName::UniformResourceIdentifier(text) => Some(text.to_string()),
        GeneralName::IpAddress(bytes) => {
            Some(address(bytes.as_bytes()).ok_or("an address of another length")?.to_string())
        }
        GeneralName::DirectoryName(name) => Some(names::text(name)),
        _ => None,
    };
    Ok(json!({ "kind": kind(name), "text": text }))
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from).ok();
    four.or_else(|| <[u8; 16]>::try_from(bytes).map(IpAddr::from).ok())
}

/// Ours are shown as they are compared, so capitals are small ones here; what cannot be judged has no text.
fn name_constraints(theirs: Option<NameConstraints>, outline: &Value) -> Result<(), String> {
    let theirs =
        theirs.map(|own| (subtrees(own.permitted_subtrees), subtrees(own.excluded_subtrees)));
    let list = |value: &Value| -> Vec<String> {
        let all = value.as_array().map(Vec::as_slice).unwrap_or_default();
        all.iter().map(|own| own.as_str().unwrap_or_default().to_lowercase()).collect()
    };
    let ours =
        (!outline.is_null()).then(|| (list(&outline["permitted"]), list(&outline["excluded"])));
    let same = |ours: &[String], theirs: &[(String, String)]| {
        ours.len() == theirs.len()
            && ours.iter().zip(theirs).all(|(ours, (kind, text))| {
                *ours == format!("{kind} {text}")
                    || *ours == format!("{kind}, which cannot be judged")
            })
    };
    let agree = match (&ours, &theirs) {
        (None, None) => true,
        (Some(ours), Some(theirs)) => same(&ours.0, &theirs.0) && same(&ours.1, &theirs.1),
        _ => false,
    };
    if agree { Ok(()) } else { Err(format!("nameConstraints: ours {ours:?}, theirs {theirs:?}")) }
}

/// Kind and text of each base, in small letters.
fn subtrees(list: Option<GeneralSubtrees>) -> Vec<(String, String)> {
    let one = |name: &GeneralName| match name {
        GeneralName::IpAddress(bytes) => {
            let (address_bytes, mask) = bytes.as_bytes().split_at(bytes.as_bytes().len() / 2);
            match (address(address_bytes), address(mask)) {
                (Some(address), Some(mask)) => format!("{address} mask {mask}"),
                _ => String::new(),
            }
        }
        other => match alternative_name(other) {
            Ok(value) => {
                value["text"].as_str().unwrap_or_default().trim_end_matches('.').to_owned()
            }
            Err(_) => String::new(),
        },
    };
    let all = list.unwrap_or_default();
    all.iter().map(|own| (kind(&own.base).to_lowercase(), one(&own.base).to_lowercase())).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
