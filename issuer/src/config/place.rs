//! Lines and columns.

use serde_saphyr::Location;

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Line, from 1.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u64,
}

impl Place {
    /// The beginning of a file.
    pub(super) const START: Self = Self { line: 1, column: 1 };

    pub(super) fn of(location: &Location) -> Self {
        Self { line: location.line(), column: location.column() }
    }
}
