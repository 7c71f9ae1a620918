//! What `cargo xtask test` hands to end-to-end tests: where built and installed programs are.

use std::env;
use std::path::PathBuf;

/// The `credmint` command.
///
/// # Panics
///
/// As all functions here: outside of `cargo xtask test`.
#[must_use]
pub fn credmint() -> PathBuf {
    required("CREDMINT_BIN")
}

/// A Python with Alibaba Cloud's client library.
///
/// # Panics
///
/// Outside of `cargo xtask test`.
#[must_use]
pub fn python() -> PathBuf {
    required("CREDMINT_PYTHON")
}

/// Node.
///
/// # Panics
///
/// Outside of `cargo xtask test`.
#[must_use]
pub fn node() -> PathBuf {
    required("CREDMINT_NODE")
}

/// The Node that the newest of the stock clients ask for.
///
/// # Panics
///
/// Outside of `cargo xtask test`.
#[must_use]
pub fn node_for_clients() -> PathBuf {
    required("CREDMINT_NODE_FOR_CLIENTS")
}

/// Envoy.
///
/// # Panics
///
/// Outside of `cargo xtask test`.
#[must_use]
pub fn envoy() -> PathBuf {
    required("CREDMINT_ENVOY")
}

/// The folder of PostgreSQL's programs.
///
/// # Panics
///
/// Outside of `cargo xtask test`.
#[must_use]
pub fn postgresql() -> PathBuf {
    required("CREDMINT_POSTGRESQL")
}

/// `systemd-analyze`; systemd's other tools lie beside it.
///
/// # Panics
///
/// Outside of `cargo xtask test`.
#[must_use]
pub fn systemd_analyze() -> PathBuf {
    required("CREDMINT_SYSTEMD_ANALYZE")
}

/// The Envoy filter, a WebAssembly module.
///
/// # Panics
///
/// Outside of `cargo xtask test`.
#[must_use]
pub fn filter_wasm() -> PathBuf {
    required("CREDMINT_FILTER_WASM")
}

/// The folder of the built npm package.
///
/// # Panics
///
/// Outside of `cargo xtask test`.
#[must_use]
pub fn js() -> PathBuf {
    required("CREDMINT_JS")
}

/// The folder of the verify commands compiled to WebAssembly.
#[must_use]
pub fn judge_wasm() -> PathBuf {
    required("CREDMINT_VERIFY_WASM")
}

/// A driver in `tests/python`.
#[must_use]
pub fn python_driver(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("python").join(name)
}

/// A file of `tests/clients`, which holds what the stock clients are run with.
#[must_use]
pub fn client_driver(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("clients").join(name)
}

fn required(variable: &str) -> PathBuf {
    match env::var_os(variable) {
        Some(path) => PathBuf::from(path),
        None => panic!("{variable} is not set: run this test through `cargo xtask test`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panicking;

    #[test]
    fn says_what_to_do() {
        assert_eq!(
            panicking::message(|| required("CREDMINT_IS_NEVER_SET")),
            "CREDMINT_IS_NEVER_SET is not set: run this test through `cargo xtask test`"
        );
    }

    #[test]
    fn drivers_exist() {
        for name in ["chart.py", "confined.py", "sdk_client.py"] {
            assert!(python_driver(name).is_file(), "{name}");
        }
        for name in ["run.py", "run.mjs", "guard.mjs"] {
            assert!(client_driver(name).is_file(), "{name}");
        }
    }
}
