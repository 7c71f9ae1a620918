//! Files that are written from tables in the code. `cargo xtask bless` writes them; the test compares.

mod algorithm_page;
mod limit_page;
mod passages;
mod preset_tables;
mod token_errors;

use std::collections::BTreeSet;
use std::env;
use std::fmt::Write as _;
use std::fs;

use credmint_core::guard::BearerAnswer;
use credmint_core::limits;
use credmint_core::policy::lint::LintId;
use credmint_core::refusal::{Code, PublicCode, Refusal};

use crate::{public_items, tree};

/// A file that is never written by hand.
struct Generated {
    path: &'static str,
    write: fn() -> String,
}

const GENERATED: &[Generated] = &[
    Generated { path: "docs/algorithms.md", write: algorithm_page::page },
    Generated { path: "docs/errors.md", write: errors },
    Generated { path: "docs/limits.md", write: limit_page::page },
    Generated { path: "docs/lints.md", write: lints },
    Generated { path: "js/src/error/codes.ts", write: codes },
    Generated { path: "js/src/limits.ts", write: limits },
    Generated { path: "verifier-wasm/core/public-items.txt", write: public_items::page },
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
        "<!-- Written by `cargo xtask bless` from verifier-wasm/core/src/refusal/codes.rs. -->\n\
         # Refusals\n\n\
         Every refusal has a code that never changes its meaning. The operator sees the code, the \
         step that refused, who can correct it and the rule behind it; the caller sees the public code \
         only. Rust, JavaScript and every host give the same code for the same proof.\n\n\
         ## What the caller sees\n\n\
         `error` is that of the token endpoint (RFC 6749, section 5.2) for requests in which the client authenticates; \
         [token-endpoint.md](token-endpoint.md#errors) has it for each form of a request. The last column is the answer \
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
            "\n### Step `{}`\n\n| code | meaning | advice | at fault | rule | public code |\n\
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

fn lints() -> String {
    let mut page = String::from(
        "<!-- Written by `cargo xtask bless` from verifier-wasm/core/src/policy/findings.rs. -->\n\
         # Findings of `credmint check`\n\n\
         A finding is about a policy that loads and is probably not what its author wants. Its id never \
         changes its meaning. `credmint check` reports each with its place; its exit status is 1 when there is \
         one, 2 when the policy does not load, and 0 otherwise.\n\n\
         A finding that is intended is accepted, with a reason, in the provider, the credential or the \
         policy that it is about:\n\n\
         ```yaml in=policy\naccept:\n  - { lint: short_token_lifetime, reason: no client here keeps tokens }\n```\n",
    );
    for id in LintId::ALL {
        let _ = write!(
            page,
            "\n## `{}`\n\n{} {}\n\nTo correct it: {}.\n",
            id.as_str(),
            id.what(),
            id.why(),
            id.mend()
        );
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
    let steps: BTreeSet<_> = Code::ALL.iter().map(|code| code.step()).collect();
    let faults: BTreeSet<_> = Code::ALL.iter().map(|code| code.fault()).collect();
    let mut file = written_from("refusal/codes.rs");
    union(
        &mut file,
        "Code",
        "A stable reason code; docs/errors.md explains each.",
        Code::ALL.iter().map(|code| code.as_str()),
    );
    union(
        &mut file,
        "PublicCode",
        "What a caller may be told.",
        PublicCode::ALL.iter().map(|code| code.as_str()),
    );
    union(
        &mut file,
        "Step",
        "The step that refused, in the one order of checks.",
        steps.into_iter().map(|step| step.as_str()),
    );
    union(
        &mut file,
        "Fault",
        "Who can correct it.",
        faults.into_iter().map(|fault| fault.as_str()),
    );
    file.push_str(&internal_error());
    file
}

/// The record that the core would give, for when it cannot.
fn internal_error() -> String {
    let refusal = Refusal::new(Code::InternalError);
    let answer = BearerAnswer::new(&refusal, &[]);
    let mut text = String::from(
        "/** The refusal for when the core itself cannot answer. */\n\
         export const INTERNAL_ERROR = {\n  verdict: 'refuse',\n",
    );
    let told = [
        ("publicSentence", answer.public.sentence()),
        ("message", &refusal.to_string()),
        ("body", &answer.body()),
    ];
    for (name, value) in refusal.record().members().chain(told) {
        writeln!(text, "  {name}: '{value}',").expect("a String takes text");
    }
    text.push_str("  headers: {\n");
    for (name, value) in answer.fields() {
        writeln!(text, "    '{name}': '{value}',").expect("a String takes text");
    }
    writeln!(text, "  }},\n  status: {},\n}} as const", answer.status)
        .expect("a String takes text");
    text
}

fn limits() -> String {
    let mut file = written_from("limits.rs");
    for (name, meaning, bytes) in [
        ("TOKEN_BYTES", "Bytes of a token.", limits::TOKEN_BYTES),
        ("JWKS_BYTES", "Bytes of a JWK set.", limits::JWKS_BYTES),
    ] {
        writeln!(file, "/** {meaning} */\nexport const {name} = {bytes}")
            .expect("a String takes text");
    }
    file
}

fn written_from(source: &str) -> String {
    format!("// Written by `cargo xtask bless` from verifier-wasm/core/src/{source}.\n\n")
}

fn union<'a>(file: &mut String, name: &str, meaning: &str, members: impl Iterator<Item = &'a str>) {
    writeln!(file, "/** {meaning} */\nexport type {name} =").expect("a String takes text");
    for member in members {
        writeln!(file, "  | '{member}'").expect("a String takes text");
    }
    file.push('\n');
}
