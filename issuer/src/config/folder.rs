//! A policy in several files of one folder: one a team, and one of the organisation that limits the others.
//!
//! `organisation.yaml` has the settings of the whole (`version`, `issuer`, …), may have providers, resources and
//! clients of its own, and says what the teams may use: issuers, audiences, scopes, claims, client ids and lifetimes,
//! for every team or for one under `teams`. What is not listed is refused. Every other file has providers, resources,
//! clients and tests only, and includes nothing from outside of the folder.

use super::LoadedPolicy;
use super::error::{ConfigError, OtherPlace};
use super::files::Files;
use super::place::Place;
use super::policy::Assembly;
use super::sources::child;
use super::yaml::{self, Content, Node};
use credmint_core::json::{Object, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

mod limits;
mod offences;

use crate::limits::FILES;
use limits::Limits;
use offences::{Entry, Surroundings};

/// The name of the organisation's file, without its ending.
const ORGANISATION: &str = "organisation";
/// The member of the organisation's file by which a bad file of a team concerns this team alone.
const ISOLATE: &str = "isolate_teams";
/// The parts whose entries come from all files.
const SHARED: [&str; 3] = ["providers", "resources", "clients"];

type Member = (String, Place, Node);

/// One file: its name without the ending, and its members.
struct File {
    path: PathBuf,
    team: String,
    members: Vec<Member>,
}

/// Reads the policy in `folder`.
///
/// # Errors
/// Every file that cannot be read, every entry that occurs twice, and everything that a team may not use.
pub(super) fn load(folder: &Path, sources: &Files) -> Result<LoadedPolicy, Vec<ConfigError>> {
    let mut errors = Vec::new();
    let mut files = Vec::new();
    for path in list(folder, sources).map_err(|error| vec![error])? {
        match read(path, sources) {
            Ok(file) => files.push(file),
            Err(error) => errors.push(error),
        }
    }
    errors.extend(namesakes(&files));
    let organisation = files.iter().position(|file| file.team == ORGANISATION);
    match organisation {
        // First, so that what is wrong with the whole is found there.
        Some(index) => files[..=index].rotate_right(1),
        None if errors.is_empty() => {
            let message = "there is no organisation.yaml in this folder";
            let expected = "a file with `version`, `issuer` and what the teams may use";
            return Err(vec![ConfigError::whole_file(folder, message).expected(expected)]);
        }
        None => {}
    }
    if errors.is_empty() { merge(files, sources) } else { Err(errors) }
}

/// The files of a policy, in the order of their names. Hidden ones and other kinds are ignored.
pub(super) fn list(folder: &Path, files: &Files) -> Result<Vec<PathBuf>, ConfigError> {
    let unreadable = |cause: std::io::Error| {
        ConfigError::whole_file(folder, format!("the folder cannot be read: {cause}"))
    };
    let mut paths = Vec::new();
    for path in files.list(folder).map_err(unreadable)? {
        let is_hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        let ending = path.extension().and_then(|ending| ending.to_str());
        if !is_hidden && matches!(ending, Some("yaml" | "yml")) {
            paths.push(path);
        }
    }
    if paths.len() > FILES {
        return Err(ConfigError::whole_file(folder, format!("more than {FILES} files")));
    }
    Ok(paths)
}

/// Whether the file of the organisation says that what is wrong with the file of a team concerns this team alone.
pub(super) fn isolates(folder: &Path, files: &Files) -> bool {
    let organisation = list(folder, files).into_iter().flatten().find(|path| is_of(path));
    let Some(Ok(file)) = organisation.map(|path| read(path, files)) else { return false };
    let says = |(name, _, node): &Member| {
        name == ISOLATE && matches!(node.content, Content::Scalar(Value::Bool(true)))
    };
    file.members.iter().any(says)
}

/// Whether this is the file of the organisation.
pub(super) fn is_of(path: &Path) -> bool {
    path.file_stem().is_some_and(|name| name == ORGANISATION)
}

fn read(path: PathBuf, files: &Files) -> Result<File, ConfigError> {
    files.enter((!is_of(&path)).then_some(&path));
    let text = files.text(&path);
    files.enter(None);
    let text = text.map_err(|why| ConfigError::whole_file(&path, why))?;
    let node: Node = yaml::parse(&path, &text)?;
    let Content::Object(members) = node.content else {
        let error = ConfigError::new(&path, node.place, "this is not part of a policy");
        return Err(error.expected("an object"));
    };
    let team = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(File { path, team, members })
}

/// Files of one name with two endings: which of them the limits of the team were meant for, nobody can tell.
fn namesakes(files: &[File]) -> Vec<ConfigError> {
    let mut first: BTreeMap<&str, &Path> = BTreeMap::new();
    let mut errors = Vec::new();
    for file in files {
        if let Some(other) = first.insert(&file.team, &file.path) {
            let message = format!("{} is the file of `{}` too", other.display(), file.team);
            errors.push(ConfigError::whole_file(&file.path, message).expected("one file a team"));
        }
    }
    errors
}

/// One value from all files, the organisation's first.
fn merge(files: Vec<File>, sources: &Files) -> Result<LoadedPolicy, Vec<ConfigError>> {
    let Some(first) = files.first().map(|file| file.path.clone()) else { return Err(Vec::new()) };
    let mut merger = Merger {
        assembly: Assembly::new(&first, sources),
        whole: Object::new(),
        shared: SHARED.map(|part| (part, Object::new())).into(),
        tests: Vec::new(),
        owners: BTreeMap::new(),
        limits: Object::new(),
    };
    merger.assembly.sources.insert("", 0, Place::START);
    let mut teams = BTreeSet::new();
    for (index, file) in files.into_iter().enumerate() {
        if index > 0 {
            teams.insert(file.team.clone());
            merger.assembly.enter(&file.path);
        }
        merger.add(file, index == 0);
    }
    merger.finish(&teams)
}

struct Merger<'f> {
    assembly: Assembly<'f>,
    /// What the organisation's file alone may say.
    whole: Object,
    shared: BTreeMap<&'static str, Object>,
    tests: Vec<Value>,
    /// The team of each entry that is not the organisation's, by the entry's pointer.
    owners: BTreeMap<String, String>,
    /// What the organisation's file allows the others.
    limits: Object,
}

