//! `xtask-bindgen INPUT.wasm FOLDER`: writes the JavaScript that belongs to a module built with
//! wasm-bindgen, without an installed command whose version could differ from the crate's.
//!
//! The output is an ES module that asks for its bytes: no `import` of a `.wasm` file and no
//! `import.meta.url`, because no two runtimes agree on either. Each loader in `js/` brings the bytes.

use std::env::args_os;
use std::ffi::OsStr;
use std::path::PathBuf;

use anyhow::{Context, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> anyhow::Result<()> {
    let paths: Vec<PathBuf> = args_os().skip(1).map(PathBuf::from).collect();
    let [input, folder] = paths.as_slice() else {
        bail!("usage: xtask-bindgen INPUT.wasm FOLDER");
    };
    // The stem of every file written: `credmint_module.js`, `credmint_module_bg.wasm` and their types.
    let stem = input.file_stem().and_then(OsStr::to_str).context("INPUT has no name")?;
    let mut bindgen = Bindgen::new();
    bindgen
        .web(true)?
        .omit_default_module_path(true)
        .reset_state_function(true) // an instance that has trapped is replaced
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .out_name(stem)
        .input_path(input);
    bindgen.generate(folder).with_context(|| format!("wasm-bindgen on {}", input.display()))
}
