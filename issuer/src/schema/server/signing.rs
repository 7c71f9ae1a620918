//! `server.signing:` of the configuration.

use crate::schema::value::SigningAlgorithm;
use schemars::JsonSchema;

/// How access tokens are signed, and the life of the keys.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Signing {
    /// What signs where a resource names nothing else; ES256 by default.
    pub algorithm: Option<SigningAlgorithm>,
    /// What resources may name beside it.
    pub additional_algorithms: Option<Vec<SigningAlgorithm>>,
    /// Time after which a successor signs, 12h to 3650d, or never; 30d by default.
    #[schemars(regex(pattern = r"^([0-9]+[smhd]|never)$"))]
    pub rotate_every: Option<String>,
    /// Time from published by the last replica to signing, 15m to 24h; 15m by default.
    #[schemars(regex(pattern = r"^[0-9]+[smhd]$"))]
    pub publish_before: Option<String>,
    /// The key that private keys are sealed by: 32 random bytes in base64. A file beside a SQLite store by default.
    pub key_encryption_key: Option<SealingKeyPlace>,
    /// Those of before, which open what they sealed.
    pub former_key_encryption_keys: Option<Vec<SealingKeyPlace>>,
}

/// Where a key-encryption key is.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case", deny_unknown_fields)]
pub enum SealingKeyPlace {
    /// A file of mode 0600.
    File(String),
    /// An environment variable.
    Env(String),
    /// A file of this name in the folder that systemd's `$CREDENTIALS_DIRECTORY` names.
    Credential(String),
}
