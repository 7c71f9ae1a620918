//! `server.store:` of the configuration.

use schemars::JsonSchema;

/// Where the issuer keeps what outlasts the process: a SQLite file in the state directory, unless it says otherwise.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Store {
    /// A PostgreSQL database, which any number of replicas share.
    pub postgresql: Option<PostgreSql>,
}

/// A PostgreSQL database and how it is connected to.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PostgreSql {
    /// Its address, as postgres://user@host:5432/database, without a password. Over TLS, unless it is this machine's.
    pub url: Option<String>,
    /// A file with the address, which may have a password.
    pub url_file: Option<String>,
    /// A file with the password.
    pub password_file: Option<String>,
    /// A PEM file with authorities to trust beside the public ones.
    pub ca_file: Option<String>,
    /// Connections of one replica; 8 by default.
    #[schemars(range(min = 2, max = 100))]
    pub max_connections: Option<u32>,
}
