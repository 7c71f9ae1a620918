//! Whatever an issuer of tokens or a certificate authority vouches for.

use crate::cli::init::Answers;
use crate::cli::init::draft::{Draft, Example, ROOT};

pub(super) fn oidc(answers: &Answers) -> Result<Draft, &'static str> {
    let (subject, issuer) = (answers.get("subject"), answers.get("issuer"));
    let token_issuer = answers.get("token-issuer");
    Ok(Draft {
        provider: "idp",
        settings: format!(
            "type: oidc\nissuer: '{token_issuer}'\naudiences: ['{issuer}']\nkeys: {{ discovery: true }}\n\
             max_lifetime: 3600s\n"
        ),
        binding: format!("condition: 'jwt.claims.sub == \"{subject}\"'"),
        subject: "Append(\"urn:oidc:\", jwt.claims.sub)".to_owned(),
        left: vec![format!("Have the workload ask for tokens for the audience {issuer}.")],
        accepted: (
            Example {
                name: "the workload gets a token",
                given: format!("claims: {{ sub: '{subject}' }}\n"),
            },
            format!("urn:oidc:{subject}"),
        ),
        refused: Example {
            name: "another subject gets none",
            given: format!("claims: {{ sub: '{subject}-other' }}\n"),
        },
    })
}

pub(super) fn pca(answers: &Answers) -> Result<Draft, &'static str> {
    let name = answers.get("common-name");
    Ok(Draft {
        provider: "plant",
        settings: format!("type: pca\nroots: [{ROOT}]\n"),
        binding: format!("condition: 'cert.subject.CN == \"{name}\"'"),
        subject: "Append(\"urn:cert:\", cert.subject.CN)".to_owned(),
        left: vec![
            "Put the root certificate of the authority beside this file, as root.pem.".to_owned(),
        ],
        accepted: (
            Example {
                name: "the workload gets a token",
                given: format!("certificate: {{ subject: {{ CN: '{name}' }} }}\n"),
            },
            format!("urn:cert:{name}"),
        ),
        refused: Example {
            name: "another certificate of the authority gets none",
            given: format!("certificate: {{ subject: {{ CN: '{name}-other' }} }}\n"),
        },
    })
}
