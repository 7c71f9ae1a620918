//! The audit record: one JSON line a decision, with no secret in it and enough to judge again.
//!
//! A decision that cannot be recorded is not made: the caller is told to try again later.

use crate::config::AuditConfig;
use crate::limits::RECORD_BYTES;
use credmint_core::exchange::{Bound, Exchanged};
use credmint_core::{Code, Presented, Recorded, Refusal, RequestForm, Terms, UnixTime, secrets};
use serde_json::{Map, Value, json};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// Writes audit records.
pub struct Audit {
    writer: Option<Arc<Mutex<Writer>>>,
}

/// Where records go.
enum Writer {
    Stdout,
    /// Opened for each record, so that the file may be rotated at any time.
    File(PathBuf),
}

/// What is known of one decision.
pub struct Decision<'a> {
    /// The time at which it was judged.
    pub time: UnixTime,
    /// The id that the caller is told.
    pub request_id: Uuid,
    /// From where the request came, as far as that is known.
    pub source: Option<IpAddr>,
    /// The hash of the policy by which it was judged.
    pub policy_hash: &'a str,
    /// The request, when it could be read.
    pub presented: Option<&'a Presented>,
    /// What a valid signature proved, when it came that far.
    pub facts: Option<&'a Recorded>,
    /// Which client and credential it came to.
    pub bound: Option<&'a Bound>,
    /// The access token of ours that it exchanges.
    pub exchanged: Option<&'a Exchanged>,
    /// The terms and the `jti` of the token that was signed, or why there is none.
    pub outcome: Result<(&'a Terms, &'a str), &'a Refusal>,
}

impl Decision<'_> {
    /// The client that the request came to, or else the one that it names.
    pub(crate) fn client(&self) -> Option<&str> {
        let named = self.presented.and_then(|presented| presented.client_id.as_deref());
        self.bound.map(|bound| bound.client_id.as_str()).or(named)
    }

    /// The same of the credential.
    pub(crate) fn credential(&self) -> Option<&str> {
        let named = self.presented.and_then(|presented| presented.credential.as_deref());
        self.bound.map(|bound| bound.credential.as_str()).or(named)
    }
}

impl Audit {
    /// Starts auditing decisions.
    ///
    /// # Errors
    /// When the file cannot be written to.
    pub fn open(config: &AuditConfig) -> io::Result<Self> {
        let writer = match config {
            AuditConfig::Off => None,
            AuditConfig::Stdout => Some(Writer::Stdout),
            AuditConfig::File(path) => {
                append(path, b"").map_err(|error| {
                    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
                })?;
                Some(Writer::File(path.clone()))
            }
        };
        Ok(Self { writer: writer.map(|writer| Arc::new(Mutex::new(writer))) })
    }

