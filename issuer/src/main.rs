//! The command `credmint`.

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// An exchange makes some hundred small values, and as many are made at once as there are cores.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    credmint::cli::run()
}
