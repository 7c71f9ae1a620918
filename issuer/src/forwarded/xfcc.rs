//! Envoy's `X-Forwarded-Client-Cert`: elements separated by commas, each a list of `Key=Value` separated by semicolons, a value
//! with such characters between quotation marks.
//!
//! Names of the certificate, which its owner chose, stand in the same field as text. So `Hash` is required, which Envoy always
//! writes: a certificate that somebody put into a name is not the one whose hash it is, and a second one refuses.

use super::{only, wrong};
use crate::fingerprint::Fingerprint;
use crate::percent;
use credmint_core::{ClientCertificate, Refusal, pem};
use http::HeaderMap;

const FIELD: &str = "x-forwarded-client-cert";

pub(super) const FIELDS: [&str; 1] = [FIELD];

/// The certificate of the only element: `Cert`, or the first of `Chain`.
pub(super) fn read(headers: &HeaderMap) -> Result<ClientCertificate, Refusal> {
    let Element { hash, cert, chain } = Element::parse(only(headers, FIELD)?)?;
    let hash: Fingerprint = hash
        .and_then(|hash| hash.parse().ok())
        .ok_or_else(|| wrong("the element has no Hash, SHA-256 in hexadecimal digits"))?;
    let chain = chain.map(|chain| certificates(&chain)).transpose()?;
    let leaf = match cert {
        Some(cert) => {
            let [leaf] = <[_; 1]>::try_from(certificates(&cert)?)
                .map_err(|_| wrong("Cert has more than one certificate"))?;
            Some(leaf)
        }
        None => None,
    };
    let mut chain = chain.unwrap_or_default().into_iter();
    let leaf = match (leaf, chain.next()) {
        (Some(leaf), None) => leaf,
        (None, Some(first)) => first,
        (Some(leaf), Some(first)) if leaf == first => leaf,
        (Some(_), Some(_)) => return Err(wrong("Cert is not the first certificate of Chain")),
        (None, None) => {
            return Err(wrong("the element has no Cert and no Chain: have the proxy add them"));
        }
    };
    if Fingerprint::of(&leaf) != hash {
        return Err(wrong("Hash is not that of the certificate"));
    }
    ClientCertificate::from_transport(leaf, chain.collect()).map_err(wrong)
}

/// PEM that is percent-encoded, so that it fits into a field.
fn certificates(value: &str) -> Result<Vec<Vec<u8>>, Refusal> {
    let text = percent::decoded(value).ok_or_else(|| wrong("the PEM is not percent-encoded"))?;
    pem::certificates(&text).map_err(wrong)
}

/// What counts of an element. The other keys say again, as text, what is in the certificate.
#[derive(Debug, Default, PartialEq, Eq)]
struct Element {
    hash: Option<String>,
    cert: Option<String>,
    chain: Option<String>,
}

