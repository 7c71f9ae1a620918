//! oauth2: the platform's token as the client's assertion (RFC 7523 section 2.2).

use oauth2::basic::{BasicClient, BasicRequestTokenError};
use oauth2::{AuthType, ClientId, Scope, SyncHttpClient, TokenResponse, TokenUrl};

pub(crate) fn token<H: SyncHttpClient>(
    http: &H,
    issuer: &str,
    client_id: &str,
    platform_token: &str,
) -> Result<String, BasicRequestTokenError<H::Error>> {
    let client = BasicClient::new(ClientId::new(client_id.to_owned()))
        .set_auth_type(AuthType::RequestBody)
        .set_token_uri(TokenUrl::new(format!("{issuer}/token")).expect("an address"));
    let answer = client
        .exchange_client_credentials()
        .add_scope(Scope::new("read".to_owned()))
        .add_extra_param(
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        )
        .add_extra_param("client_assertion", platform_token)
        .request(http)?;
    Ok(answer.access_token().secret().to_owned())
}
