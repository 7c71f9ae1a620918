//! Teams that do not keep each other from loading: where the organisation says so, what is wrong with the file of one team
//! concerns this team alone.
//!
//! Such a file is set aside. In its place stands what it was when it last loaded, judged again by what the organisation says now;
//! where that does not load either, or nothing is known of before, as after a start, the file counts as empty. Of two files that
//! do not go together the one that has changed is set aside, both where both have.

use super::files::{Contents, Files};
use super::{
    ConfigError, Loaded, SourceMap, compile, ended_roots, failed_tests, folder, folder_of,
    load_from,
};
use crate::limits::SET_ASIDE_ROUNDS;
use credmint_core::UnixTime;
use credmint_core::policy::TrustPolicy;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the files of teams were when they last loaded.
#[derive(Clone, Debug, Default)]
pub struct LastGood(BTreeMap<PathBuf, Contents>);

/// A file of a team that is not used as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// The file.
    pub file: PathBuf,
    /// Whether what it was before is used; else nothing of it is.
    pub is_kept: bool,
    /// What is wrong.
    pub errors: Vec<ConfigError>,
}

/// A configuration whose policy compiled, passed its tests, and has roots that are valid.
#[derive(Debug)]
pub struct Isolated {
    /// The configuration.
    pub loaded: Loaded,
    /// Its policy.
    pub policy: TrustPolicy,
    /// What of it is not used as it is.
    pub set_aside: Vec<SetAside>,
    /// For the next time.
    pub good: LastGood,
}

/// Something wrong, and the files that have a part in it.
struct Fault {
    error: ConfigError,
    files: Vec<PathBuf>,
}

/// Reads, compiles and tests the configuration at `path`, at the time `now`. `last` is what the files of its teams were before.
///
/// # Errors
/// Everything that is wrong, when it is more than what concerns single teams, or the organisation does not say that it concerns
/// them alone.
pub fn load_isolated(
    path: &Path,
    files: &Files,
    last: &LastGood,
    now: UnixTime,
) -> Result<Isolated, Vec<ConfigError>> {
    let mut aside: BTreeMap<PathBuf, SetAside> = BTreeMap::new();
    for _ in 0..SET_ASIDE_ROUNDS {
        let faults = match attempt(path, files, now) {
            Ok((loaded, policy)) => {
                let good = last.renewed(files.of_teams(), &aside);
                let set_aside = aside.into_values().collect();
                return Ok(Isolated { loaded, policy, set_aside, good });
            }
            Err(faults) => faults,
        };
        let Some(blamed) = blame(path, files, last, &aside, &faults) else {
            return Err(errors(faults));
        };
        for (team, errors) in blamed {
            let before = last.0.get(&team).filter(|_| !aside.contains_key(&team));
            let before = before.filter(|_| last.is_changed(&team, files));
            let is_kept = before.is_some();
            let nothing = || Contents::from([(team.clone(), Arc::from(b"{}".as_slice()))]);
            files.put_instead(team.clone(), before.cloned().unwrap_or_else(nothing));
            let known = aside.entry(team.clone());
            let known = known.or_insert(SetAside { file: team, is_kept, errors: Vec::new() });
            known.is_kept = is_kept;
            known.errors.extend(errors);
        }
    }
    let error = ConfigError::whole_file(path, "too many files of teams do not go together");
    Err(vec![error])
}

/// Loads it as it is, or says who has a part in what is wrong.
fn attempt(path: &Path, files: &Files, now: UnixTime) -> Result<(Loaded, TrustPolicy), Vec<Fault>> {
    let loaded = load_from(path, files).map_err(|errors| {
        files.enter(None);
        errors.into_iter().map(Fault::of_files).collect::<Vec<_>>()
    })?;
    let sources = &loaded.sources;
    let placed = |errors: Vec<ConfigError>| -> Vec<Fault> {
        errors.into_iter().map(|error| Fault::of_entries(error, sources)).collect()
    };
    let policy = compile(&loaded.policy, sources).map_err(placed)?;
    let mut failed = failed_tests(&policy, sources);
    failed.extend(ended_roots(&policy, sources, now));
    if failed.is_empty() { Ok((loaded, policy)) } else { Err(placed(failed)) }
}

