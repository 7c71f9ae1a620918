//! `corpus FOLDER`: writes what fuzzing begins with. `cargo xtask long fuzz` builds and starts it.

use credmint_tests::corpus::Corpus;
use std::env;
use std::path::Path;

fn main() -> anyhow::Result<()> {
    let Some(folder) = env::args_os().nth(1) else { anyhow::bail!("usage: corpus FOLDER") };
    Corpus::gather()?.write(Path::new(&folder))
}
