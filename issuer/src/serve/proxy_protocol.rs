//! The PROXY protocol, versions 1 and 2: a balancer that passes connections on as they are says before the first byte from
//! where each comes.
//!
//! It is read from configured addresses alone, where it must be there. The crates that parse it read version 1 leniently; what
//! is needed of it is small: the source.

use crate::limits::{PROXY_HEADER_BYTES, PROXY_LINE_BYTES};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::io::{AsyncRead, AsyncReadExt};

/// What version 2 begins with.
const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";

/// Reads the header at the start of a connection, and nothing behind it: from where the balancer was connected to. `None`
/// for a connection of the balancer itself, such as a health check.
///
/// # Errors
/// When there is no such header, or one that does not say it.
pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<SocketAddr>> {
    let mut start = SIGNATURE;
    stream.read_exact(&mut start).await?;
    match start == SIGNATURE {
        true => read_binary(stream).await,
        false => read_line(stream, &start).await,
    }
}

async fn read_binary(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<SocketAddr>> {
    let mut fixed = [0; 4];
    stream.read_exact(&mut fixed).await?;
    let [command, family, high, low] = fixed;
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length > PROXY_HEADER_BYTES {
        return Err(wrong("the PROXY header is too large"));
    }
    let mut rest = vec![0; length];
    stream.read_exact(&mut rest).await?;
    match (command, family) {
        (0x20, _) => Ok(None),
        (0x21, 0x11) => address::<4>(&rest, 12).map(Some),
        (0x21, 0x21) => address::<16>(&rest, 36).map(Some),
        _ => Err(wrong("the PROXY header is of no TCP connection")),
    }
}

/// The source, which comes first; both addresses are followed by both ports, `length` bytes together.
fn address<const N: usize>(rest: &[u8], length: usize) -> io::Result<SocketAddr>
where
    IpAddr: From<[u8; N]>,
{
    let source = rest.first_chunk::<N>().filter(|_| rest.len() >= length);
    let port = rest.get(2 * N..).and_then(|ports| ports.first_chunk());
    let (Some(source), Some(port)) = (source, port) else {
        return Err(wrong("the PROXY header has no addresses"));
    };
    Ok(SocketAddr::new(IpAddr::from(*source), u16::from_be_bytes(*port)))
}

async fn read_line(
    stream: &mut (impl AsyncRead + Unpin),
    start: &[u8],
) -> io::Result<Option<SocketAddr>> {
    if !start.starts_with(b"PROXY ") {
        return Err(wrong("there is no PROXY header"));
    }
    let mut line = start.to_vec();
    while !line.ends_with(b"\r\n") {
        if line.len() >= PROXY_LINE_BYTES {
            return Err(wrong("the PROXY header has no end"));
        }
        line.push(stream.read_u8().await?);
    }
    let text = str::from_utf8(&line).map_err(|_| wrong("the PROXY header is no text"))?;
    parse_line(text.trim_end_matches("\r\n")).ok_or_else(|| wrong("the PROXY header is malformed"))
}

/// The outer `None` says that it is malformed.
fn parse_line(line: &str) -> Option<Option<SocketAddr>> {
    let parts: Vec<&str> = line.split(' ').collect();
    let (source, target, ports) = match parts[..] {
        ["PROXY", "UNKNOWN", ..] => return Some(None),
        ["PROXY", "TCP4", source, target, from, to] => {
            let parse = |text: &str| text.parse::<Ipv4Addr>().ok().map(IpAddr::V4);
            (parse(source)?, parse(target)?, [from, to])
        }
        ["PROXY", "TCP6", source, target, from, to] => {
            let parse = |text: &str| text.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
            (parse(source)?, parse(target)?, [from, to])
        }
        _ => return None,
    };
    let [from, to] = ports.map(port);
    let _ = (target, to?);
    Some(Some(SocketAddr::new(source, from?)))
}

fn port(text: &str) -> Option<u16> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    if is_plain || text == "0" { text.parse().ok() } else { None }
}

