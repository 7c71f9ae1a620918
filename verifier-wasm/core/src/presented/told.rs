//! What a caller is told of a parameter that is missing, repeated or malformed: which one, and what form it has.
//!
//! All of these are texts of ours. What a request holds is never repeated to its sender, who may be anybody.

/// The texts about one parameter.
struct Parameter {
    name: &'static str,
    missing: &'static str,
    malformed: &'static str,
    twice: &'static str,
}

macro_rules! parameter {
    ($name:literal, $form:literal) => {
        Parameter {
            name: $name,
            missing: concat!("`", $name, "` is missing or empty: ", $form, "."),
            malformed: concat!("`", $name, "` is malformed: ", $form, "."),
            twice: concat!("`", $name, "` is there twice."),
        }
    };
}

const PARAMETERS: [Parameter; 14] = [
    parameter!(
        "grant_type",
        "send client_credentials, or urn:ietf:params:oauth:grant-type: with jwt-bearer or token-exchange behind it"
    ),
    parameter!("client_id", "send the id of a client"),
    parameter!(
        "client_assertion_type",
        "send urn:ietf:params:oauth:client-assertion-type: with jwt-bearer or jwt-spiffe behind it, or \
         urn:cloud:idaas:params:oauth:client-assertion-type: with x509-jwt-bearer, id-token-bearer or pkcs7-bearer"
    ),
    parameter!(
        "application_federated_credential_name",
        "send the name of the client's federated credential"
    ),
    parameter!("client_assertion", "send the proof"),
    parameter!("assertion", "send the proof"),
    parameter!("subject_token", "send the proof"),
    parameter!(
        "subject_token_type",
        "send urn:ietf:params:oauth:token-type: with jwt, id_token or access_token behind it"
    ),
    parameter!(
        "requested_token_type",
        "send urn:ietf:params:oauth:token-type:access_token, or leave it out"
    ),
    parameter!("resource", "send the absolute URI of a resource, without a fragment"),
    parameter!("audience", "send the name of a resource, or its URI"),
    parameter!("client_x509", "send the certificate as PEM"),
    parameter!("client_x509_chain", "send the intermediates as PEM"),
    parameter!(
        "scope",
        "send values with blanks between; in each of them or in none, audience| stands before the value, as api.example.com|read"
    ),
];

fn of(name: &str, text: fn(&Parameter) -> &'static str, other: &'static str) -> &'static str {
    PARAMETERS.iter().find(|known| known.name == name).map_or(other, text)
}

/// Whether a parameter of this name is read.
pub(super) fn is_known(name: &str) -> bool {
    PARAMETERS.iter().any(|known| known.name == name)
}

/// Of a parameter that is not there.
pub(super) fn missing(name: &str) -> &'static str {
    of(name, |known| known.missing, "A parameter is missing.")
}

/// Of a parameter that is not in its form.
pub(super) fn malformed(name: &str) -> &'static str {
    of(name, |known| known.malformed, "A parameter is malformed.")
}

/// Of a parameter that is there more than once.
pub(super) fn twice(name: &str) -> &'static str {
    of(name, |known| known.twice, "A parameter is there twice.")
}
