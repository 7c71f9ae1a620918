//! The configuration file: `server:` for this process, `policy:` for the core.
//!
//! YAML for people; JSON is YAML and goes the same way. Values are read strictly: unknown and repeated
//! members, anchors, aliases, merge keys, unknown tags and a second document are errors. Every error
//! names file, line and column. The policy is handed on as a JSON value, with a [`SourceMap`] that
//! turns the core's JSON Pointers (RFC 6901) back into places.
//!
//! Three things refer to other files, always relative to the file that says so:
//!
//! - `policy: FILE` or `policy: { folder: FOLDER }` in place of the policy itself;
//! - `{ file: FILE }` anywhere in the policy. A `.pem`, `.crt`, `.cer`, `.der`, `.crl` or `.p7b` file, PEM or DER
//!   whatever its name, becomes `{ pem: TEXT }`; a `.json` file becomes the value that it holds. What tests give as claims or as
//!   a document is data, and there `file` means nothing;
//! - the paths in `server:`.
//!
//! A few settings of `server:` give way to the environment: see [`ServerConfig::OVERRIDES`].

use credmint_core::UnixTime;
use credmint_core::json;
use credmint_core::policy::{TrustPolicy, resources_of_issuer};
use serde::Deserialize;
use serde_saphyr::Spanned;
use std::path::{Path, PathBuf};

mod error;
mod files;
mod folder;
mod isolated;
mod place;
mod policy;
mod server;
mod sources;
mod yaml;

pub use error::{ConfigError, OtherPlace};
pub(crate) use files::text;
pub use files::{Files, Seen};
pub use isolated::{Isolated, LastGood, SetAside, load_isolated};
pub use place::Place;
pub use server::{
    AuditConfig, AuditPlace, Forwarded, LimitsConfig, LogConfig, LogFormat, LogLevel, MtlsConfig,
    OperationsConfig, PostgreSqlConfig, ProxyProtocol, RefusalSampling, ReloadConfig, Rotation,
    SealingKeyPlace, ServerConfig, SigningAlgorithm, SigningConfig, SocketMode, StoreConfig,
    TlsFiles, TrustedForwarders,
};
pub use sources::SourceMap;

use yaml::{Content, Node};

/// A configuration that can be used, as far as can be said without the core.
#[derive(Debug)]
pub struct Loaded {
    /// What concerns this process.
    pub server: ServerConfig,
    /// The policy document with every file included, for the core to compile.
    pub policy: json::Value,
    /// Where each part of the policy is.
    pub sources: SourceMap,
}

/// A policy without a server around it.
#[derive(Debug)]
pub struct LoadedPolicy {
    /// The policy document with every file included.
    pub policy: json::Value,
    /// Where each part of the policy is.
    pub sources: SourceMap,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    server: Spanned<ServerConfig>,
    policy: Node,
}

/// Reads the configuration file at `path` and what it includes.
///
/// # Errors
/// When a file cannot be read, is not the YAML described above, or `server:` is not as it should be. What
/// the policy means is not looked at here.
pub fn load(path: &Path) -> Result<Loaded, Vec<ConfigError>> {
    load_from(path, &Files::default())
}

/// As [`load`], and what was read can be asked of `files`.
///
/// # Errors
/// As there.
pub fn load_from(path: &Path, files: &Files) -> Result<Loaded, Vec<ConfigError>> {
    let text = files.text(path).map_err(|why| vec![ConfigError::whole_file(path, why)])?;
    let document: Document = yaml::parse(path, &text).map_err(|error| vec![error])?;
    let mut errors = Vec::new();
    let place = Place::of(&document.server.referenced);
    let server = document.server.value.resolved(path);
    let server = match server.overridden(|name| std::env::var(name).ok()) {
        Ok(server) => server,
        Err((message, expected)) => {
            let error = ConfigError::new(path, place, message).at("/server").expected(expected);
            return Err(vec![error]);
        }
    };
    if let Err((message, expected)) = server.check() {
        errors.push(ConfigError::new(path, place, message).at("/server").expected(expected));
    }
    // An inline policy is part of this file; a text names another, or a folder.
    let loaded = match elsewhere(&document.policy) {
        Some((name, place)) => {
            load_policy_from(&policy::beside(path, name), files).map_err(|found| {
                // An unreadable file is the fault of who named it.
                found.into_iter().map(|error| error.or_named_at(path, place)).collect()
            })
        }
        None => policy::assemble(path, document.policy, files),
    };
    if errors.is_empty()
        && let Ok(LoadedPolicy { policy, .. }) = &loaded
        && let Err((message, expected)) = server.check_policy(policy)
    {
        errors.push(ConfigError::new(path, place, message).at("/server").expected(expected));
    }
    if let (Ok(LoadedPolicy { policy, sources }), Some(url)) = (&loaded, server.mtls_url()) {
        let problems = resources_of_issuer(policy, url);
        errors.extend(problems.iter().map(|problem| sources.problem(problem)));
    }
    match loaded {
        Ok(LoadedPolicy { policy, sources }) if errors.is_empty() => {
            Ok(Loaded { server, policy, sources })
        }
        Ok(_) => Err(errors),
        Err(found) => {
            errors.extend(found);
            Err(errors)
        }
    }
}

