//! The command `credmint`.

use std::process::ExitCode;

fn main() -> ExitCode {
    credmint::cli::run()
}
