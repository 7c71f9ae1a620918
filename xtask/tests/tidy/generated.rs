//! Files that are written from tables in the code. `cargo xtask bless` writes them; the test compares.

use std::env;
use std::fmt::Write as _;
use std::fs;

use credmint_core::refusal::{Code, PublicCode};

use crate::tree;

/// A file that is never written by hand.
struct Generated {
    path: &'static str,
    write: fn() -> String,
}

const GENERATED: &[Generated] = &[
    Generated { path: "docs/errors.md", write: errors },
    Generated { path: "js/src/error/codes.ts", write: codes },
];

#[test]
fn generated_files_are_up_to_date() {
    let bless = env::var_os("CREDMINT_BLESS").is_some();
    let mut findings = Vec::new();
    for Generated { path, write } in GENERATED {
        let file = tree::root().join(path);
        let expected = write();
        if bless {
            fs::create_dir_all(file.parent().expect("a folder")).expect("the folder is made");
            fs::write(&file, &expected).expect("the file is written");
        } else if fs::read_to_string(&file).ok() != Some(expected) {
            findings.push(format!("{path}: run `cargo xtask bless` and commit what it writes"));
        }
    }
    tree::report(&findings);
}

fn errors() -> String {
    let mut page = String::from(
        "<!-- Written by `cargo xtask bless` from verifier-wasm/core/src/refusal.rs. -->\n\
         # Refusals\n\n\
         Every refusal has a code that never changes its meaning. The operator sees the code, the \
         step that refused, who can mend it and the rule behind it; the caller sees the public code \
         only. Rust, JavaScript and every host give the same code for the same proof.\n\n\
         ## What the caller sees\n\n\
         `error` is that of the token endpoint (RFC 6749, section 5.2); the last column is the answer \
         of a protected resource (RFC 6750, section 3.1).\n\n\
         | public code | token endpoint | protected resource | meaning |\n|---|---|---|---|\n",
    );
    for code in PublicCode::ALL {
        row(
            &mut page,
            &[
                &format!("`{}`", code.as_str()),
                &answer(code.status(), code.oauth_error()),
                &answer(code.bearer_status(), code.bearer_error()),
                code.sentence(),
            ],
        );
    }
    page.push_str("\n## What the operator sees\n");
    let mut steps: Vec<_> = Code::ALL.iter().map(|code| code.step()).collect();
    steps.sort();
    steps.dedup();
    for step in steps {
        let _ = write!(
            page,
            "\n### Step `{}`\n\n| code | meaning | advice | mended by | rule | public code |\n\
             |---|---|---|---|---|---|\n",
            step.as_str()
        );
        for code in Code::ALL.iter().filter(|code| code.step() == step) {
            row(
                &mut page,
                &[
                    &format!("`{}`", code.as_str()),
                    code.sentence(),
                    code.advice(),
                    code.fault().as_str(),
                    code.rule(),
                    &format!("`{}`", code.public().as_str()),
                ],
            );
        }
    }
    page
}

/// A request without a token is answered with the status alone (RFC 6750, section 3.1).
fn answer(status: u16, error: &str) -> String {
    if error.is_empty() { status.to_string() } else { format!("{status} `{error}`") }
}

fn row(page: &mut String, cells: &[&str]) {
    for cell in cells {
        let _ = write!(page, "| {} ", cell.replace('|', "\\|"));
    }
    page.push_str("|\n");
}

fn codes() -> String {
    let mut file = String::from(
        "// Written by `cargo xtask bless` from verifier-wasm/core/src/refusal.rs.\n\n\
         /** A stable reason code; docs/errors.md explains each. */\nexport type Code =\n",
    );
    for code in Code::ALL {
        writeln!(file, "  | '{}'", code.as_str()).expect("a String takes text");
    }
    file.push_str("\n/** What a caller may be told. */\nexport type PublicCode =\n");
    for code in PublicCode::ALL {
        writeln!(file, "  | '{}'", code.as_str()).expect("a String takes text");
    }
    file
}
