//! `demo`: Credmint at work on this machine. `cargo xtask demo` builds everything and starts it.

use std::process::ExitCode;

fn main() -> ExitCode {
    credmint_tests::demo::run()
}
