//! The chain of records: each has a number and the hash of the one before, so that what is changed, removed or moved shows.
//!
//! What is hashed is a record as it stands in the file, its line without the line end, by SHA-256. Signed checkpoints say which
//! record came last at a time: whoever writes a chain anew cannot sign them.

use credmint_core::{json, sha256};
use serde_json::{Value, json as value};
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// The `typ` of a checkpoint (RFC 7515 section 4.1.9): no other token of this issuer has it.
pub const CHECKPOINT_TYPE: &str = "audit-checkpoint+jwt";

/// Signs claims under a `typ`, as a compact JWS; `None` when the key could not be used.
pub type Sign = Box<dyn Fn(&str, &json::Object) -> Option<String> + Send>;

/// Where a chain is: its id, and its last record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The id of the chain, of one replica.
    pub chain: String,
    /// The number of the last record; the first is 1.
    pub seq: u64,
    /// The hash of the last record, in hexadecimal; empty before the first.
    pub hash: String,
}

impl Head {
    /// The head of a chain without records.
    pub(super) fn begin() -> Self {
        Self { chain: Uuid::new_v4().to_string(), seq: 0, hash: String::new() }
    }

    /// The head that a whole record makes, when it is part of a chain.
    #[must_use]
    pub fn of_record(text: &[u8], record: &json::Value) -> Option<Self> {
        let chain = record.get("chain")?.as_str()?.to_owned();
        let seq = record.get("seq")?.as_integer()?;
        Some(Self { chain, seq: u64::try_from(seq).ok()?, hash: hash(text) })
    }

    /// Joins a record, the text of an object, to the chain: what is to be written, with its line end.
    pub(super) fn join(&mut self, record: &str, is_unsent: bool) -> String {
        let mut line = record.strip_suffix('}').unwrap_or(record).to_owned();
        let prev = match self.hash.as_str() {
            "" => Value::Null,
            hash => hash.into(),
        };
        self.seq = self.seq.saturating_add(1);
        // The token was not sent, though it was granted: its record came too late.
        let unsent = if is_unsent { ",\"unsent\":true" } else { "" };
        let _ = write!(
            line,
            ",\"chain\":{},\"prev\":{prev},\"seq\":{}{unsent}}}",
            Value::from(self.chain.as_str()),
            self.seq
        );
        self.hash = hash(line.as_bytes());
        line.push('\n');
        line
    }

    /// As the claims of a checkpoint have it.
    pub(super) fn claims(&self, issued_at: i64) -> json::Object {
        let mut claims =
            json::Object::from_iter([("chain", self.chain.as_str()), ("hash", self.hash.as_str())]);
        claims.insert("iat".to_owned(), json::Value::Integer(issued_at));
        claims.insert(
            "seq".to_owned(),
            json::Value::Integer(i64::try_from(self.seq).unwrap_or(i64::MAX)),
        );
        claims
    }

    /// The head that a checkpoint names.
    #[must_use]
    pub fn of_claims(claims: &json::Object) -> Option<Self> {
        let text = |name: &str| claims.get(name).and_then(json::Value::as_str);
        let seq = claims.get("seq").and_then(json::Value::as_integer)?;
        let (chain, hash) = (text("chain")?.to_owned(), text("hash")?.to_owned());
        Some(Self { chain, seq: u64::try_from(seq).ok()?, hash })
    }

    pub(super) fn to_value(&self) -> Value {
        value!({ "chain": self.chain, "seq": self.seq, "hash": self.hash })
    }

    fn from_value(value: &Value) -> Option<Self> {
        Some(Self {
            chain: value["chain"].as_str()?.to_owned(),
            seq: value["seq"].as_u64()?,
            hash: value["hash"].as_str()?.to_owned(),
        })
    }
}

/// The hash of a record, in hexadecimal.
pub(super) fn hash(line: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in sha256(line) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Where the last checkpoint is kept, outside of the records: so a start knows what a file lacks. One process has it; beside
/// that one, while it hands over, another begins a chain of its own.
pub(super) struct KeptHead {
    path: Option<PathBuf>,
    lock: Option<File>,
    is_alone: bool,
}

impl KeptHead {
    const NAME: &str = "audit-head.json";

    const LOCK: &str = "audit.lock";

    /// What is kept in this folder, unless another process has it.
    pub(super) fn in_folder(folder: Option<&Path>) -> Self {
        let Some(folder) = folder else {
            return Self { path: None, lock: None, is_alone: true };
        };
        let mut options = OpenOptions::new();
        let lock = options.append(true).create(true).mode(0o600).open(folder.join(Self::LOCK)).ok();
        let lock = lock.filter(|file| file.try_lock().is_ok());
        let is_alone = lock.is_some();
        Self { path: is_alone.then(|| folder.join(Self::NAME)), lock, is_alone }
    }

    /// Whether no other process writes records of this folder's chain.
    pub(super) const fn is_alone(&self) -> bool {
        self.is_alone
    }

    /// Lets another process have it.
    pub(super) fn release(&mut self) {
        (self.path, self.lock) = (None, None);
    }

    pub(super) fn read(&self) -> Option<Head> {
        let text = fs::read_to_string(self.path.as_ref()?).ok()?;
        Head::from_value(&serde_json::from_str(&text).ok()?)
    }

    /// Replaces what is kept, whole.
    pub(super) fn write(&self, head: &Head) -> io::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let beside = path.with_extension("json.new");
        fs::write(&beside, head.to_value().to_string())?;
        fs::rename(beside, path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_joined() {
        let mut head = Head { chain: "c".to_owned(), seq: 0, hash: String::new() };
        let first = head.join(r#"{"audit":1}"#, false);
        assert_eq!(first, "{\"audit\":1,\"chain\":\"c\",\"prev\":null,\"seq\":1}\n");
        let second = head.join(r#"{"audit":1}"#, true);
        let line = second.trim_end();
        let record = json::parse(line.as_bytes()).unwrap();
        let prev = record.get("prev").and_then(json::Value::as_str);
        assert_eq!(prev, Some(hash(first.trim_end().as_bytes()).as_str()));
        assert_eq!(record.get("unsent").and_then(json::Value::as_bool), Some(true));
        assert_eq!(Head::of_record(line.as_bytes(), &record), Some(head.clone()));
        assert_eq!(Head::of_claims(&head.claims(7)), Some(head));
    }

    #[test]
    fn the_head_is_kept() {
        let folder = tempfile::TempDir::new().unwrap();
        let kept = KeptHead::in_folder(Some(folder.path()));
        assert_eq!(kept.read(), None);
        let head = Head { chain: "c".to_owned(), seq: 7, hash: "00".to_owned() };
        kept.write(&head).unwrap();
        assert_eq!(kept.read(), Some(head.clone()));
        // Another process has nothing to do with it, until this one lets it go.
        let other = KeptHead::in_folder(Some(folder.path()));
        assert_eq!((other.is_alone(), other.read()), (false, None));
        let mut kept = kept;
        kept.release();
        let other = KeptHead::in_folder(Some(folder.path()));
        assert_eq!((other.is_alone(), other.read()), (true, Some(head)));
    }
}
