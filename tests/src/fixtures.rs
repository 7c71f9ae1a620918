//! Keys, certificates, tokens, documents and servers of the test world.

pub mod bare_certificate;
pub mod clock;
pub mod cloud_signer;
pub mod cms;
pub mod cms_defects;
pub mod der;
pub mod github_actions;
pub mod http;
pub mod instance;
pub mod jwt;
pub mod key;
pub mod kubernetes;
pub mod list_server;
pub mod metadata;
#[cfg(target_os = "linux")]
pub mod moved_clock;
pub mod oidc_issuer;
pub mod pem;
pub mod policy;
pub mod private_ca;
pub mod revocation;
pub mod seed;
pub mod server;
pub mod tls;
pub mod token_endpoint;
