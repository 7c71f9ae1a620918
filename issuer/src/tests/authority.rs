//! A certificate authority for tests, made anew for each.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Arc;

pub(crate) struct TestAuthority(CertifiedIssuer<'static, KeyPair>);

/// A certificate for `localhost` and `127.0.0.1` with its key.
pub(crate) struct TestServer {
    pub(crate) certificate: rcgen::Certificate,
    pub(crate) key: KeyPair,
}

impl TestAuthority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    pub(crate) fn certificate_pem(&self) -> String {
        self.0.pem()
    }

    pub(crate) fn server(&self) -> TestServer {
        self.server_valid(2020, 2090)
    }

    /// One that is valid from the begin of one year to that of another.
    pub(crate) fn server_valid(&self, from: i32, to: i32) -> TestServer {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(to, 1, 1);
        TestServer { certificate: params.signed_by(&key, &self.0).unwrap(), key }
    }
}

impl TestServer {
    pub(crate) fn tls(&self) -> Arc<ServerConfig> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let chain = vec![self.certificate.der().clone()];
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        Arc::new(config)
    }
}
