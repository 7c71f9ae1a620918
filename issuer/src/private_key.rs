//! The private key in a PEM file (RFC 7468 sections 10 and 11, RFC 5915, RFC 8017): decoded in constant time, so that how
//! long it takes tells nothing of the key, and overwritten when it is done with.

use crate::limits::PRIVATE_KEY_BYTES;
use crate::secret_file;
use base64ct::{Base64, Encoding};
use rustls::pki_types::PrivateKeyDer;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// Reads the one private key of a file. Other blocks, such as `EC PARAMETERS` and certificates, may stand beside it.
///
/// # Errors
/// When the file cannot be read, has no private key or several, or one that is encrypted.
pub(crate) fn read(path: &Path) -> Result<PrivateKeyDer<'static>, PrivateKeyError> {
    let failed = |cause| PrivateKeyError::Read { path: path.to_owned(), cause };
    let wrong = |what| PrivateKeyError::Form { path: path.to_owned(), what };
    let text = File::open(path).and_then(|file| secret_file::read(file, PRIVATE_KEY_BYTES));
    let text = text.map_err(failed)?;
    let mut found = None;
    let mut rest = text.as_slice();
    while let Some((label, body, after)) = next_block(rest).map_err(wrong)? {
        rest = after;
        if label == b"ENCRYPTED PRIVATE KEY" {
            return Err(wrong("the private key is encrypted"));
        }
        if label.ends_with(b"PRIVATE KEY") && found.replace(body).is_some() {
            return Err(wrong("there is more than one private key"));
        }
    }
    let der = decode(found.ok_or_else(|| wrong("there is no private key in PEM"))?);
    let der = der.ok_or_else(|| wrong("the private key is not base64"))?;
    // The library keeps the bytes, and overwrites them.
    PrivateKeyDer::try_from(der.as_slice())
        .map(|key| key.clone_key())
        .map_err(|_| wrong("the private key is of no known form"))
}

type Block<'a> = (&'a [u8], &'a [u8], &'a [u8]);

/// The label and the body of the next block, and what stands behind it.
fn next_block(text: &[u8]) -> Result<Option<Block<'_>>, &'static str> {
    let Some((_, rest)) = split_once(text, BEGIN) else { return Ok(None) };
    let parts = || {
        let (label, rest) = split_once(rest, DASHES)?;
        let (body, rest) = split_once(rest, END)?;
        Some((label, body, rest.strip_prefix(label)?.strip_prefix(DASHES)?))
    };
    parts().map(Some).ok_or("a PEM block has no end of its own")
}

fn split_once<'a>(text: &'a [u8], by: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = text.windows(by.len()).position(|window| window == by)?;
    Some((&text[..at], &text[at + by.len()..]))
}

/// The bytes of base64 with white space in it.
fn decode(body: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut dense = Zeroizing::new(Vec::with_capacity(body.len()));
    dense.extend(body.iter().filter(|byte| !byte.is_ascii_whitespace()));
    let mut der = Zeroizing::new(vec![0; dense.len()]);
    let length = Base64::decode(dense.as_slice(), &mut der).ok()?.len();
    der.truncate(length);
    Some(der)
}

/// Why a file is no private key. No text holds anything of one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrivateKeyError {
    /// The file cannot be read.
    #[error("{} cannot be used for TLS: {cause}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// It is no file with one private key in PEM.
    #[error("{} cannot be used for TLS: {what}", path.display())]
    Form {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::authority::TestAuthority;
    use std::fs;

    #[test]
    fn one_private_key_is_read_and_nothing_else() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("tls.key");
        let server = TestAuthority::new().server();
        let (key, certificate) = (server.key.serialize_pem(), server.certificate.pem());
        let check = |content: &str, expect: Result<(), &str>| {
            fs::write(&path, content).unwrap();
            match (read(&path), expect) {
                (Ok(read), Ok(())) => assert_eq!(read.secret_der(), server.key.serialize_der()),
                (Err(error), Err(part)) => {
                    let error = error.to_string();
                    assert!(error.contains(part) && !error.contains("MII"), "{error}");
                }
                (read, expect) => panic!("{content}: {:?}, expected {expect:?}", read.is_ok()),
            }
        };
        check(&key, Ok(()));
        check(&key.replace('\n', "\r\n"), Ok(()));
        check(&format!("Key Attributes\n{key}\n{certificate}"), Ok(()));
        check(
            &format!("-----BEGIN EC PARAMETERS-----\nBggq\n-----END EC PARAMETERS-----\n{key}"),
            Ok(()),
        );
        check(&certificate, Err("there is no private key"));
        check("", Err("there is no private key"));
        check(&key.repeat(2), Err("more than one private key"));
        check(&key.replace("PRIVATE", "ENCRYPTED PRIVATE"), Err("is encrypted"));
        check(&key.replacen("MI", "#I", 1), Err("not base64"));
        check(&key.replace("-----END", "----END"), Err("no end of its own"));
        check("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", Err("no known form"));
        fs::remove_file(&path).unwrap();
        let absent = read(&path).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(absent.contains("tls.key cannot be used for TLS: "), "{absent}");
    }
}
