//! The files of a configuration as they were when they were read, so that it can be said later whether they still are.

use crate::limits::CONFIGURATION_BYTES;
use aws_lc_rs::digest::{SHA256, digest};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// What the files of a team held, by path.
pub(super) type Contents = BTreeMap<PathBuf, Arc<[u8]>>;

/// What a file held, or why it could not be read.
type Content = Result<Arc<[u8]>, String>;

/// Reads the files of one configuration, each once, and remembers what was there, or that nothing was.
#[derive(Default)]
pub struct Files {
    read: RefCell<BTreeMap<PathBuf, Content>>,
    listed: RefCell<BTreeMap<PathBuf, BTreeSet<PathBuf>>>,
    /// The file of a team that is read now, with what it includes.
    team: RefCell<Option<PathBuf>>,
    /// The files that were read for each file of a team.
    of_teams: RefCell<BTreeMap<PathBuf, BTreeSet<PathBuf>>>,
    /// What stands in the place of the files of some teams.
    instead: RefCell<BTreeMap<PathBuf, Contents>>,
    /// Files that something else reads.
    noted: RefCell<BTreeMap<PathBuf, Mark>>,
}

impl Files {
    /// From here on the files of a team are read as they are in `contents`: its own file, and what it includes.
    pub(super) fn put_instead(&self, team: PathBuf, contents: Contents) {
        self.instead.borrow_mut().insert(team, contents);
    }

    /// The bytes of a file, bounded. The error is a sentence.
    pub(super) fn bytes(&self, path: &Path) -> Result<Vec<u8>, String> {
        if let Some(contents) = self.instead_of(path) {
            let absent = || "the file cannot be read: it was not there before".to_owned();
            return contents.map(|content| content.to_vec()).ok_or_else(absent);
        }
        if let Some(team) = &*self.team.borrow() {
            let mut teams = self.of_teams.borrow_mut();
            teams.entry(team.clone()).or_default().insert(path.to_owned());
        }
        let mut read = self.read.borrow_mut();
        let content =
            read.entry(path.to_owned()).or_insert_with(|| read_bytes(path).map(Arc::from));
        content.as_ref().map(|content| content.to_vec()).map_err(Clone::clone)
    }

    /// The text of a file, bounded. The error is a sentence.
    pub(super) fn text(&self, path: &Path) -> Result<String, String> {
        let unreadable = |what| format!("the file cannot be read: {what}");
        text(self.bytes(path)?).map_err(unreadable)
    }

    /// What is in a folder.
    pub(super) fn list(&self, folder: &Path) -> io::Result<BTreeSet<PathBuf>> {
        let listed = list(folder)?;
        self.listed.borrow_mut().insert(folder.to_owned(), listed.clone());
        Ok(listed)
    }

    /// What is read from here on is of the file of this team, or of none.
    pub(super) fn enter(&self, team: Option<&Path>) {
        *self.team.borrow_mut() = team.map(Path::to_owned);
    }

    /// Whether what is read now stands in the place of files: then where they lie was looked at when they were read.
    pub(super) fn is_instead(&self) -> bool {
        self.team.borrow().as_ref().is_some_and(|team| self.instead.borrow().contains_key(team))
    }

    /// Takes note of a file that something else is about to read. It may hold a secret: nothing of it is kept.
    pub fn note(&self, path: &Path) {
        self.noted.borrow_mut().insert(path.to_owned(), Mark::now(path));
    }

    /// What was read for each file of a team, as far as it could be.
    pub(super) fn of_teams(&self) -> BTreeMap<PathBuf, Contents> {
        let read = self.read.borrow();
        let content = |path: &PathBuf| Some((path.clone(), read.get(path)?.clone().ok()?));
        let contents = |paths: &BTreeSet<PathBuf>| paths.iter().filter_map(content).collect();
        let teams = self.of_teams.borrow();
        teams.iter().map(|(team, paths)| (team.clone(), contents(paths))).collect()
    }

    /// What can be compared with what is there later.
    #[must_use]
    pub fn seen(&self) -> Seen {
        let of = |content: &Content| Mark::of(content.as_deref().ok());
        let read = self.read.borrow();
        let read = read.iter().map(|(path, content)| (path.clone(), of(content)));
        let noted = self.noted.borrow().clone();
        Seen { files: read.chain(noted).collect(), folders: self.listed.borrow().clone() }
    }

    /// Where another content stands in the place of a file: that, or that there was none.
    fn instead_of(&self, path: &Path) -> Option<Option<Arc<[u8]>>> {
        let team = self.team.borrow();
        let instead = self.instead.borrow();
        let contents = instead.get(team.as_ref()?)?;
        Some(contents.get(path).cloned())
    }
}

/// What files held, and which there were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    files: BTreeMap<PathBuf, Mark>,
    folders: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
}

impl Seen {
    /// The same files and folders as they are now.
    #[must_use]
    pub fn look_again(&self) -> Self {
        let file = |path: &PathBuf| (path.clone(), Mark::now(path));
        let folder = |path: &PathBuf| (path.clone(), list(path).unwrap_or_default());
        Self {
            files: self.files.keys().map(file).collect(),
            folders: self.folders.keys().map(folder).collect(),
        }
    }
}

/// What tells contents apart without keeping them: the hash, or that nothing could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark(Option<[u8; 32]>);

impl Mark {
    /// Of a file as it is now.
    fn now(path: &Path) -> Self {
        let content = read_bytes(path).map(Zeroizing::new).ok();
        Self::of(content.as_ref().map(|content| content.as_slice()))
    }

    fn of(content: Option<&[u8]>) -> Self {
        Self(content.and_then(|content| digest(&SHA256, content).as_ref().try_into().ok()))
    }
}

fn list(folder: &Path) -> io::Result<BTreeSet<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
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

/// Bytes as text, without the byte order mark that some editors write. The error says what they are instead.
pub(crate) fn text(bytes: Vec<u8>) -> Result<String, &'static str> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("it begins with the byte order mark of UTF-16; save it as UTF-8");
    }
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8")?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}
