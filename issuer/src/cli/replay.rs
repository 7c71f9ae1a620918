//! `credmint replay`: recorded decisions on another policy.

use super::answer::{misused, say};
use super::explanation::OneLine;
use super::flags::{Format, PolicyFile};
use super::input;
use super::server::print_errors;
use crate::audit::{self, Item};
use crate::config;
use clap::Args;
use credmint_core::exchange::Rehearsal;
use credmint_core::policy::TrustPolicy;
use credmint_core::{Recorded, Refusal, RequestForm, ScopeRequest, Step, Terms, UnixTime, json};
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

/// One audit record.
struct Record(json::Value);

impl Record {
    #[cfg(test)]
    fn read(line: &str) -> Result<Self, String> {
        let value = json::parse_with(line.as_bytes(), json::Limits::RECORD);
        value.map(Self).map_err(|refusal| refusal.to_string())
    }

    fn text(&self, member: &str) -> &str {
        self.0.get(member).and_then(json::Value::as_str).unwrap_or_default()
    }

    /// What the request came to, or else what it names.
    fn whose(&self, member: &str) -> Option<String> {
        let bound = self.0.get("bound").and_then(|bound| bound.get(member)?.as_str());
        bound.map(ToOwned::to_owned).or_else(|| self.name(member))
    }

    /// A name that the request had.
    fn name(&self, member: &str) -> Option<String> {
        self.0.get(member).and_then(json::Value::as_str).map(ToOwned::to_owned)
    }

    /// What was asked for. Of the compatible service the scope says it all.
    fn scope(&self) -> Result<ScopeRequest, Refusal> {
        let scope = Some(self.text("scope")).filter(|scope| !scope.is_empty());
        let targets = self.0.get("targets").and_then(json::Value::as_array).unwrap_or_default();
        let targets: Vec<String> =
            targets.iter().filter_map(json::Value::as_str).map(ToOwned::to_owned).collect();
        ScopeRequest::read(scope, &[], &targets)
    }

    /// The form of the request. Records of earlier versions are all of the one that there was.
    fn form(&self) -> Result<RequestForm, String> {
        match self.0.get("form") {
            None => Ok(RequestForm::Idaas),
            Some(form) => form
                .as_str()
                .and_then(RequestForm::from_name)
                .ok_or_else(|| "/form: this is not a form of request".to_owned()),
        }
    }

    /// The request that can be judged again.
    fn rehearsal(&self) -> Result<Option<Rehearsal>, String> {
        let given = self.0.get("given").filter(|given| given.as_object().is_some());
        let Some(given) = given.filter(|_| !self.was_refused_beside_the_policy()) else {
            return Ok(None);
        };
        let given = Recorded::from_json(given).map_err(|errors| {
            errors.first().map_or_else(String::new, |error| format!("/given{error}"))
        })?;
        let scope = self.scope().map_err(|refusal| format!("/scope: {refusal}"))?;
        let at = UnixTime::from_rfc3339(self.text("time")).ok_or("/time: this is not a time")?;
        Ok(Some(Rehearsal {
            form: self.form()?,
            client_id: self.client(),
            credential: self.name("credential"),
            given,
            scope,
            at,
        }))
    }

    /// Whether the refusal says nothing about the policy: it came after the policy had been asked (a proof that was
    /// used before, a store that failed), or from what an assertion of a private CA says of itself, of which a record
    /// has the certificate alone, not even whose it was where nobody was found. Of an access token that was exchanged it
    /// has no more than its `jti`.
    fn was_refused_beside_the_policy(&self) -> bool {
        let of_assertion = [Step::Form, Step::Type, Step::Issuer, Step::Audience, Step::Times];
        let is = |step: Step| self.text("step") == step.as_str();
        // What a client may have for another is also said by their token, of which nothing but its name is recorded.
        let is_exchange = self.text("form") == RequestForm::IdaasExchange.as_str();
        is_exchange
            || is(Step::Obligations)
            || (self.is_of_certificate()
                && (self.client().is_none() || of_assertion.into_iter().any(is)))
    }

    /// Whether the proof stated a certificate, whichever way it came.
    fn is_of_certificate(&self) -> bool {
        self.0.get("given").is_some_and(|given| given.get("certificate").is_some())
    }

    /// The client that the request named; of a certificate in the header of an assertion the one that signed it, since the
    /// record has nothing else of the assertion.
    fn client(&self) -> Option<String> {
        let bound = self.0.get("bound").filter(|_| self.is_of_certificate());
        let bound = bound.and_then(|bound| bound.get("client")?.as_str()).map(ToOwned::to_owned);
        self.name("client").or(bound)
    }

