//! The command line: `credmint`.
//!
//! Exit status: 0 yes, 1 refused, 2 wrong use or configuration.

mod answer;
mod batch;
mod check;
mod cms;
mod explain;
mod explanation;
mod init;
mod input;
mod jws;
mod policy;
mod proof;
mod replay;
mod request;
mod server;
mod signature;
mod test;
mod x509;

use crate::config::{self, ConfigError};
use crate::decide;
use clap::{Args, Parser, Subcommand, ValueEnum};
use credmint_core::UnixTime;
use credmint_core::policy::TrustPolicy;
use credmint_core::signature::SignatureProvider;
use credmint_judge::{Host, Judge, Misuse};
use std::path::{Path, PathBuf};
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
    Check(check::CheckArguments),
    /// Write a starting configuration for an environment, by flags or by questions
    Init(Box<init::Arguments>),
    /// Run the tests that stand in a policy
    Test(PolicyFile),
    /// Show step by step how a proof is judged, what fails and how to mend it
    Explain(explain::Arguments),
    /// Judge recorded decisions by a policy, and tell those that change
    Replay(replay::Arguments),
    /// The trust policy
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// JSON Web Signatures
    #[command(subcommand)]
    Jws(VerifyCommand<jws::Single>),
    /// Bare signatures
    #[command(subcommand)]
    Signature(VerifyCommand<signature::Single>),
    /// Certificates and their paths
    #[command(subcommand)]
    X509(X509Command),
    /// CMS (PKCS#7) messages
    #[command(subcommand)]
    Cms(CmsCommand),
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

/// Where the policy is.
#[derive(Args)]
struct PolicyFile {
    /// The policy, or a configuration that has one, YAML or JSON
    #[arg(long, alias = "config", value_name = "FILE")]
    policy: PathBuf,
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

/// What can be done with a certificate.
#[derive(Subcommand)]
enum X509Command {
    #[command(flatten)]
    Verify(VerifyCommand<x509::Single>),
    /// Show what certificates say of themselves, without verifying them
    Show(x509::Show),
}

/// What can be done with a CMS message.
#[derive(Subcommand)]
enum CmsCommand {
    #[command(flatten)]
    Verify(VerifyCommand<cms::Single>),
    /// Show what a message says of itself, without verifying it, and what it lacks for each profile
    Show(cms::Show),
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
        Command::Check(arguments) => check::run(&arguments, format),
        Command::Init(arguments) => init::run(&arguments),
        Command::Test(file) => test::run(&file.policy, format),
        Command::Explain(arguments) => explain::run(arguments, format),
        Command::Replay(arguments) => replay::run(&arguments, format),
        Command::Policy(command) => policy::run(command, format),
        Command::Keys(KeysCommand::Show(configuration)) => server::show_keys(&configuration.config),
        Command::Jws(command) => verify(command, format),
        Command::Signature(command) => verify(command, format),
        Command::X509(X509Command::Verify(command)) => verify(command, format),
        Command::X509(X509Command::Show(arguments)) => x509::show(&arguments, format),
        Command::Cms(CmsCommand::Verify(command)) => verify(command, format),
        Command::Cms(CmsCommand::Show(arguments)) => cms::show(&arguments, format),
        Command::Proof(command) => verify(command, format),
    }
}

/// A single verification as the flags describe it.
trait SingleRequest: Args {
    /// Who judges it.
    const COMMAND: credmint_judge::Command;

    /// The request that a line of a batch would be.
    fn into_request(self) -> Result<request::Request, Misuse>;
}

fn verify<S: SingleRequest>(command: VerifyCommand<S>, format: Format) -> ExitCode {
    let VerifyCommand::Verify(arguments) = command;
    let judge = &mut Judge::new(S::COMMAND, &ThisProcess);
    match arguments.single {
        None => batch::run(judge),
        Some(single) => {
            let line = single.into_request().and_then(request::Request::into_line);
            answer::print_single(line.and_then(|line| judge.judge(&line)), format)
        }
    }
}

/// The process that the command runs in: its clock, its files, the back ends that the issuer has too.
struct ThisProcess;

impl Host for ThisProcess {
    fn signatures(&self) -> SignatureProvider<'_> {
        decide::SIGNATURES
    }

    fn now(&self) -> UnixTime {
        decide::system_clock()()
    }

    fn open_policy(&self, file: &str) -> Result<TrustPolicy, String> {
        config::open_policy(Path::new(file)).map_err(|errors| lines(&errors))
    }
}

fn lines(errors: &[ConfigError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