/// The folder of the policy, where it is one; whatever else is wrong with the configuration.
fn folder_of(path: &Path, files: &Files) -> Option<PathBuf> {
    let document: Document = yaml::parse(path, &files.text(path).ok()?).ok()?;
    let (name, _) = elsewhere(&document.policy)?;
    Some(policy::beside(path, name)).filter(|folder| folder.is_dir())
}

/// The file or folder that `policy:` names, and where: `FILE`, `FOLDER` or `{ folder: FOLDER }`.
fn elsewhere(policy: &Node) -> Option<(&str, Place)> {
    match &policy.content {
        Content::Scalar(json::Value::String(name)) => Some((name, policy.place)),
        Content::Object(members) => match members.as_slice() {
            [(member, _, Node { place, content: Content::Scalar(json::Value::String(name)) })]
                if member == "folder" =>
            {
                Some((name, *place))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Reads a policy that is a file of its own with what it includes, or a folder of files.
///
/// # Errors
/// As [`load`].
pub fn load_policy(path: &Path) -> Result<LoadedPolicy, Vec<ConfigError>> {
    load_policy_from(path, &Files::default())
}

fn load_policy_from(path: &Path, files: &Files) -> Result<LoadedPolicy, Vec<ConfigError>> {
    if path.is_dir() {
        return folder::load(path, files);
    }
    policy::assemble(path, read_node(path, files)?, files)
}

/// The policy of a file that is one, or of a configuration, which has a `server`.
fn load_either(path: &Path) -> Result<LoadedPolicy, Vec<ConfigError>> {
    let files = Files::default();
    if path.is_dir() {
        return folder::load(path, &files);
    }
    let node = read_node(path, &files)?;
    match &node.content {
        Content::Object(members) if members.iter().any(|(name, ..)| name == "server") => {
            let Loaded { policy, sources, .. } = load(path)?;
            Ok(LoadedPolicy { policy, sources })
        }
        _ => policy::assemble(path, node, &files),
    }
}

fn read_node(path: &Path, files: &Files) -> Result<Node, Vec<ConfigError>> {
    let text = files.text(path).map_err(|why| vec![ConfigError::whole_file(path, why)])?;
    yaml::parse(path, &text).map_err(|error| vec![error])
}

/// Compiles a policy document that was read with its places.
///
/// # Errors
/// Every problem that the core finds, at its place in the files.
pub fn compile(policy: &json::Value, sources: &SourceMap) -> Result<TrustPolicy, Vec<ConfigError>> {
    TrustPolicy::from_document(policy)
        .map_err(|errors| errors.iter().map(|problem| sources.problem(problem)).collect())
}

/// Reads and compiles the policy of a file that is a policy, or a configuration that has one.
///
/// # Errors
/// As [`load`] and [`compile`].
pub fn open_policy(path: &Path) -> Result<TrustPolicy, Vec<ConfigError>> {
    Ok(open_compiled(path)?.policy)
}

/// A policy that was compiled, with what it was compiled from.
#[derive(Debug)]
pub struct CompiledPolicy {
    /// The policy.
    pub policy: TrustPolicy,
    /// Its document with every file included.
    pub document: json::Value,
    /// Where each part of the document is.
    pub sources: SourceMap,
}

/// As [`open_policy`], and keeps what the policy was compiled from.
///
/// # Errors
/// As [`load`] and [`compile`].
pub fn open_compiled(path: &Path) -> Result<CompiledPolicy, Vec<ConfigError>> {
    let LoadedPolicy { policy, sources } = load_either(path)?;
    Ok(CompiledPolicy { policy: compile(&policy, &sources)?, document: policy, sources })
}

/// Compiles the policy of a configuration that is a text and no file yet; `path` is what errors call it, and what it
/// includes is relative to it. `server:` is read and not checked.
///
/// # Errors
/// As [`load`] and [`compile`].
pub fn compile_text(path: &Path, text: &str) -> Result<CompiledPolicy, Vec<ConfigError>> {
    let document: Document = yaml::parse(path, text).map_err(|error| vec![error])?;
    let LoadedPolicy { policy, sources } =
        policy::assemble(path, document.policy, &Files::default())?;
    Ok(CompiledPolicy { policy: compile(&policy, &sources)?, document: policy, sources })
}

/// The tests of a policy that do not come out as their author expects, each at its place.
#[must_use]
pub fn failed_tests(policy: &TrustPolicy, sources: &SourceMap) -> Vec<ConfigError> {
    let failed = policy.run_tests().filter(|result| !result.passed);
    failed
        .map(|result| {
            let message = format!("the test `{}` fails, got {}", result.name, result.got);
            sources.error(result.pointer, &message, Some(&result.expected))
        })
        .collect()
}

/// The roots of the providers of a policy whose roots are all over at `now`, each at its place: no certificate below
/// them is accepted any more. One that is over beside a good one is a finding.
#[must_use]
pub fn ended_roots(policy: &TrustPolicy, sources: &SourceMap, now: UnixTime) -> Vec<ConfigError> {
    let ended = policy.anchors_expiring(now).into_iter().filter(|anchor| anchor.all_ended);
    ended
        .map(|anchor| {
            let message = format!("the root {} expired at {}", anchor.subject, anchor.not_after);
            sources.error(&anchor.pointer, &message, Some("a root that is valid now"))
        })
        .collect()
}

#[cfg(test)]
mod tests;
