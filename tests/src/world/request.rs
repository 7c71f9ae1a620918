//! Token requests, good ones and ones that can be spoiled parameter by parameter.

use form_urlencoded::Serializer;

/// The parameters of a token request, in the order in which they are sent.
#[derive(Clone, Debug)]
pub struct TokenRequest(Vec<(String, String)>);

/// What all assertion types of the protocol begin with.
const ASSERTION_TYPE: &str = "urn:cloud:idaas:params:oauth:client-assertion-type";

/// The scope that requests ask for unless they are changed.
pub const SCOPE: &str = "api.example.com|read:file";

impl TokenRequest {
    /// A request of `client` with its federated `credential`. `kind` is the end of the assertion type:
    /// `x509-jwt-bearer`, `id-token-bearer` or `pkcs7-bearer`.
    #[must_use]
    pub fn new(client: &str, credential: &str, kind: &str, assertion: &str) -> Self {
        let parameters = [
            ("grant_type", "client_credentials"),
            ("client_id", client),
            ("application_federated_credential_name", credential),
            ("client_assertion_type", &format!("{ASSERTION_TYPE}:{kind}")),
            ("client_assertion", assertion),
            ("scope", SCOPE),
        ];
        Self(parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
    }

    /// The same with `name` set to `value`, whether it was there or not.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        self.without(name).and(name, value)
    }

    /// The same without `name`.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self
    }

    /// The same with one more parameter, even if it is there already.
    #[must_use]
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The first value of `name`, or nothing.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// The form.
    #[must_use]
    pub fn body(&self) -> String {
        Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let request = TokenRequest::new("app", "main", "id-token-bearer", "a.b.c");
        let body = request.body();
        assert!(body.starts_with("grant_type=client_credentials&client_id=app&"), "{body}");
        assert!(body.ends_with("&client_assertion=a.b.c&scope=api.example.com%7Cread%3Afile"));
        assert_eq!(request.clone().with("client_id", "other").get("client_id"), "other");
        assert_eq!(request.clone().without("scope").get("scope"), "");
        assert_eq!(request.and("scope", "x").body().matches("scope=").count(), 2);
    }
}
