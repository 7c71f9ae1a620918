//! The address of a client, as the forwarder before us tells it: `X-Forwarded-For`, or `Forwarded` (RFC 7239).
//!
//! Each forwarder adds to the end of the list from whom it has the request. So the list is read from its end, past the
//! addresses of configured forwarders, to the first other one: what stands before it is what a client says, and counts for
//! nothing.

use credmint_core::{Code, Refusal};
use http::HeaderMap;
use std::net::{IpAddr, SocketAddr};

/// The field that a forwarder sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceField {
    /// `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// `Forwarded`.
    Forwarded,
}

impl SourceField {
    const fn name(self) -> &'static str {
        match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
        }
    }
}

/// The address of the client, where a forwarder tells one.
///
/// # Errors
/// [`Code::ForwardedSource`] when what it tells is no address.
pub(crate) fn read_source(
    field: SourceField,
    headers: &HeaderMap,
    is_forwarder: impl Fn(IpAddr) -> bool,
) -> Result<Option<IpAddr>, Refusal> {
    let mut last = None;
    for value in headers.get_all(field.name()).iter().rev() {
        let text =
            value.to_str().map_err(|_| wrong("the field has characters that are not ASCII"))?;
        for element in elements(text)?.into_iter().rev() {
            let node = match field {
                SourceField::XForwardedFor => element.trim_matches(BLANKS),
                SourceField::Forwarded => forwarded_for(element)?,
            };
            let address = address(node).ok_or_else(|| wrong("an element is no address"))?;
            if !is_forwarder(address) {
                return Ok(Some(address));
            }
            last = Some(address);
        }
    }
    Ok(last)
}

const BLANKS: [char; 2] = [' ', '\t'];

/// What stands between commas outside of quotes.
fn elements(text: &str) -> Result<Vec<&str>, Refusal> {
    split(text, ',')
}

fn split(text: &str, at: char) -> Result<Vec<&str>, Refusal> {
    let (mut parts, mut start, mut is_quoted, mut is_escaped) = (Vec::new(), 0, false, false);
    for (index, character) in text.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ if character == at && !is_quoted => {
                parts.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    if is_quoted { Err(wrong("a quoted text has no end")) } else { Ok(parts) }
}

/// The node of `for=`, which each element has once.
fn forwarded_for(element: &str) -> Result<&str, Refusal> {
    let mut found = None;
    for pair in split(element, ';')? {
        let Some((name, value)) = pair.trim_matches(BLANKS).split_once('=') else {
            return Err(wrong("an element is no list of pairs"));
        };
        if name.eq_ignore_ascii_case("for") && found.replace(value).is_some() {
            return Err(wrong("an element has two `for`"));
        }
    }
    let value = found.ok_or_else(|| wrong("an element has no `for`"))?;
    Ok(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
}

/// An address, with a port or without; one of IPv6 in brackets or, without a port, bare.
fn address(node: &str) -> Option<IpAddr> {
    let bracketed = || node.strip_prefix('[')?.strip_suffix(']')?.parse::<IpAddr>().ok();
    let plain = node.parse().ok();
    let with_port = || node.parse().ok().map(|socket: SocketAddr| socket.ip());
    plain.or_else(bracketed).or_else(with_port).map(|address| address.to_canonical())
}

fn wrong(detail: &'static str) -> Refusal {
    Refusal::new(Code::ForwardedSource)
        .detail(detail)
        .told("The proxy in front does not tell from where the request comes.")
}

#[cfg(test)]
mod tests {
    use super::super::tests::headers;
    use super::*;

    fn read(field: SourceField, lines: &[(&'static str, &str)]) -> Result<Option<String>, String> {
        let is_forwarder = |address: IpAddr| address.to_string().starts_with("10.");
        read_source(field, &headers(lines), is_forwarder)
            .map(|found| found.map(|address| address.to_string()))
            .map_err(|refusal| {
                assert_eq!(refusal.code(), Code::ForwardedSource);
                refusal.detail_text().unwrap().to_owned()
            })
    }

    #[test]
    fn the_last_that_is_no_forwarder_counts() {
        let check = |values: &[&str], expect: Option<&str>| {
            let lines: Vec<_> = values.iter().map(|value| ("x-forwarded-for", *value)).collect();
            let found = read(SourceField::XForwardedFor, &lines);
            assert_eq!(found, Ok(expect.map(str::to_owned)), "{values:?}");
        };
        check(&[], None);
        check(&["192.0.2.1"], Some("192.0.2.1"));
        check(&["127.0.0.1, 192.0.2.1"], Some("192.0.2.1"));
        check(&["nonsense, 192.0.2.1, 10.0.0.1"], Some("192.0.2.1"));
        check(&["192.0.2.9", "192.0.2.1 ,10.0.0.2"], Some("192.0.2.1"));
        check(&["10.0.0.1, 10.0.0.2"], Some("10.0.0.1"));
        check(&["2001:db8::1"], Some("2001:db8::1"));
        check(&["[2001:db8::1]:4711"], Some("2001:db8::1"));
        check(&["192.0.2.1:4711"], Some("192.0.2.1"));
        check(&["::ffff:192.0.2.1"], Some("192.0.2.1"));
    }

    #[test]
    fn forwarded_is_read_by_its_rfc() {
        let check = |value: &str, expect: Result<Option<&str>, &str>| {
            let found = read(SourceField::Forwarded, &[("forwarded", value)]);
            let expect = expect.map(|found| found.map(str::to_owned)).map_err(str::to_owned);
            assert_eq!(found, expect, "{value}");
        };
        check("for=192.0.2.1", Ok(Some("192.0.2.1")));
        check("For=\"[2001:db8::1]:4711\";proto=https", Ok(Some("2001:db8::1")));
        check("for=x, by=10.0.0.9; for=192.0.2.1 , for=10.0.0.1", Ok(Some("192.0.2.1")));
        check("for=9.9.9.9, host=\"a,for=8.8.8.8\";for=192.0.2.1", Ok(Some("192.0.2.1")));
        check("for=unknown", Err("an element is no address"));
        check("for=_hidden", Err("an element is no address"));
        check("proto=https", Err("an element has no `for`"));
        check("for=192.0.2.1;for=192.0.2.2", Err("an element has two `for`"));
        check("for=\"192.0.2.1", Err("a quoted text has no end"));
        check("192.0.2.1", Err("an element is no list of pairs"));
    }

    #[test]
    fn i28_the_other_field_counts_for_nothing() {
        let lines = [("forwarded", "for=192.0.2.1"), ("x-forwarded-for", "192.0.2.2")];
        let by = |field| read(field, &lines).unwrap().unwrap();
        assert_eq!(by(SourceField::Forwarded), "192.0.2.1");
        assert_eq!(by(SourceField::XForwardedFor), "192.0.2.2");
    }
}