fn wrong(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told, and what stands behind it.
    async fn told(bytes: &[u8]) -> Result<(Option<String>, Vec<u8>), String> {
        let mut rest = bytes;
        let told = read(&mut rest).await.map_err(|error| error.to_string())?;
        Ok((told.map(|address| address.to_string()), rest.to_vec()))
    }

    fn binary(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
        [&SIGNATURE[..], &[command, family], &length, rest, b"GET /"].concat()
    }

    #[tokio::test]
    async fn both_versions_tell_the_source_and_nothing_behind_is_read() {
        let check = async |bytes: &[u8], expect: Option<&str>| {
            let expect = (expect.map(str::to_owned), b"GET /".to_vec());
            assert_eq!(told(bytes).await, Ok(expect), "{}", bytes.escape_ascii());
        };
        check(b"PROXY TCP4 192.0.2.1 198.51.100.1 4711 443\r\nGET /", Some("192.0.2.1:4711")).await;
        check(b"PROXY TCP6 2001:db8::1 ::1 4711 443\r\nGET /", Some("[2001:db8::1]:4711")).await;
        check(b"PROXY UNKNOWN\r\nGET /", None).await;
        check(b"PROXY UNKNOWN what ever 1 2\r\nGET /", None).await;
        let v4 = [192, 0, 2, 1, 198, 51, 100, 1, 0x12, 0x67, 1, 0xbb];
        check(&binary(0x21, 0x11, &v4), Some("192.0.2.1:4711")).await;
        let with_more = [&v4[..], &[4, 0, 1, 0]].concat();
        check(&binary(0x21, 0x11, &with_more), Some("192.0.2.1:4711")).await;
        let mut v6 = [0; 36];
        (v6[0], v6[15], v6[32], v6[33]) = (0x20, 1, 0x12, 0x67);
        check(&binary(0x21, 0x21, &v6), Some("[2000::1]:4711")).await;
        check(&binary(0x20, 0, &[]), None).await;
    }

    #[tokio::test]
    async fn what_does_not_tell_it_is_refused() {
        let check = async |bytes: &[u8], expect: &str| {
            let error = told(bytes).await.unwrap_err();
            assert_eq!(error, expect, "{}", bytes.escape_ascii());
        };
        check(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "there is no PROXY header").await;
        for line in [
            "TCP4 192.0.2.1 198.51.100.1 4711",
            "TCP4 192.0.2.1 198.51.100.1 +4711 443",
            "TCP4 192.0.2.1 198.51.100.1 04711 443",
            "TCP4 192.0.2.1 198.51.100.1 65536 443",
            "TCP4 192.0.2.1  198.51.100.1 4711 443",
            "TCP4 2001:db8::1 ::1 4711 443",
            "TCP6 192.0.2.1 198.51.100.1 4711 443",
            "TCP5 192.0.2.1 198.51.100.1 4711 443",
            "TCP4 192.0.2.256 198.51.100.1 4711 443",
            "TCP4 192.0.2.1 198.51.100.1 4711 443 1",
        ] {
            check(format!("PROXY {line}\r\n").as_bytes(), "the PROXY header is malformed").await;
        }
        let endless = format!("PROXY UNKNOWN {}", "x".repeat(200));
        check(endless.as_bytes(), "the PROXY header has no end").await;
        check(&binary(0x21, 0x11, &[0; 11]), "the PROXY header has no addresses").await;
        let of_none = "the PROXY header is of no TCP connection";
        check(&binary(0x21, 0x12, &[0; 12]), of_none).await;
        check(&binary(0x21, 0x31, &[0; 216]), of_none).await;
        check(&binary(0x22, 0x11, &[0; 12]), of_none).await;
        check(&binary(0x11, 0x11, &[0; 12]), of_none).await;
        let large = vec![0; PROXY_HEADER_BYTES + 1];
        check(&binary(0x21, 0x11, &large), "the PROXY header is too large").await;
        check(b"PROXY TCP4 192", "unexpected end of file").await;
    }
}
