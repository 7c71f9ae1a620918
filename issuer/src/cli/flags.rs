//! Flags that several commands have.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Where the policy is.
#[derive(Args)]
pub(super) struct PolicyFile {
    /// The policy, or a configuration that has one, YAML or JSON
    #[arg(long, alias = "config", value_name = "FILE")]
    pub(super) policy: PathBuf,
}
