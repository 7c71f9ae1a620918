//! Client certificates of a handshake, whoever issued them.

use credmint_core::limits;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

/// Takes every certificate whose key has signed the handshake. Whom it identifies, and whether anybody vouches for it, is found
/// out by the policy when a request names its client: providers have different authorities, and the answer then is one of
/// OAuth instead of a broken connection.
#[derive(Debug)]
pub(super) struct AnyCertificate(WebPkiSupportedAlgorithms);

impl AnyCertificate {
    pub(super) fn new(provider: &CryptoProvider) -> Self {
        Self(provider.signature_verification_algorithms)
    }
}

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    /// No hints: the names of the authorities of a policy are nobody else's business.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let is_large =
            |certificate: &CertificateDer<'_>| certificate.len() > limits::CERTIFICATE_BYTES;
        if intermediates.len() >= limits::CERTIFICATES
            || intermediates.iter().chain([end_entity]).any(is_large)
        {
            return Err(Error::General(
                "the client sends too many or too large certificates".into(),
            ));
        }
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use crate::fingerprint::Fingerprint;
    use crate::forwarded::Form;
    use crate::peer::Peer;
    use crate::tests::authority::{TestAuthority, TestServer};
    use crate::tls::{Proxies, ServerIdentity, TlsDoor};
    use axum::extract::ConnectInfo;
    use credmint_core::{UnixTime, limits};
    use http::Request;
    use rustls::client::ResolvesClientCert;
    use rustls::crypto::aws_lc_rs::{self, sign::any_supported_type};
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
    use rustls::sign::{CertifiedKey, SingleCertAndKey};
    use rustls::version::{TLS12, TLS13};
    use rustls::{ClientConfig, HandshakeKind, RootCertStore, SupportedProtocolVersion};
    use std::fs;
    use std::net::SocketAddr;
    use std::sync::Arc;
    use tempfile::TempDir;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::mpsc;
    use tokio_rustls::TlsConnector;

    const BOTH: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];

    /// Shows this chain, and signs with this key.
    fn showing(
        chain: Vec<CertificateDer<'static>>,
        key: &rcgen::KeyPair,
    ) -> Arc<dyn ResolvesClientCert> {
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let certified = CertifiedKey::new(chain, any_supported_type(&key).unwrap());
        Arc::new(SingleCertAndKey::from(certified))
    }

    fn own(client: &TestServer) -> Arc<dyn ResolvesClientCert> {
        showing(vec![client.certificate.der().clone()], &client.key)
    }

    /// A listener that asks for certificates, and says who has come.
    struct Asking {
        address: SocketAddr,
        authority: TestAuthority,
        came: mpsc::UnboundedReceiver<Peer>,
    }

    impl Asking {
        async fn start(proxies: Proxies) -> Self {
            let authority = TestAuthority::new();
            let server = authority.server();
            let folder = TempDir::new().unwrap();
            let (certificate, key) = (folder.path().join("crt"), folder.path().join("key"));
            fs::write(&certificate, server.certificate.pem()).unwrap();
            fs::write(&key, server.key.serialize_pem()).unwrap();
            let now = UnixTime::from_seconds(1_795_521_600);
            let identity = ServerIdentity::open(&certificate, &key, now).unwrap();
            let door = TlsDoor::asking(identity, proxies, false).unwrap();
            let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = tcp.local_addr().unwrap();
            let (tell, came) = mpsc::unbounded_channel();
            tokio::spawn(async move {
                loop {
                    let (stream, address) = tcp.accept().await.unwrap();
                    let Ok((mut stream, peer)) = door.accept(stream, address).await else {
                        continue;
                    };
                    let _ = tell.send(peer);
                    let _ = stream.write_all(b"served").await;
                    let _ = stream.shutdown().await;
                }
            });
            Self { address, authority, came }
        }

        fn config(&self, version: &'static SupportedProtocolVersion) -> ClientConfig {
            let mut roots = RootCertStore::empty();
            roots.add(self.authority.certificate()).unwrap();
            ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_protocol_versions(&[version])
                .unwrap()
                .with_root_certificates(roots)
                .with_no_client_auth()
        }

        /// What the server answers, and how the handshake went; else what the client is told.
        async fn connect(&self, config: &Arc<ClientConfig>) -> Result<HandshakeKind, String> {
            let tcp = TcpStream::connect(self.address).await.unwrap();
            let name = ServerName::IpAddress(self.address.ip().into());
            let told = |error: std::io::Error| error.to_string();
            let connector = TlsConnector::from(Arc::clone(config));
            let mut stream = connector.connect(name, tcp).await.map_err(told)?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.map_err(told)?;
            assert_eq!(answer, "served");
            Ok(stream.get_ref().1.handshake_kind().unwrap())
        }

        /// The certificate of the last client that was served.
        async fn leaf(&mut self) -> Option<Vec<u8>> {
            let mut request = Request::builder().body(()).unwrap();
            let peer = self.came.recv().await.unwrap();
            request.extensions_mut().insert(ConnectInfo(peer));
            let certificate = Peer::certificate_of(&request.into_parts().0).unwrap();
            certificate.map(|certificate| certificate.leaf().to_vec())
        }
    }

    #[tokio::test]
    async fn i29_a_certificate_is_shown_when_its_key_has_signed_the_handshake() {
        let mut server = Asking::start(Proxies::NONE).await;
        let (client, other) = (TestAuthority::new().server(), TestAuthority::new().server());
        for version in BOTH {
            let mut config = server.config(version);
            assert_eq!(server.connect(&Arc::new(config.clone())).await, Ok(HandshakeKind::Full));
            assert_eq!(server.leaf().await, None);

            config.client_auth_cert_resolver = own(&client);
            assert_eq!(server.connect(&Arc::new(config.clone())).await, Ok(HandshakeKind::Full));
            assert_eq!(server.leaf().await.as_deref(), Some(client.certificate.der().as_ref()));

            let stolen = showing(vec![client.certificate.der().clone()], &other.key);
            config.client_auth_cert_resolver = stolen;
            let told = server.connect(&Arc::new(config)).await;
            assert_eq!(told, Err("received fatal alert: DecryptError".to_owned()), "{version:?}");
            assert!(server.came.is_empty());
        }
    }

    #[tokio::test]
    async fn i29_no_session_is_resumed_where_certificates_are_asked_for() {
        let mut server = Asking::start(Proxies::NONE).await;
        let client = TestAuthority::new().server();
        for version in BOTH {
            let mut config = server.config(version);
            config.enable_early_data = true;
            config.client_auth_cert_resolver = own(&client);
            let config = Arc::new(config);
            for _ in 0..3 {
                assert_eq!(server.connect(&config).await, Ok(HandshakeKind::Full), "{version:?}");
                assert_eq!(server.leaf().await.as_deref(), Some(client.certificate.der().as_ref()));
            }
        }
    }

    #[tokio::test]
    async fn long_chains_are_refused() {
        let mut server = Asking::start(Proxies::NONE).await;
        let client = TestAuthority::new().server();
        for (count, served) in [(limits::CERTIFICATES, true), (limits::CERTIFICATES + 1, false)] {
            let mut config = server.config(&TLS13);
            let chain = vec![client.certificate.der().clone(); count];
            config.client_auth_cert_resolver = showing(chain, &client.key);
            let told = server.connect(&Arc::new(config)).await;
            match served {
                true => assert_eq!(told, Ok(HandshakeKind::Full)),
                false => assert!(told.unwrap_err().starts_with("received fatal alert: ")),
            }
            assert_eq!(server.came.try_recv().is_ok(), served);
        }
    }

    /// Who comes through a proxy without a certificate is not the proxy.
    #[tokio::test]
    async fn i28_the_certificate_of_a_proxy_is_nobodys_proof() {
        let (proxy, client) = (TestAuthority::new().server(), TestAuthority::new().server());
        let fingerprints = vec![Fingerprint::of(proxy.certificate.der())];
        let mut server = Asking::start(Proxies { fingerprints, form: Form::Xfcc }).await;
        for (who, expect) in [(&proxy, None), (&client, Some(client.certificate.der().as_ref()))] {
            let mut config = server.config(&TLS13);
            config.client_auth_cert_resolver = own(who);
            assert_eq!(server.connect(&Arc::new(config)).await, Ok(HandshakeKind::Full));
            assert_eq!(server.leaf().await.as_deref(), expect);
        }
    }
}
