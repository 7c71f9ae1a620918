//! What makes a stored key one that signs: its public half, and where its private half is.

use super::seal::Sealed;

/// A key beside its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Material {
    /// The public key, a SubjectPublicKeyInfo in DER.
    pub(crate) public: Vec<u8>,
    /// The private key.
    pub(crate) private: Private,
}

/// Where a private key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Private {
    /// Here, sealed.
    Sealed(Sealed),
    /// In a token, under this identifier (`CKA_ID`).
    Token(Vec<u8>),
    /// Nowhere any more: the key was withdrawn.
    Forgotten,
}
