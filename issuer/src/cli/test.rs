//! `credmint test`: the tests of a policy.

use super::answer::say;
use super::explanation::Steps;
use super::flags::Format;
use super::server::print_errors;
use crate::config::{self, CompiledPolicy};
use credmint_core::exchange::CaseResult;
use credmint_verify::explanation_to_json;
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;

/// Runs every test. 1 when a decision differs from what its author expects.
pub(super) fn run(path: &Path, format: Format) -> ExitCode {
    let compiled = match config::open_compiled(path) {
        Ok(compiled) => compiled,
        Err(errors) => return print_errors(&errors, format),
    };
    let results: Vec<CaseResult<'_>> = compiled.policy.run_tests().collect();
    let failed = results.iter().filter(|result| !result.passed).count();
    match format {
        Format::Text => {
            for result in &results {
                print_result(result, &compiled);
            }
            say(format_args!("{} tests, {failed} failed", results.len()));
        }
        Format::Json => say(json!({
            "passed": failed == 0,
            "tests": results.iter().map(|result| to_json(result, &compiled)).collect::<Vec<_>>(),
        })),
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

fn print_result(result: &CaseResult<'_>, compiled: &CompiledPolicy) {
    if result.passed {
        return say(format_args!("ok    {}", result.name));
    }
    let (file, place) = compiled.sources.find(result.pointer);
    say(format_args!(
        "FAIL  {}\n  at        {}:{}:{}\n  expected  {}\n  got       {}\n{}",
        result.name,
        file.display(),
        place.line,
        place.column,
        result.expected,
        result.got,
        Steps(&result.explanation),
    ));
}

fn to_json(result: &CaseResult<'_>, compiled: &CompiledPolicy) -> Value {
    let (file, place) = compiled.sources.find(result.pointer);
    let mut test = json!({
        "name": result.name,
        "passed": result.passed,
        "expected": result.expected,
        "got": result.got,
        "file": file.display().to_string(),
        "line": place.line,
        "column": place.column,
        "pointer": result.pointer,
    });
    if !result.passed {
        test["steps"] = explanation_to_json(&result.explanation);
    }
    test
}
