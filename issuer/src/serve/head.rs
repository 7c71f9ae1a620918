//! The head of a request, judged before the HTTP library reads it.
//!
//! The library is lenient where RFC 9112 lets it be, and what one reader takes leniently a proxy before it may have taken in
//! another way: that is how a request hides in another (request smuggling). So what can be read in two ways is refused. The
//! head is parsed by the library's own parser, so that both see one thing.

use crate::limits::HEADER_FIELDS;
use http::uri::Authority;
use httparse::{Error, Header, Request, Status};

/// Where the head ends and how its body is framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// This many bytes, or none.
    Length(u64),
    /// In chunks.
    Chunked,
}

/// Why a head is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeadError {
    /// It can be read in more than one way, or in none.
    Malformed(&'static str),
    /// It is larger than [`HEAD_BYTES`](crate::limits::HEAD_BYTES), or has more than [`HEADER_FIELDS`].
    TooLarge,
}

use HeadError::Malformed;

/// The length of the head at the start of `bytes`, of which the first `seen` have no end of it in them. `None` when it is not
/// complete yet.
///
/// # Errors
/// When a line does not end with CR LF.
pub(super) fn length(bytes: &[u8], seen: usize) -> Result<Option<usize>, HeadError> {
    let rest = bytes.iter().enumerate().skip(seen);
    for (end, _) in rest.filter(|(_, byte)| **byte == b'\n') {
        let lines = &bytes[..=end];
        if !lines.ends_with(b"\r\n") {
            return Err(Malformed("a line ends with LF alone"));
        }
        if lines.ends_with(b"\r\n\r\n") {
            return Ok(Some(lines.len()));
        }
    }
    Ok(None)
}

/// How the body behind this complete head is framed.
///
/// # Errors
/// When the head is refused.
pub(super) fn framing(head: &[u8]) -> Result<Framing, HeadError> {
    let mut fields = [httparse::EMPTY_HEADER; HEADER_FIELDS];
    let mut request = Request::new(&mut fields);
    match request.parse(head) {
        Ok(Status::Complete(length)) if length == head.len() => {}
        Err(Error::TooManyHeaders) => return Err(HeadError::TooLarge),
        Ok(_) => return Err(Malformed("the head has an empty line before its end")),
        Err(Error::Version) => return Err(Malformed("the version is not HTTP/1.1 or HTTP/1.0")),
        Err(Error::HeaderName) => return Err(Malformed("a field has no proper name")),
        Err(Error::HeaderValue) => return Err(Malformed("a field has a value with controls")),
        Err(_) => return Err(Malformed("the first line is no request line")),
    }
    let is_current = request.version == Some(1);
    check_host(request.headers, is_current)?;
    let coding = only(request.headers, "transfer-encoding", "there are two Transfer-Encoding")?;
    let length = only(request.headers, "content-length", "there are two Content-Length")?;
    match (coding, length) {
        (Some(_), Some(_)) => Err(Malformed("there are both Content-Length and Transfer-Encoding")),
        (Some(_), None) if !is_current => Err(Malformed("HTTP/1.0 has no Transfer-Encoding")),
        (Some(coding), None) if coding.eq_ignore_ascii_case(b"chunked") => Ok(Framing::Chunked),
        (Some(_), None) => Err(Malformed("the Transfer-Encoding is not chunked alone")),
        (None, Some(length)) => digits(length).map(Framing::Length),
        (None, None) => Ok(Framing::Length(0)),
    }
}

/// RFC 9112 section 3.2: exactly one, and well-formed.
fn check_host(fields: &[Header<'_>], is_current: bool) -> Result<(), HeadError> {
    match only(fields, "host", "there are two Host")? {
        Some(host) if is_host(host) => Ok(()),
        Some(_) => Err(Malformed("the Host is no host")),
        None if is_current => Err(Malformed("there is no Host")),
        None => Ok(()),
    }
}

/// Whether it is a name or an address, with a port or without.
pub(super) fn is_host(value: &[u8]) -> bool {
    let Ok(authority) = Authority::try_from(value) else { return false };
    let Some(rest) = authority.as_str().strip_prefix(authority.host()) else { return false };
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    // A comma is allowed in a name, where none has one, and is what joins two fields.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%[]:".contains(&byte);
    let is_name = !authority.host().is_empty() && authority.host().bytes().all(is_plain);
    is_name && (rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port))
}

/// The value of a field that may be there once.
fn only<'a>(
    fields: &[Header<'a>],
    name: &str,
    twice: &'static str,
) -> Result<Option<&'a [u8]>, HeadError> {
    let mut values = fields.iter().filter(|field| field.name.eq_ignore_ascii_case(name));
    match (values.next(), values.next()) {
        (_, Some(_)) => Err(Malformed(twice)),
        (found, None) => Ok(found.map(|field| field.value)),
    }
}

