//! The command line: `credmint`.
//!
//! Exit status: 0 yes, 1 refused, 2 wrong use or configuration.

mod answer;
mod audit;
mod batch;
mod bindings;
mod check;
mod cms;
mod drawn_path;
mod explain;
mod explanation;
mod flags;
mod init;
mod input;
mod jws;
mod keys;
mod policy;
mod process;
mod proof;
mod recorded;
mod replay;
mod request;
mod server;
mod signature;
mod stored;
mod style;
mod test;
mod verify;
mod x509;

use clap::{Args, Parser, Subcommand};
use flags::{Format, PolicyFile};
use std::path::PathBuf;
use std::process::ExitCode;
use verify::{VerifyCommand, verify};

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

#[derive(Subcommand)]
enum Command {
    /// Serve the token endpoint, the key set and the metadata
    Serve(Configuration),
    /// Check a configuration and its policy without serving
    Check(check::CheckArguments),
    /// Write a starting configuration for an environment, by flags or by questions
    Init(Box<init::Arguments>),
    /// Run the tests in a policy
    Test(PolicyFile),
    /// Show step by step how a proof is judged, what fails and how to fix it
    Explain(explain::Arguments),
    /// Verifier recorded decisions by a policy, and list the decisions that differ
    Replay(replay::Arguments),
    /// The audit records
    #[command(subcommand)]
    Audit(audit::AuditCommand),
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
    /// The instances that have used a document
    #[command(subcommand)]
    Bindings(bindings::BindingsCommand),
    /// The signing keys
    #[command(subcommand)]
    Keys(keys::KeysCommand),
}

/// Where the configuration is.
#[derive(Args)]
struct Configuration {
    /// The configuration file, YAML or JSON
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
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

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitCode {
    style::decide();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return answer::misread(&error),
    };
    let format = arguments.format;
    match arguments.command {
        Command::Serve(configuration) => server::serve(&configuration.config, format),
        Command::Check(arguments) => check::run(&arguments, format),
        Command::Init(arguments) => init::run(&arguments),
        Command::Test(file) => test::run(&file.policy, format),
        Command::Explain(arguments) => explain::run(arguments, format),
        Command::Replay(arguments) => replay::run(&arguments, format),
        Command::Audit(command) => audit::run(&command, format),
        Command::Policy(command) => policy::run(command, format),
        Command::Bindings(command) => bindings::run(command, format),
        Command::Keys(command) => keys::run(command, format),
        Command::Jws(command) => verify(command, format),
        Command::Signature(command) => verify(command, format),
        Command::X509(X509Command::Verify(command)) => verify(command, format),
        Command::X509(X509Command::Show(arguments)) => x509::show(&arguments, format),
        Command::Cms(CmsCommand::Verify(command)) => verify(command, format),
        Command::Cms(CmsCommand::Show(arguments)) => cms::show(&arguments, format),
        Command::Proof(command) => verify(command, format),
    }
}
