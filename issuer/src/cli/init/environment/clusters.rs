//! Workloads of clusters and of meshes.

use crate::cli::init::Answers;
use crate::cli::init::draft::{Draft, Example};

pub(super) fn kubernetes(answers: &Answers) -> Result<Draft, &'static str> {
    let mut draft = service_account("cluster", "kubernetes", answers);
    draft.left.push(
        "When nobody outside can reach the cluster: in place of `discovery`, \
         `keys: { jwks: { file: cluster-jwks.json } }`, from `kubectl get --raw /openid/v1/jwks`."
            .to_owned(),
    );
    Ok(draft)
}

pub(super) fn ack_rrsa(answers: &Answers) -> Result<Draft, &'static str> {
    Ok(service_account("ack", "ack_rrsa", answers))
}

/// A service account of a cluster, whose provider has this name and this `type`.
fn service_account(provider: &'static str, kind: &str, answers: &Answers) -> Draft {
    let (namespace, account) = (answers.get("namespace"), answers.get("service-account"));
    let (token_issuer, issuer) = (answers.get("token-issuer"), answers.get("issuer"));
    let given = |account: &str| {
        format!(
            "claims:\n  sub: 'system:serviceaccount:{namespace}:{account}'\n  kubernetes.io:\n    \
             namespace: '{namespace}'\n    serviceaccount: {{ name: '{account}' }}\n"
        )
    };
    Draft {
        provider,
        settings: format!(
            "type: {kind}\nissuer: '{token_issuer}'\n\
             audiences: ['{issuer}'] # the audience of the projected volume\nkeys: {{ discovery: true }}\n\
             max_lifetime: 3600s\n"
        ),
        binding: format!("match: {{ namespace: '{namespace}', service_account: '{account}' }}"),
        // Between the single quotes of YAML: the spelling with brackets needs none itself.
        subject: "Append(\"urn:k8s:\", jwt.claims[\"kubernetes.io\"].namespace, \":\", \
                  jwt.claims[\"kubernetes.io\"].serviceaccount.name)"
            .to_owned(),
        left: vec![format!(
            "In the pod: a projected service account token for the audience {issuer}."
        )],
        accepted: (
            Example { name: "the service account gets a token", given: given(account) },
            format!("urn:k8s:{namespace}:{account}"),
        ),
        refused: Example {
            name: "another service account gets none",
            given: given(&format!("{account}-other")),
        },
    }
}

pub(super) fn spiffe(answers: &Answers) -> Result<Draft, &'static str> {
    let (id, issuer) = (answers.get("spiffe-id"), answers.get("issuer"));
    let token_issuer = answers.get("token-issuer");
    let domain = trust_domain(id).ok_or("--spiffe-id: an id is spiffe://DOMAIN/PATH")?;
    Ok(Draft {
        provider: "mesh",
        settings: format!(
            "type: spiffe\ntrust_domain: '{domain}'\nissuer: '{token_issuer}'\n\
             audiences: ['{issuer}'] # what the workload asks the SVID for\nkeys: {{ discovery: true }}\n\
             max_lifetime: 3600s\n"
        ),
        binding: format!("match: {{ id: '{id}' }}"),
        subject: "Append(\"urn:spiffe:\", jwt.claims.sub)".to_owned(),
        left: vec![
            format!("Have the workload ask for JWT-SVIDs for the audience {issuer}."),
            "When it can sign with an X.509-SVID: in place of issuer, audiences, keys and max_lifetime, \
             `roots` with the bundle of the trust domain; a copied token is then of no use."
                .to_owned(),
        ],
        accepted: (
            Example {
                name: "the workload gets a token",
                given: format!("claims: {{ sub: '{id}' }}\n"),
            },
            format!("urn:spiffe:{id}"),
        ),
        refused: Example {
            name: "another workload of the trust domain gets none",
            given: format!("claims: {{ sub: '{id}-other' }}\n"),
        },
    })
}

/// The trust domain of a SPIFFE ID with a path (SPIFFE ID section 2).
fn trust_domain(id: &str) -> Option<&str> {
    let (domain, path) = id.strip_prefix("spiffe://")?.split_once('/')?;
    (!domain.is_empty() && !path.is_empty()).then_some(domain)
}
