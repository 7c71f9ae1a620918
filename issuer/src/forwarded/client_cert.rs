//! `Client-Cert` and `Client-Cert-Chain` (RFC 9440): byte sequences of structured fields, each one certificate in DER.

use super::{only, wrong};
use credmint_core::{ClientCertificate, Refusal};
use http::HeaderMap;
use sfv::{BareItem, Item, List, ListEntry, Parser};

const CERTIFICATE: &str = "client-cert";
const CHAIN: &str = "client-cert-chain";

pub(super) const FIELDS: [&str; 2] = [CERTIFICATE, CHAIN];

/// The certificate, and the chain where there is one.
pub(super) fn read(headers: &HeaderMap) -> Result<ClientCertificate, Refusal> {
    let certificate: Item = Parser::new(only(headers, CERTIFICATE)?)
        .parse()
        .map_err(|_| wrong("Client-Cert is no item of a structured field"))?;
    let certificate = bytes(certificate)?;
    ClientCertificate::from_transport(certificate, chain(headers)?).map_err(wrong)
}

/// RFC 9440 section 2.3. A list may stand in several lines (RFC 9651 section 4.2).
fn chain(headers: &HeaderMap) -> Result<Vec<Vec<u8>>, Refusal> {
    let lines: Vec<&[u8]> = headers.get_all(CHAIN).iter().map(|value| value.as_bytes()).collect();
    let list: List = Parser::new(&lines.join(b", ".as_slice()))
        .parse()
        .map_err(|_| wrong("Client-Cert-Chain is no list of a structured field"))?;
    list.into_iter()
        .map(|entry| match entry {
            ListEntry::Item(item) => bytes(item),
            ListEntry::InnerList(_) => Err(wrong("Client-Cert-Chain has a list in it")),
        })
        .collect()
}

fn bytes(item: Item) -> Result<Vec<u8>, Refusal> {
    match item.bare_item {
        BareItem::ByteSequence(der) if !der.is_empty() => Ok(der),
        _ => Err(wrong("a certificate is no byte sequence, :base64:")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forwarded::tests::headers;
    use credmint_core::Code;

    #[test]
    fn byte_sequences_are_read_strictly() {
        let check = |lines: &[(&'static str, &str)], expect: Result<(u8, &[u8]), &str>| {
            let read = read(&headers(lines));
            let read = read.as_ref().map(|certificate| {
                let chain: Vec<u8> = certificate.chain().iter().map(|other| other[0]).collect();
                (certificate.leaf()[0], chain)
            });
            match (read, expect) {
                (Ok((leaf, chain)), Ok(expect)) => assert_eq!((leaf, &*chain), expect),
                (Err(refusal), Err(detail)) => {
                    assert_eq!(refusal.code(), Code::ForwardedCertificate, "{lines:?}");
                    assert_eq!(refusal.detail_text(), Some(detail), "{lines:?}");
                }
                (read, expect) => panic!("{lines:?}: {read:?}, not {expect:?}"),
            }
        };
        let leaf = ("client-cert", ":AQ==:");
        check(&[leaf], Ok((1, &[])));
        check(&[leaf, ("client-cert-chain", ":Ag==:, :Aw==:")], Ok((1, &[2, 3])));
        check(
            &[leaf, ("client-cert-chain", ":Ag==:"), ("client-cert-chain", ":Aw==:")],
            Ok((1, &[2, 3])),
        );
        let no_item = Err("Client-Cert is no item of a structured field");
        check(&[("client-cert", "")], no_item);
        check(&[("client-cert", ":AQ==")], no_item);
        check(&[("client-cert", ":A!==:")], no_item);
        check(&[("client-cert", ":AQ==:, :Ag==:")], no_item);
        check(&[("client-cert", ":AQ==: x")], no_item);
        let no_bytes = Err("a certificate is no byte sequence, :base64:");
        check(&[("client-cert", "AQ")], no_bytes);
        check(&[("client-cert", "\"AQ==\"")], no_bytes);
        check(&[("client-cert", "::")], no_bytes);
        check(&[leaf, ("client-cert-chain", ":Ag==:, x")], no_bytes);
        check(&[leaf, leaf], Err("the field is there more than once"));
        check(&[("client-cert-chain", ":Ag==:")], Err("there is a chain and no certificate"));
        check(
            &[leaf, ("client-cert-chain", "(:Ag==:)")],
            Err("Client-Cert-Chain has a list in it"),
        );
        check(
            &[leaf, ("client-cert-chain", ":Ag==:,")],
            Err("Client-Cert-Chain is no list of a structured field"),
        );
    }

    #[test]
    fn a_long_chain_is_refused() {
        let chain = [":Ag==:"; 8].join(", ");
        let refusal = read(&headers(&[("client-cert", ":AQ==:"), ("client-cert-chain", &chain)]));
        let detail = "certificates_too_many: The request has too many certificates.";
        assert_eq!(refusal.unwrap_err().detail_text(), Some(detail));
    }
}
