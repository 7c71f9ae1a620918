//! What is known of the facts before there are any: the names and kinds of their members.

/// A model that the facts may have, the first name of its paths.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    name: &'static str,
    shape: Shape,
}

/// What is known of a value.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Shape {
    /// Nothing.
    Any,
    /// It is a boolean.
    Boolean,
    /// It is an integer.
    Integer,
    /// It is a string.
    String,
    /// It is an array, and what is known of each element.
    List(&'static Self),
    /// It is an object with these members, each of which may be absent, and any others.
    Open(&'static [(&'static str, Self)]),
    /// It is an object with some of these members and no others.
    Closed(&'static [(&'static str, Self)]),
}

impl Model {
    /// Every name of a model; no variable of an expression has one of them.
    pub(super) const NAMES: [&'static str; 4] = ["cert", "client", "jwt", "pkcs7"];

    /// A certificate.
    #[must_use]
    pub const fn cert(shape: Shape) -> Self {
        Self { name: "cert", shape }
    }

    /// The client and the credential of the request. They are not part of the proof.
    #[must_use]
    pub const fn client(shape: Shape) -> Self {
        Self { name: "client", shape }
    }

    /// An OIDC token.
    #[must_use]
    pub const fn jwt(shape: Shape) -> Self {
        Self { name: "jwt", shape }
    }

    /// A signed instance document.
    #[must_use]
    pub const fn pkcs7(shape: Shape) -> Self {
        Self { name: "pkcs7", shape }
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What is known of it.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// Whether it is part of the proof.
    pub(super) fn is_proof(&self) -> bool {
        self.name != "client"
    }
}

impl Shape {
    /// The kind of the value as [`Value::kind`](crate::json::Value::kind) names it, where it is known.
    #[must_use]
    pub const fn kind(self) -> Option<&'static str> {
        match self {
            Self::Any => None,
            Self::Boolean => Some("boolean"),
            Self::Integer => Some("integer"),
            Self::String => Some("string"),
            Self::List(_) => Some("array"),
            Self::Open(_) | Self::Closed(_) => Some("object"),
        }
    }

    pub(super) const fn of_kind(kind: &str) -> Self {
        match kind.as_bytes() {
            b"boolean" => Self::Boolean,
            b"integer" => Self::Integer,
            b"string" => Self::String,
            _ => Self::Any,
        }
    }
}
