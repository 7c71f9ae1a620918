//! Everything the end-to-end tests and the demo run against, made ready; and what is shipped.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::command::{self, Linking};
use crate::native;
use crate::node::Node;
use crate::packages;
use crate::process;
use crate::project::Project;
use crate::python::{self, Python};
use crate::report::{MissingTool, Report};
use crate::toolchain::Toolchain;
use crate::wasm;

/// The npm package.
pub(crate) const JS: &str = "js";

/// What could be made ready on this machine. An absent part was skipped or has failed, and the report
/// says so.
pub(crate) struct Hosts {
    filter: Option<PathBuf>,
    python: Option<Python>,
    pub(crate) node: Option<Node>,
    node_for_clients: Option<PathBuf>,
    command: Option<PathBuf>,
    systemd: Option<PathBuf>,
    postgresql: Option<PathBuf>,
}

impl Hosts {
    /// Builds the WebAssembly modules, the `credmint` command and the JavaScript package, and sets
    /// up Python and Node.
    pub(crate) fn prepare(project: &Project, report: &mut Report) -> Self {
        let (node, filter) = wasm(project, report);
        let python =
            report.stage("python", "an environment with Envoy and the stock client", || {
                python::environment(project)
            });
        if let Some(node) = &node {
            report.stage("js", "the npm package", || build_js(project, node));
        }
        let node_for_clients = node.as_ref().and_then(|node| {
            report.stage("clients", "a Node for the stock clients", || node.for_clients(project))
        });
        let command = report.stage("credmint", "the command, for the tests to start", || {
            native::program(project, "credmint")
        });
        let systemd = report.stage("systemd", "the tools that read its units", systemd_analyze);
        let postgresql =
            report.stage("postgresql", "a database for replicas", || packages::postgresql(project));
        Self { filter, python, node, node_for_clients, command, systemd, postgresql }
    }

    /// The environment variables by which the package `credmint-tests` finds the hosts.
    pub(crate) fn environment(&self, project: &Project) -> Vec<(&'static str, PathBuf)> {
        let python = self.python.as_ref();
        let parts = [
            ("CREDMINT_BIN", self.command.clone()),
            ("CREDMINT_ENVOY", python.map(|python| python.envoy.clone())),
            ("CREDMINT_FILTER_WASM", self.filter.clone()),
            ("CREDMINT_JS", self.node.as_ref().map(|_| project.path(JS))),
            ("CREDMINT_VERIFY_WASM", self.filter.as_ref().map(|_| wasm::commands_folder(project))),
            ("CREDMINT_NODE", self.node.as_ref().map(|node| node.node.clone())),
            ("CREDMINT_NODE_FOR_CLIENTS", self.node_for_clients.clone()),
            ("CREDMINT_PYTHON", python.map(|python| python.python.clone())),
            ("CREDMINT_POSTGRESQL", self.postgresql.clone()),
            ("CREDMINT_SYSTEMD_ANALYZE", self.systemd.clone()),
        ];
        let parts = parts.into_iter().filter_map(|(name, path)| Some((name, path?)));
        parts.chain(Self::vectors_alone(project)).collect()
    }

    /// The same with no host.
    pub(crate) fn vectors_alone(project: &Project) -> Vec<(&'static str, PathBuf)> {
        let folder = project.vectors();
        vec![if folder.is_dir() {
            ("CREDMINT_VECTORS", folder)
        } else {
            // Only reached where going on without them was asked for.
            ("CREDMINT_SKIP_SHARED", "1".into())
        }]
    }
}

/// # Errors
/// [`MissingTool`] where there is none: nothing else of systemd is needed, and it need not run.
fn systemd_analyze() -> anyhow::Result<PathBuf> {
    let missing = || MissingTool("systemd-analyze is not installed: it is part of systemd".into());
    let found = process::find("systemd-analyze").ok_or_else(missing)?;
    println!("   {}", found.display());
    Ok(found)
}

/// Builds the two WebAssembly modules. Returns Node, if it is there, and the path of the filter.
pub(crate) fn wasm(project: &Project, report: &mut Report) -> (Option<Node>, Option<PathBuf>) {
    let node = report.stage("node", "Node and the packages of the lock file", || {
        let node = Node::find(project)?;
        node.install(project)?;
        Ok(node)
    });
    let optimiser = node.as_ref().map(|_| Node::installed(project, "wasm-opt"));
    let filter = report.stage("wasm", "filter and module (the first time takes minutes)", || {
        let toolchain = Toolchain::find(project)?;
        wasm::build(project, toolchain, optimiser.as_deref())
    });
    (node, filter)
}

/// Builds what is shipped and says where it lies.
pub(crate) fn ship(project: &Project, skip_missing: bool) -> ExitCode {
    let mut report = Report::new(skip_missing);
    let shipped = pack(project, &mut report);
    let code = report.close();
    for path in shipped {
        println!("   {}", path.display());
    }
    code
}

/// Builds what is shipped: the command, the filter, and the npm package as an archive.
pub(crate) fn pack(project: &Project, report: &mut Report) -> Vec<PathBuf> {
    let (node, filter) = wasm(project, report);
    let archive = node.and_then(|node| {
        report.stage("js", "the npm package", || {
            build_js(project, &node)?;
            node.pack(project, JS, &project.scratch("npm"))
        })
    });
    let command = report
        .stage("credmint", "the command, optimised", || command::build(project, Linking::Dynamic));
    [command, filter, archive].into_iter().flatten().collect()
}

/// Builds what is shipped and runs at the edge: the filter, and the npm package as an archive with the module in it.
///
/// # Errors
/// When a step fails, or Node is not there.
pub(crate) fn edge(project: &Project) -> anyhow::Result<Vec<PathBuf>> {
    let node = Node::find(project)?;
    node.install(project)?;
    let optimiser = Node::installed(project, "wasm-opt");
    let filter = wasm::build(project, Toolchain::find(project)?, Some(&optimiser))?;
    build_js(project, &node)?;
    Ok(vec![filter, node.pack(project, JS, &project.scratch("npm"))?])
}

/// Verifies in Node the documents of the benchmark of messages, beside the peer there.
pub(crate) fn bench_in_node(project: &Project, documents: &Path, report: &mut Report) {
    let (node, _) = wasm(project, report);
    let Some(node) = node else { return };
    report.stage("cms in Node", "against pkijs", || {
        build_js(project, &node)?;
        let mut command = project.command(&node.node);
        command.arg(project.path("tests/js/bench-cms.mjs"));
        command.args([&wasm::commands_folder(project), documents, &project.path(JS)]);
        process::run(&mut command)
    });
}

/// Builds the npm package around the module that [`wasm()`] left in it.
fn build_js(project: &Project, node: &Node) -> anyhow::Result<()> {
    process::run(&mut node.script(project, JS, "build"))
}
