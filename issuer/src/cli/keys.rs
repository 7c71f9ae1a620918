//! `credmint keys`: what there is, what comes next, and what has leaked.

use super::Configuration;
use super::flags::Format;
use super::stored::{self, Answer};
use super::style::Style;
use crate::clock::system_clock;
use crate::config::{self, ServerConfig};
use crate::keys::life::{KeyLife, KeyState};
use crate::keys::{
    KeyError, KeyOptions, KeyStore, Leaked, ListedKeys, PublicJwk, Rotated, Rotation,
    SigningAlgorithm,
};
use crate::state;
use crate::store::Database;
use clap::{Args, Subcommand};
use credmint_core::{UnixTime, json};
use credmint_verify::Misuse;
use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

/// What can be done with signing keys.
#[derive(Subcommand)]
pub(super) enum KeysCommand {
    /// Print the public key set of a configuration
    Show(Configuration),
    /// List the signing keys, and what each does
    List(Configuration),
    /// Make the next signing key
    Rotate(Rotate),
    /// Have a key sign no more
    Retire(Retire),
    /// Print the public half of a key, in PEM
    ExportPublic(ExportPublic),
}

/// Flags of a rotation.
#[derive(Args)]
pub(super) struct Rotate {
    #[command(flatten)]
    configuration: Configuration,
    /// Of which algorithm; of all that are configured when it is not given
    #[arg(long = "algorithm", value_name = "ALG", value_parser = algorithm)]
    algorithms: Vec<SigningAlgorithm>,
    /// The keys have leaked: publish none of them any more, at once
    #[arg(long)]
    compromised: bool,
}

/// A key that is to sign no more.
#[derive(Args)]
pub(super) struct Retire {
    #[command(flatten)]
    configuration: Configuration,
    /// The key, as `list` shows it
    #[arg(value_name = "KID", allow_hyphen_values = true)]
    kid: String,
}

/// A key to print.
#[derive(Args)]
pub(super) struct ExportPublic {
    #[command(flatten)]
    configuration: Configuration,
    /// The key, as `list` shows it; the one that signs when it is not given
    #[arg(value_name = "KID", allow_hyphen_values = true)]
    kid: Option<String>,
}

fn algorithm(name: &str) -> Result<SigningAlgorithm, String> {
    SigningAlgorithm::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = SigningAlgorithm::ALL.iter().map(|each| each.as_str()).collect();
        format!("one of {}", names.join(", "))
    })
}

/// Runs a command about signing keys.
pub(super) fn run(command: KeysCommand, format: Format) -> ExitCode {
    let configuration = match &command {
        KeysCommand::Show(configuration) | KeysCommand::List(configuration) => configuration,
        KeysCommand::Rotate(arguments) => &arguments.configuration,
        KeysCommand::Retire(arguments) => &arguments.configuration,
        KeysCommand::ExportPublic(arguments) => &arguments.configuration,
    };
    stored::run(configuration, format, async |server| answer(&command, server).await)
}

/// The public key set of a configuration, as text.
pub(super) fn public_set(path: &Path) -> Result<String, Misuse> {
    let server = config::load(path)
        .map_err(|errors| {
            Misuse::new(errors.first().map_or_else(String::new, ToString::to_string))
        })?
        .server;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let answer = runtime.map_err(Misuse::new)?.block_on(async {
        let listed = open(&server).await?.list(system_clock()()).await?;
        Ok::<_, Box<dyn Error>>(key_set(&listed).to_string())
    });
    answer.map_err(Misuse::new)
}

async fn answer(command: &KeysCommand, server: &ServerConfig) -> Result<Answer, Box<dyn Error>> {
    let store = open(server).await?;
    let now = system_clock()();
    match command {
        KeysCommand::Show(_) => {
            let json = key_set(&store.list(now).await?);
            Ok(Answer { text: json.to_string(), json })
        }
        KeysCommand::List(_) => Ok(listed(&store.list(now).await?)),
        KeysCommand::Rotate(Rotate { algorithms: named, compromised, .. }) => {
            let algorithms: BTreeSet<SigningAlgorithm> = match named.as_slice() {
                [] => server.signing.algorithms(),
                named => named.iter().copied().collect(),
            };
            if let Some(other) = algorithms.difference(&server.signing.algorithms()).next() {
                return Err(format!("{other} is not in `server.signing`").into());
            }
            let leaked = match (compromised, named.is_empty()) {
                (false, _) => Leaked::Nothing,
                (true, false) => Leaked::Rotated,
                (true, true) => Leaked::All,
            };
            Ok(rotated(&store.rotate(&algorithms, leaked, now).await?))
        }
        KeysCommand::Retire(Retire { kid, .. }) => {
            store.retire(kid, now).await?;
            let json = json::Object::from_iter([("retired", kid.as_str())]);
            let text =
                format!("{kid} signs no more; it is published until its last token has ended");
            Ok(Answer { text, json })
        }
        KeysCommand::ExportPublic(ExportPublic { kid, .. }) => {
            exported(&store.list(now).await?, kid.as_deref(), server.signing.algorithm)
        }
    }
}

