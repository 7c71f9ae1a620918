//! HTTP/1.1 by hand, so that a test says every byte of a request.

use serde_json::Value;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    fields: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a field, empty when there is none. A field that occurs twice is a mistake of the filter.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut found = self.fields.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name));
        let value = found.next().map_or("", |(_, value)| value);
        assert!(found.next().is_none(), "{name} twice in {self:?}");
        value
    }

    /// The values of a field as the service saw them; the body is what it says of that.
    pub(crate) fn seen(&self, name: &str) -> Vec<String> {
        let fields: Vec<(String, String)> = serde_json::from_str::<Value>(&self.body)
            .and_then(serde_json::from_value)
            .unwrap_or_else(|error| panic!("{error}: {self:?}"));
        fields.into_iter().filter(|(field, _)| field == name).map(|(_, value)| value).collect()
    }

    /// The answer in `bytes`, when they are all of it. Envoy announces a length, and then keeps the connection
    /// open for a second; its admin interface ends the connection.
    fn parse(bytes: &[u8], at_end: bool) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let answer = Self {
            status: lines.next()?.split(' ').nth(1)?.parse().ok()?,
            fields: lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: body.to_owned(),
        };
        let announced = answer.header("content-length").parse().ok();
        (at_end || announced == Some(body.len())).then_some(answer)
    }
}

/// Sends a request, which must ask for the connection to be closed, and reads the answer.
pub(crate) async fn exchange(address: SocketAddr, request: &[u8]) -> Answer {
    let mut stream = send(address, request).await;
    let mut bytes = Vec::new();
    loop {
        let at_end = stream.read_buf(&mut bytes).await.expect("a connection") == 0;
        match Answer::parse(&bytes, at_end) {
            Some(answer) => return answer,
            None => assert!(!at_end, "answer {:?}", String::from_utf8_lossy(&bytes)),
        }
    }
}

/// Sends a request and reads nothing.
pub(crate) async fn send(address: SocketAddr, request: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("a listening server");
    stream.write_all(request).await.expect("a connection");
    stream
}
