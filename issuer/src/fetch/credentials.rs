//! What is sent to sources that ask who fetches. Each secret is read anew for each fetch, bound to the origin that the
//! configuration names, and sent inside of TLS alone.

use super::config::{FetchConfig, SourceCredential};
use super::target::Origin;
use super::{CredentialError, FetchError, FetcherError};
use crate::certified_key;
use crate::limits::CREDENTIAL_FILE_BYTES;
use crate::secret_file;
use base64ct::{Base64, Encoding};
use http::HeaderValue;
use rustls::sign::CertifiedKey;
use std::fs::File;
use std::io;
use std::path::Path;
use zeroize::Zeroizing;

/// What one fetch carries.
#[derive(Default)]
pub(super) struct Credential {
    /// The value of the field `Authorization`.
    pub(super) authorization: Option<HeaderValue>,
    /// For TLS client authentication.
    pub(super) certificate: Option<CertifiedKey>,
}

/// Reads every secret once, so that a file that is wrong keeps the service from starting.
///
/// # Errors
/// When a file cannot be read or holds something else.
pub(super) fn check(config: &FetchConfig) -> Result<(), FetcherError> {
    for source in &config.credentials {
        read(source).map_err(FetcherError::Credential)?;
    }
    let proxy = config.https_proxy.as_ref().and_then(|proxy| proxy.credentials_file.as_ref());
    proxy.map_or(Ok(()), |path| basic(path).map(drop)).map_err(FetcherError::Credential)
}

/// What the source at `origin` gets; most get nothing.
pub(super) fn of(sources: &[SourceCredential], origin: &Origin) -> Result<Credential, FetchError> {
    match sources.iter().find(|source| source.origin == *origin) {
        Some(source) => Ok(read(source)?),
        None => Ok(Credential::default()),
    }
}

fn read(source: &SourceCredential) -> Result<Credential, CredentialError> {
    let authorization = source.bearer_token_file.as_deref().map(bearer).transpose()?;
    let pair = source.client_certificate.as_ref();
    let certificate =
        pair.map(|pair| certified_key::read(&pair.certificate, &pair.key)).transpose()?;
    Ok(Credential { authorization, certificate })
}

/// `Bearer` and the token in the file (RFC 6750 section 2.1).
fn bearer(path: &Path) -> Result<HeaderValue, CredentialError> {
    let token = line(path)?;
    let padding = token.trim_end_matches('=');
    let is_token = !padding.is_empty()
        && padding.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte));
    if !is_token {
        return Err(CredentialError::form(path, "a bearer token, on one line"));
    }
    secret(path, &Zeroizing::new(format!("Bearer {}", *token)))
}

/// `Basic` and the user and password in the file (RFC 7617 section 2).
pub(super) fn basic(path: &Path) -> Result<HeaderValue, CredentialError> {
    let pair = line(path)?;
    if !pair.contains(':') || pair.chars().any(char::is_control) {
        return Err(CredentialError::form(path, "user:password, on one line"));
    }
    let encoded = Zeroizing::new(Base64::encode_string(pair.as_bytes()));
    secret(path, &Zeroizing::new(format!("Basic {}", *encoded)))
}

/// A value that is not shown when the head of the request is.
fn secret(path: &Path, text: &str) -> Result<HeaderValue, CredentialError> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| CredentialError::form(path, "visible ASCII, on one line"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The text of a file without the end of its line.
fn line(path: &Path) -> Result<Zeroizing<String>, CredentialError> {
    let failed = |cause| CredentialError::Read { path: path.to_owned(), cause };
    let read = |file| secret_file::read(file, CREDENTIAL_FILE_BYTES + 1);
    let content = File::open(path).and_then(read).map_err(failed)?;
    if content.len() > CREDENTIAL_FILE_BYTES {
        return Err(failed(io::Error::from(io::ErrorKind::FileTooLarge)));
    }
    let text = std::str::from_utf8(&content)
        .map_err(|_| CredentialError::form(path, "text in UTF-8"))?
        .trim_end_matches(['\r', '\n']);
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_one_secret_and_is_never_shown() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("secret");
        let write = |content: &str| std::fs::write(&path, content).unwrap();
        let check = |content: &str, expect: &str| {
            write(content);
            let value = bearer(&path).unwrap();
            assert_eq!((value.to_str().unwrap(), value.is_sensitive()), (expect, true));
        };
        check("abc.d-e_f~g+/==", "Bearer abc.d-e_f~g+/==");
        check("abc\n", "Bearer abc");
        check("abc\r\n", "Bearer abc");
        write("user:pass word\n");
        assert_eq!(basic(&path).unwrap().to_str().unwrap(), "Basic dXNlcjpwYXNzIHdvcmQ=");

        let refused = |content: &str| {
            write(content);
            for error in [bearer(&path).unwrap_err(), basic(&path).unwrap_err()] {
                assert!(matches!(error, CredentialError::Form { .. }), "{content}: {error}");
                assert!(content.is_empty() || !error.to_string().contains(content), "{error}");
            }
        };
        for content in ["", "two words", "line\nline", "a=b", "caf\u{e9}", "==="] {
            refused(content);
        }
        write(&"a".repeat(CREDENTIAL_FILE_BYTES + 1));
        assert!(matches!(bearer(&path), Err(CredentialError::Read { .. })));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(bearer(&path), Err(CredentialError::Read { .. })));
    }
}
