//! `credmint bindings`: which instances have used a document, and which may again.

use super::Configuration;
use super::flags::Format;
use super::stored::{self, Answer};
use crate::clock::system_clock;
use crate::config::ServerConfig;
use crate::store::{Bindings, Bound};
use clap::{Args, Subcommand};
use credmint_core::{Instance, json};
use std::error::Error;
use std::process::ExitCode;

/// What can be done with the instances of `once_per_instance` and `first_use_with_nonce`.
#[derive(Subcommand)]
pub(super) enum BindingsCommand {
    /// List the instances that have used a document, the last one first
    List(List),
    /// Let whoever comes next use an instance as if for the first time
    Release(Release),
}

/// Which instances to list.
#[derive(Args)]
pub(super) struct List {
    #[command(flatten)]
    configuration: Configuration,
    /// Those of this account
    #[arg(long)]
    account: Option<String>,
    /// Those with this id
    #[arg(long)]
    instance: Option<String>,
    /// No more than so many
    #[arg(long, default_value_t = 1000)]
    limit: u32,
}

/// Which instance to release, as `list` shows it.
#[derive(Args)]
pub(super) struct Release {
    #[command(flatten)]
    configuration: Configuration,
    /// The profile of its documents
    #[arg(long)]
    cloud: String,
    /// The partition of the cloud, where it has several
    #[arg(long, default_value = "")]
    partition: String,
    /// The account
    #[arg(long)]
    account: String,
    /// The id
    #[arg(long)]
    instance: String,
}

/// Runs a command about instances.
pub(super) fn run(command: BindingsCommand, format: Format) -> ExitCode {
    let configuration = match &command {
        BindingsCommand::List(list) => &list.configuration,
        BindingsCommand::Release(release) => &release.configuration,
    };
    stored::run(configuration, format, async |server| answer(&command, server).await)
}

async fn answer(
    command: &BindingsCommand,
    server: &ServerConfig,
) -> Result<Answer, Box<dyn Error>> {
    let bindings = Bindings::open(&server.store, &server.state_directory).await?;
    match command {
        BindingsCommand::List(List { account, instance, limit, .. }) => {
            let bound = bindings.list(account.as_deref(), instance.as_deref(), *limit).await?;
            let text: String = bound.iter().map(line).collect();
            let rows: Vec<json::Value> = bound.iter().map(row).collect();
            let json = json::Object::from_iter([("bindings", json::Value::Array(rows))]);
            Ok(Answer { text, json })
        }
        BindingsCommand::Release(Release { cloud, partition, account, instance, .. }) => {
            let [cloud, partition, account, instance] =
                [cloud, partition, account, instance].map(String::clone);
            let instance = Instance { cloud, partition, account, instance };
            let was_bound = bindings.release(&instance, system_clock()()).await?;
            let text = match was_bound {
                true => "released\n",
                false => "it was not bound; whoever comes first may use it\n",
            };
            let json = json::Object::from_iter([("released", json::Value::from(was_bound))]);
            Ok(Answer { text: text.to_owned(), json })
        }
    }
}

/// What is known of the next use.
fn state(bound: &Bound) -> &'static str {
    match (bound.free, bound.has_nonce) {
        (true, _) => "released",
        (false, true) => "nonce",
        (false, false) => "once",
    }
}

fn line(bound: &Bound) -> String {
    let Instance { cloud, partition, account, instance } = &bound.instance;
    format!("{} {cloud} {partition:?} {account} {instance} {}\n", bound.at, state(bound))
}

fn row(bound: &Bound) -> json::Value {
    let Instance { cloud, partition, account, instance } = &bound.instance;
    json::Value::Object(json::Object::from_iter([
        ("cloud", json::Value::from(cloud.as_str())),
        ("partition", partition.as_str().into()),
        ("account", account.as_str().into()),
        ("instance", instance.as_str().into()),
        ("at", bound.at.to_string().into()),
        ("state", state(bound).into()),
    ]))
}
