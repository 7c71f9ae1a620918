//! `server.audit:` and `server.operations:`.

use crate::schema::value::Duration;
use schemars::JsonSchema;

/// Where the record of each decision goes.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum Audit {
    /// stdout, off, or a file to whose end it is written.
    Place(String),
    /// The same with what else there is to say.
    Settings(AuditSettings),
}

/// Where the record of each decision goes, and what becomes of it there.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct AuditSettings {
    /// A file to whose end records are written, stdout, or off; stdout by default.
    pub file: Option<String>,
    /// Bytes of a file that is full: the next record begins another one. Without it files are rotated by others, or never.
    #[schemars(range(min = 1_048_576))]
    pub rotate_bytes: Option<u64>,
    /// Full files that are kept beside it; 10 by default.
    #[schemars(range(min = 1))]
    pub keep: Option<u64>,
    /// Which refusals before a good signature are written; the others are counted.
    pub refusals: Option<AuditRefusals>,
    /// How long records stand at most before a signed checkpoint follows; 300 by default.
    pub checkpoint_every: Option<Duration>,
}

/// Which refusals before a good signature are written: the first of each code and source in a period.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct AuditRefusals {
    /// How many of each code and source; 10 by default.
    pub per_code_and_source: Option<u64>,
    /// The period, at whose end the others are written as a count; 60 by default.
    pub period: Option<Duration>,
}

/// The listener for those who run the service.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Operations {
    /// Address and port, as 127.0.0.1:9464.
    pub listen: String,
    /// A file with the token that callers show as Bearer, 32 characters or more. Required where others can reach the address.
    pub bearer_token_file: Option<String>,
}
