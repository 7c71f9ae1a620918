//! The toolchain that builds WebAssembly, found out by the machine and not by a person.
//!
//! First choice: the active toolchain, whose targets rustup can add. Second choice, where rustup
//! cannot reach its servers: Debian's `rustc-web` and its sources, with which cargo builds the
//! standard library itself. `CREDMINT_WASM_TOOLCHAIN=active` or `=debian` decides instead.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use crate::packages;
use crate::process;
use crate::project::Project;

/// A target of ours, and the parts of the standard library it may use.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// What the filter and the module run on.
    Wasm32,
    /// Has no `std` at all: what builds for it uses none.
    Wasm32WithoutStd,
}

impl Target {
    pub(crate) fn triple(self) -> &'static str {
        match self {
            Self::Wasm32 => "wasm32-unknown-unknown",
            Self::Wasm32WithoutStd => "wasm32v1-none",
        }
    }

    fn standard_library(self) -> &'static str {
        match self {
            Self::Wasm32 => "-Zbuild-std=std,panic_abort",
            Self::Wasm32WithoutStd => "-Zbuild-std=core,alloc",
        }
    }
}

const TARGETS: [Target; 2] = [Target::Wasm32, Target::Wasm32WithoutStd];

/// What Debian's toolchain consists of.
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];
const DEBIAN_FILES: [&str; 4] = [
    "/usr/bin/rustc",
    "/usr/bin/cargo",
    "/usr/lib/rustlib/src/rust/library/Cargo.lock",
    "/usr/bin/wasm-ld-22",
];

/// Adding a target takes seconds; a machine without a way to the servers may hang.
const RUSTUP_LIMIT: Duration = Duration::from_secs(180);

/// The way to build WebAssembly on this machine.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Toolchain {
    /// The toolchain that builds everything else.
    Active,
    /// Debian's packages, which build the standard library too.
    Debian,
}

impl Toolchain {
    /// Finds it, sets it up where needed, and says which it is. The answer is remembered under
    /// `target/credmint`, so that a machine without a network asks rustup once.
    ///
    /// # Errors
    /// When neither can be had; the error says what to install.
    pub(crate) fn find(project: &Project) -> anyhow::Result<Self> {
        let remembered = project.scratch("wasm-toolchain");
        let (toolchain, reason) = match env::var("CREDMINT_WASM_TOOLCHAIN").as_deref() {
            Ok("active") => {
                add_targets(project)?;
                (Self::Active, "asked for by CREDMINT_WASM_TOOLCHAIN")
            }
            Ok("debian") => {
                install_debian(project)?;
                (Self::Debian, "asked for by CREDMINT_WASM_TOOLCHAIN")
            }
            Ok(other) => bail!("CREDMINT_WASM_TOOLCHAIN is `{other}`: use active or debian"),
            Err(_) if active_has_targets(project) => (Self::Active, "it has the targets"),
            Err(_)
                if debian_is_there()
                    && fs::read(&remembered).is_ok_and(|text| text == b"debian") =>
            {
                (Self::Debian, "remembered: rustup could not add the targets")
            }
            Err(_) => match add_targets(project) {
                Ok(()) => (Self::Active, "rustup added the targets"),
                Err(error) => {
                    println!("   rustup cannot add the WebAssembly targets: {error:#}");
                    install_debian(project)?;
                    (Self::Debian, "rustup could not add the targets")
                }
            },
        };
        println!("   WebAssembly toolchain: {} ({reason})", toolchain.description());
        fs::create_dir_all(project.scratch(""))?;
        fs::write(remembered, toolchain.name())?;
        Ok(toolchain)
    }