fn digits(value: &[u8]) -> Result<u64, HeadError> {
    let wrong = Malformed("the Content-Length is no number");
    if !value.iter().all(u8::is_ascii_digit) {
        return Err(wrong);
    }
    str::from_utf8(value).ok().and_then(|text| text.parse().ok()).ok_or(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_ends_with_its_empty_line() {
        let check = |bytes: &[u8], expect: Result<Option<usize>, HeadError>| {
            for seen in 0..bytes.len().min(3) {
                assert_eq!(length(bytes, seen), expect, "{}", bytes.escape_ascii());
            }
        };
        check(b"GET / HTTP/1.1\r\nHost: x\r\n\r\nbody", Ok(Some(27)));
        check(b"GET / HTTP/1.1\r\nHost: x\r\n\r", Ok(None));
        let bare = Err(Malformed("a line ends with LF alone"));
        check(b"GET / HTTP/1.1\nHost: x\r\n\r\n", bare);
        check(b"GET / HTTP/1.1\r\nHost: x\n\r\n", bare);
        check(b"GET / HTTP/1.1\r\nHost: x\r\n\n", bare);
    }

    #[test]
    fn i13_what_can_be_read_in_two_ways_is_refused() {
        let check = |fields: &str, expect: Result<Framing, &'static str>| {
            let head = format!("POST /token HTTP/1.1\r\n{fields}\r\n");
            let expect = expect.map_err(Malformed);
            assert_eq!(framing(head.as_bytes()), expect, "{fields:?}");
        };
        check("Host: x\r\n", Ok(Framing::Length(0)));
        check("host:x:8443\r\nCONTENT-LENGTH: 7\r\n", Ok(Framing::Length(7)));
        check("Host: [2001:db8::1]:8443\r\n", Ok(Framing::Length(0)));
        check("Host: x\r\nTransfer-Encoding: Chunked\r\n", Ok(Framing::Chunked));
        check("", Err("there is no Host"));
        check("Host: x\r\nHost: x\r\n", Err("there are two Host"));
        for host in ["", "a b", "a@b", "a/b", "x:port", "[::1", "x,y", "x:1:2", "http://x"] {
            check(&format!("Host: {host}\r\n"), Err("the Host is no host"));
        }
        let both = "there are both Content-Length and Transfer-Encoding";
        check("Host: x\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n", Err(both));
        check("Host: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 7\r\n", Err(both));
        let lengths = "there are two Content-Length";
        check("Host: x\r\nContent-Length: 7\r\nContent-Length: 7\r\n", Err(lengths));
        for length in ["", "7, 7", "+7", "-7", "0x7", "7 7", "18446744073709551616"] {
            let fields = format!("Host: x\r\nContent-Length: {length}\r\n");
            check(&fields, Err("the Content-Length is no number"));
        }
        let coding = "the Transfer-Encoding is not chunked alone";
        for value in ["identity", "identity, chunked", "chunked, identity", "gzip", "", "xchunked"]
        {
            check(&format!("Host: x\r\nTransfer-Encoding: {value}\r\n"), Err(coding));
        }
        let twice = "Host: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n";
        check(twice, Err("there are two Transfer-Encoding"));
        let name = "a field has no proper name";
        check("Host: x\r\n folded: 1\r\n", Err(name));
        check("Host: x\r\nContent-Length : 7\r\n", Err(name));
        check("Host: x\r\nX: a\r\n b\r\n", Err(name));
        check("Host: x\r\nX: a\0b\r\n", Err("a field has a value with controls"));
    }

    #[test]
    fn versions_and_first_lines() {
        let check = |head: &str, expect: Result<Framing, &'static str>| {
            assert_eq!(framing(head.as_bytes()), expect.map_err(Malformed), "{head:?}");
        };
        check("GET / HTTP/1.0\r\n\r\n", Ok(Framing::Length(0)));
        check("GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n", Err("there are two Host"));
        let coding = "HTTP/1.0 has no Transfer-Encoding";
        check("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", Err(coding));
        check("PRI * HTTP/2.0\r\n\r\n", Err("the version is not HTTP/1.1 or HTTP/1.0"));
        check("nonsense\r\n\r\n", Err("the first line is no request line"));
        check("\r\n\r\n", Err("the head has an empty line before its end"));
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "X: x\r\n".repeat(HEADER_FIELDS + 1));
        assert_eq!(framing(many.as_bytes()), Err(HeadError::TooLarge));
    }
}
