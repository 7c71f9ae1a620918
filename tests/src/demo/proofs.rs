//! The first part: proofs of every kind, the tokens that they give, and what the edges say of those.

use serde_json::{Value, json};

use super::apart;
use super::interrupt::{Interrupt, Interrupted};
use super::style::Style;
use super::table::{Cell, draw};
use crate::fixtures::jwt;
use crate::http_client::Answer;
use crate::world::edge::Edge;
use crate::world::request::TokenRequest;
use crate::world::token::AccessToken;
use crate::world::{World, node};

/// A proof that was exchanged.
struct Exchanged {
    proof: &'static str,
    request: TokenRequest,
    answer: Answer,
}

impl Exchanged {
    fn token(&self) -> String {
        self.answer.json()["access_token"].as_str().unwrap_or_default().to_owned()
    }
}

/// Shows the table; whether all came out as it should.
pub(super) fn show(
    world: &World,
    edge: &Edge,
    style: Style,
    interrupt: &Interrupt,
) -> Result<bool, Interrupted> {
    let proofs = [
        ("certificate, private CA", world.pca_request()),
        ("GitHub job, OIDC", world.github_request()),
        ("Kubernetes pod, OIDC", world.kubernetes_request()),
        ("ECS document, DER", world.ecs_request()),
        ("EC2 document, BER", world.ec2_request()),
    ];
    let mut exchanged = Vec::new();
    for (proof, request) in proofs {
        let answer = world.exchange(&request);
        exchanged.push(Exchanged { proof, request, answer });
        interrupt.check()?;
    }

    let tokens: Vec<String> = exchanged.iter().map(Exchanged::token).collect();
    // Without any token there is nothing to forge, and the table says why.
    let forged =
        tokens.iter().find(|token| !token.is_empty()).map_or(String::new(), |token| forgery(token));
    let mut asked: Vec<&str> = tokens.iter().map(String::as_str).collect();
    asked.push(&forged);
    let mut of_node = node::verify(world, &apart, &asked);
    let node_on_forgery = of_node.pop().unwrap_or_default();
    style.done("Node with the npm package, verifying the tokens of the issuer");
    interrupt.check()?;

    let jwks = world.jwks();
    let mut all_good = true;
    let mut rows = Vec::new();
    for (one, of_node) in exchanged.iter().zip(&of_node) {
        let (row, good) = row(one, &jwks, of_node, &edge.get(&one.token()));
        rows.push(row);
        all_good &= good;
        interrupt.check()?;
    }
    println!(
        "\n{}",
        style.strong("Proofs exchanged for access tokens, each verified at two edges")
    );
    let head = ["proof", "client", "verdict", "subject of the token", "Node", "Envoy"];
    print!("{}", draw(style, head, &rows));
    Ok(show_forgery(style, &node_on_forgery, &edge.get(&forged)) && all_good)
}

/// One row, and whether it is as it should be: the issuer's token verifies here too, and both edges know
/// its subject.
fn row(one: &Exchanged, jwks: &Value, node: &Value, envoy: &Answer) -> ([Cell; 6], bool) {
    let granted = one.answer.status == 200;
    let subject = if granted {
        let claims = AccessToken::verify(&one.token(), jwks).claims;
        claims["sub"].as_str().unwrap_or_default().to_owned()
    } else {
        String::new()
    };
    let node_good = granted && node["ok"] == true && node["subject"] == subject;
    let envoy_good = granted && envoy.status == 200 && envoy.body == subject;
    let row = [
        Cell::plain(one.proof),
        Cell::plain(one.request.get("client_id")),
        Cell::judged(if granted { "granted" } else { "refused" }, granted),
        Cell::plain(subject),
        Cell::judged(if node_good { "good" } else { "bad" }, node_good),
        Cell::judged(envoy.status.to_string(), envoy_good),
    ];
    (row, granted && node_good && envoy_good)
}

/// The token with another subject: its signature is no longer over what it says.
fn forgery(token: &str) -> String {
    let mut claims = jwt::claims(token);
    claims["sub"] = json!("app_admin");
    jwt::with_payload(token, &claims)
}

/// Both edges refuse the forgery, and say the same of it.
fn show_forgery(style: Style, node: &Value, envoy: &Answer) -> bool {
    let of_node = node["publicCode"].as_str().unwrap_or("accepted");
    let of_envoy = envoy.header("credmint-error").unwrap_or("accepted");
    let good = node["ok"] == false && of_node == "not_trusted" && of_envoy == of_node;
    let mark = if good { style.good("✓") } else { style.bad("✗") };
    println!(
        " {mark} one of them with its subject altered: Node says {of_node}, Envoy says {} {of_envoy}",
        envoy.status
    );
    good && envoy.status == 401
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::key::TestKey;

    /// Every part of a row can spoil it.
    #[test]
    fn rows_are_judged() {
        let key = TestKey::ec();
        let token = jwt::sign(&key, &json!({ "alg": "ES256", "kid": "a" }), &json!({ "sub": "x" }));
        let jwks = json!({ "keys": [key.jwk("a")] });
        let check = |issuer: (u16, &str), node: &Value, envoy: (u16, &str), expect: bool| {
            let one = Exchanged {
                proof: "proof",
                request: TokenRequest::new("app", "main", "", ""),
                answer: Answer::new(issuer.0, issuer.1),
            };
            let (cells, good) = row(&one, &jwks, node, &Answer::new(envoy.0, envoy.1));
            assert_eq!(good, expect, "{issuer:?} {node} {envoy:?}");
            let table = draw(Style::PLAIN, ["", "", "", "", "", ""], &[cells]);
            assert_eq!(table.contains('✗'), !expect, "{table}");
        };
        let granted = json!({ "access_token": token }).to_string();
        let node = json!({ "ok": true, "subject": "x" });
        check((200, &granted), &node, (200, "x"), true);
        check((200, &granted), &node, (401, ""), false);
        check((200, &granted), &node, (200, "y"), false);
        check((200, &granted), &json!({ "ok": true, "subject": "y" }), (200, "x"), false);
        check((200, &granted), &json!({ "ok": false }), (200, "x"), false);
        check((401, "{}"), &node, (200, "x"), false);
    }
}
