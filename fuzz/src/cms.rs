//! BER and CMS.

use super::verdicts::answer;
use super::{NOW, POLICY, signed};
use base64ct::{Base64, Encoding};
use credmint_core::cms::SignedMessage;
use credmint_core::{ber as core, limits};
use credmint_verify::Command;
use serde_json::{Value, json};

/// A message in BER: its DER is its own DER, and says the same.
pub fn ber(data: &[u8]) -> bool {
    let Ok(der) = core::to_der(data) else {
        assert!(SignedMessage::parse(data).is_err(), "read, though it is no BER");
        return false;
    };
    assert_eq!(core::to_der(&der).as_ref(), Ok(&der), "DER is its own DER");
    if data.len().max(der.len()) <= limits::CMS_BYTES {
        let (read, again) = (SignedMessage::parse(data), SignedMessage::parse(&der));
        let outline = read.as_ref().map(SignedMessage::outline).map_err(|refusal| refusal.code());
        let of_der = again.as_ref().map(SignedMessage::outline).map_err(|refusal| refusal.code());
        assert_eq!(outline, of_der, "BER and its DER");
    }
    true
}

/// A CMS message under each profile; the signer is pinned, and what is accepted is what it signed.
pub fn cms(data: &[u8]) -> bool {
    let policy: Value = serde_json::from_str(POLICY).expect("a seed");
    let signer = &policy["providers"]["ecs"]["signers"][0]["pem"];
    let message = Base64::encode_string(data);
    let mut accepted = false;
    for profile in ["alibaba-ecs", "amazon-ec2", "azure-attested", "generic"] {
        let answer = answer(
            Command::Cms,
            &json!({
                "id": 0, "cms": message, "signers": [signer], "profile": profile,
                "allow": ["sha1-rsa"], "time": NOW,
            }),
        );
        if answer["verdict"] == "accept" {
            let content = answer["content"].as_str().expect("documents are text").as_bytes();
            assert!(signed::content(content), "not signed: {answer:?}");
            accepted = true;
        }
    }
    accepted
}
