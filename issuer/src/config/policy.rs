//! From the text of a policy to its value: files are included, names of clouds resolved, and places remembered.

use super::LoadedPolicy;
use super::error::ConfigError;
use super::place::Place;
use super::sources::{SourceMap, child};
use super::yaml::{Content, Node};
use crate::limits::{CONFIGURATION_BYTES, INCLUDED_BYTES};
use credmint_core::base64;
use credmint_core::document::Problem;
use credmint_core::json::{self, Limits, Object, Value};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The value of a policy that is in `file`, with its includes, and with the certificates of clouds in the place
/// of their names.
pub(super) fn assemble(file: &Path, policy: Node) -> Result<LoadedPolicy, Vec<ConfigError>> {
    let mut assembly = Assembly::new(file);
    let place = policy.place;
    let policy = assembly.value(policy, place, "");
    assembly.finish(policy)
}

/// The text of a file, bounded. The error is a sentence.
pub(super) fn read_text(path: &Path) -> Result<String, String> {
    String::from_utf8(read_bytes(path)?)
        .map_err(|_| "the file cannot be read: it is not UTF-8".to_owned())
}

/// The bytes of a file, bounded. The error is a sentence.
fn read_bytes(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = File::open(path)
        .and_then(|file| file.take(CONFIGURATION_BYTES + 1).read_to_end(&mut bytes));
    match read {
        Ok(_) if bytes.len() as u64 > CONFIGURATION_BYTES => {
            Err("the file is too large".to_owned())
        }
        Ok(_) => Ok(bytes),
        Err(cause) => Err(format!("the file cannot be read: {cause}")),
    }
}

/// `name` as seen from `file`: relative to its folder.
pub(super) fn beside(file: &Path, name: impl AsRef<Path>) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).join(name)
}

/// Whether a file is there and lies in a folder or below, symbolic links followed.
fn is_below(path: &Path, folder: &Path) -> bool {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    match (path.canonicalize(), folder.canonicalize()) {
        (Ok(path), Ok(folder)) => path.starts_with(folder),
        _ => false,
    }
}

/// A policy on its way from files to one value.
pub(super) struct Assembly {
    /// The file whose values are read now, and its index.
    file: PathBuf,
    index: usize,
    pub(super) sources: SourceMap,
    /// The folder beyond which nothing is included, for files that are not the organisation's.
    confined: Option<PathBuf>,
    /// Bytes of the included files so far.
    included: usize,
    pub(super) errors: Vec<ConfigError>,
}

impl Assembly {
    /// A policy whose first file is `file`.
    pub(super) fn new(file: &Path) -> Self {
        Self {
            file: file.to_owned(),
            index: 0,
            sources: SourceMap::new(file),
            confined: None,
            included: 0,
            errors: Vec::new(),
        }
    }

    /// What follows is in another file, of a team: it includes only what lies in its own folder or below, because
    /// what is included is shown to everyone who may see the policy.
    pub(super) fn enter(&mut self, file: &Path) {
        self.confined = Some(beside(file, ""));
        self.index = self.sources.add_file(file);
        file.clone_into(&mut self.file);
    }

    /// Puts certificates in the place of clouds' names, and gives the whole when nothing is wrong with it.
    pub(super) fn finish(mut self, mut policy: Value) -> Result<LoadedPolicy, Vec<ConfigError>> {
        if let Err(errors) = credmint_clouds::resolve(&mut policy) {
            let placed = |problem: Problem| {
                let question = problem.question();
                self.sources.error(&problem.pointer, &question, Some(&problem.expected))
            };
            self.errors.extend(errors.into_iter().map(placed));
        }
        if self.errors.is_empty() {
            Ok(LoadedPolicy { policy, sources: self.sources })
        } else {
            Err(self.errors)
        }
    }

    /// The value of a node; `named` is where the name of the node stands, if it has one. The depth of
    /// the recursion is that of the document, which the reader bounds.
    pub(super) fn value(&mut self, node: Node, named: Place, pointer: &str) -> Value {
        let place = if matches!(node.content, Content::Scalar(_)) { node.place } else { named };
        self.sources.insert(pointer, self.index, place);
        match node.content {
            Content::Scalar(value) => value,
            Content::Array(elements) => {
                let value = |(index, node): (usize, Node)| {
                    let place = node.place;
                    self.value(node, place, &child(pointer, &index.to_string()))
                };
                elements.into_iter().enumerate().map(value).collect::<Vec<_>>().into()
            }
            Content::Object(members) => match included_file(&members) {
                Some((name, place)) if !is_data_of_a_test(pointer) => {
                    let name = name.to_owned();
                    self.include(&name, place, pointer)
                }
                _ => {
                    let value = |(name, place, node): (String, Place, Node)| {
                        let value = self.value(node, place, &child(pointer, &name));
                        (name, value)
                    };
                    members.into_iter().map(value).collect::<Object>().into()
                }
            },
        }
    }

