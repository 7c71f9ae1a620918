//! The protected resource that the MCP clients speak to: it takes tokens for itself alone, and says whom to ask.

use serde_json::Value;

use crate::door::Door;

#[test]
fn the_server_takes_tokens_for_itself_alone_and_says_whom_to_ask() {
    let mut door = Door::open();
    door.guard();
    let client = door.world.client().clone();
    let at = door.server_address();
    let described = door.described();
    let found = client.get(at, &described.metadata_path());
    assert_eq!((found.status, found.body), (200, described.metadata()));
    assert_eq!(described.metadata_path(), "/.well-known/oauth-protected-resource/mcp");

    let metadata = format!("resource_metadata=\"{}\"", described.metadata_url());
    let check = |token: Option<&str>, status, challenge: &str| {
        let authorization = token.map(|token| format!("Bearer {token}")).unwrap_or_default();
        let mut headers = vec![("Content-Type", "application/json")];
        headers.extend(token.map(|_| ("Authorization", authorization.as_str())));
        let answer = client.request(at, "POST", "/mcp", &headers, b"{}");
        let found = answer.header("www-authenticate").unwrap_or_default();
        assert_eq!(answer.status, status, "{found}");
        assert!(found.contains(challenge), "{found}");
        assert!(found.ends_with(&metadata), "{found}");
    };
    check(None, 401, "Bearer resource_metadata");
    let for_the_api = door.token("https://api.example.com/v1");
    check(Some(&for_the_api), 401, "invalid_token");
}

impl Door {
    /// An access token of `app_orders` for a resource.
    fn token(&self, resource: &str) -> String {
        let answer = self.ask(&[
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", &self.platform_token("orders", 3600)),
            ("resource", resource),
        ]);
        let answer: Value = answer.json();
        answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }
}
