//! What an instance keeps, to be known again.

use crate::limits::{CLIENT_NONCE_BYTES_MAX, CLIENT_NONCE_BYTES_MIN};
use alloc::string::String;
use core::fmt;

/// A secret that an instance makes and keeps. It is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientNonce(String);

impl ClientNonce {
    /// Reads a `client_nonce`: 32 to 128 characters of base64url; `None` when it is anything else.
    pub(super) fn read(text: String) -> Option<Self> {
        let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        let lengths = CLIENT_NONCE_BYTES_MIN..=CLIENT_NONCE_BYTES_MAX;
        let fits = lengths.contains(&text.len()) && text.bytes().all(is_known);
        fits.then_some(Self(text))
    }

    /// The secret.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientNonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("client nonce")
    }
}
