//! The command line: `credmint`.
//!
//! Exit status: 0 yes, 1 refused, 2 wrong use or configuration.

mod answer;
mod batch;
mod cms;
mod input;
mod jws;
mod proof;
mod request;
mod server;
mod signature;
mod time;
mod x509;

use batch::Judge;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

/// Verify at the edge, mint at the core.
#[derive(Parser)]
#[command(name = "credmint", version, about, propagate_version = true)]
struct Arguments {
    /// How to print: text for people, one JSON object for machines
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(subcommand)]
    command: Command,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the token endpoint, the key set and the metadata
    Serve(Configuration),
    /// Check a configuration and its policy without serving
    Check(Configuration),
    /// JSON Web Signatures
    #[command(subcommand)]
    Jws(VerifyCommand<jws::Single>),
    /// Bare signatures
    #[command(subcommand)]
    Signature(VerifyCommand<signature::Single>),
    /// Certificates and their paths
    #[command(subcommand)]
    X509(VerifyCommand<x509::Single>),
    /// CMS (PKCS#7) messages
    #[command(subcommand)]
    Cms(VerifyCommand<cms::Single>),
    /// Proofs of identity, judged by a trust policy
    #[command(subcommand)]
    Proof(VerifyCommand<proof::Single>),
    /// The signing keys
    #[command(subcommand)]
    Keys(KeysCommand),
}

/// Where the configuration is.
#[derive(Args)]
struct Configuration {
    /// The configuration file, YAML or JSON
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// What can be done with an object that can be verified.
#[derive(Subcommand)]
enum VerifyCommand<S: Args> {
    /// Verify one, or with --batch one JSON request a line from standard input
    Verify(VerifyArguments<S>),
}

#[derive(Args)]
struct VerifyArguments<S: Args> {
    /// Read one JSON request a line from standard input and write one JSON answer a line, in order
    #[arg(long, conflicts_with_all = S::group_id())]
    batch: bool,
    /// Absent with --batch, and then alone.
    #[command(flatten)]
    single: Option<S>,
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Print the public key set of a configuration
    Show(Configuration),
}

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let format = arguments.format;
    match arguments.command {
        Command::Serve(configuration) => server::serve(&configuration.config, format),
        Command::Check(configuration) => server::check(&configuration.config, format),
        Command::Keys(KeysCommand::Show(configuration)) => server::show_keys(&configuration.config),
        Command::Jws(command) => verify(command, format),
        Command::Signature(command) => verify(command, format),
        Command::X509(command) => verify(command, format),
        Command::Cms(command) => verify(command, format),
        Command::Proof(command) => verify(command, format),
    }
}

/// A single verification as the flags describe it: the same request that a line of a batch describes.
trait SingleRequest: Args {
    /// What a line of a batch is parsed to.
    type Request: Judge;

    /// The request of the flags.
    fn into_request(self) -> Result<Self::Request, answer::Misuse>;
}

fn verify<S: SingleRequest>(command: VerifyCommand<S>, format: Format) -> ExitCode {
    let VerifyCommand::Verify(arguments) = command;
    match arguments.single {
        None => batch::run::<S::Request>(),
        Some(single) => {
            let shared = &mut Default::default();
            let judgement = single.into_request().and_then(|request| request.judge(shared));
            answer::print_single(judgement, format)
        }
    }
}
