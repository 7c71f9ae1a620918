//! `credmint replay`: recorded decisions on another policy.

use super::answer::{misused, say};
use super::explanation::OneLine;
use super::flags::{Format, PolicyFile};
use super::input;
use super::recorded::{Record, accepted};
use super::server::print_errors;
use crate::audit::{self, Item};
use crate::config;
use clap::Args;
use credmint_core::exchange::Rehearsal;
use credmint_core::policy::TrustPolicy;
use credmint_core::{Refusal, Terms};
use credmint_verify::Misuse;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

/// Flags of a replay.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    policy: PolicyFile,
    /// Audit records, one a line; `-` for standard input
    #[arg(value_name = "AUDIT")]
    audit: PathBuf,
}

/// Judges each record that has facts, and lists the decisions that differ. 1 when there are any.
pub(super) fn run(arguments: &Arguments, format: Format) -> ExitCode {
    let policy = match config::open_policy(&arguments.policy.policy) {
        Ok(policy) => policy,
        Err(errors) => return print_errors(&errors, format),
    };
    match replay(&policy, arguments) {
        Ok(replay) => {
            match format {
                Format::Text => replay.print(),
                Format::Json => say(replay.to_json()),
            }
            if replay.changes.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) }
        }
        Err(misuse) => misused(misuse),
    }
}

/// What came of a replay.
#[derive(Default)]
struct Replay {
    records: u64,
    judged: u64,
    /// Records of requests that no valid signature came with, or that were refused for reasons beside the policy.
    beside: u64,
    /// Records whose decision differs and whose secrets were taken out, so that the reason is unknown.
    unclear: u64,
    /// Lines that were torn when they were written: nobody got anything for them.
    torn: u64,
    changes: BTreeMap<Change, Seen>,
}

/// One way in which decisions change.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    client: String,
    credential: String,
    before: String,
    after: String,
}

/// How often, and the first of them.
struct Seen {
    count: u64,
    time: String,
    request_id: String,
    /// What the new policy expected and found, when it refuses.
    detail: Option<(String, String)>,
}

fn replay(policy: &TrustPolicy, arguments: &Arguments) -> Result<Replay, Misuse> {
    let mut replay = Replay::default();
    let file = &arguments.audit;
    let mut wrong = None;
    let text = input::read(file)?;
    audit::read(text.as_slice(), |number, item| {
        let done = match item {
            Item::Record(_, record) if audit::kind(&record) == "decision" => {
                replay.record(policy, &Record(record))
            }
            Item::Record(..) => Ok(()),
            Item::Torn => {
                replay.torn += 1;
                Ok(())
            }
            Item::Other(why) => Err(why),
        };
        if let Err(why) = done {
            let misuse = Misuse::new(format_args!("{}:{number}: {why}", file.display()));
            wrong.get_or_insert(misuse);
        }
    })
    .map_err(|error| Misuse::new(format_args!("{}: {error}", file.display())))?;
    wrong.map_or(Ok(replay), Err)
}

fn in_words(judged: &Result<Terms, Refusal>, is_named: bool) -> String {
    match judged {
        Ok(terms) => accepted([
            &if is_named { String::new() } else { credential_of(terms) },
            terms.subject(),
            terms.audience(),
            &terms.scope().join(" "),
            &terms.lifetime().to_string(),
            // As the record has them.
            &terms.shown_claims().to_string(),
        ]),
        Err(refusal) => format!("refuse {}", refusal.code().as_str()),
    }
}

fn credential_of(terms: &Terms) -> String {
    format!("{}/{}", terms.client_id(), terms.credential())
}

impl Replay {
    fn record(&mut self, policy: &TrustPolicy, record: &Record) -> Result<(), String> {
        self.records += 1;
        match record.rehearsal()? {
            Some(rehearsal) => self.judge(policy, record, &rehearsal),
            None => self.beside += 1,
        }
        Ok(())
    }

    fn judge(&mut self, policy: &TrustPolicy, record: &Record, rehearsal: &Rehearsal) {
        self.judged += 1;
        let (judged, _) = rehearsal.judge(policy);
        let (before, after) = (record.decided(), in_words(&judged, rehearsal.credential.is_some()));
        if before == after {
            return;
        }
        if rehearsal.given.is_incomplete() {
            self.unclear += 1;
            return;
        }
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let now = judged.as_ref().ok();
        let whose = |member: &str, now: Option<&str>| {
            record.whose(member).or(now.map(ToOwned::to_owned)).unwrap_or_else(|| "-".to_owned())
        };
        let (client, credential) = (
            whose("client", now.map(Terms::client_id)),
            whose("credential", now.map(Terms::credential)),
        );
        let detail = judged.err().filter(|refusal| refusal.found_text().is_some());
        let change = Change { client, credential, before, after };
        let seen = self.changes.entry(change).or_insert_with(|| Seen {
            count: 0,
            time: rehearsal.at.to_string(),
            request_id: record.text("request_id").to_owned(),
            detail: detail
                .map(|refusal| (text(refusal.expected_text()), text(refusal.found_text()))),
        });
        seen.count += 1;
    }

    fn changed(&self) -> u64 {
        self.changes.values().map(|seen| seen.count).sum()
    }

    fn print(&self) {
        for (change, seen) in &self.changes {
            say(format_args!(
                "{} × {} / {}\n  before    {}\n  after     {}",
                seen.count,
                OneLine(&change.client),
                OneLine(&change.credential),
                OneLine(&change.before),
                OneLine(&change.after)
            ));
            if let Some((expected, found)) = &seen.detail {
                say(format_args!("  expected  {expected}\n  found     {found}"));
            }
            say(format_args!("  first     {} at {}", OneLine(&seen.request_id), seen.time));
        }
        say(format_args!(
            "{} records: {} judged, {} changed, {} unclear, {} unrelated to the policy",
            self.records,
            self.judged,
            self.changed(),
            self.unclear,
            self.beside
        ));
        if self.torn > 0 {
            say(format_args!("left out as torn: {}", self.torn));
        }
    }

    fn to_json(&self) -> Value {
        let change = |(change, seen): (&Change, &Seen)| {
            json!({
                "count": seen.count,
                "client": change.client,
                "credential": change.credential,
                "before": change.before,
                "after": change.after,
                "expected": seen.detail.as_ref().map(|(expected, _)| expected),
                "found": seen.detail.as_ref().map(|(_, found)| found),
                "first": { "request_id": seen.request_id, "time": seen.time },
            })
        };
        json!({
            "records": self.records,
            "judged": self.judged,
            "changed": self.changed(),
            "unclear": self.unclear,
            "torn": self.torn,
            "beside_the_policy": self.beside,
            "changes": self.changes.iter().map(change).collect::<Vec<_>>(),
        })
    }
}