    /// Records a decision.
    ///
    /// # Errors
    /// [`Code::AuditUnavailable`] when it cannot be recorded; the caller must then get nothing of it.
    pub async fn record(&self, decision: &Decision<'_>) -> Result<(), Refusal> {
        let Some(writer) = self.writer.clone() else { return Ok(()) };
        let line = self.line(decision);
        // A disk may be slow: not on a thread that serves connections.
        let written = tokio::task::spawn_blocking(move || {
            let mut writer = writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            writer.write(line.as_bytes())
        });
        match written.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                tracing::error!(%error, "the audit record cannot be written");
                Err(Code::AuditUnavailable.into())
            }
            Err(_) => {
                Err(Refusal::new(Code::InternalError).detail("the audit record was not completed"))
            }
        }
    }

    /// The record as a line, in which nothing stands that may be a secret, whatever member it was sent as.
    fn line(&self, decision: &Decision<'_>) -> String {
        let record = self.members(decision);
        let mut line = match decision.facts {
            Some(facts) => with_given(&record, &given(facts)),
            None => Value::Object(record.clone()).to_string(),
        };
        if line.len() >= RECORD_BYTES {
            line = with_given(&record, "null");
        }
        let mut line = secrets::hide(&line).into_owned();
        line.push('\n');
        line
    }

    fn members(&self, decision: &Decision<'_>) -> Map<String, Value> {
        let mut record = Map::new();
        record.insert("audit".into(), 1.into());
        record.insert("time".into(), decision.time.to_string().into());
        record.insert("request_id".into(), decision.request_id.to_string().into());
        record.insert("policy".into(), json!({ "version": 1, "hash": decision.policy_hash }));
        if let Some(presented) = decision.presented {
            record.insert("form".into(), presented.form.as_str().into());
            let named = [("client", &presented.client_id), ("credential", &presented.credential)];
            for (member, name) in named {
                if let Some(name) = name {
                    record.insert(member.into(), name.as_str().into());
                }
            }
            record.insert("proof".into(), presented.assertion.kind().into());
            record.insert("scope".into(), presented.scope.to_string().into());
            if presented.form != RequestForm::Idaas && !presented.scope.targets.is_empty() {
                record.insert("targets".into(), json!(presented.scope.targets));
            }
        }
        if let Some(bound) = decision.bound {
            record.insert("provider".into(), bound.provider.as_str().into());
            record.insert(
                "bound".into(),
                json!({ "client": bound.client_id, "credential": bound.credential }),
            );
        }
        if let Some(exchanged) = decision.exchanged {
            record.insert(
                "exchanged".into(),
                json!({ "jti": exchanged.jti, "client": exchanged.client_id }),
            );
        }
        match decision.outcome {
            Ok((terms, jti)) => {
                record.insert("verdict".into(), "accept".into());
                record.insert("granted".into(), granted(terms, jti));
            }
            Err(refusal) => record.extend(refused(refusal)),
        }
        record
    }
}

impl Writer {
    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        match self {
            Self::Stdout => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(line)?;
                stdout.flush()
            }
            Self::File(path) => append(path, line),
        }
    }
}

/// Adds a line to a file, which is made for its owner alone.
fn append(path: &Path, line: &[u8]) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)?.write_all(line)
}

/// What the proof stated, as a test of a policy has it, as JSON text. The core takes secrets out.
pub(crate) fn given(facts: &Recorded) -> String {
    facts.redacted().to_json().to_string()
}

/// The text of a record with the member `given`, which is JSON text of the core: a `Value` would round its large integers.
pub(crate) fn with_given(record: &Map<String, Value>, given: &str) -> String {
    let written = record.iter().map(|(name, value)| (name.as_str(), value.to_string()));
    let mut members: Vec<(&str, String)> = written.collect();
    members.push(("given", given.to_owned()));
    members.sort();
    let texts = members.iter().map(|(name, value)| format!("{}:{value}", Value::from(*name)));
    format!("{{{}}}", texts.collect::<Vec<_>>().join(","))
}

fn granted(terms: &Terms, jti: &str) -> Value {
    // The core's JSON is JSON.
    let claims = serde_json::from_str::<Value>(&terms.shown_claims().to_string());
    let mut granted = json!({
        "subject": terms.subject(),
        "client": terms.client_id(),
        "credential": terms.credential(),
        "audience": terms.audience(),
        "scope": terms.scope().join(" "),
        "lifetime": terms.lifetime(),
        "jti": jti,
        "claims": claims.unwrap_or(Value::Null),
    });
    if let Some(actor) = terms.actor() {
        granted["actor"] = actor.into();
    }
    granted
}

