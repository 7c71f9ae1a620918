//! `credmint check`: what is wrong with a policy, and what is probably not meant.
//!
//! Exit status: 2 when it does not load, 1 when it loads with findings, 0 when there is nothing to say.

mod server;

use super::answer::{complain, say};
use super::flags::Format;
use super::server::print_errors;
use super::style::Style;
use crate::config::{self, CompiledPolicy, ConfigError, Loaded, ServerConfig, SourceMap};
use clap::Args;
use credmint_core::UnixTime;
use credmint_core::json::{Object, Value};
use credmint_core::policy::lint::Lint;
use credmint_core::policy::{TrustPolicy, policy_hash};
use credmint_verify::Time;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

/// What to check.
#[derive(Args)]
pub(super) struct CheckArguments {
    /// A configuration, YAML or JSON
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "policy",
        conflicts_with = "policy"
    )]
    config: Option<PathBuf>,
    /// A policy without a server around it: a file, or a folder of files
    #[arg(long, value_name = "PATH")]
    policy: Option<PathBuf>,
    /// With --config: also open what `serve` opens, where `serve` runs; nothing is changed
    #[arg(long, requires = "config", conflicts_with = "policy")]
    server: bool,
    /// The time (RFC 3339 or Unix seconds) by which certificates end, instead of now
    #[arg(long)]
    now: Option<Time>,
}

impl CheckArguments {
    /// The time by which certificates end; none when the clock shows none.
    fn now(&self) -> Option<UnixTime> {
        self.now.map(UnixTime::from).or_else(now)
    }
}

/// Checks a configuration or a policy without serving.
pub(super) fn run(arguments: &CheckArguments, format: Format) -> ExitCode {
    let compiled = match load(arguments) {
        Ok((compiled, server)) => match unserved(arguments, server.as_ref()) {
            errors if errors.is_empty() => compiled,
            errors => return print_errors(&errors, format),
        },
        Err(errors) => return print_errors(&errors, format),
    };
    let CompiledPolicy { policy, sources, document } = &compiled;
    let lints = policy.lints(arguments.now());
    let path = arguments.config.as_ref().or(arguments.policy.as_ref());
    match format {
        Format::Text => {
            for lint in &lints {
                say(InWords(&place(lint, sources), lint));
            }
            say(format_args!(
                "{}: {}; issuer {}, {} providers, {} clients",
                path.map(|path| path.display().to_string()).unwrap_or_default(),
                match lints.len() {
                    0 => Style::Good.on("good".to_owned()),
                    1 => Style::Hint.on("loads, with 1 finding".to_owned()),
                    several => Style::Hint.on(format!("loads, with {several} findings")),
                },
                policy.issuer(),
                policy.providers().count(),
                policy.clients().count()
            ));
            for (name, all) in audiences(policy).filter(|(_, all)| all.len() > 1) {
                say(format_args!("guards of {name} take the audiences {}", all.join(", ")));
            }
            for left in not_checked(arguments) {
                complain(format_args!("not checked: {left}"));
            }
        }
        Format::Json => {
            let mut answer = to_json(policy, &lints, sources);
            answer.insert("hash", policy_hash(document));
            let left: Vec<Value> = not_checked(arguments).into_iter().map(Value::from).collect();
            answer.insert("not_checked", left);
            say(answer);
        }
    }
    if lints.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

/// What this check left out, so that nobody takes it for more than it is.
fn not_checked(arguments: &CheckArguments) -> Vec<&'static str> {
    match (arguments.config.is_some(), arguments.server) {
        (true, false) => vec![server::SERVER, server::OUTSIDE],
        (true, true) => vec![server::OUTSIDE],
        (false, _) => vec![
            "the server around it (--config checks it), and whether keys and lists can be fetched",
        ],
    }
}

/// With `--server`, what `serve` could not open.
fn unserved(arguments: &CheckArguments, server: Option<&ServerConfig>) -> Vec<ConfigError> {
    let (true, Some(path), Some(server)) = (arguments.server, &arguments.config, server) else {
        return Vec::new();
    };
    server::look(server).into_iter().map(|what| ConfigError::of_server(path, what)).collect()
}

