//! The page of the metrics is written from their table.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use credmint::metrics::{Kind, TABLE};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page() -> String {
    let mut page = String::from(
        "<!-- Written by `cargo xtask bless` from issuer/src/metrics/table.rs. -->\n\
         # Metrics\n\n\
         `GET /metrics` at the [operations listener](configuration.md#server) gives these, in the text format of Prometheus. \
         Labels take their values from closed sets, the tables of the code and the names of the policy: nothing that a \
         stranger sends becomes one. A series appears with its first value.\n\n\
         | metric | kind | labels | what it says |\n|---|---|---|---|\n",
    );
    for row in TABLE {
        let labels: Vec<String> = row.labels.iter().map(|label| format!("`{label}`")).collect();
        let (name, kind, help) = (row.name, row.kind.as_str(), row.help);
        let _ = writeln!(page, "| `{name}` | {kind} | {} | {help} |", labels.join(", "));
    }
    page.push_str("\n## Buckets\n\n| histogram | buckets end at |\n|---|---|\n");
    for row in TABLE {
        if let Kind::Histogram(buckets) = row.kind {
            let ends: Vec<String> = buckets.iter().map(ToString::to_string).collect();
            let _ = writeln!(page, "| `{}` | {} |", row.name, ends.join(", "));
        }
    }
    page
}

#[test]
fn files_are_up_to_date() {
    let (path, expected) = (root().join("docs/metrics.md"), page());
    if env::var_os("CREDMINT_BLESS").is_some() {
        fs::write(&path, &expected).expect("the page is written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == expected,
        "docs/metrics.md: run `cargo xtask bless` and commit what it writes"
    );
}

/// The names of metrics in the text of an example.
fn named(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let is_name = |word: &&str| {
        ["credmint_", "process_", "http_server_"].iter().any(|start| word.starts_with(start))
    };
    words.filter(is_name).collect()
}

/// Dashboard and alert rules ask for metrics that there are.
#[test]
fn examples_name_metrics_of_the_table() {
    let is_known = |name: &str| {
        TABLE.iter().any(|row| match row.kind {
            Kind::Histogram(_) => {
                let part = name.strip_prefix(row.name);
                part.is_some_and(|part| ["_bucket", "_count", "_sum"].contains(&part))
            }
            Kind::Counter | Kind::Gauge => row.name == name,
        })
    };
    for (file, least) in [("alerts.yaml", 10), ("dashboard.json", 14)] {
        let path = root().join("examples/monitoring").join(file);
        let text = fs::read_to_string(path).expect("an example");
        let names = named(&text);
        assert!(names.len() >= least, "{file}: {names:?}");
        let unknown: Vec<&&str> = names.iter().filter(|name| !is_known(name)).collect();
        assert!(unknown.is_empty(), "{file}: {unknown:?}");
    }
    let dashboard = fs::read(root().join("examples/monitoring/dashboard.json")).expect("a file");
    let read: serde_json::Value = serde_json::from_slice(&dashboard).expect("JSON");
    assert!(read["panels"].as_array().is_some_and(|panels| !panels.is_empty()));
}
