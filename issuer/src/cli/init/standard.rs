//! What a draft has besides, so that clients of plain OAuth get tokens: they name no client and no credential, put one of
//! the issuer's addresses into `aud`, and name the service by a URI.

use super::answers::Answers;
use super::draft::{AT, indented};
use credmint_core::policy::guide::{Init, Question};
use credmint_verify::Misuse;

/// The URI of the service.
pub(super) struct Standard {
    uri: String,
    /// Whether it is the audience itself.
    is_audience: bool,
}

const RESOURCE: Question =
    Question::required("resource", "The URI of the service that takes the tokens");

impl Standard {
    /// `resource` where it is given, else what the audience makes.
    pub(super) fn of(resource: Option<&str>, answers: &mut Answers) -> Result<Self, Misuse> {
        let audience = answers.get("audience").to_owned();
        let uri = match resource {
            Some(uri) => uri.to_owned(),
            None if audience.contains("://") => audience.clone(),
            None => format!("https://{audience}"),
        };
        answers.add(&RESOURCE, uri.clone())?;
        Ok(Self { is_audience: uri == audience, uri })
    }

    /// What the author does with it.
    pub(super) fn left(&self, answers: &Answers) -> String {
        format!(
            "Give clients the token endpoint {}/token and the resource {}; they need no client id and no secret.",
            answers.get("issuer"),
            self.uri
        )
    }

    /// The settings of a provider, whose tokens may be for any address of the issuer that clients take for its audience.
    pub(super) fn settings(&self, settings: &str, answers: &Answers) -> String {
        let issuer = answers.get("issuer");
        let one = format!("audiences: ['{issuer}']");
        let all = format!("audiences: ['{issuer}', '{issuer}/', '{issuer}/token']");
        let mut settings = settings.replacen(&one, &all, 1);
        if settings.starts_with("type: pca\n") {
            settings += "x5c: accept # certificates in the header of a client assertion\n";
        }
        settings
    }

    /// The member of the resource.
    pub(super) fn resource(&self) -> String {
        match self.is_audience {
            true => String::new(),
            false => format!("resource: '{}', ", self.uri),
        }
    }

    /// What a proof states, with the issuer that says which provider it is for.
    pub(super) fn given(&self, given: &str, settings: &str) -> String {
        let issuer = settings.lines().find_map(|line| line.strip_prefix("issuer: "));
        let Some(issuer) = issuer.and_then(|issuer| issuer.split(" #").next()) else {
            return given.to_owned();
        };
        let in_lines = given.replacen("claims:\n", &format!("claims:\n  iss: {issuer}\n"), 1);
        in_lines.replacen("claims: { ", &format!("claims: {{ iss: {issuer}, "), 1)
    }

    /// A test of a request that names no credential. Who shows a certificate names the client.
    pub(super) fn test(
        &self,
        init: &Init,
        answers: &Answers,
        given: &str,
        subject: &str,
        of_whom: &str,
    ) -> String {
        let (client, scope) = (answers.get("client"), answers.get("scope"));
        let is_certificate = given.starts_with("certificate:");
        let named =
            if is_certificate { format!("      client: '{client}'\n") } else { String::new() };
        format!(
            "    - name: {} without the name of a credential{of_whom}\n{named}      at: {AT}\n      given:\n{}\
             \x20     resource: '{}'\n\
             \x20     expect: {{ accept: {{ credential: '{client}/main', subject: '{subject}', audience: '{}', scope: '{scope}' }} }}\n",
            init.accepted.0,
            indented(given, 8),
            self.uri,
            self.uri,
        )
    }
}