    /// What was decided, in words that are equal when nothing changes.
    fn decided(&self) -> String {
        let granted = |member: &str| match self.0.get("granted").and_then(|it| it.get(member)) {
            Some(json::Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        // Of whom names it, the credential is the same before and after.
        let credential = match self.name("credential") {
            Some(_) => String::new(),
            None => format!("{}/{}", granted("client"), granted("credential")),
        };
        match self.text("verdict") {
            "accept" => accepted([
                &credential,
                &granted("subject"),
                &granted("audience"),
                &granted("scope"),
                &granted("lifetime"),
                &granted("claims"),
            ]),
            _ => format!("refuse {}", self.text("code")),
        }
    }
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

fn accepted([credential, subject, audience, scope, lifetime, claims]: [&str; 6]) -> String {
    let credential = match credential {
        "" => String::new(),
        some => format!("credential {some}, "),
    };
    let claims = match claims {
        "" | "{}" => String::new(),
        some => format!(", claims {some}"),
    };
    format!(
        "accept {credential}subject {subject}, audience {audience}, scope {scope}, lifetime {lifetime}{claims}"
    )
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
            say(format_args!("{} torn lines are left out", self.torn));
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a record of a refusal of this proof at this step can be judged again.
    fn is_judged(proof: &str, given: &str, verdict: &str) -> bool {
        let line = format!(
            r#"{{"audit":1,"time":"2026-11-24T12:00:00Z","client":"a","credential":"m","proof":"{proof}","scope":"api|read","given":{given},{verdict}}}"#
        );
        Record::read(&line).unwrap().rehearsal().unwrap().is_some()
    }

    /// A replay on the policy of the day changes nothing, so what a record does not hold is not judged.
    #[test]
    fn what_the_assertion_of_a_certificate_says_is_not_judged_without_it() {
        let refused = |step: &str| format!(r#""verdict":"refuse","code":"x","step":"{step}""#);
        let certificate = r#"{"certificate":{"subject":{"CN":"a"}}}"#;
        let claims = r#"{"claims":{"sub":"a"}}"#;
        for step in ["form", "type", "issuer", "audience", "times"] {
            assert!(!is_judged("pca", certificate, &refused(step)), "{step}");
            assert!(is_judged("oidc", claims, &refused(step)), "{step}");
        }
        for step in ["trust_condition", "verification_condition", "mapping", "scope"] {
            assert!(is_judged("pca", certificate, &refused(step)), "{step}");
        }
        assert!(!is_judged("oidc", claims, &refused("obligations")));
        for (form, expect) in [("idaas", true), ("token_exchange", true), ("idaas_exchange", false)]
        {
            let accepted = format!(r#""verdict":"accept","granted":{{}},"form":"{form}""#);
            assert_eq!(is_judged("oidc", claims, &accepted), expect, "{form}");
        }
        assert!(is_judged("pca", certificate, r#""verdict":"accept","granted":{}"#));
        // An assertion that named its certificate in its header, and came to nobody.
        let nobody = r#"{"audit":1,"time":"2026-11-24T12:00:00Z","form":"client_assertion","proof":"oidc","scope":"","given":{"certificate":{"subject":{"CN":"a"}}},"verdict":"refuse","code":"credential_not_found","step":"credential"}"#;
        assert!(Record::read(nobody).unwrap().rehearsal().unwrap().is_none());
    }

    #[test]
    fn a_record_is_judged_in_its_form() {
        let check = |form: &str, expect: Result<RequestForm, &str>| {
            let line = format!(
                r#"{{"audit":1,"time":"2026-11-24T12:00:00Z","client":"a","credential":"m","scope":"api|read","given":{{"claims":{{}}}}{form}}}"#
            );
            let rehearsal = Record::read(&line).unwrap().rehearsal();
            let form = rehearsal.map(|it| it.unwrap().form);
            assert_eq!(form, expect.map_err(ToOwned::to_owned), "{line}");
        };
        check("", Ok(RequestForm::Idaas));
        check(r#","form":"jwt_spiffe""#, Ok(RequestForm::SpiffeAssertion));
        for bad in [r#","form":"spiffe""#, r#","form":null"#, r#","form":1"#] {
            check(bad, Err("/form: this is not a form of request"));
        }
    }
}