fn refused(refusal: &Refusal) -> Map<String, Value> {
    // The answer of `proof verify` to the same request has the same members.
    credmint_verify::to_json(Ok(Err(refusal.clone().into())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use credmint_core::exchange::Rehearsal;
    use credmint_core::policy::TrustPolicy;
    use credmint_core::{ID_TOKEN_BEARER, ScopeRequest, json as core_json};

    const TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";

    fn presented() -> Presented {
        presented_as("app", "main", "api|read api|write")
    }

    fn presented_as(client: &str, credential: &str, scope: &str) -> Presented {
        Presented::from_parameters([
            ("grant_type", "client_credentials"),
            ("client_id", client),
            ("client_assertion_type", ID_TOKEN_BEARER),
            ("application_federated_credential_name", credential),
            ("client_assertion", TOKEN),
            ("scope", scope),
        ])
        .unwrap()
    }

    fn facts(claims: &str) -> Recorded {
        let given = format!(r#"{{"claims":{claims}}}"#);
        Recorded::from_json(&core_json::parse(given.as_bytes()).unwrap()).unwrap()
    }

    fn line(facts: Option<&Recorded>) -> String {
        line_of(&presented(), facts)
    }

    fn line_of(presented: &Presented, facts: Option<&Recorded>) -> String {
        let audit = Audit::open(&AuditConfig::Off).unwrap();
        let refusal = Refusal::new(Code::VerificationConditionFalse).expected("a").found("b");
        audit.line(&Decision {
            time: UnixTime::from_seconds(1_795_521_600),
            request_id: Uuid::nil(),
            source: None,
            policy_hash: "sha256:00",
            presented: Some(presented),
            facts,
            bound: None,
            exchanged: None,
            outcome: Err(&refusal),
        })
    }

    #[test]
    fn a_record_has_what_is_needed_to_judge_again() {
        let facts = facts(r#"{"sub":"a"}"#);
        let record: Value = serde_json::from_str(&line(Some(&facts))).unwrap();
        assert_eq!(record["time"], "2026-11-24T12:00:00Z");
        assert_eq!(record["client"], "app");
        assert_eq!(record["scope"], "api|read api|write");
        assert_eq!(record["given"], json!({ "claims": { "sub": "a" } }));
        assert_eq!(record["code"], "verification_condition_false");
        assert_eq!(record["policy"], json!({ "version": 1, "hash": "sha256:00" }));
    }

    /// B9: the digits of an integer that no double holds are those of the token, also when the record is read again.
    #[test]
    fn b9_a_record_keeps_the_digits_of_large_integers() {
        for digits in ["9007199254740993", "-18446744073709551617", &"9".repeat(60)] {
            let text = format!(r#"{{"claims":{{"sub":"a","n":{digits},"list":[{digits}]}}}}"#);
            let given = core_json::parse_with(text.as_bytes(), core_json::Limits::RECORD).unwrap();
            let line = line(Some(&Recorded::from_json(&given).unwrap()));
            assert_eq!(line.matches(digits).count(), 2, "{line}");
            let read = core_json::parse_with(line.as_bytes(), core_json::Limits::RECORD).unwrap();
            assert_eq!(read.get("given"), Some(&given), "{line}");
        }
    }

    #[test]
    fn i10_no_secret_is_in_a_record() {
        let facts = facts(&format!(r#"{{"sub":"a","access_token":"abc","other":"{TOKEN}"}}"#));
        let line = line(Some(&facts));
        assert!(!line.contains("abc") && !line.contains("eyJ"), "{line}");
        assert!(line.ends_with('\n') && line.matches('\n').count() == 1);
    }

    #[test]
    fn i10_a_token_in_the_place_of_a_name_is_not_recorded() {
        let scope = format!("api|{TOKEN}");
        for presented in [
            presented_as(TOKEN, "main", "api|read"),
            presented_as("app", TOKEN, "api|read"),
            presented_as("app", "main", &scope),
        ] {
            let line = line_of(&presented, None);
            assert!(!line.contains("c2lnbmF0dXJl"), "{line}");
            let record: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(record["code"], "verification_condition_false");
        }
    }

    #[test]
    fn i10_a_secret_behind_an_escape_is_not_recorded() {
        let key = "MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
        let document = format!("MIIE{}", "aB3x".repeat(40));
        for secret in [TOKEN, key, &document] {
            let found = format!("kid {:?}", format!("\n{secret}"));
            let refusal = Refusal::new(Code::KeyUnknown).found(found);
            let client = format!("%0A{secret}");
            let dotted = format!("a%0A{}", secret.replace('.', "%2E"));
            let facts = facts(&format!(r#"{{"sub":"{dotted}","note":"\\n{secret}"}}"#));
            let audit = Audit::open(&AuditConfig::Off).unwrap();
            let line = audit.line(&Decision {
                time: UnixTime::from_seconds(1_795_521_600),
                request_id: Uuid::nil(),
                source: None,
                policy_hash: "sha256:00",
                presented: Some(&presented_as(&client, &dotted, "api|read")),
                facts: Some(&facts),
                bound: None,
                exchanged: None,
                outcome: Err(&refusal),
            });
            let tail = &secret[secret.len() - 12..];
            assert!(!line.contains(tail) && !line.contains(&secret[..16]), "{line}");
            let record: Value = serde_json::from_str(&line).unwrap();
            let hidden = format!("hidden: {} bytes", secret.len());
            assert_eq!(record["client"], format!("%0A{hidden}"));
            assert_eq!(record["found"], format!("kid \"\\n{hidden}\""));
        }
    }

    #[test]
    fn i10_no_secret_is_in_what_was_granted() {
        let text = r#"{"version":1,"issuer":"https://sts.example.com",
            "providers":{"idp":{"type":"oidc","issuer":"https://idp.example.com","audiences":["a"],
                "keys":{"discovery":true}}},
            "resources":{"api":{"scopes":["read"]}},
            "clients":{"app":{"scopes":{"api":["read"]},"credentials":{"main":{"provider":"idp",
                "match":{"subject":"a"},
                "attributes":{"note":"jwt.claims.other","password":"jwt.claims.p","team":"jwt.claims.sub"}}}}}}"#;
        let policy = TrustPolicy::from_document(&core_json::parse(text.as_bytes()).unwrap());
        let rehearsal = Rehearsal {
            form: RequestForm::Idaas,
            client_id: Some("app".to_owned()),
            credential: Some("main".to_owned()),
            given: facts(&format!(
                r#"{{"iss":"https://idp.example.com","aud":"a","exp":1795522200,"sub":"a","p":"abc","other":"{TOKEN}"}}"#
            )),
            scope: ScopeRequest::parse("api|read").unwrap(),
            at: UnixTime::from_seconds(1_795_521_600),
        };
        let terms = rehearsal.judge(&policy.unwrap()).0.unwrap();
        let claims = &granted(&terms, "j")["claims"];
        let text = claims.to_string();
        assert!(!text.contains("abc") && !text.contains("eyJ"), "{text}");
        assert_eq!(claims["team"], "a");
    }

    #[test]
    fn a_record_is_bounded() {
        let large = facts(&format!(r#"{{"sub":"{}"}}"#, "a".repeat(RECORD_BYTES)));
        let line = line(Some(&large));
        assert!(line.len() < RECORD_BYTES);
        let record: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(record["given"], Value::Null);
    }

    #[tokio::test]
    async fn a_file_is_appended_to_and_its_loss_is_a_refusal() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("audit.jsonl");
        let audit = Audit::open(&AuditConfig::File(path.clone())).unwrap();
        let refusal = Refusal::new(Code::ClientUnknown);
        let decision = Decision {
            time: UnixTime::from_seconds(0),
            request_id: Uuid::nil(),
            source: None,
            policy_hash: "h",
            presented: None,
            facts: None,
            bound: None,
            exchanged: None,
            outcome: Err(&refusal),
        };
        for _ in 0..2 {
            audit.record(&decision).await.unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2);
        // Rotated away: the next record begins a new file.
        std::fs::rename(&path, folder.path().join("old")).unwrap();
        audit.record(&decision).await.unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 1);
        // Not writable: no decision.
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        let refused = audit.record(&decision).await.unwrap_err();
        assert_eq!(refused.code(), Code::AuditUnavailable);
        let opened = Audit::open(&AuditConfig::File(path));
        assert_eq!(opened.err().map(|error| error.kind()), Some(io::ErrorKind::IsADirectory));
    }
}