    /// `cargo subcommand` for `target`, with paths of this machine kept out of the result.
    ///
    /// # Errors
    /// When cargo's home folder is not known.
    pub(crate) fn cargo(
        self,
        project: &Project,
        subcommand: &str,
        target: Target,
    ) -> anyhow::Result<Command> {
        let mut command = match self {
            Self::Active => project.cargo(subcommand),
            Self::Debian => {
                let mut command = project.cargo_of("/usr/bin/cargo", subcommand);
                command
                    .arg(target.standard_library())
                    .arg("--target-dir")
                    .arg(self.target_folder(project))
                    .env("PATH", path_with_debian_first())
                    .env("RUSTC", "/usr/bin/rustc")
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-22");
                // Set by rustup for its own toolchain, which is not the one that runs here.
                for variable in
                    ["CARGO", "LD_LIBRARY_PATH", "RUSTUP_TOOLCHAIN", "RUST_RECURSION_COUNT"]
                {
                    command.env_remove(variable);
                }
                command
            }
        };
        command.args(["--target", target.triple()]);
        command
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", same_on_every_machine(project)?);
        Ok(command)
    }

    /// The folder into which cargo builds with this toolchain: one each, since cargo would build
    /// everything again at each change of compiler.
    pub(crate) fn target_folder(self, project: &Project) -> PathBuf {
        match self {
            Self::Active => project.built(""),
            Self::Debian => project.scratch("debian"),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Debian => "debian",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::Active => "the active one",
            Self::Debian => "Debian's rustc-web, which builds the standard library first",
        }
    }
}

fn active_has_targets(project: &Project) -> bool {
    let Ok(sysroot) = process::read_text(project.command("rustc").args(["--print", "sysroot"]))
    else {
        return false;
    };
    let libraries = Path::new(&sysroot).join("lib/rustlib");
    TARGETS.iter().all(|target| libraries.join(target.triple()).join("lib").is_dir())
}

/// # Errors
/// When rustup is not there, fails, or gives no answer in [`RUSTUP_LIMIT`].
fn add_targets(project: &Project) -> anyhow::Result<()> {
    if active_has_targets(project) {
        return Ok(());
    }
    let mut command = project.command("rustup");
    command.args(["target", "add"]).args(TARGETS.map(Target::triple)).stdin(Stdio::null());
    let mut child = command.spawn().context("start rustup")?;
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            ensure!(status.success(), "rustup target add ended with {status}");
            ensure!(active_has_targets(project), "rustup added targets to another toolchain");
            return Ok(());
        }
        if start.elapsed() > RUSTUP_LIMIT {
            child.kill()?;
            child.wait()?;
            bail!("rustup target add gave no answer in {} s", RUSTUP_LIMIT.as_secs());
        }
        sleep(Duration::from_millis(50));
    }
}

fn debian_is_there() -> bool {
    DEBIAN_FILES.iter().all(|file| Path::new(file).exists())
}

/// # Errors
/// When the packages are missing and cannot be installed from here.
fn install_debian(project: &Project) -> anyhow::Result<()> {
    if debian_is_there() {
        return Ok(());
    }
    let packages = DEBIAN_PACKAGES.join(" ");
    if !packages::can_be_installed(project) {
        bail!(
            "no WebAssembly toolchain. Either `rustup target add {} {}`, or on Debian `sudo apt-get install {packages}`",
            Target::Wasm32.triple(),
            Target::Wasm32WithoutStd.triple(),
        );
    }
    packages::install(project, &DEBIAN_PACKAGES)?;
    ensure!(
        debian_is_there(),
        "{packages} are installed, but not all of {DEBIAN_FILES:?} are there"
    );
    Ok(())
}

fn path_with_debian_first() -> OsString {
    let mut path = OsString::from("/usr/bin:");
    path.push(env::var_os("PATH").unwrap_or_default());
    path
}

/// Compiler flags that write `credmint` and `cargo` for the folders of this machine, so that the same
/// sources give the same bytes everywhere and no path of a builder is shipped.
fn same_on_every_machine(project: &Project) -> anyhow::Result<String> {
    Ok(format!(
        "--remap-path-prefix={}=credmint --remap-path-prefix={}=cargo",
        project.root().display(),
        project.cargo_home()?.display()
    ))
}
