//! How a PostgreSQL server is connected to: the address of the configuration and nothing else. What libpq reads of the
//! environment would change the database or its rules without anybody seeing it in the configuration.

use crate::config::PostgreSqlConfig;
use crate::limits::{CREDENTIAL_FILE_BYTES, DATABASE_ADDRESS_BYTES};
use crate::secret_file;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::fs::File;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use url::{Host, Url};
use zeroize::Zeroizing;

/// Variables that the library reads and that the configuration has no setting for.
const VARIABLES: [&str; 6] =
    ["PGOPTIONS", "PGPASSWORD", "PGSSLCERT", "PGSSLKEY", "PGSSLROOTCERT", "PGAPPNAME"];

/// Why there is no address to connect to. No secret is part of the text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// A file cannot be read.
    #[error("{} cannot be read: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// A file holds something else than a line of text.
    #[error("{} does not hold one line of text", path.display())]
    Form {
        /// The file.
        path: PathBuf,
    },
    /// The address is not one of a database.
    #[error("the address of the database {0}")]
    Address(&'static str),
    /// A variable would change what is connected to.
    #[error(
        "{0} is set, and only the configuration says how the database is connected to: unset it"
    )]
    Variable(&'static str),
}

/// The options of a connection.
///
/// # Errors
/// When a file cannot be read or the address is not one of a database.
pub(super) fn options(config: &PostgreSqlConfig) -> Result<PgConnectOptions, AddressError> {
    let is_set = |name: &&&str| std::env::var_os(name).is_some();
    if let Some(name) = VARIABLES.iter().find(is_set) {
        return Err(AddressError::Variable(name));
    }
    let (text, may_be_secret) = match (&config.url, &config.url_file) {
        (Some(url), _) => (Zeroizing::new(url.clone()), false),
        (None, Some(path)) => (line(path, DATABASE_ADDRESS_BYTES)?, true),
        (None, None) => return Err(AddressError::Address("is missing")),
    };
    let url = Url::parse(&text).map_err(|_| AddressError::Address("is not a URL"))?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(AddressError::Address("does not begin with postgres://"));
    }
    if url.password().is_some() && !may_be_secret {
        let message = "has a password: put it into `password_file`, or the address into `url_file`";
        return Err(AddressError::Address(message));
    }
    let user = decoded(url.username())?;
    let database = decoded(url.path().trim_start_matches('/'))?;
    if user.is_empty() || database.is_empty() || database.contains('/') {
        return Err(AddressError::Address(
            "does not name a user and a database, as user@host/database",
        ));
    }
    let mut options = PgConnectOptions::new_without_pgpass()
        .username(&user)
        .database(&database)
        .port(url.port().unwrap_or(5432))
        .application_name("credmint");
    if let Some(path) = &config.password_file {
        options = options.password(&line(path, CREDENTIAL_FILE_BYTES)?);
    } else if let Some(password) = url.password() {
        options = options.password(&Zeroizing::new(decoded(password)?));
    }
    options = reached(options, &url, config.ca_file.is_some())?;
    Ok(match &config.ca_file {
        Some(path) => options.ssl_root_cert(path),
        None => options,
    })
}

/// Where the server is, and whether by TLS: without it only where nobody else's machine is between.
fn reached(
    options: PgConnectOptions,
    url: &Url,
    has_authority: bool,
) -> Result<PgConnectOptions, AddressError> {
    let mut folder = None;
    for (name, value) in url.query_pairs() {
        if name != "host" || folder.replace(value.into_owned()).is_some() {
            return Err(AddressError::Address(
                "has parameters that are not read; only `host`, a folder, is",
            ));
        }
    }
    let host = match url.host() {
        Some(Host::Domain(name)) if !name.is_empty() => Some(decoded(name)?),
        Some(Host::Domain(_)) | None => None,
        Some(Host::Ipv4(address)) => Some(address.to_string()),
        Some(Host::Ipv6(address)) => Some(address.to_string()),
    };
    // A URL with a user has a host: beside the folder of a socket it is this machine.
    let host = host.filter(|host| folder.is_none() || host != "localhost");
    match (host, folder) {
        (None, Some(folder)) if folder.starts_with('/') => {
            Ok(options.socket(folder).ssl_mode(PgSslMode::Disable))
        }
        (Some(host), None) => {
            let host = match host.as_str() {
                // Whatever a resolver says of it.
                "localhost" => Ipv4Addr::LOCALHOST.to_string(),
                _ => host,
            };
            let is_here = host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
            let mode = match is_here && !has_authority {
                true => PgSslMode::Disable,
                false => PgSslMode::VerifyFull,
            };
            Ok(options.host(&host).ssl_mode(mode))
        }
        _ => Err(AddressError::Address(
            "names no server: a host, or localhost with the folder of a socket, ?host=/run/postgresql",
        )),
    }
}

fn decoded(text: &str) -> Result<String, AddressError> {
    let wrong = AddressError::Address("has a percent sign that stands for no text");
    crate::percent::decoded(text).ok_or(wrong)
}

/// The text of a file without the end of its line.
fn line(path: &Path, most: usize) -> Result<Zeroizing<String>, AddressError> {
    let failed = |cause| AddressError::Read { path: path.to_owned(), cause };
    let read = |file| secret_file::read(file, most + 1);
    let content = File::open(path).and_then(read).map_err(failed)?;
    let text = std::str::from_utf8(&content).ok().map(|text| text.trim_end_matches(['\r', '\n']));
    match text {
        Some(text) if content.len() <= most && !text.is_empty() && !text.contains(['\r', '\n']) => {
            Ok(Zeroizing::new(text.to_owned()))
        }
        _ => Err(AddressError::Form { path: path.to_owned() }),
    }
}
