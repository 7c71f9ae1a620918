//! `credmint policy`: the policy as edges get it.

use super::answer::{misused, say};
use super::flags::{Format, PolicyFile};
use super::server::print_errors;
use crate::config;
use clap::{Args, Subcommand};
use credmint_core::policy::write_bundle;
use std::path::PathBuf;
use std::process::ExitCode;

/// What can be done with a policy.
#[derive(Subcommand)]
pub(super) enum PolicyCommand {
    /// Write the policy as one JSON text with every file included, and its hash
    Bundle(BundleArguments),
}

/// Flags of a bundle.
#[derive(Args)]
pub(super) struct BundleArguments {
    #[command(flatten)]
    policy: PolicyFile,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs a command about a policy.
pub(super) fn run(command: PolicyCommand, format: Format) -> ExitCode {
    let PolicyCommand::Bundle(arguments) = command;
    bundle(&arguments, format)
}

/// A policy that does not load, or whose own tests fail, is not bundled.
fn bundle(arguments: &BundleArguments, format: Format) -> ExitCode {
    let compiled = match config::open_compiled(&arguments.policy.policy) {
        Ok(compiled) => compiled,
        Err(errors) => return print_errors(&errors, format),
    };
    let failed = config::failed_tests(&compiled.policy, &compiled.sources);
    if !failed.is_empty() {
        return print_errors(&failed, format);
    }
    let bundle = write_bundle(&compiled.document);
    let Some(output) = &arguments.output else {
        say(bundle);
        return ExitCode::SUCCESS;
    };
    match std::fs::write(output, format!("{bundle}\n")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => misused(format_args!("{}: {error}", output.display())),
    }
}
