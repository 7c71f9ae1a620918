//! Certificates of TLS clients that a proxy forwards.

use base64ct::{Base64, Encoding};
use credmint::forwarded::{Form, read};
use credmint_core::{ClientCertificate, sha256};
use http::{HeaderMap, HeaderName, HeaderValue};

/// The fields of a request, one a line, from a proxy of either form: what is read is read again from its own text, and in one
/// form alone, also when a field of the other one passes.
pub fn forwarded(data: &[u8]) -> bool {
    let Some(headers) = headers(data) else { return false };
    let mut was_read = false;
    for form in [Form::Xfcc, Form::ClientCert] {
        let Ok(Some(certificate)) = read(form, &headers) else { continue };
        assert!(!was_read, "one request in two forms");
        was_read = true;
        let again = written(form, &certificate);
        let said = |read: &ClientCertificate| (read.leaf().to_vec(), read.chain().to_vec());
        let read_again = read(form, &again).expect("it is well-formed").expect("a certificate");
        assert_eq!(said(&read_again), said(&certificate), "its own text says something else");
        for other in [Form::Xfcc, Form::ClientCert].into_iter().filter(|other| *other != form) {
            let mut mixed = again.clone();
            mixed.extend(written(other, &certificate));
            assert!(read(form, &mixed).is_err(), "a field of the other form has passed");
        }
    }
    was_read
}

fn headers(data: &[u8]) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = line.split_at(colon);
        let value = HeaderValue::from_bytes(value[1..].trim_ascii()).ok()?;
        headers.append(HeaderName::from_bytes(name).ok()?, value);
    }
    Some(headers)
}

/// A certificate as a proxy writes it.
fn written(form: Form, certificate: &ClientCertificate) -> HeaderMap {
    let all =
        || [certificate.leaf()].into_iter().chain(certificate.chain().iter().map(Vec::as_slice));
    let mut fields = Vec::new();
    match form {
        Form::Xfcc => {
            let hash: String =
                sha256(certificate.leaf()).iter().map(|byte| format!("{byte:02x}")).collect();
            let chain: String = all().map(escaped).collect();
            fields.push(("x-forwarded-client-cert", format!("Hash={hash};Chain=\"{chain}\"")));
        }
        Form::ClientCert => {
            let sequence = |der: &[u8]| format!(":{}:", Base64::encode_string(der));
            fields.push(("client-cert", sequence(certificate.leaf())));
            let others: Vec<String> = all().skip(1).map(sequence).collect();
            if !others.is_empty() {
                fields.push(("client-cert-chain", others.join(", ")));
            }
        }
    }
    let field = |(name, value): (&'static str, String)| {
        (HeaderName::from_static(name), value.parse::<HeaderValue>().expect("plain text"))
    };
    fields.into_iter().map(field).collect()
}

/// PEM, in which what separates fields is percent-encoded.
fn escaped(der: &[u8]) -> String {
    let text = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        Base64::encode_string(der)
    );
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
