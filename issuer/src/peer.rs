//! Who is at the other end of a connection, as far as its transport has found out.

use crate::forwarded::{self, Form};
use axum::extract::ConnectInfo;
use credmint_core::{ClientCertificate, Refusal};
use http::request::Parts;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Who is at the other end of a connection.
#[derive(Clone, Debug)]
pub struct Peer {
    /// None at a Unix socket.
    address: Option<SocketAddr>,
    /// The address that a trusted forwarder tells for this request.
    told: Option<IpAddr>,
    proven: Proven,
}

/// What the peer has proven about itself.
#[derive(Clone, Debug)]
enum Proven {
    Nothing,
    /// That the key of this certificate is its own.
    Certificate(Arc<ClientCertificate>),
    /// That it is a proxy which the operator trusts, and which forwards the certificates of its clients in this form. Its own
    /// certificate is nobody's proof: else who comes through it without one would be taken for the proxy.
    Proxy(Form),
}

impl Peer {
    /// A client that has shown its certificate in a handshake.
    pub(crate) fn with_certificate(address: SocketAddr, certificate: ClientCertificate) -> Self {
        let proven = Proven::Certificate(Arc::new(certificate));
        Self { address: Some(address), told: None, proven }
    }

    /// A proxy that has proven who it is. At a Unix socket it has no address.
    pub(crate) const fn proxy(address: Option<SocketAddr>, form: Form) -> Self {
        Self { address, told: None, proven: Proven::Proxy(form) }
    }

    /// The same for a request that a trusted forwarder passes on from this address.
    #[must_use]
    pub(crate) fn for_source(&self, told: IpAddr) -> Self {
        Self { told: Some(told), ..self.clone() }
    }

    /// From where its requests come, as far as that is known: what limits and records go by. It proves nothing.
    pub(crate) fn source(&self) -> Option<IpAddr> {
        self.told.or(self.address.map(|address| address.ip()))
    }

    /// Whether it may forward certificates.
    pub(crate) const fn is_proxy(&self) -> bool {
        matches!(self.proven, Proven::Proxy(_))
    }

    /// The TLS certificate of the client that sent this request, if it has shown one. What anybody else than a trusted proxy
    /// says about certificates in fields of the request counts for nothing.
    ///
    /// # Errors
    /// [`Code::ForwardedCertificate`](credmint_core::Code::ForwardedCertificate) when a trusted proxy forwards anything but
    /// one certificate or none.
    pub(crate) fn certificate_of(request: &Parts) -> Result<Option<ClientCertificate>, Refusal> {
        let Some(ConnectInfo(peer)) = request.extensions.get::<ConnectInfo<Self>>() else {
            return Ok(None);
        };
        match &peer.proven {
            Proven::Proxy(form) => forwarded::read(*form, &request.headers),
            Proven::Certificate(certificate) => Ok(Some(certificate.as_ref().clone())),
            Proven::Nothing => Ok(None),
        }
    }
}

/// Who came over TCP has proven nothing yet.
impl From<SocketAddr> for Peer {
    fn from(address: SocketAddr) -> Self {
        Self { address: Some(address), told: None, proven: Proven::Nothing }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            Some(address) => address.fmt(f),
            None => f.write_str("the socket of the proxy"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use credmint_core::Code;
    use http::Request;

    const FORWARDED: &str = ":AQ==:";

    fn leaf_of(peer: Option<Peer>, field: Option<&'static str>) -> Result<Option<Vec<u8>>, Code> {
        let mut request = Request::builder().body(()).unwrap();
        if let Some(field) = field {
            request.headers_mut().insert("client-cert", field.parse().unwrap());
        }
        if let Some(peer) = peer {
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        let certificate = Peer::certificate_of(&request.into_parts().0);
        certificate
            .map(|certificate| certificate.map(|certificate| certificate.leaf().to_vec()))
            .map_err(|refusal| refusal.code())
    }

    #[test]
    fn i28_a_stranger_forwards_nothing() {
        let address: SocketAddr = "127.0.0.1:443".parse().unwrap();
        let own = ClientCertificate::from_transport(vec![7], Vec::new()).unwrap();
        let check = |peer: Option<Peer>, field, expect| {
            assert_eq!(leaf_of(peer.clone(), field), expect, "{peer:?} {field:?}");
        };
        check(None, Some(FORWARDED), Ok(None));
        check(Some(address.into()), Some(FORWARDED), Ok(None));
        let client = Peer::with_certificate(address, own);
        check(Some(client.clone()), None, Ok(Some(vec![7])));
        check(Some(client), Some(FORWARDED), Ok(Some(vec![7])));
        for address in [Some(address), None] {
            let proxy = Peer::proxy(address, Form::ClientCert);
            check(Some(proxy.clone()), Some(FORWARDED), Ok(Some(vec![1])));
            check(Some(proxy.clone()), None, Ok(None));
            check(Some(proxy), Some("x"), Err(Code::ForwardedCertificate));
        }
    }
}
