//! The endpoints of the issuer as an OpenAPI 3.1 document: for people who read one, for generators, and for a program that
//! sends what it makes of it.

mod answers;
mod requests;

use super::places::{self, path_of};
use serde_json::{Map, Value, json};

/// The document of an issuer with these URLs of its token endpoint.
pub fn document(issuer: &str, token_endpoints: &[String]) -> Value {
    let mut paths = Paths { issuer, paths: Map::new() };
    for (index, endpoint) in token_endpoints.iter().enumerate() {
        paths.add(endpoint, json!({ "post": token(index) }));
    }
    for (index, place) in places::of_metadata(path_of(issuer)).iter().enumerate() {
        let id = format!("metadata{}", ordinal(index));
        let item = get(&id, "The metadata (RFC 8414, OpenID Connect Discovery 1.0)", "Metadata");
        paths.add(&format!("{}{place}", paths.origin()), item);
    }
    let keys = get("keys", "The signing keys (RFC 7517)", "KeySet");
    paths.add(&format!("{issuer}/jwks"), keys);
    paths.add(&format!("{issuer}/openapi.json"), get("openapi", "This document", "Document"));
    paths.add(&format!("{issuer}/authorize"), authorize());
    paths.add(
        &format!("{}/healthz", paths.origin()),
        health("health", "Whether the process runs", &["200"]),
    );
    let ready = "Whether the store of used assertions answers";
    paths.add(&format!("{}/readyz", paths.origin()), health("ready", ready, &["200", "503"]));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Credmint",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "A workload sends a proof of what it is and gets a short-lived access token.",
            "license": { "name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT" },
        },
        "servers": [{ "url": issuer }],
        "paths": paths.paths,
        "components": {
            "schemas": schemas(),
            "headers": answers::headers(),
            "securitySchemes": {
                "clientId": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "The client id with an empty password; any password is refused.",
                },
            },
        },
    })
}

/// The published document: that of an issuer with a path, of which all addresses can be seen.
#[must_use]
pub fn example() -> Value {
    let issuer = "https://sts.example.com/oauth2";
    document(issuer, &[format!("{issuer}/token"), format!("{issuer}/v1/oauth/token")])
}

/// Paths by their place below the server, which is the issuer.
struct Paths<'a> {
    issuer: &'a str,
    paths: Map<String, Value>,
}

impl Paths<'_> {
    /// Scheme and host of the issuer.
    fn origin(&self) -> &str {
        self.issuer.strip_suffix(path_of(self.issuer)).unwrap_or(self.issuer)
    }

    fn add(&mut self, url: &str, mut item: Value) {
        let place = match url.strip_prefix(self.issuer) {
            Some(place) => place.to_owned(),
            None => {
                item["servers"] = json!([{ "url": self.origin() }]);
                path_of(url).to_owned()
            }
        };
        self.paths.insert(place, item);
    }
}

/// What tells the operation at an alias from the one at the first place.
fn ordinal(index: usize) -> String {
    match index {
        0 => String::new(),
        _ => (index + 1).to_string(),
    }
}

fn token(index: usize) -> Value {
    json!({
        "operationId": format!("token{}", ordinal(index)),
        "summary": "A proof in, an access token out (RFC 6749 section 3.2)",
        "description": "Parameters in the address are not read. Unknown ones are ignored, and an empty one counts as missing.",
        "security": [{}, { "clientId": [] }],
        "requestBody": requests::body(),
        "responses": answers::token(),
    })
}

fn get(id: &str, summary: &str, schema: &str) -> Value {
    let media = json!({ "application/json": { "schema": named(schema) } });
    json!({ "get": {
        "operationId": id,
        "summary": summary,
        "responses": { "200": { "description": summary, "content": media } },
    } })
}

/// A request for it is refused, whatever it is.
fn authorize() -> Value {
    let methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
    let operation = |method: &str| {
        json!({
            "operationId": format!("authorize-{method}"),
            "summary": "Refuses: nobody signs in here",
            "responses": { "400": text("One sentence that says where tokens are") },
        })
    };
    methods.iter().map(|method| ((*method).to_owned(), operation(method))).collect()
}

fn health(id: &str, summary: &str, statuses: &[&str]) -> Value {
    let answers: Map<String, Value> = statuses
        .iter()
        .map(|status| ((*status).to_owned(), text("What the status says")))
        .collect();
    json!({ "get": { "operationId": id, "summary": summary, "responses": answers } })
}

fn text(description: &str) -> Value {
    json!({
        "description": description,
        "content": { "text/plain": { "schema": { "type": "string" } } },
    })
}

fn named(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

fn schemas() -> Map<String, Value> {
    let mut schemas = requests::schemas();
    schemas.extend(answers::schemas());
    schemas
}

#[cfg(test)]
mod tests;
