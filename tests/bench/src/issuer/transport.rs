//! Plain http and https, for both sides alike.

use credmint_tests::fixtures::tls::{ServerCa, TlsFiles};
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio_rustls::TlsConnector;

/// How clients and servers speak.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// http on loopback.
    Plain,
    /// TLS 1.3, with a P-256 certificate.
    Tls,
}

impl Transport {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Plain => "http",
            Self::Tls => "TLS",
        }
    }

    /// What clients connect with, where there is TLS.
    pub(crate) fn connector(self, tls: &Tls) -> Option<TlsConnector> {
        (self == Self::Tls).then(|| tls.connector.clone())
    }
}

/// A certificate for the servers, and clients that trust it.
pub(crate) struct Tls {
    files: TlsFiles,
    connector: TlsConnector,
    _folder: TempDir,
}

impl Tls {
    /// # Panics
    /// When the files cannot be written.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let ca = ServerCa::new();
        let files = ca.write(folder.path());
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(ca.der().to_vec())).expect("a CA certificate");
        let provider = Arc::new(aws_lc_rs::default_provider());
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self { files, connector: TlsConnector::from(Arc::new(client)), _folder: folder }
    }

    /// The certificate, PEM.
    pub(crate) fn certificate(&self) -> &Path {
        &self.files.certificate
    }

    /// Its private key, PEM.
    pub(crate) fn key(&self) -> &Path {
        &self.files.key
    }
}
