//! `credmint cms show`: what a message says of itself, and what it lacks for each profile. Nothing is verified.

use crate::cli::answer::{Explained, OneLine, misused, say};
use crate::cli::flags::Format;
use crate::cli::input;
use clap::Args;
use credmint_core::cms::{CmsRules, Outline, Profile, SignedMessage};
use credmint_core::x509::Certificate;
use credmint_core::{Refusal, ber, json, pem};
use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

const PROFILES: [Profile; 4] =
    [Profile::Generic, Profile::AmazonEc2, Profile::AlibabaEcs, Profile::AzureAttested];

/// Flags of `cms show`.
#[derive(Args)]
pub(in crate::cli) struct Show {
    /// The message: base64, PEM, DER or BER; `-` for standard input
    message: PathBuf,
    /// Print the content too. An identity document is a secret while it lives
    #[arg(long)]
    content: bool,
}

/// Prints what a message says; exit status 1 when it is none.
pub(in crate::cli) fn show(arguments: &Show, format: Format) -> ExitCode {
    let text = match input::read_der_or_text(&arguments.message) {
        Ok(text) => text,
        Err(misuse) => return misused(misuse),
    };
    match (described(&text, arguments.content), format) {
        (Ok(description), Format::Json) => say(Value::Object(description)),
        (Ok(description), Format::Text) => say(lines(&description)),
        (Err(refusal), format) => {
            match format {
                Format::Json => say(json!({
                    "code": refusal.code().as_str(),
                    "detail": refusal.to_string(),
                })),
                Format::Text => say(Explained(&refusal)),
            }
            return ExitCode::from(1);
        }
    }
    ExitCode::SUCCESS
}

fn described(text: &str, with_content: bool) -> Result<Map<String, Value>, Refusal> {
    let bytes = pem::message(text)?;
    let message = SignedMessage::parse(&bytes)?;
    let outline = message.outline();
    let is_der = ber::to_der(&bytes).is_ok_and(|der| der == bytes);
    let mut all = Map::new();
    all.insert("verified".into(), false.into());
    all.insert("message".into(), "SignedData over id-data".into());
    all.insert("bytes".into(), bytes.len().into());
    all.insert("encoding".into(), if is_der { "DER" } else { "BER" }.into());
    all.insert("signer".into(), outline.signer.clone().into());
    all.insert("signer_in_table".into(), known_signer(&outline.signer).into());
    all.insert("digest_algorithm".into(), outline.digest_algorithm.clone().into());
    all.insert("signature_algorithm".into(), outline.signature_algorithm.clone().into());
    all.insert("signed_attributes".into(), outline.signed_attributes.clone().into());
    all.insert("signing_time".into(), outline.signing_time.map(|time| time.to_string()).into());
    all.insert("unsigned_attributes".into(), outline.has_unsigned_attributes.into());
    all.insert("certificates".into(), certificates(&outline));
    all.insert("content".into(), content(&outline, with_content));
    all.insert("profiles".into(), profiles(&message));
    Ok(all)
}

/// The rows of the table of clouds whose certificate has the serial number that the message names.
fn known_signer(signer: &str) -> Vec<String> {
    let names = |row: &&credmint_clouds::Row| {
        let certificate = Certificate::from_der(&row.certificate).ok();
        let serial = certificate.map(|certificate| {
            certificate.serial().iter().fold("serial number ".to_owned(), |mut text, byte| {
                // Writing into a string cannot fail.
                let _ = write!(text, "{byte:02x}");
                text
            })
        });
        serial.as_deref() == Some(signer)
    };
    credmint_clouds::rows().iter().filter(names).map(credmint_clouds::Row::name).collect()
}

fn certificates(outline: &Outline<'_>) -> Value {
    let describe = |der: &Vec<u8>| match Certificate::from_der(der) {
        Ok(certificate) => json!({
            "subject": certificate.subject().to_string(),
            "issuer": certificate.issuer().to_string(),
            "not_before": certificate.not_before().to_string(),
            "not_after": certificate.not_after().to_string(),
        }),
        Err(refusal) => json!({ "bytes": der.len(), "refused": refusal.to_string() }),
    };
    outline.certificates.iter().map(describe).collect()
}

/// Size and member names of the content; the content itself only when it is asked for.
fn content(outline: &Outline<'_>, with_content: bool) -> Value {
    let Some(bytes) = outline.content else { return json!({ "attached": false }) };
    let mut shown = json!({ "attached": true, "bytes": bytes.len() });
    match json::parse_object(bytes) {
        Ok(object) => {
            shown["json_members"] = object.iter().map(|(name, _)| Value::from(name)).collect();
        }
        Err(refusal) => shown["no_json_object"] = refusal.code().as_str().into(),
    }
    if with_content {
        shown["text"] = String::from_utf8_lossy(bytes).into();
    }
    shown
}

/// What the message lacks for each profile, apart from its signer; nothing weak is allowed.
fn profiles(message: &SignedMessage) -> Value {
    let lacks = |profile: Profile| {
        let rules = CmsRules::at_any_time(profile);
        let lacking = match message.check_form(&rules) {
            Ok(()) => Value::from("nothing; the signer and the signature are not checked here"),
            Err(refusal) => refusal.to_string().into(),
        };
        (profile.name().to_owned(), lacking)
    };
    Value::Object(PROFILES.into_iter().map(lacks).collect())
}

/// The description in lines, one fact a line.
fn lines(description: &Map<String, Value>) -> String {
    let mut text = "not verified: what the message says of itself".to_owned();
    for (name, value) in description.iter().filter(|(name, _)| *name != "verified") {
        write_lines(&mut text, 2, name, value);
    }
    text
}

/// One level of nesting is as deep as a description goes.
fn write_lines(text: &mut String, indent: usize, name: &str, value: &Value) {
    let mut line = |name: &str, value: &str| {
        // Writing into a string cannot fail.
        let _ = write!(text, "\n{:indent$}{name:<23} {}", "", OneLine(value));
    };
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                line(&format!("{name}.{member}"), &plain(value));
            }
        }
        Value::Array(values) if values.is_empty() => line(name, "none"),
        Value::Array(values) if values.iter().any(Value::is_object) => {
            for (at, value) in values.iter().enumerate() {
                line(&format!("{name}.{at}"), &plain(value));
            }
        }
        other => line(name, &plain(other)),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(yes) => (if *yes { "yes" } else { "no" }).to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
