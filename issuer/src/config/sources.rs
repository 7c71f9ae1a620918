//! Where each value of a policy was written.

use super::error::{ConfigError, OtherPlace};
use super::place::Place;
use credmint_core::document::Problem;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// From JSON Pointers (RFC 6901) into a policy to files and places. A scalar is where it begins; an
/// object or array that has a name is at its name.
#[derive(Debug)]
pub struct SourceMap {
    files: Vec<PathBuf>,
    /// By pointer: the index of the file, and the place in it.
    places: BTreeMap<String, (usize, Place)>,
}

impl SourceMap {
    pub(super) fn new(file: &Path) -> Self {
        Self { files: vec![file.to_owned()], places: BTreeMap::new() }
    }

    /// Adds a file and returns its index. The first file has the index 0.
    pub(super) fn add_file(&mut self, file: &Path) -> usize {
        self.files.push(file.to_owned());
        self.files.len() - 1
    }

    /// The index of the file that was added last.
    pub(super) fn last_file(&self) -> usize {
        self.files.len() - 1
    }

    pub(super) fn insert(&mut self, pointer: &str, file: usize, place: Place) {
        self.places.insert(pointer.to_owned(), (file, place));
    }

    /// The files that make the policy, in the order in which they were read; for watching them.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(PathBuf::as_path)
    }

    /// Where the value at `pointer` is written. Of something that is missing, where its nearest
    /// enclosing value is.
    #[must_use]
    pub fn find(&self, pointer: &str) -> (&Path, Place) {
        let mut pointer = pointer;
        loop {
            if let Some((file, place)) = self.places.get(pointer) {
                return (self.file(*file), *place);
            }
            match pointer.rsplit_once('/') {
                Some((parent, _)) => pointer = parent,
                None => return (self.file(0), Place::START),
            }
        }
    }

    fn file(&self, index: usize) -> &Path {
        self.files.get(index).map_or(Path::new(""), PathBuf::as_path)
    }

    /// A problem that the core found, with its places.
    #[must_use]
    pub fn problem(&self, problem: &Problem) -> ConfigError {
        let error = self.error(&problem.pointer, &problem.question(), Some(&problem.expected));
        let Some(pointer) = &problem.other else { return error };
        let (file, Place { line, column }) = self.find(pointer);
        let (file, pointer) = (file.to_owned(), pointer.clone());
        error.beside(OtherPlace { file, line, column, pointer })
    }

    /// An error at `pointer`, with its place.
    #[must_use]
    pub fn error(&self, pointer: &str, message: &str, expected: Option<&str>) -> ConfigError {
        let (file, place) = self.find(pointer);
        let error = ConfigError::new(file, place, message).at(pointer);
        match expected {
            Some(expected) => error.expected(expected),
            None => error,
        }
    }
}

/// `pointer` with one more reference token, escaped (RFC 6901 section 3).
pub(super) fn child(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", token.replace('~', "~0").replace('/', "~1"))
}