fn load(
    arguments: &CheckArguments,
) -> Result<(CompiledPolicy, Option<ServerConfig>), Vec<ConfigError>> {
    let (compiled, server) = match (&arguments.config, &arguments.policy) {
        (Some(path), _) => {
            let Loaded { policy: document, sources, server } = config::load(path)?;
            let policy = config::compile(&document, &sources)?;
            (CompiledPolicy { policy, document, sources }, Some(server))
        }
        (None, Some(path)) => (config::open_compiled(path)?, None),
        (None, None) => return Err(Vec::new()),
    };
    let mut failed = config::failed_tests(&compiled.policy, &compiled.sources);
    if let Some(now) = arguments.now() {
        failed.extend(config::ended_roots(&compiled.policy, &compiled.sources, now));
    }
    if failed.is_empty() { Ok((compiled, server)) } else { Err(failed) }
}

/// What the clock shows, if it shows anything.
fn now() -> Option<UnixTime> {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(elapsed.as_secs()).ok().map(UnixTime::from_seconds)
}

fn place(lint: &Lint, sources: &SourceMap) -> ConfigError {
    sources.error(&lint.pointer, &lint.message, None)
}

/// `file:line:col: /pointer: what [id]; how to correct it`.
struct InWords<'a>(&'a ConfigError, &'a Lint);

impl std::fmt::Display for InWords<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let id = Style::Hint.on(self.1.id.as_str());
        write!(f, "{} [{id}]; {}", self.0, self.1.id.mend())
    }
}

fn to_json(policy: &TrustPolicy, lints: &[Lint], sources: &SourceMap) -> Object {
    let lints = lints.iter().map(|lint| {
        let mut object = place(lint, sources).to_json();
        object.insert("lint", lint.id.as_str());
        object.insert("mend", lint.id.mend());
        Value::from(object)
    });
    Object::from_iter([
        ("valid", Value::from(true)),
        ("issuer", policy.issuer().into()),
        ("lints", lints.collect::<Vec<_>>().into()),
        ("bindings", bindings(policy).into()),
        (
            "audiences",
            audiences(policy).map(|(name, all)| (name, listed(&all))).collect::<Object>().into(),
        ),
    ])
}

/// Each resource with what `aud` of its tokens may be: its name, and whatever else a request may call it.
fn audiences(policy: &TrustPolicy) -> impl Iterator<Item = (&str, Vec<&str>)> {
    policy.resources().map(|(name, _)| {
        let identifiers = policy.resource_identifiers().filter(move |(_, own)| *own == name);
        (name, std::iter::once(name).chain(identifiers.map(|(id, _)| id)).collect())
    })
}

fn listed(texts: &[&str]) -> Value {
    texts.iter().copied().map(Value::from).collect::<Vec<_>>().into()
}

/// Each credential with the conditions that it comes to.
fn bindings(policy: &TrustPolicy) -> Vec<Value> {
    let mut bindings = Vec::new();
    for (client, credentials) in policy.clients() {
        for (name, credential) in credentials.credentials() {
            let provider = policy.providers().find(|(name, _)| *name == credential.provider());
            let mut binding = Object::from_iter([
                ("client", Value::from(client)),
                ("credential", name.into()),
                ("provider", credential.provider().into()),
                ("token_lifetime", credential.token_lifetime().into()),
            ]);
            if let Some((_, provider)) = provider {
                binding.insert("type", provider.preset().type_name());
                if let Some(condition) = provider.trust_condition() {
                    binding.insert("trust_condition", condition.text());
                }
            }
            if let Some(condition) = credential.condition() {
                binding.insert("condition", condition.text());
            }
            if credential.is_discoverable() {
                binding.insert("discoverable", true);
            }
            bindings.push(binding.into());
        }
    }
    bindings
}
