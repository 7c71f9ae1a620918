//! Documents that are made from the code are as the code is. `UPDATE=1 cargo test -p credmint-tests --test
//! documents` writes them anew.

use credmint_core::{Code, PublicCode};
use std::fmt::Write as _;
use std::path::Path;

/// Compares a file of the project with its text, or writes it.
fn check(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).expect("the file can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "{file} is not what the code says: run this test with UPDATE=1");
}

#[test]
fn the_error_reference_is_current() {
    let mut text = String::from(
        "# Reasons for a refusal\n\n\
         Every refusal has a code that never changes its meaning. The operator sees the whole row and what was\n\
         seen; the caller sees the public code and its sentence, nothing else. This page is made from the table\n\
         in `verifier-wasm/core/src/refusal.rs`.\n\n\
         ## Public codes\n\n\
         | public code | token endpoint | protected resource | what the caller reads |\n|---|---|---|---|\n",
    );
    for code in PublicCode::ALL {
        let bearer = match code.bearer_error() {
            "" => format!("{} without an error", code.bearer_status()),
            error => format!("{} `{error}`", code.bearer_status()),
        };
        writeln!(
            text,
            "| `{}` | {} `{}` | {bearer} | {} |",
            code.as_str(),
            code.status(),
            code.oauth_error(),
            code.sentence()
        )
        .expect("a String takes text");
    }
    text.push_str(
        "\n## Codes\n\n\
         The steps are those of the one order of checks, which `docs/architecture.md` explains.\n\n\
         | code | step | at fault | public code | rule | what happened | how to mend it |\n|---|---|---|---|---|---|---|\n",
    );
    for code in Code::ALL {
        writeln!(
            text,
            "| `{}` | {} | {} | `{}` | {} | {} | {} |",
            code.as_str(),
            code.step().as_str(),
            code.fault().as_str(),
            code.public().as_str(),
            code.rule(),
            code.sentence(),
            code.advice()
        )
        .expect("a String takes text");
    }
    check("docs/errors.md", &text);
}