/// The files of teams to set aside, each with what is wrong with it. `None` when that would not help.
fn blame(
    path: &Path,
    files: &Files,
    last: &LastGood,
    aside: &BTreeMap<PathBuf, SetAside>,
    faults: &[Fault],
) -> Option<BTreeMap<PathBuf, Vec<ConfigError>>> {
    let folder = folder_of(path, files)?;
    if !folder::isolates(&folder, files) {
        return None;
    }
    let teams = folder::list(&folder, files).ok()?;
    let teams: BTreeSet<PathBuf> = teams.into_iter().filter(|path| !folder::is_of(path)).collect();
    let mut blamed: BTreeMap<PathBuf, Vec<ConfigError>> = BTreeMap::new();
    for fault in faults {
        let concerned: Vec<&PathBuf> =
            fault.files.iter().filter(|file| teams.contains(*file)).collect();
        let is_new = |team: &&&PathBuf| !aside.contains_key(**team) && last.is_changed(team, files);
        let mut to_blame: Vec<&PathBuf> = concerned.iter().filter(is_new).copied().collect();
        if to_blame.is_empty() {
            // None has changed: what the organisation says has. Whatever is empty already has no part in it.
            let is_empty = |team: &PathBuf| aside.get(team).is_some_and(|aside| !aside.is_kept);
            to_blame = concerned.into_iter().filter(|team| !is_empty(team)).collect();
        }
        if to_blame.is_empty() {
            return None;
        }
        for team in to_blame {
            blamed.entry(team.clone()).or_default().push(fault.error.clone());
        }
    }
    Some(blamed)
}

fn errors(faults: Vec<Fault>) -> Vec<ConfigError> {
    faults.into_iter().map(|fault| fault.error).collect()
}

impl LastGood {
    /// Whether a file of a team, or what it includes, is not what it was.
    fn is_changed(&self, team: &Path, files: &Files) -> bool {
        files.of_teams().get(team) != self.0.get(team)
    }

    /// What is to be known the next time.
    fn renewed(
        &self,
        read: BTreeMap<PathBuf, Contents>,
        aside: &BTreeMap<PathBuf, SetAside>,
    ) -> Self {
        let good = read.into_iter().filter_map(|(team, contents)| match aside.get(&team) {
            None => Some((team, contents)),
            Some(SetAside { is_kept: true, .. }) => {
                let before = self.0.get(&team)?.clone();
                Some((team, before))
            }
            Some(_) => None,
        });
        Self(good.collect())
    }
}

impl Fault {
    /// Before the policy is put together: the files that the error names.
    fn of_files(error: ConfigError) -> Self {
        let other = error.other.as_ref().map(|other| other.file.clone());
        let files = [Some(error.file.clone()), other];
        Self { files: files.into_iter().flatten().collect(), error }
    }

    /// Afterwards: the files in which the entries are. What is wrong may stand in a file that is included there.
    fn of_entries(error: ConfigError, sources: &SourceMap) -> Self {
        let other = error.other.as_ref().map(|other| other.pointer.as_str());
        let pointers = [Some(error.pointer.as_str()), other];
        let files = pointers.into_iter().flatten().map(|pointer| file_of(pointer, sources));
        Self { files: files.collect(), error }
    }
}

/// The file of the entry, or of the test, that `pointer` leads into.
fn file_of(pointer: &str, sources: &SourceMap) -> PathBuf {
    let ends = pointer.match_indices('/').map(|(at, _)| at).chain([pointer.len()]);
    let entry = ends.skip(1).nth(1).map_or(pointer, |end| &pointer[..end]);
    sources.find(entry).0.to_owned()
}

#[cfg(test)]
mod tests;