/// As `serve` does, this makes the first keys when there are none, so that they can be handed to verifiers before the first
/// start.
async fn open(server: &ServerConfig) -> Result<KeyStore, Box<dyn Error>> {
    let folder: &Path = &server.state_directory;
    state::create_directory(folder)?;
    let database = Database::open(&server.store, folder).await?;
    Ok(KeyStore::open(database, &KeyOptions::of(&server.signing, folder))?)
}

fn key_set(listed: &ListedKeys) -> json::Object {
    let published = listed.keys.iter().filter(|(_, _, state)| *state != KeyState::Withdrawn);
    let keys: Vec<json::Value> = published.map(|(_, public, _)| public.to_json().into()).collect();
    json::Object::from_iter([("keys", keys)])
}

fn listed(listed: &ListedKeys) -> Answer {
    let mut text = String::new();
    let mut keys: Vec<json::Value> = Vec::new();
    for (life, _, state) in &listed.keys {
        let style = match state {
            KeyState::Signing => Style::Good,
            KeyState::Withdrawn => Style::Bad,
            _ => Style::Strong,
        };
        let word = Style::on(style, format!("{:<9}", state.as_str()));
        let when = sentence(life, *state, listed.longest);
        text += &format!("{}  {:<5}  {word}  {when}\n", life.kid, life.algorithm.as_str());
        keys.push(key_object(life, *state, listed.longest).into());
    }
    Answer { text, json: json::Object::from_iter([("keys", keys)]) }
}

/// What a person wants to know of a key.
fn sentence(life: &KeyLife, state: KeyState, longest: i64) -> String {
    let time =
        |time: Option<UnixTime>| time.map_or_else(|| "?".to_owned(), |time| time.to_string());
    let gone = time(life.last_token_ends(longest));
    match state {
        KeyState::Made => format!("made {}, not published by every replica yet", life.made),
        KeyState::Published => format!("signs from {}", time(life.sign_from)),
        KeyState::Signing => {
            format!(
                "since {}, without the store until {}",
                time(life.sign_from),
                time(life.sign_until)
            )
        }
        KeyState::Retiring => format!("published until {gone}"),
        KeyState::Withdrawn => format!("not published since {}", time(life.withdrawn)),
    }
}

fn key_object(life: &KeyLife, state: KeyState, longest: i64) -> json::Object {
    let mut object = json::Object::from_iter([
        ("kid", json::Value::from(life.kid.as_str())),
        ("algorithm", life.algorithm.as_str().into()),
        ("state", state.as_str().into()),
        ("home", life.home.as_str().into()),
        ("made", life.made.to_string().into()),
    ]);
    let published_until = life
        .last_token_ends(longest)
        .filter(|_| state == KeyState::Retiring || state == KeyState::Withdrawn);
    let times = [
        ("sign_from", life.sign_from),
        ("sign_until", life.sign_until),
        ("retired", life.retired),
        ("withdrawn", life.withdrawn),
        ("deleted_from", published_until),
    ];
    for (name, time) in times {
        if let Some(time) = time {
            object.insert(name, time.to_string());
        }
    }
    object
}

fn rotated(rotation: &Rotation) -> Answer {
    let mut text = String::new();
    let mut keys: Vec<json::Value> = Vec::new();
    for Rotated { algorithm, kid, sign_from, is_made } in &rotation.successors {
        let made = if *is_made { "was made" } else { "was made before" };
        let from = sign_from.map(|from| format!("signs from {from}"));
        let from = from.unwrap_or_else(|| "signs when every replica has published it".to_owned());
        text += &format!("{kid} ({algorithm}) {made} and {from}\n");
        let mut object = json::Object::from_iter([
            ("kid", json::Value::from(kid.as_str())),
            ("algorithm", algorithm.as_str().into()),
            ("made", (*is_made).into()),
        ]);
        if let Some(from) = sign_from {
            object.insert("sign_from", from.to_string());
        }
        keys.push(object.into());
    }
    for kid in &rotation.withdrawn {
        text += &format!("{kid} is not published any more\n");
    }
    let gone = rotation.withdrawn.iter().map(|kid| kid.as_str().into()).collect();
    let json = json::Object::from_iter([("rotated", keys), ("withdrawn", gone)]);
    Answer { text, json }
}

fn exported(
    listed: &ListedKeys,
    kid: Option<&str>,
    default: SigningAlgorithm,
) -> Result<Answer, Box<dyn Error>> {
    let is_it = |(life, _, state): &&(KeyLife, PublicJwk, KeyState)| match kid {
        Some(kid) => life.kid == kid,
        None => *state == KeyState::Signing && life.algorithm == default,
    };
    let (_, public, _) = listed
        .keys
        .iter()
        .find(is_it)
        .ok_or_else(|| KeyError::Unknown { kid: kid.unwrap_or("that signs").to_owned() })?;
    Ok(Answer { text: public.to_pem(), json: public.to_json() })
}
