//! The WebAssembly modules: built, bound to JavaScript, made small, measured.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::native;
use crate::process;
use crate::project::Project;
use crate::toolchain::{Target, Toolchain};

/// Where the npm package keeps the module and its JavaScript; built, never committed.
const MODULE_FOLDER: &str = "js/src/wasm";

/// The cargo profile of what runs at the edge.
const PROFILE: &str = "wasm";

/// Builds the filter, the module and what tests run. Returns the path of the filter; the module lies in
/// [`MODULE_FOLDER`], the test's in [`commands_folder`].
/// Without `optimiser`, the path of `wasm-opt`, they work all the same and are larger.
///
/// # Errors
/// When one of the steps fails.
pub(crate) fn build(
    project: &Project,
    toolchain: Toolchain,
    optimiser: Option<&Path>,
) -> anyhow::Result<PathBuf> {
    compile(project, toolchain, &["credmint-filter", "credmint-module"])?;
    // By itself: what its dependencies need would be compiled into what is shipped, too.
    compile(project, toolchain, &["credmint-tests-wasm"])?;
    let built = toolchain.target_folder(project).join(Target::Wasm32.triple()).join(PROFILE);

    let module = bind(project, &built.join("credmint_module.wasm"), &project.path(MODULE_FOLDER))?;
    bind(project, &built.join("credmint_tests_wasm.wasm"), &commands_folder(project))?;
    let filter = project.scratch("wasm/credmint_filter.wasm");
    fs::create_dir_all(project.scratch("wasm"))?;
    fs::copy(built.join("credmint_filter.wasm"), &filter)?;
    for file in [&filter, &module] {
        match optimiser {
            Some(optimiser) => optimise(project, optimiser, file)?,
            None => println!("   not optimised, since wasm-opt needs Node: {}", file.display()),
        }
        print_size(project, file)?;
    }
    Ok(filter)
}

/// Builds what must build without a standard library, which proves that it uses none.
///
/// # Errors
/// When it does not build.
pub(crate) fn build_without_std(project: &Project, toolchain: Toolchain) -> anyhow::Result<()> {
    let mut cargo = toolchain.cargo(project, "build", Target::Wasm32WithoutStd)?;
    process::run(cargo.args(["--package", "credmint-core", "--package", "credmint-rustcrypto"]))
}

/// Lints the code that only this target compiles. Debian's toolchain has no clippy of its release, so
/// there the compiler's own warnings, shown and not denied, must do.
///
/// # Errors
/// When there is a lint, or it does not compile.
pub(crate) fn lint(project: &Project, toolchain: Toolchain) -> anyhow::Result<()> {
    let packages = ["credmint-core", "credmint-filter", "credmint-module", "credmint-tests-wasm"];
    let packages = packages.iter().flat_map(|package| ["--package", package]);
    let mut cargo = match toolchain {
        Toolchain::Active => toolchain.cargo(project, "clippy", Target::Wasm32)?,
        Toolchain::Debian => toolchain.cargo(project, "check", Target::Wasm32)?,
    };
    cargo.args(packages);
    if toolchain == Toolchain::Active {
        cargo.args(["--", "--deny", "warnings"]);
    }
    process::run(&mut cargo)
}

fn compile(project: &Project, toolchain: Toolchain, packages: &[&str]) -> anyhow::Result<()> {
    let mut cargo = toolchain.cargo(project, "build", Target::Wasm32)?;
    cargo.args(["--profile", PROFILE]);
    cargo.args(packages.iter().flat_map(|package| ["--package", package]));
    process::run(&mut cargo)
}

/// Where the verify commands lie that tests run in other hosts.
pub(crate) fn commands_folder(project: &Project) -> PathBuf {
    project.scratch("wasm/commands")
}

/// Runs the bindgen step and returns the path of the WebAssembly file it wrote.
fn bind(project: &Project, input: &Path, folder: &Path) -> anyhow::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let bindgen = native::program(project, "xtask-bindgen")?;
    process::run(project.command(bindgen).arg(input).arg(folder))?;
    let stem = input.file_stem().unwrap_or_default().to_string_lossy();
    Ok(folder.join(format!("{stem}_bg.wasm")))
}

fn optimise(project: &Project, optimiser: &Path, file: &Path) -> anyhow::Result<()> {
    let small = file.with_extension("small");
    let mut command = project.command(optimiser);
    process::run(command.arg("-Os").arg(file).arg("--output").arg(&small))?;
    fs::rename(&small, file).with_context(|| format!("replace {}", file.display()))
}

fn print_size(project: &Project, file: &Path) -> anyhow::Result<()> {
    let size = fs::metadata(file)?.len();
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let mut gzip: Command = project.command("gzip");
    match process::read(gzip.args(["-9", "--stdout"]).arg(file)) {
        Ok(packed) => println!("   {name}: {size} bytes, {} after gzip -9", packed.len()),
        Err(_) => println!("   {name}: {size} bytes"),
    }
    Ok(())
}