    /// The value that replaces `{ file: NAME }`; null after an error, which is kept.
    fn include(&mut self, name: &str, place: Place, pointer: &str) -> Value {
        let path = beside(&self.file, name);
        let included = match &self.confined {
            Some(folder) if !is_below(&path, folder) => {
                let message =
                    "this file does not exist, or is not in the folder of the policy".to_owned();
                Err((message, Some("a file in this folder, or the include in organisation.yaml")))
            }
            _ => self.included_value(&path),
        };
        match included {
            Ok((value, within)) => {
                let file = self.sources.add_file(&path);
                self.sources.insert(&format!("{pointer}{within}"), file, Place::START);
                value
            }
            Err((message, expected)) => {
                let message = format!("{}: {message}", path.display());
                let error = ConfigError::new(&self.file, place, message).at(pointer);
                self.errors.push(match expected {
                    Some(expected) => error.expected(expected),
                    None => error,
                });
                Value::Null
            }
        }
    }

    /// The value of an included file, and where in that value the file's own content is. An error is a
    /// sentence and what was expected.
    fn included_value(
        &mut self,
        path: &Path,
    ) -> Result<(Value, &'static str), (String, Option<&'static str>)> {
        let extension = path.extension().and_then(|extension| extension.to_str());
        let is_json = match extension {
            Some("json") => true,
            Some("pem" | "crt" | "cer" | "p7b") => false,
            Some("crl") => return self.included_list(path),
            _ => {
                let message = "the kind of file is not known".to_owned();
                return Err((
                    message,
                    Some("a name that ends in .pem, .crt, .cer, .crl, .p7b or .json"),
                ));
            }
        };
        let text = read_text(path).map_err(|message| (message, None))?;
        self.included = self.included.saturating_add(text.len());
        if self.included > INCLUDED_BYTES {
            return Err(("the included files are too large together".to_owned(), None));
        }
        if is_json {
            let value = json::parse_with(text.as_bytes(), Limits::DOCUMENT)
                .map_err(|refusal| (refusal.to_string(), None))?;
            Ok((value, ""))
        } else {
            Ok((Object::from_iter([("pem", text)]).into(), "/pem"))
        }
    }

    /// As [`Assembly::included_value`], for a revocation list, which authorities publish in DER.
    fn included_list(
        &mut self,
        path: &Path,
    ) -> Result<(Value, &'static str), (String, Option<&'static str>)> {
        let bytes = read_bytes(path).map_err(|message| (message, None))?;
        self.included = self.included.saturating_add(bytes.len());
        if self.included > INCLUDED_BYTES {
            return Err(("the included files are too large together".to_owned(), None));
        }
        Ok((Object::from_iter([("pem", list_as_text(bytes))]).into(), "/pem"))
    }
}

/// The bytes of a revocation list as text: PEM as it is, DER in base64.
fn list_as_text(bytes: Vec<u8>) -> String {
    // DER starts with a SEQUENCE, which no text of ours does.
    match String::from_utf8(bytes) {
        Ok(text) if !text.starts_with('0') => text,
        Ok(text) => base64::encode_standard(text.as_bytes()),
        Err(error) => base64::encode_standard(error.as_bytes()),
    }
}

/// The name in `{ file: NAME }`, and its place; `None` when this is another object.
fn included_file(members: &[(String, Place, Node)]) -> Option<(&str, Place)> {
    match members {
        [(member, _, Node { place, content: Content::Scalar(Value::String(name)) })]
            if member == "file" =>
        {
            Some((name, *place))
        }
        _ => None,
    }
}

/// Whether `pointer` leads into the claims or the document that a test of the policy gives: those are
/// data from outside and may have a member `file`. They may themselves be included.
fn is_data_of_a_test(pointer: &str) -> bool {
    let tokens: Vec<&str> = pointer.split('/').skip(1).collect();
    matches!(tokens[..], ["tests", _, "given", "claims" | "document", _, ..])
}