impl Element {
    /// Reads a field that has one element.
    fn parse(field: &str) -> Result<Self, Refusal> {
        let mut element = Self::default();
        let mut rest = field;
        loop {
            let (key, after) = rest
                .split_once('=')
                .filter(|(key, _)| is_key(key))
                .ok_or_else(|| wrong("what should be Key=Value is not"))?;
            let (value, after) = take_value(after)?;
            let place = match key.to_ascii_lowercase().as_str() {
                "hash" => Some(&mut element.hash),
                "cert" => Some(&mut element.cert),
                "chain" => Some(&mut element.chain),
                _ => None,
            };
            if let Some(place) = place
                && place.replace(value).is_some()
            {
                return Err(wrong("a key is there twice in the element"));
            }
            rest = match after.split_at_checked(1) {
                None => return Ok(element),
                Some((";", after)) => after,
                Some((",", _)) => return Err(wrong("the field has more than one element")),
                Some(_) => return Err(wrong("there is something after a quoted value")),
            };
        }
    }
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// A value, and what comes after it.
fn take_value(text: &str) -> Result<(String, &str), Refusal> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ';']).unwrap_or(text.len());
        let (value, after) = text.split_at(end);
        return match value.contains('"') {
            true => Err(wrong("there is a quotation mark within a value")),
            false => Ok((value.to_owned(), after)),
        };
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Ok((value, &quoted[at + 1..])),
            // What is escaped is itself, also a backslash before the mark that ends the value.
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    Err(wrong("a quoted value has no end"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forwarded::tests::headers;
    use crate::tests::authority::TestAuthority;
    use credmint_core::Code;

    /// A certificate in the three forms of the field.
    struct Client {
        der: Vec<u8>,
        hash: String,
        /// As Envoy writes it.
        cert: String,
    }

    fn client() -> Client {
        let certificate = TestAuthority::new().server().certificate;
        let der = certificate.der().to_vec();
        let hash = Fingerprint::of(&der).to_string();
        let escapes = [("\n", "%0A"), (" ", "%20"), ("+", "%2B"), ("/", "%2F"), ("=", "%3D")];
        let cert =
            escapes.iter().fold(certificate.pem(), |text, (from, to)| text.replace(from, to));
        Client { der, hash, cert }
    }

    fn detail(field: &str) -> String {
        let refusal = read(&headers(&[("x-forwarded-client-cert", field)])).unwrap_err();
        assert_eq!(refusal.code(), Code::ForwardedCertificate, "{field}");
        refusal.detail_text().unwrap().to_owned()
    }

    fn accept(field: &str) -> ClientCertificate {
        read(&headers(&[("x-forwarded-client-cert", field)])).unwrap()
    }

    #[test]
    fn what_envoy_writes_is_read() {
        let (Client { der, hash, cert }, other) = (client(), client());
        let check = |field: &str, chain: &[&[u8]]| {
            let certificate = accept(field);
            assert_eq!(certificate.leaf(), der, "{field}");
            assert_eq!(certificate.chain(), chain, "{field}");
        };
        check(&format!("Hash={hash};Cert=\"{cert}\""), &[]);
        check(&format!("hash={hash};CERT={cert}"), &[]);
        check(&format!("Hash={hash};Chain=\"{cert}\""), &[]);
        check(
            &format!(
                "By=spiffe://a/b;Hash={hash};Cert=\"{cert}\";Chain=\"{cert}{}\";\
                 Subject=\"CN=a\\, \\\"b\\\",O=c;Cert=\\\\\";URI=spiffe://c;URI=x=y;DNS=d",
                other.cert
            ),
            &[&other.der],
        );
    }

    #[test]
    fn several_and_malformed_are_refused() {
        let (Client { hash, cert, .. }, other) = (client(), client());
        let check = |field: &str, expect: &str| assert_eq!(detail(field), expect, "{field}");
        let good = format!("Hash={hash};Cert=\"{cert}\"");
        check("", "what should be Key=Value is not");
        check("Hash", "what should be Key=Value is not");
        check(&format!("{good};"), "what should be Key=Value is not");
        check(&format!("{good}; DNS=a"), "what should be Key=Value is not");
        check(&format!("{good},{good}"), "the field has more than one element");
        check(&format!("{good},"), "the field has more than one element");
        check(&format!("By=a,{good}"), "the field has more than one element");
        check(&format!("{good}x"), "there is something after a quoted value");
        check(&format!("Subject=\"a;{}", good.replace('"', "\\\"")), "a quoted value has no end");
        check(&format!("{good};URI=a\"b"), "there is a quotation mark within a value");
        check(&format!("{good};Cert={cert}"), "a key is there twice in the element");
        check(&format!("{good};hash={hash}"), "a key is there twice in the element");
        check(
            &format!("Hash={hash};Subject=\"\""),
            "the element has no Cert and no Chain: have the proxy add them",
        );
        let no_hash = "the element has no Hash, SHA-256 in hexadecimal digits";
        check(&format!("Cert=\"{cert}\""), no_hash);
        check(&format!("Hash=00;Cert=\"{cert}\""), no_hash);
        check(
            &format!("Hash={hash};Cert={};Chain={cert}", other.cert),
            "Cert is not the first certificate of Chain",
        );
        check(&format!("Hash={hash};Cert={cert}{cert}"), "Cert has more than one certificate");
        check(&format!("Hash={hash};Cert={cert}%"), "the PEM is not percent-encoded");
        check(&format!("Hash={hash};Cert={cert}%+1"), "the PEM is not percent-encoded");
        assert!(detail(&format!("Hash={hash};Cert=AA")).starts_with("pem_malformed"));
        let eight = cert.repeat(9);
        assert!(detail(&format!("Hash={hash};Chain={eight}")).starts_with("certificates_too_many"));
    }

    #[test]
    fn i28_several_fields_are_refused() {
        let Client { hash, cert, .. } = client();
        let field = format!("Hash={hash};Cert=\"{cert}\"");
        let twice = [("x-forwarded-client-cert", &*field), ("x-forwarded-client-cert", &field)];
        let refusal = read(&headers(&twice)).unwrap_err();
        assert_eq!(refusal.detail_text(), Some("the field is there more than once"));
    }

    /// Envoy writes the names of the certificate as they are, after its own keys.
    #[test]
    fn i28_a_name_of_the_certificate_brings_no_other_certificate() {
        let (own, victim) = (client(), client());
        let injected = format!("URI=spiffe://a;Cert={}", victim.cert);
        let check = |keys: &str, injected: &str, expect: &str| {
            assert_eq!(detail(&format!("Hash={}{keys};{injected}", own.hash)), expect);
        };
        let twice = "a key is there twice in the element";
        check(&format!(";Cert=\"{}\"", own.cert), &injected, twice);
        check("", &injected, "Hash is not that of the certificate");
        check("", &format!("{injected};Hash={}", victim.hash), twice);
        check(
            &format!(";Chain=\"{}\"", own.cert),
            &injected,
            "Cert is not the first certificate of Chain",
        );
        let element = format!("URI=a,Hash={};Cert={}", victim.hash, victim.cert);
        check(&format!(";Cert=\"{}\"", own.cert), &element, "the field has more than one element");
    }
}
