//! From the text of a policy to its value: files are included, names of clouds resolved, and places remembered.

use super::LoadedPolicy;
use super::error::ConfigError;
use super::files::{Files, text};
use super::place::Place;
use super::sources::{SourceMap, child};
use super::yaml::{Content, Node};
use crate::limits::INCLUDED_BYTES;
use credmint_core::json::{self, Limits, Object, Value};
use credmint_core::pem;
use std::path::{Path, PathBuf};

/// The value of a policy that is in `file`, with its includes, and with the certificates of clouds in the place
/// of their names.
pub(super) fn assemble(
    file: &Path,
    policy: Node,
    files: &Files,
) -> Result<LoadedPolicy, Vec<ConfigError>> {
    let mut assembly = Assembly::new(file, files);
    let place = policy.place;
    let policy = assembly.value(policy, place, "");
    assembly.finish(policy)
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
pub(super) struct Assembly<'f> {
    files: &'f Files,
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

impl<'f> Assembly<'f> {
    /// A policy whose first file is `file`.
    pub(super) fn new(file: &Path, files: &'f Files) -> Self {
        Self {
            files,
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
        self.files.enter(Some(file));
        self.confined = Some(beside(file, ""));
        self.index = self.sources.add_file(file);
        file.clone_into(&mut self.file);
    }

    /// Puts certificates in the place of clouds' names, and gives the whole when nothing is wrong with it.
    pub(super) fn finish(mut self, mut policy: Value) -> Result<LoadedPolicy, Vec<ConfigError>> {
        self.files.enter(None);
        if let Err(errors) = credmint_clouds::resolve(&mut policy) {
            self.errors.extend(errors.iter().map(|problem| self.sources.problem(problem)));
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
            Some(folder) if !self.files.is_instead() && !is_below(&path, folder) => {
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
        let extension = extension.map(str::to_ascii_lowercase);
        let is_json = match extension.as_deref() {
            Some("json") => true,
            Some("pem" | "crt" | "cer" | "der" | "crl" | "p7b" | "p7c") => false,
            _ => {
                let message = "the kind of file is not known".to_owned();
                return Err((
                    message,
                    Some("a name that ends in .pem, .crt, .cer, .der, .crl, .p7b or .json"),
                ));
            }
        };
        let sentence = |message| (message, None);
        let bytes = self.files.bytes(path).map_err(sentence)?;
        self.included = self.included.saturating_add(bytes.len());
        if self.included > INCLUDED_BYTES {
            return Err(sentence("the included files are too large together".to_owned()));
        }
        let unreadable = |what: &str| sentence(format!("the file cannot be read: {what}"));
        if is_json {
            let text = text(bytes).map_err(unreadable)?;
            let value = json::parse_with(text.as_bytes(), Limits::DOCUMENT)
                .map_err(|refusal| sentence(refusal.to_string()))?;
            Ok((value, ""))
        } else {
            // Authorities hand out DER and PEM under each of these names.
            let text = pem::file_text(bytes)
                .map_err(|refusal| unreadable(refusal.detail_text().unwrap_or_default()))?;
            Ok((Object::from_iter([("pem", text)]).into(), "/pem"))
        }
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
