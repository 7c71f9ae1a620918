//! Checks the table of certificates, or a file of that form, at the present time: format, fingerprints, validity,
//! duplicates. Exit status 1 when something is wrong.

use credmint_clouds::{TABLE, check, parse};
use credmint_core::UnixTime;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

fn main() -> ExitCode {
    match run() {
        Ok(findings) if findings.is_empty() => ExitCode::SUCCESS,
        Ok(findings) => {
            findings.iter().for_each(|finding| eprintln!("{finding}"));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<Vec<String>, String> {
    let table = match std::env::args().nth(1) {
        None => TABLE.to_owned(),
        Some(file) => std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?,
    };
    let rows = parse(&table)?;
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?;
    let now = i64::try_from(since.as_secs()).map_err(|error| error.to_string())?;
    for row in &rows {
        let real =
            if row.verified_by_real_document { ", a real document verifies under it" } else { "" };
        println!("{}: until {}{real}", row.name(), row.not_after);
    }
    Ok(check(&rows, UnixTime::from_seconds(now)))
}
