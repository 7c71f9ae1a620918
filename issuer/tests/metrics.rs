//! The page of the metrics is written from their table.

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
