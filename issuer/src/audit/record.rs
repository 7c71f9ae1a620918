//! The text of the record of a decision: what is needed to judge again, and nothing that may be a secret.

use crate::limits::RECORD_BYTES;
use credmint_core::exchange::{Bound, Exchanged};
use credmint_core::json::{self as core_json, Object};
use credmint_core::{Presented, Recorded, Refusal, RequestForm, Terms, UnixTime, secrets};
use serde_json::{Map, Value};
use std::net::IpAddr;
use uuid::Uuid;

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

    /// Whether nothing of it is proven: whoever sent it may send as many as he likes, and nobody is to blame for them.
    pub(crate) const fn is_unproven(&self) -> bool {
        self.facts.is_none() && self.outcome.is_err()
    }

    /// The record as the text of an object, in which nothing stands that may be a secret, whatever member it was sent as.
    pub(super) fn text(&self) -> String {
        let mut record = self.members();
        if let Some(facts) = self.facts {
            record.insert(GIVEN, facts.redacted().into_json());
        }
        let mut text = record.to_string();
        if text.len() >= RECORD_BYTES {
            record.insert(GIVEN, core_json::Value::Null);
            text = record.to_string();
        }
        secrets::hide(&text).into_owned()
    }

    fn members(&self) -> Object {
        let mut record = Object::new();
        record.insert("audit", 1);
        record.insert("time", self.time.to_string());
        record.insert("request_id", self.request_id.to_string());
        if let Some(source) = self.source {
            record.insert("source", source.to_canonical().to_string());
        }
        let mut policy = Object::new();
        policy.insert("version", 1);
        policy.insert("hash", self.policy_hash);
        record.insert("policy", policy);
        if let Some(presented) = self.presented {
            record.insert("form", presented.form.as_str());
            let named = [("client", &presented.client_id), ("credential", &presented.credential)];
            for (member, name) in named {
                if let Some(name) = name {
                    record.insert(member, name.as_str());
                }
            }
            record.insert("proof", presented.assertion.kind());
            record.insert("scope", presented.scope.to_string());
            let targets = &presented.scope.targets;
            if presented.form != RequestForm::Idaas && !targets.is_empty() {
                let targets = targets.iter().map(|target| target.as_str().into());
                record.insert("targets", targets.collect::<Vec<core_json::Value>>());
            }
        }
        if let Some(bound) = self.bound {
            record.insert("provider", bound.provider.as_str());
            let names =
                [("client", bound.client_id.as_str()), ("credential", bound.credential.as_str())];
            record.insert("bound", Object::from_iter(names));
        }
        if let Some(exchanged) = self.exchanged {
            let names = [("jti", exchanged.jti.as_str()), ("client", exchanged.client_id.as_str())];
            record.insert("exchanged", Object::from_iter(names));
        }
        match self.outcome {
            Ok((terms, jti)) => {
                record.insert("verdict", "accept");
                record.insert("granted", granted(terms, jti));
            }
            // The answer of `proof verify` to the same request has the same members.
            Err(refusal) => {
                for (name, value) in credmint_verify::to_json(Ok(Err(refusal.clone().into()))) {
                    record.insert(name, value.as_str().unwrap_or_default());
                }
            }
        }
        record
    }
}

/// The member that holds what the proof stated.
const GIVEN: &str = "given";

/// What the proof stated, as a test of a policy has it, as JSON text. The core takes secrets out.
pub(crate) fn given(facts: &Recorded) -> String {
    facts.redacted().into_json().to_string()
}

/// The text of a record with the member `given`, which is JSON text of the core: a `Value` would round its large integers.
pub(crate) fn with_given(record: &Map<String, Value>, given: &str) -> String {
    let written = record.iter().map(|(name, value)| (name.as_str(), value.to_string()));
    let mut members: Vec<(&str, String)> = written.collect();
    members.push((GIVEN, given.to_owned()));
    members.sort();
    let texts = members.iter().map(|(name, value)| format!("{}:{value}", Value::from(*name)));
    format!("{{{}}}", texts.collect::<Vec<_>>().join(","))
}

fn granted(terms: &Terms, jti: &str) -> Object {
    let mut granted = Object::from_iter([
        ("subject", terms.subject()),
        ("client", terms.client_id()),
        ("credential", terms.credential()),
        ("audience", terms.audience()),
        ("jti", jti),
    ]);
    granted.insert("scope", terms.scope().join(" "));
    granted.insert("lifetime", terms.lifetime());
    granted.insert("claims", terms.shown_claims());
    if let Some(actor) = terms.actor() {
        granted.insert("actor", actor);
    }
    granted
}

#[cfg(test)]
mod tests {
    use super::*;
    use credmint_core::exchange::Rehearsal;
    use credmint_core::policy::TrustPolicy;
    use credmint_core::{Code, ID_TOKEN_BEARER, ScopeRequest};
    use serde_json::json;

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
        let refusal = Refusal::new(Code::VerificationConditionFalse).expected("a").found("b");
        let decision = Decision {
            time: UnixTime::from_seconds(1_795_521_600),
            request_id: Uuid::nil(),
            source: Some("192.0.2.7".parse().unwrap()),
            policy_hash: "sha256:00",
            presented: Some(presented),
            facts,
            bound: None,
            exchanged: None,
            outcome: Err(&refusal),
        };
        decision.text()
    }

    #[test]
    fn a_record_has_what_is_needed_to_judge_again() {
        let facts = facts(r#"{"sub":"a"}"#);
        let record: Value = serde_json::from_str(&line(Some(&facts))).unwrap();
        assert_eq!(record["time"], "2026-11-24T12:00:00Z");
        assert_eq!(record["client"], "app");
        assert_eq!(record["source"], "192.0.2.7");
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
        assert!(!line.contains('\n'));
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
            let decision = Decision {
                time: UnixTime::from_seconds(1_795_521_600),
                request_id: Uuid::nil(),
                source: None,
                policy_hash: "sha256:00",
                presented: Some(&presented_as(&client, &dotted, "api|read")),
                facts: Some(&facts),
                bound: None,
                exchanged: None,
                outcome: Err(&refusal),
            };
            let line = decision.text();
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
        let granted = granted(&terms, "j");
        let claims = granted.get("claims").unwrap();
        let text = claims.to_string();
        assert!(!text.contains("abc") && !text.contains("eyJ"), "{text}");
        assert_eq!(claims.get("team").and_then(core_json::Value::as_str), Some("a"));
    }

    #[test]
    fn a_record_is_bounded() {
        let large = facts(&format!(r#"{{"sub":"{}"}}"#, "a".repeat(RECORD_BYTES)));
        let line = line(Some(&large));
        assert!(line.len() < RECORD_BYTES);
        let record: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(record["given"], Value::Null);
    }
}
