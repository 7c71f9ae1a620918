//! What the keys of the seeds have signed: the seeds, and the vectors that share their keys.

use credmint_core::cms::SignedMessage;
use credmint_core::pem;
use serde_json::Value;
use std::sync::OnceLock;

const TOKENS: [&str; 16] = [
    include_str!("../seeds/form/oidc"),
    include_str!("../seeds/form/pca"),
    include_str!("../seeds/jws/token"),
    include_str!("../../tests/vectors/exchange/assertions.json"),
    include_str!("../../tests/vectors/exchange/discovered.json"),
    include_str!("../../tests/vectors/exchange/exchanges.json"),
    include_str!("../../tests/vectors/exchange/requests.json"),
    include_str!("../../tests/vectors/exchange/signed_by_clients.json"),
    include_str!("../../tests/vectors/exchange/tokens.json"),
    include_str!("../../tests/vectors/guard/requests.json"),
    include_str!("../../tests/vectors/guard/timelines.json"),
    include_str!("../../tests/vectors/jws/claims.json"),
    include_str!("../../tests/vectors/jws/form.json"),
    include_str!("../../tests/vectors/jws/keys.json"),
    include_str!("../../tests/vectors/jws/signatures.json"),
    include_str!("../../tests/vectors/proof/oidc.json"),
];

const MESSAGES: [&[u8]; 2] =
    [include_bytes!("../seeds/cms/ec2"), include_bytes!("../seeds/cms/ecs")];
const DOCUMENTS: [&str; 2] = [
    include_str!("../../tests/vectors/exchange/discovered.json"),
    include_str!("../../tests/vectors/exchange/documents.json"),
];

/// Whether a compact JWS is one of those that were signed, but for its signature.
pub(super) fn token(token: &str) -> bool {
    let input = token.trim().rsplit_once('.').map_or(token, |(input, _)| input);
    TOKENS.iter().any(|text| text.contains(input))
}

/// Whether this is the content of a message that was signed.
pub(super) fn content(content: &[u8]) -> bool {
    static CONTENTS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let contents = CONTENTS.get_or_init(|| {
        let mut messages = MESSAGES.map(<[u8]>::to_vec).to_vec();
        for text in DOCUMENTS {
            messages_in(&serde_json::from_str(text).expect("vectors"), &mut messages);
        }
        let parsed = messages.iter().filter_map(|message| SignedMessage::parse(message).ok());
        parsed.filter_map(|message| Some(message.outline().content?.to_vec())).collect()
    });
    contents.iter().any(|signed| signed == content)
}

/// The messages among the texts of a JSON value.
fn messages_in(value: &Value, found: &mut Vec<Vec<u8>>) {
    match value {
        Value::String(text) => found.extend(pem::message(text)),
        Value::Array(elements) => elements.iter().for_each(|element| messages_in(element, found)),
        Value::Object(members) => members.values().for_each(|member| messages_in(member, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
