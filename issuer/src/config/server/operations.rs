//! `server.operations:`: the listener for those who run the service.

use serde::de::{Deserialize, Deserializer, Error};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Where operators and their programs ask.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationsConfig {
    /// Where to listen.
    #[serde(deserialize_with = "address")]
    pub listen: SocketAddr,
    /// A file with the token that callers show; `/livez` and `/readyz` need none.
    #[serde(default)]
    pub bearer_token_file: Option<PathBuf>,
}

impl OperationsConfig {
    /// What the types do not say, where the server has a certificate or none. An error is a sentence and what was expected.
    pub(super) fn check(&self, has_tls: bool) -> Result<(), (String, &'static str)> {
        if self.listen.ip().is_loopback() {
            return Ok(());
        }
        if !has_tls || self.bearer_token_file.is_none() {
            let message = format!("operations at {}, which others can reach", self.listen);
            let expected = "`tls` and `operations.bearer_token_file`, or `operations.listen` at 127.0.0.1 or [::1]";
            return Err((message, expected));
        }
        Ok(())
    }
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let wrong = || Error::custom("not an address and a port, such as 127.0.0.1:9464");
    String::deserialize(deserializer)?.parse().map_err(|_| wrong())
}
