//! A request as flags describe it: the same text that a line of a batch would be.

use credmint_verify::Misuse;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use std::collections::BTreeMap;

/// The members of one request.
#[derive(Debug, Serialize)]
pub(super) struct Request(BTreeMap<&'static str, Box<RawValue>>);

impl Request {
    /// A request without members.
    pub(super) fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// With one more member. What is not given is null, which means a member that is left out.
    pub(super) fn with(
        mut self,
        name: &'static str,
        value: impl Serialize,
    ) -> Result<Self, Misuse> {
        let value =
            to_raw_value(&value).map_err(|error| Misuse::new(format_args!("{name}: {error}")))?;
        self.0.insert(name, value);
        Ok(self)
    }

    /// The text of the request, with an id as every request has.
    pub(super) fn into_line(self) -> Result<Vec<u8>, Misuse> {
        serde_json::to_vec(&self.with("id", 0)?).map_err(Misuse::new)
    }
}
