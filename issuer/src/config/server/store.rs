//! `server.store:`: where the issuer keeps what outlasts the process.

use serde::de::{Deserializer, Error};
use std::num::NonZeroU32;
use std::path::PathBuf;

/// Where the issuer keeps what outlasts the process: a SQLite file in the state directory, unless it says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// A PostgreSQL database, which any number of replicas share.
    #[serde(default)]
    pub postgresql: Option<PostgreSqlConfig>,
}

/// A PostgreSQL database and how it is connected to.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostgreSqlConfig {
    /// Its address, as `postgres://user@host:5432/database`, without a password.
    #[serde(default)]
    pub url: Option<String>,
    /// A file with the address, which may have a password. One of the two is set.
    #[serde(default)]
    pub url_file: Option<PathBuf>,
    /// A file with the password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// PEM certificates of authorities beside the public ones.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Connections of one replica.
    #[serde(default = "default_connections", deserialize_with = "connections")]
    pub max_connections: NonZeroU32,
}

impl StoreConfig {
    /// The files that it names.
    pub(super) fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        self.postgresql.iter_mut().flat_map(|postgresql| {
            let PostgreSqlConfig { url_file, password_file, ca_file, .. } = postgresql;
            [url_file, password_file, ca_file].into_iter().flatten()
        })
    }

    /// What the types do not say. An error is a sentence and what was expected.
    pub(super) fn check(&self) -> Result<(), (String, &'static str)> {
        let Some(PostgreSqlConfig { url, url_file, .. }) = &self.postgresql else { return Ok(()) };
        if url.is_some() == url_file.is_some() {
            let message = "the database needs one address".to_owned();
            return Err((message, "`url`, or `url_file` where it has a password"));
        }
        Ok(())
    }
}

const fn default_connections() -> NonZeroU32 {
    NonZeroU32::new(8).expect("eight is not zero")
}

fn connections<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NonZeroU32, D::Error> {
    let number: u32 = serde::Deserialize::deserialize(deserializer)?;
    let fits =
        (crate::limits::LEAST_CONNECTIONS..=crate::limits::MOST_CONNECTIONS).contains(&number);
    NonZeroU32::new(number)
        .filter(|_| fits)
        .ok_or_else(|| Error::custom("not a number from 2 to 100"))
}
