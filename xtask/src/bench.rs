//! `bench`: the benchmarks of the package `credmint-bench`, and those that need Node.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::hosts;
use crate::node::Node;
use crate::packages;
use crate::process;
use crate::project::Project;
use crate::report::Report;

/// The benchmarks by name, in the order in which they run.
const NAMES: [&str; 5] = ["jose", "x509", "cms", "policy", ISSUER];

/// The benchmark of the whole issuer, which starts programs of its own.
const ISSUER: &str = "issuer";

/// The peer of the issuer, for Node.
const PEER: &str = "tests/js/bench-issuer-peer.mjs";

/// Runs the benchmark `name`, or all of them.
pub(crate) fn run(project: &Project, name: Option<&str>) -> ExitCode {
    if name.is_some_and(|name| !NAMES.contains(&name)) {
        eprintln!("error: there is no such benchmark; there are {}", NAMES.join(", "));
        return ExitCode::FAILURE;
    }
    let mut report = Report::new(false);
    stages(project, name, &mut report);
    report.close()
}

/// The stages of the benchmark `name`, or of all.
pub(crate) fn stages(project: &Project, name: Option<&str>, report: &mut Report) {
    for each in NAMES.iter().filter(|each| name.is_none_or(|name| name == **each)) {
        report.stage(each, "against the peers of the field", || {
            if *each == ISSUER {
                return issuer(project);
            }
            let mut cargo = project.cargo("run");
            cargo.args(["--release", "--quiet", "--package", "credmint-bench", "--", each]);
            if *each == "cms" {
                cargo.arg("--documents").arg(documents(project));
            }
            process::run(&mut cargo)
        });
    }
    if name.is_none_or(|name| name == "cms") {
        hosts::bench_in_node(project, &documents(project), report);
    }
}

/// The command as it is shipped and the peer in Node, each a process of its own. Both packages are built together, so that
/// their dependencies are built once.
fn issuer(project: &Project) -> anyhow::Result<()> {
    let node = Node::find(project)?;
    node.install(project)?;
    let packages = ["--package", "credmint", "--package", "credmint-bench", "--bins"];
    process::run(project.cargo("build").args(["--release", "--quiet"]).args(packages))?;
    let mut bench = project.command(project.built("release/credmint-bench"));
    bench.args([ISSUER, "--peer"]).arg(project.path(PEER));
    bench.env("CREDMINT_BIN", project.built("release/credmint"));
    bench.env("CREDMINT_NODE", node.for_clients(project)?);
    bench.env("CREDMINT_POSTGRESQL", packages::postgresql(project)?);
    process::run(&mut bench)
}

/// Where the documents lie that are verified in Node, too.
fn documents(project: &Project) -> PathBuf {
    project.scratch("bench/documents")
}