impl Merger<'_> {
    fn add(&mut self, file: File, is_organisation: bool) {
        let File { path, team, members } = file;
        for (name, place, node) in members {
            let shared = SHARED.iter().find(|part| **part == name);
            match (shared, name.as_str()) {
                (Some(part), _) => {
                    let owner = (!is_organisation).then_some(team.as_str());
                    self.add_entries(part, (place, node), owner, &path);
                }
                (None, "tests") => self.add_tests(node, &path),
                (None, member) if is_organisation && limits::is_limit(member) => {
                    let value = self.assembly.value(node, place, &child("", &name));
                    self.limits.insert(name, value);
                }
                (None, ISOLATE) if is_organisation => {
                    if !matches!(node.content, Content::Scalar(Value::Bool(_))) {
                        let error = ConfigError::new(&path, place, "this is not yes or no");
                        let error = error.at(child("", ISOLATE)).expected("true or false");
                        self.assembly.errors.push(error);
                    }
                }
                (None, "version") if !is_organisation => {
                    let value = self.assembly.value(node, place, "/version");
                    if value != Value::from(1) {
                        let error = ConfigError::new(&path, place, "the only version there is");
                        self.assembly.errors.push(error.expected("1"));
                    }
                }
                _ if is_organisation => {
                    let value = self.assembly.value(node, place, &child("", &name));
                    self.whole.insert(name, value);
                }
                _ => {
                    let message = format!("`{name}` is not for the file of a team");
                    let error = ConfigError::new(&path, place, message).at(child("", &name));
                    let expected =
                        "providers, resources, clients, tests; or move it to organisation.yaml";
                    self.assembly.errors.push(error.expected(expected));
                }
            }
        }
    }

    fn add_entries(
        &mut self,
        part: &'static str,
        (place, node): (Place, Node),
        owner: Option<&str>,
        path: &Path,
    ) {
        let pointer = child("", part);
        let Content::Object(entries) = node.content else {
            let error = ConfigError::new(path, node.place, "this is not an object").at(pointer);
            return self.assembly.errors.push(error.expected("an object"));
        };
        if self.shared.get(part).is_some_and(Object::is_empty) {
            self.assembly.sources.insert(&pointer, self.assembly.sources.last_file(), place);
        }
        for (name, place, node) in entries {
            let pointer = child(&pointer, &name);
            let known = self.shared.get(part).is_some_and(|entries| entries.contains(&name));
            if known {
                let (file, Place { line, column }) = self.assembly.sources.find(&pointer);
                let file = file.to_owned();
                let other = OtherPlace { file, line, column, pointer: pointer.clone() };
                let message = format!("`{name}` occurs twice");
                let error = ConfigError::new(path, place, message).at(pointer).beside(other);
                self.assembly.errors.push(error.expected("another name, or one of the two"));
                continue;
            }
            let value = self.assembly.value(node, place, &pointer);
            if let Some(owner) = owner {
                self.owners.insert(pointer, owner.to_owned());
            }
            if let Some(entries) = self.shared.get_mut(part) {
                entries.insert(name, value);
            }
        }
    }

    fn add_tests(&mut self, node: Node, path: &Path) {
        let Content::Array(tests) = node.content else {
            let error = ConfigError::new(path, node.place, "this is not a list").at("/tests");
            return self.assembly.errors.push(error.expected("a list of tests"));
        };
        for test in tests {
            let place = test.place;
            let pointer = child("/tests", &self.tests.len().to_string());
            let value = self.assembly.value(test, place, &pointer);
            self.tests.push(value);
        }
    }

    fn finish(mut self, teams: &BTreeSet<String>) -> Result<LoadedPolicy, Vec<ConfigError>> {
        let members = Value::from(std::mem::take(&mut self.limits));
        match Limits::read(&members, self.whole.get("token_lifetime"), teams) {
            Ok(limits) => self.hold_to(&limits),
            Err(problems) => {
                let placed = problems.iter().map(|problem| self.assembly.sources.problem(problem));
                self.assembly.errors.extend(placed);
            }
        }
        for (part, entries) in self.shared {
            self.whole.insert(part, entries);
        }
        if !self.tests.is_empty() {
            self.whole.insert("tests", self.tests);
        }
        self.assembly.finish(self.whole.into())
    }

    /// Reports what the files of teams do that they may not.
    fn hold_to(&mut self, limits: &Limits) {
        let around = Surroundings { providers: self.shared.get("providers"), owners: &self.owners };
        for (pointer, team) in &self.owners {
            let Some((part, name, value)) = entry(&self.shared, pointer) else { continue };
            let entry = Entry { team, part, name: &name, value, pointer };
            for offence in offences::of(&entry, limits, &around) {
                let sources = &self.assembly.sources;
                let error = sources.error(&offence.at, &offence.message, Some(&offence.expected));
                self.assembly.errors.push(error);
            }
        }
    }
}

/// The part, the name and the value of an entry.
fn entry<'s>(
    shared: &'s BTreeMap<&'static str, Object>,
    pointer: &str,
) -> Option<(&'static str, String, &'s Value)> {
    shared.iter().find_map(|(part, entries)| {
        let name = pointer.strip_prefix(&format!("/{part}/"))?;
        let name = name.replace("~1", "/").replace("~0", "~");
        entries.get(&name).map(|value| (*part, name.clone(), value))
    })
}

#[cfg(test)]
mod tests;
