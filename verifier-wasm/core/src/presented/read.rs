//! From the parameters of a request to what was presented, by grant.

use super::parameters::{Parameters, word};
use super::{
    ACCESS_TOKEN_TYPE, Assertion, CLIENT_CREDENTIALS_GRANT, ClientCertificate, ClientNonce,
    ID_TOKEN_BEARER, ID_TOKEN_TYPE, JWT_BEARER_ASSERTION, JWT_BEARER_GRANT, JWT_SPIFFE_ASSERTION,
    JWT_TYPE, PKCS7_BEARER, PKCS7_TYPE, Presented, ScopeRequest, SubjectToken,
    TOKEN_EXCHANGE_GRANT, X509_JWT_BEARER, told,
};
use crate::form::RequestForm;
use crate::refusal::{Code, Refusal};
use alloc::string::String;

impl Presented {
    /// Reads the parameters of a token request. Unknown parameters are ignored (RFC 6749 section 3.2).
    ///
    /// # Errors
    /// A parameter that is missing, duplicated, too large or malformed; a grant or assertion type that is not
    /// offered.
    pub fn from_parameters<N, V>(
        parameters: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, Refusal>
    where
        N: Into<String>,
        V: Into<String>,
    {
        Self::over_tls(parameters, None)
    }

    /// The same of a request on whose connection the client has shown a `certificate` in a TLS handshake. Beside another
    /// proof it counts for nothing.
    ///
    /// # Errors
    /// As [`Presented::from_parameters`].
    pub fn over_tls<N, V>(
        parameters: impl IntoIterator<Item = (N, V)>,
        certificate: Option<ClientCertificate>,
    ) -> Result<Self, Refusal>
    where
        N: Into<String>,
        V: Into<String>,
    {
        let mut parameters = Parameters::collect(parameters)?;
        let grant_type = parameters.required("grant_type")?;
        if parameters.take("client_secret").is_some() {
            return Err(Code::ClientSecretRefused.into());
        }
        match grant_type.as_str() {
            CLIENT_CREDENTIALS_GRANT => client_credentials(&mut parameters, certificate),
            JWT_BEARER_GRANT => jwt_bearer(&mut parameters),
            TOKEN_EXCHANGE_GRANT => token_exchange(&mut parameters),
            other => Err(Refusal::new(Code::UnsupportedGrantType)
                .found(word(other))
                .told(told::malformed("grant_type"))),
        }
    }

    /// What every form but those of the compatible service may have beside its proof.
    fn standard(
        form: RequestForm,
        assertion: Assertion,
        parameters: &mut Parameters,
    ) -> Result<Self, Refusal> {
        let client_id = parameters.optional_name("client_id")?;
        let credential = parameters.optional_name("application_federated_credential_name")?;
        if credential.is_some() && client_id.is_none() {
            // The name of a credential is one among those of its client.
            return Err(missing("client_id"));
        }
        let (scope, resources) = (parameters.take("scope"), parameters.take_all("resource"));
        let audiences = parameters.take_all("audience");
        let scope =
            ScopeRequest::read(scope.as_deref(), &resources, &audiences).map_err(|refusal| {
                let name = match (refusal.code(), refusal.detail_text()) {
                    (Code::TargetMalformed, Some("audience")) => "audience",
                    (Code::TargetMalformed, _) => "resource",
                    _ => "scope",
                };
                refusal.told(told::malformed(name))
            })?;
        let nonce = nonce(parameters)?;
        Ok(Self { form, client_id, credential, assertion, subject: None, scope, nonce })
    }

    /// A request of the compatible service: client, credential and scope are named.
    fn idaas(
        form: RequestForm,
        assertion_type: &str,
        subject: Option<SubjectToken>,
        parameters: &mut Parameters,
    ) -> Result<Self, Refusal> {
        let client_id = parameters.name("client_id")?;
        let credential = parameters.name("application_federated_credential_name")?;
        let assertion = match assertion_type {
            X509_JWT_BEARER => Assertion::Pca {
                jwt: parameters.required("client_assertion")?,
                certificate: parameters.required("client_x509")?,
                chain: parameters.take("client_x509_chain").unwrap_or_default(),
            },
            ID_TOKEN_BEARER => Assertion::Oidc { token: parameters.proof("client_assertion")? },
            _ => Assertion::Pkcs7 { document: parameters.required("client_assertion")? },
        };
        let scope = ScopeRequest::parse(&parameters.required("scope")?)
            .map_err(|refusal| refusal.told(told::malformed("scope")))?;
        let (client_id, credential) = (Some(client_id), Some(credential));
        let nonce = nonce(parameters)?;
        Ok(Self { form, client_id, credential, assertion, subject, scope, nonce })
    }
}

/// RFC 6749 section 4.4, with an assertion for the client (RFC 7521 section 4.2).
fn client_credentials(
    parameters: &mut Parameters,
    certificate: Option<ClientCertificate>,
) -> Result<Presented, Refusal> {
    let Some(assertion_type) = parameters.take("client_assertion_type") else {
        return tls_client(parameters, certificate);
    };
    match assertion_type.as_str() {
        X509_JWT_BEARER | ID_TOKEN_BEARER | PKCS7_BEARER => {
            Presented::idaas(RequestForm::Idaas, &assertion_type, None, parameters)
        }
        JWT_BEARER_ASSERTION => {
            let token = parameters.proof("client_assertion")?;
            let assertion = Assertion::Jwt { token, certificate: parameters.take("client_x509") };
            Presented::standard(RequestForm::ClientAssertion, assertion, parameters)
        }
        JWT_SPIFFE_ASSERTION => {
            let assertion = Assertion::Svid { token: parameters.proof("client_assertion")? };
            Presented::standard(RequestForm::SpiffeAssertion, assertion, parameters)
        }
        other => Err(Refusal::new(Code::UnsupportedAssertionType)
            .found(word(other))
            .told(told::malformed("client_assertion_type"))),
    }
}

/// RFC 8705 section 2: no assertion, and the client is named.
fn tls_client(
    parameters: &mut Parameters,
    certificate: Option<ClientCertificate>,
) -> Result<Presented, Refusal> {
    let has_assertion = parameters.take("client_assertion").is_some();
    let Some(certificate) = certificate.filter(|_| !has_assertion) else {
        return Err(missing("client_assertion_type"));
    };
    let assertion = Assertion::TlsCertificate(certificate);
    let presented = Presented::standard(RequestForm::TlsClient, assertion, parameters)?;
    match presented.client_id {
        Some(_) => Ok(presented),
        None => Err(missing("client_id")),
    }
}

/// RFC 7523 section 2.1.
fn jwt_bearer(parameters: &mut Parameters) -> Result<Presented, Refusal> {
    // What a client signs for itself is no grant.
    let assertion = Assertion::Oidc { token: parameters.proof("assertion")? };
    refuse_client_assertion(parameters, "beside an assertion that is the grant")?;
    Presented::standard(RequestForm::JwtBearer, assertion, parameters)
}

/// RFC 8693 section 2.1.
fn token_exchange(parameters: &mut Parameters) -> Result<Presented, Refusal> {
    if ["actor_token", "actor_token_type"].into_iter().any(|name| parameters.take(name).is_some()) {
        return Err(Code::ActorToken.into());
    }
    let requested = parameters.take("requested_token_type");
    if requested.is_some_and(|wanted| ![ACCESS_TOKEN_TYPE, JWT_TYPE].contains(&wanted.as_str())) {
        return Err(malformed("requested_token_type"));
    }
    let subject = parameters.proof("subject_token")?;
    let subject_type = parameters.required("subject_token_type")?;
    if let Some(assertion_type) = parameters.take("client_assertion_type") {
        let is_idaas =
            [X509_JWT_BEARER, ID_TOKEN_BEARER, PKCS7_BEARER].contains(&assertion_type.as_str());
        if !is_idaas {
            return Err(Refusal::new(Code::UnsupportedAssertionType)
                .detail("beside a subject token")
                .found(word(&assertion_type))
                .told(told::malformed("client_assertion_type")));
        }
        if ![ACCESS_TOKEN_TYPE, JWT_TYPE].contains(&subject_type.as_str()) {
            return Err(malformed("subject_token_type"));
        }
        let (form, subject) = (RequestForm::IdaasExchange, Some(SubjectToken(subject)));
        return Presented::idaas(form, &assertion_type, subject, parameters);
    }
    refuse_client_assertion(parameters, "without a client_assertion_type")?;
    let assertion = match subject_type.as_str() {
        ACCESS_TOKEN_TYPE | JWT_TYPE | ID_TOKEN_TYPE => Assertion::Oidc { token: subject },
        PKCS7_TYPE => Assertion::Pkcs7 { document: subject },
        _ => return Err(malformed("subject_token_type")),
    };
    Presented::standard(RequestForm::TokenExchange, assertion, parameters)
}

/// What is presented for the client counts or is refused (RFC 7521 section 4.1): nobody is to believe that it was looked at.
fn refuse_client_assertion(parameters: &mut Parameters, why: &str) -> Result<(), Refusal> {
    for name in ["client_assertion_type", "client_assertion"] {
        if parameters.take(name).is_some() {
            return Err(malformed(name).found(why));
        }
    }
    Ok(())
}

/// What an instance sends beside its document.
fn nonce(parameters: &mut Parameters) -> Result<Option<ClientNonce>, Refusal> {
    let read = |text| ClientNonce::read(text).ok_or_else(|| malformed("client_nonce"));
    parameters.take("client_nonce").map(read).transpose()
}

fn missing(name: &'static str) -> Refusal {
    Refusal::new(Code::ParameterMissing).detail(name).told(told::missing(name))
}

fn malformed(name: &'static str) -> Refusal {
    Refusal::new(Code::ParameterInvalid).detail(name).told(told::malformed(name))
}
