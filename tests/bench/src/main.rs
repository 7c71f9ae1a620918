//! `cargo xtask bench NAME`: Credmint against the peers of its field.
//!
//! Both sides do the same in the same process and in turns; keys and whatever else a server prepares once are prepared
//! before. The issuer alone is measured as a process, beside its peer. What is printed was measured: medians, their ratio, and whether it is the one that is wanted.

mod alike;
mod cms;
mod issuer;
mod jose;
mod measure;
mod policy;
mod x509;

use clap::{Args, Parser};
use std::path::PathBuf;
use std::process::ExitCode;

/// What can be measured.
#[derive(Parser)]
enum Bench {
    /// Access tokens against the crate jsonwebtoken
    Jose,
    /// Certificate paths against the crate rustls-webpki
    X509,
    /// Instance documents against their digest and signature alone
    Cms(Documents),
    /// Policies of ten thousand bindings against one of ten, and refusals that must take equally long
    Policy,
    /// The whole issuer against panva's oidc-provider, on one core
    Issuer(issuer::Options),
}

#[derive(Args)]
struct Documents {
    /// A folder to write the documents, their signers and contents to, for the benchmark in Node
    #[arg(long, value_name = "FOLDER")]
    documents: Option<PathBuf>,
}

fn main() -> ExitCode {
    match Bench::parse() {
        Bench::Jose => jose::run(),
        Bench::X509 => x509::run(),
        Bench::Cms(documents) => cms::run(documents.documents.as_deref()),
        Bench::Policy => {
            policy::run();
            alike::run();
        }
        Bench::Issuer(options) => issuer::run(options),
    }
    ExitCode::SUCCESS
}
