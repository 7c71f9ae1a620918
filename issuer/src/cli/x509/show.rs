//! `credmint x509 show`: what certificates say of themselves. Nothing is verified.

use crate::cli::answer::{Explained, OneLine, misused, say};
use crate::cli::flags::Format;
use crate::cli::input;
use clap::Args;
use credmint_core::x509::Certificate;
use credmint_core::{Refusal, cms, limits};
use serde_json::{Value, json};
use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;

/// Flags of `x509 show`.
#[derive(Args)]
pub(in crate::cli) struct Show {
    /// The certificates: PEM, base64, DER or PKCS #7 (.p7b); `-` for standard input
    file: PathBuf,
}

/// Prints each certificate of a file; exit status 1 when one of them is none.
pub(in crate::cli) fn show(arguments: &Show, format: Format) -> ExitCode {
    let text = match input::read_der_or_text(&arguments.file) {
        Ok(text) => text,
        Err(misuse) => return misused(misuse),
    };
    match (outlines(&text), format) {
        (Ok(outlines), Format::Json) => {
            say(json!({ "verified": false, "certificates": outlines }));
            ExitCode::SUCCESS
        }
        (Ok(outlines), Format::Text) => {
            outlines.iter().for_each(|outline| say(Shown(outline)));
            ExitCode::SUCCESS
        }
        (Err(refusal), Format::Json) => {
            say(json!({ "code": refusal.code().as_str(), "detail": refusal.to_string() }));
            ExitCode::from(1)
        }
        (Err(refusal), Format::Text) => {
            say(Explained(&refusal));
            ExitCode::from(1)
        }
    }
}

fn outlines(text: &str) -> Result<Vec<Value>, Refusal> {
    let certificates = cms::certificates(text, limits::INTERMEDIATES)?;
    let outline = |certificate: &Certificate| {
        serde_json::from_str(&certificate.outline().to_string()).unwrap_or(Value::Null)
    };
    Ok(certificates.iter().map(outline).collect())
}

/// The members of an outline, a line each; of an extension and of a name too.
struct Shown<'a>(&'a Value);

/// The members in the order in which people read them.
const ORDER: &[&str] = &[
    "subject",
    "issuer",
    "serial",
    "not_before",
    "not_after",
    "key",
    "signature_algorithm",
    "ca",
    "path_length",
    "key_usage",
    "extended_key_usage",
    "san",
    "name_constraints",
    "policies",
    "subject_key_identifier",
    "fingerprint",
    "extensions",
];

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("certificate, not verified")?;
        for name in ORDER {
            match &self.0[*name] {
                Value::Null => {}
                Value::Array(elements) => line(f, name, &list(elements))?,
                Value::Object(members) => {
                    for (kind, elements) in members {
                        let elements = elements.as_array().map(Vec::as_slice).unwrap_or_default();
                        line(f, name, &format!("{kind}: {}", list(elements)))?;
                    }
                }
                Value::String(text) => line(f, name, text)?,
                other => line(f, name, &other.to_string())?,
            }
        }
        Ok(())
    }
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, text: &str) -> fmt::Result {
    write!(f, "\n  {name:<22} {}", OneLine(text))
}

/// The elements of a list in one line.
fn list(elements: &[Value]) -> String {
    let texts: Vec<String> = elements.iter().map(element).collect();
    if texts.is_empty() { "none".to_owned() } else { texts.join(", ") }
}

fn element(element: &Value) -> String {
    let text = |name: &str| element[name].as_str();
    if let Some(kind) = text("kind") {
        return format!("{kind} {}", text("text").unwrap_or("(not read)"));
    }
    let Some(oid) = text("oid") else {
        return element.as_str().unwrap_or_default().to_owned();
    };
    let mut shown = format!("{} ({oid}", text("name").unwrap_or("unknown"));
    if element["critical"] == true {
        shown.push_str(", critical");
    }
    if element["refused"] == true {
        shown.push_str(", refused in every path");
    }
    shown + ")"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outline_in_lines() {
        let outline = json!({
            "subject": "CN=a\n", "ca": false, "path_length": 1, "san": [],
            "key_usage": ["digitalSignature"],
            "name_constraints": { "permitted": ["dNSName a"], "excluded": [] },
            "extensions": [
                { "oid": "2.5.29.15", "name": "keyUsage", "critical": true },
                { "oid": "1.2.3", "name": null, "critical": true, "refused": true },
            ],
        });
        assert_eq!(
            Shown(&outline).to_string(),
            "certificate, not verified
  subject                CN=a\\n
  ca                     false
  path_length            1
  key_usage              digitalSignature
  san                    none
  name_constraints       excluded: none
  name_constraints       permitted: dNSName a
  extensions             keyUsage (2.5.29.15, critical), unknown (1.2.3, critical, refused in every path)"
        );
    }
}
