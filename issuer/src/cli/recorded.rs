//! An audit record, as it can be judged again.

use credmint_core::exchange::Rehearsal;
use credmint_core::{Recorded, Refusal, RequestForm, ScopeRequest, Step, UnixTime, json};

/// One audit record.
pub(super) struct Record(pub(super) json::Value);

impl Record {
    #[cfg(test)]
    pub(super) fn read(line: &str) -> Result<Self, String> {
        let value = json::parse_with(line.as_bytes(), json::Limits::RECORD);
        value.map(Self).map_err(|refusal| refusal.to_string())
    }

    pub(super) fn text(&self, member: &str) -> &str {
        self.0.get(member).and_then(json::Value::as_str).unwrap_or_default()
    }

    /// What the request came to, or else what it names.
    pub(super) fn whose(&self, member: &str) -> Option<String> {
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
    pub(super) fn rehearsal(&self) -> Result<Option<Rehearsal>, String> {
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
    pub(super) fn decided(&self) -> String {
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

/// An acceptance in words.
pub(super) fn accepted(
    [credential, subject, audience, scope, lifetime, claims]: [&str; 6],
) -> String {
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
