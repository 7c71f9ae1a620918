//! The conformance vectors of the project, `tests/vectors/**.json`: requests of the verify commands, and the records
//! that every host must answer, byte for byte.

use crate::shared_data;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// One vector.
#[derive(Debug)]
pub struct Vector {
    /// The file that it is in, and its name there.
    pub name: String,
    /// `jws`, `x509` …
    pub command: String,
    /// The request, with its `id`.
    pub request: Value,
    /// The answer.
    pub expect: Value,
}

/// All vectors, in the order of the files and in them. A file whose elements have no `command`, as the known
/// answers of back ends, holds none.
///
/// # Errors
/// When a file cannot be read, or a member is missing.
pub fn all() -> Result<Vec<Vector>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let mut vectors = Vec::new();
    let is_json = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
    for path in shared_data::files(&folder)?.into_iter().filter(is_json) {
        let name = path.strip_prefix(&folder)?.display().to_string();
        let text = fs::read(&path).with_context(|| name.clone())?;
        let Value::Array(elements) = serde_json::from_slice(&text).with_context(|| name.clone())?
        else {
            continue;
        };
        for element in elements.iter().filter(|element| element.get("command").is_some()) {
            vectors.push(read(&name, element).with_context(|| format!("{name}: {element}"))?);
        }
    }
    ensure!(!vectors.is_empty(), "no vectors in {}", folder.display());
    Ok(vectors)
}

fn read(file: &str, element: &Value) -> Result<Vector> {
    let text =
        |member: &str| element[member].as_str().map(str::to_owned).context(member.to_owned());
    let value = |member: &str| element.get(member).cloned().context(member.to_owned());
    Ok(Vector {
        name: format!("{file}: {}", text("name")?),
        command: text("command")?,
        request: value("request")?,
        expect: value("expect")?,
    })
}
