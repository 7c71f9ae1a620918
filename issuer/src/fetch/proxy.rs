//! A tunnel through an HTTP proxy (CONNECT, RFC 9110 section 9.3.6). What flows through it is TLS from end to end.

use super::config::HttpsProxy;
use super::target::Target;
use super::{FetchError, beside, client, credentials};
use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::Empty;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

impl HttpsProxy {
    /// Whether `target` is reached through this proxy.
    pub(super) fn leads_to(&self, target: &Target) -> bool {
        self.hosts.iter().any(|host| host.eq_ignore_ascii_case(&target.host))
    }

    /// Asks the proxy behind `stream` for a connection to `target`.
    pub(super) async fn tunnel(
        &self,
        stream: TcpStream,
        target: &Target,
    ) -> Result<TokioIo<Upgraded>, FetchError> {
        let broken = |cause| FetchError::Proxy { cause };
        let destination = format!("{}:{}", target.host, target.port);
        let mut request = Request::connect(&destination).header(header::HOST, &destination);
        if let Some(path) = &self.credentials_file {
            request = request.header(header::PROXY_AUTHORIZATION, credentials::basic(path)?);
        }
        let request = request
            .body(Empty::<Bytes>::new())
            .map_err(|_| FetchError::Url { why: "its host is not a request target" })?;
        let (mut sender, connection) =
            client().handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let opened = async {
            let answer = sender.send_request(request).await.map_err(broken)?;
            match answer.status() {
                StatusCode::OK => hyper::upgrade::on(answer).await.map_err(broken),
                status => Err(FetchError::ProxyRefused { status: status.as_u16(), destination }),
            }
        };
        // The connection ends when it has become the tunnel.
        beside(connection.with_upgrades(), opened, broken).await.map(TokioIo::new)
    }
}
