//! Packages of Debian: installed where that is allowed, which is where continuous integration runs as root.

use std::fs;
use std::path::{Path, PathBuf};

use crate::process;
use crate::project::{Project, in_continuous_integration};
use crate::report::MissingTool;

/// Where Debian's package of PostgreSQL puts its programs, in a folder for each version.
const POSTGRESQL: &str = "/usr/lib/postgresql";

/// Whether packages of Debian can be installed from here.
pub(crate) fn can_be_installed(project: &Project) -> bool {
    let root = process::read_text(project.command("id").arg("-u")).is_ok_and(|user| user == "0");
    process::find("apt-get").is_some() && root
}

/// Installs packages of Debian.
///
/// # Errors
/// When that fails.
pub(crate) fn install(project: &Project, packages: &[&str]) -> anyhow::Result<()> {
    println!("   installing Debian's {}", packages.join(" "));
    process::run(project.command("apt-get").args(["update", "--quiet", "--quiet"]))?;
    let how = ["install", "--yes", "--quiet", "--quiet", "--no-install-recommends"];
    process::run(
        project
            .command("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(how)
            .args(packages),
    )
}

/// The folder of PostgreSQL's programs. The tests start servers of their own with them.
///
/// # Errors
/// [`MissingTool`] where it is not installed, and nobody said that it may be.
pub(crate) fn postgresql(project: &Project) -> anyhow::Result<PathBuf> {
    if let Some(folder) = programs(Path::new(POSTGRESQL)) {
        println!("   {}", folder.display());
        return Ok(folder);
    }
    if in_continuous_integration() && can_be_installed(project) {
        // Else a server is made and started that nobody needs.
        fs::create_dir_all("/etc/postgresql-common")?;
        fs::write("/etc/postgresql-common/createcluster.conf", "create_main_cluster = false\n")?;
        install(project, &["postgresql"])?;
    }
    let missing = || MissingTool("PostgreSQL is not installed (Debian: postgresql)".into());
    Ok(programs(Path::new(POSTGRESQL)).ok_or_else(missing)?)
}

/// The programs of the newest version below `folder`.
fn programs(folder: &Path) -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, programs)| programs.join("initdb").is_file())
        .collect();
    versions.sort();
    Some(versions.pop()?.1)
}
