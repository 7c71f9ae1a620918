//! What fuzzing begins with: the inputs of parsers that vectors and suites hold, wherever they stand in them.
//!
//! A file is taken for what it looks like, a text in a JSON file as well: PEM, base64, a compact JWS, a key set, a policy.
//! What is malformed on purpose is no less welcome, so nothing here asks a parser of ours.

use crate::shared_data;
use anyhow::{Context, Result};
use base64ct::{Base64, Encoding};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Longer ones are left out: mutations of them would seldom change what matters.
const INPUT_BYTES: usize = 64 * 1024;

/// The contents of an object identifier that each signed message has near its start: id-signedData.
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const NEAR: usize = 48;

/// Inputs by the target of `fuzz/` that they are for.
#[derive(Debug, Default)]
pub struct Corpus(BTreeMap<&'static str, BTreeSet<Vec<u8>>>);

impl Corpus {
    /// Of the project's vectors, and of the suites where they are at hand.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn gather() -> Result<Self> {
        let mut corpus = Self::default();
        corpus.folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors"))?;
        if let Some(suites) = shared_data::folder(".") {
            corpus.folder(&suites)?;
        }
        Ok(corpus)
    }

    /// Those for one target, in a fixed order.
    pub fn of(&self, target: &str) -> impl ExactSizeIterator<Item = &[u8]> {
        const NONE: &BTreeSet<Vec<u8>> = &BTreeSet::new();
        self.0.get(target).unwrap_or(NONE).iter().map(Vec::as_slice)
    }

    /// Writes each input into a file of its own, in a folder for its target.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        for (target, inputs) in &self.0 {
            let folder = folder.join(target);
            fs::create_dir_all(&folder)?;
            for (index, input) in inputs.iter().enumerate() {
                fs::write(folder.join(format!("{index:05}")), input)?;
            }
        }
        Ok(())
    }

    fn folder(&mut self, folder: &Path) -> Result<()> {
        for path in shared_data::files(folder)? {
            let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
            match str::from_utf8(&bytes) {
                Ok(text) => self.text_file(text),
                Err(_) => self.der(&bytes),
            }
        }
        Ok(())
    }

    /// A file of JSON, of lines of JSON, or of anything else.
    fn text_file(&mut self, text: &str) {
        if let Ok(value) = serde_json::from_str::<Value>(text) {
            self.add("json", text.as_bytes());
            self.value(&value);
            return;
        }
        self.text(text);
        for line in text.lines().filter(|line| line.starts_with('{')) {
            if let Ok(value) = serde_json::from_str::<Value>(line) {
                self.add("json", line.as_bytes());
                self.value(&value);
            }
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(elements) => elements.iter().for_each(|element| self.value(element)),
            Value::Object(members) => {
                let text = value.to_string();
                if members.contains_key("kty") {
                    self.add("jwks", format!("{{\"keys\":[{text}]}}").as_bytes());
                }
                if members.get("keys").is_some_and(Value::is_array) {
                    self.add("jwks", text.as_bytes());
                }
                if members.contains_key("providers") && members.contains_key("clients") {
                    self.add("policy", text.as_bytes());
                }
                if let Some(Value::Object(form)) = members.get("form") {
                    let mut pairs = form_urlencoded::Serializer::new(String::new());
                    for (name, value) in form {
                        pairs.append_pair(name, value.as_str().unwrap_or_default());
                    }
                    self.add("form", pairs.finish().as_bytes());
                }
                self.add("certificate", &chain(members));
                for (name, member) in members {
                    if name.ends_with("condition") || name.starts_with("client.") {
                        self.add("expression", member.as_str().unwrap_or_default().as_bytes());
                    }
                    self.value(member);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn text(&mut self, text: &str) {
        if text.contains("-----BEGIN ") {
            self.add("pem", text.as_bytes());
            blocks(text).for_each(|bytes| self.der(&bytes));
        } else if text.starts_with("ey") && text.contains('.') {
            self.add("jws", text.as_bytes());
        } else if text.starts_with('M')
            && let Some(bytes) = decode(text)
        {
            self.add("pem", text.as_bytes());
            self.der(&bytes);
        }
    }

    /// A signed message, else a certificate or a list, which the targets tell apart.
    fn der(&mut self, bytes: &[u8]) {
        if bytes.first() != Some(&0x30) {
            return;
        }
        let start = &bytes[..bytes.len().min(NEAR)];
        let is_message = start.windows(SIGNED_DATA.len()).any(|window| window == SIGNED_DATA);
        for target in if is_message { ["ber", "cms"] } else { ["certificate", "crl"] } {
            self.add(target, bytes);
        }
        if !is_message {
            let field = format!("Client-Cert: :{}:", Base64::encode_string(bytes));
            self.add("forwarded", field.as_bytes());
        }
    }

    fn add(&mut self, target: &'static str, input: &[u8]) {
        if !input.is_empty() && input.len() <= INPUT_BYTES {
            self.0.entry(target).or_default().insert(input.to_vec());
        }
    }
}

/// The certificates of a case about paths, one after another: the leaf, those between, the roots.
fn chain(members: &Map<String, Value>) -> Vec<u8> {
    const NAMES: [[&str; 2]; 3] = [
        ["leaf", "peer_certificate"],
        ["intermediates", "untrusted_intermediates"],
        ["anchors", "trusted_certs"],
    ];
    let mut texts = Vec::new();
    for name in NAMES.as_flattened() {
        match members.get(*name) {
            Some(Value::String(text)) => texts.push(text.as_str()),
            Some(Value::Array(elements)) => texts.extend(elements.iter().filter_map(Value::as_str)),
            _ => {}
        }
    }
    texts
        .into_iter()
        .flat_map(|text| decode(text).into_iter().chain(blocks(text)))
        .flatten()
        .collect()
}

/// What the PEM blocks of a text hold, but for those that are broken.
fn blocks(text: &str) -> impl Iterator<Item = Vec<u8>> {
    let bodies = text.split("-----BEGIN ").skip(1).filter_map(|block| block.split("-----").nth(1));
    bodies.filter_map(decode)
}

/// What base64 between white space holds.
fn decode(text: &str) -> Option<Vec<u8>> {
    let dense: String = text.split_ascii_whitespace().collect();
    Base64::decode_vec(&dense).ok()
}
