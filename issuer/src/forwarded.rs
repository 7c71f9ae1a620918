//! What a proxy forwards of its client: the certificate, where the TLS connection of the client ends at it, and the address.
//!
//! Certificates are believed of a proxy that has proven who it is on the very connection on which they came ([`Peer`] knows),
//! and never because of an address. From a trusted proxy there is one certificate or none: what is malformed, there twice, or
//! in the other form refuses, since then a field of the client itself may have passed the proxy.
//!
//! [`Peer`]: crate::peer::Peer

mod client_cert;
mod source;
mod xfcc;

pub use source::SourceField;
pub(crate) use source::read_source;

use credmint_core::{ClientCertificate, Code, Refusal};
use http::HeaderMap;

/// How a proxy forwards the certificate of its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Envoy's `X-Forwarded-Client-Cert`.
    Xfcc,
    /// `Client-Cert` and `Client-Cert-Chain` (RFC 9440).
    ClientCert,
}

impl Form {
    /// The names of its fields, and those of the other form.
    const fn fields(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Xfcc => (&xfcc::FIELDS, &client_cert::FIELDS),
            Self::ClientCert => (&client_cert::FIELDS, &xfcc::FIELDS),
        }
    }
}

/// The certificate that a trusted proxy forwards, if it forwards one.
///
/// # Errors
/// [`Code::ForwardedCertificate`] when there is not exactly one that can be read.
pub fn read(form: Form, headers: &HeaderMap) -> Result<Option<ClientCertificate>, Refusal> {
    let has = |names: &[&str]| names.iter().any(|name| headers.contains_key(*name));
    let (own, other) = form.fields();
    if has(other) {
        return Err(wrong("a field of the other form has passed the proxy"));
    }
    if !has(own) {
        return Ok(None);
    }
    match form {
        Form::Xfcc => xfcc::read(headers),
        Form::ClientCert => client_cert::read(headers),
    }
    .map(Some)
}

/// The only value of a field.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, Refusal> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => {
            value.to_str().map_err(|_| wrong("the field has characters that are not ASCII"))
        }
        (None, _) => Err(wrong("there is a chain and no certificate")),
        (Some(_), Some(_)) => Err(wrong("the field is there more than once")),
    }
}

fn wrong(detail: impl std::fmt::Display) -> Refusal {
    Refusal::new(Code::ForwardedCertificate)
        .detail(detail)
        .told("The proxy in front forwards no single client certificate.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fields of a request, one a line.
    pub(super) fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_field_of_the_other_form_has_come_from_a_client() {
        let other = "a field of the other form has passed the proxy";
        let check = |form, lines: &[(&'static str, &str)], expect: Option<&str>| {
            let read = read(form, &headers(lines)).map(|certificate| certificate.is_some());
            match expect {
                None => assert_eq!(read, Ok(false)),
                Some(detail) => {
                    let refusal = read.unwrap_err();
                    assert_eq!(refusal.code(), Code::ForwardedCertificate);
                    assert_eq!(refusal.detail_text(), Some(detail));
                }
            }
        };
        check(Form::Xfcc, &[], None);
        check(Form::ClientCert, &[("x-client-cert", ":AA==:")], None);
        check(Form::Xfcc, &[("client-cert", ":AA==:")], Some(other));
        check(Form::Xfcc, &[("client-cert-chain", "")], Some(other));
        check(Form::ClientCert, &[("x-forwarded-client-cert", "Hash=00")], Some(other));
        check(
            Form::ClientCert,
            &[("client-cert", ":AA==:"), ("x-forwarded-client-cert", "")],
            Some(other),
        );
    }
}
