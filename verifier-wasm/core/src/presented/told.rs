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

const PARAMETERS: [Parameter; 8] = [
    parameter!("grant_type", "send client_credentials"),
    parameter!("client_id", "send the id of a client"),
    parameter!(
        "client_assertion_type",
        "send urn:cloud:idaas:params:oauth:client-assertion-type: with x509-jwt-bearer, id-token-bearer or pkcs7-bearer \
         behind it"
    ),
    parameter!(
        "application_federated_credential_name",
        "send the name of the client's federated credential"
    ),
    parameter!("client_assertion", "send the proof"),
    parameter!("client_x509", "send the certificate as PEM"),
    parameter!("client_x509_chain", "send the intermediates as PEM"),
    parameter!(
        "scope",
        "send audience|value, as api.example.com|read, and more of them with blanks between"
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
