//! `credmint cms verify`, on documents that clouds signed.

use crate::harness::{NOW, batch, check_table, credmint, shared_data, with, word};
use credmint_core::{base64, pem};
use serde_json::{Value, json};
use std::path::Path;

/// A real document: its file, its profile, the cloud's certificate, another one, something of the content.
const DOCUMENTS: [[&str; 5]; 5] = [
    [
        "cms-realworld/ec2-2026-rsa2048.p7.b64",
        "amazon-ec2",
        "cloud-certs/aws/rsa2048/ap-southeast-2.pem",
        "cloud-certs/aws/rsa2048/us-east-1.pem",
        "i-0c5541936caf78c12",
    ],
    [
        "pkcs7/aws-iid-2021-us-west-2-rsa2048.b64",
        "amazon-ec2",
        "cloud-certs/aws/rsa2048/us-west-2.pem",
        "cloud-certs/aws/rsa2048/us-west-1.pem",
        "i-078517ca8a70a1dde",
    ],
    [
        "pkcs7/aws-iid-2021-us-west-1-rsa2048.b64",
        "amazon-ec2",
        "cloud-certs/aws/rsa2048/us-west-1.pem",
        "cloud-certs/aws/rsa2048/us-west-2.pem",
        "i-01b940c45fd11fe74",
    ],
    [
        "cms-realworld/alibaba-ecs-audience-abc.p7.b64",
        "alibaba-ecs",
        "cloud-certs/alibaba-ecs-instance-identity.pem",
        "cloud-certs/aws/rsa2048/us-west-2.pem",
        "\"audience\":\"abc\"}",
    ],
    [
        "pkcs7/alibaba-ecs-pkcs7-audience-abc.b64",
        "alibaba-ecs",
        "pkcs7/alibaba-ecs-instance-identity-signer.pem",
        "cloud-certs/aws/rsa2048/us-east-1.pem",
        "\"audience\":\"abc\"}",
    ],
];

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn request(data: &Path, [file, profile, signer, ..]: [&str; 5]) -> Value {
    json!({
        "cms": text(&data.join(file)),
        "signers": [text(&data.join(signer))],
        "profile": profile,
        "time": NOW,
    })
}

#[test]
fn real_documents_in_a_batch() {
    let Some(data) = shared_data() else { return };
    let requests: Vec<Value> = DOCUMENTS.iter().map(|document| request(&data, *document)).collect();
    let (answers, status) = batch("cms", &requests);
    assert_eq!(status, 0);
    for (answer, document) in answers.iter().zip(DOCUMENTS) {
        assert_eq!(word(answer), "accept", "{document:?} {answer}");
        assert!(answer["content"].as_str().unwrap().contains(document[4]), "{answer}");
    }
    assert_eq!(answers[0]["signing_time"], "2026-02-16T00:38:28Z");

    let mut table = Vec::new();
    for document in DOCUMENTS {
        let good = request(&data, document);
        let other = text(&data.join(document[3]));
        let message = pem::message(good["cms"].as_str().unwrap()).unwrap();
        let armoured = format!(
            "-----BEGIN PKCS7-----\n{}\n-----END PKCS7-----\n",
            base64::encode_standard(&message)
        );
        table.push((with(&good, json!({ "cms": armoured })), "accept"));
        table.push((with(&good, json!({ "time": null })), "accept"));
        table.push((with(&good, json!({ "signers": [other, good["signers"][0]] })), "accept"));
        table.push((with(&good, json!({ "signers": [other] })), "cms_signer_unknown"));
        table.push((with(&good, json!({ "signers": null })), "cms_signer_unknown"));
        table.push((with(&good, json!({ "time": "2300-01-01T00:00:00Z" })), "cms_signer_expired"));
        let profile = if document[1] == "amazon-ec2" { "alibaba-ecs" } else { "amazon-ec2" };
        table.push((with(&good, json!({ "profile": profile })), "cms_attributes"));
        table.push((with(&good, json!({ "content": "AAAA" })), "cms_content_differs"));
    }
    // A profile that is named is needed: without one it is the generic one.
    let ec2 = request(&data, DOCUMENTS[0]);
    let ecs = request(&data, DOCUMENTS[3]);
    table.push((with(&ec2, json!({ "profile": null })), "accept"));
    table.push((with(&ecs, json!({ "profile": null, "allow": ["sha1-rsa"] })), "cms_attributes"));
    check_table("cms", &table);
}

/// One byte changed, in a sample of places. Every place is tried beside the core.
#[test]
fn no_byte_of_a_document_can_be_changed() {
    let Some(data) = shared_data() else { return };
    let mut requests = Vec::new();
    for document in DOCUMENTS {
        let good = request(&data, document);
        let message = pem::message(good["cms"].as_str().unwrap()).unwrap();
        for at in (0..message.len()).step_by(7).chain([message.len() - 1]) {
            let mut altered = message.clone();
            altered[at] ^= 1 << (at % 8);
            requests.push(with(&good, json!({ "cms": base64::encode_standard(&altered) })));
        }
        let cut = base64::encode_standard(&message[..message.len() - 1]);
        requests.push(with(&good, json!({ "cms": cut })));
    }
    assert!(requests.len() > 500);
    let (answers, status) = batch("cms", &requests);
    assert_eq!(status, 0);
    for answer in answers {
        assert_eq!(answer["verdict"], "refuse", "{answer}");
    }
}

#[test]
fn messages_of_other_makers() {
    let Some(data) = shared_data() else { return };
    let generic = data.join("cms-generic");
    let bytes = |name: &str| base64::encode_standard(&std::fs::read(generic.join(name)).unwrap());
    let dsa = json!({
        "cms": text(&data.join("cms-realworld/ec2-2016-04-us-east-1-dsa-sha1.p7.b64")),
        "signers": [text(&data.join("cloud-certs/aws/dsa-global.pem"))],
    });
    let some = text(&data.join(DOCUMENTS[0][2]));
    let detached = json!({ "cms": bytes("android-apk-ecdsa.p7.ber"), "signers": [some] });
    let content = bytes("android-apk-ecdsa.content");
    check_table(
        "cms",
        &[
            // DSA is accepted only where it is allowed, for its signer, under a profile that has it.
            (dsa.clone(), "unsupported_key"),
            (with(&dsa, json!({ "profile": "amazon-ec2" })), "unsupported_key"),
            (with(&dsa, json!({ "allow": ["sha1-rsa"] })), "unsupported_key"),
            (with(&dsa, json!({ "allow": ["sha1-dsa"] })), "accept"),
            (with(&dsa, json!({ "allow": ["sha1-dsa"], "profile": "amazon-ec2" })), "accept"),
            (
                with(&dsa, json!({ "allow": ["sha1-dsa"], "profile": "alibaba-ecs" })),
                "cms_attributes",
            ),
            (
                with(&dsa, json!({ "allow": ["sha1-dsa"], "profile": "azure-attested" })),
                "cms_signer_name",
            ),
            (with(&dsa, json!({ "signers": [some] })), "cms_signer_unknown"),
            (
                with(&dsa, json!({ "signers": [some], "allow": ["sha1-dsa", "sha1-rsa"] })),
                "cms_signer_unknown",
            ),
            (detached.clone(), "cms_content_detached"),
            (with(&detached, json!({ "content": content })), "cms_attributes"),
            (with(&detached, json!({ "content": "not base64" })), "parameter_invalid"),
        ],
    );
}

#[test]
fn hostile_and_misunderstood_requests() {
    let good = json!({ "cms": "MAA=" });
    let cms = |text: &str| json!({ "cms": text });
    check_table(
        "cms",
        &[
            (cms(""), "cms_text"),
            (cms("\u{0}"), "cms_text"),
            (cms("MAA"), "cms_text"),
            (cms("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----"), "cms_text"),
            (
                cms("-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----"),
                "pem_private_key",
            ),
            (cms("MAA="), "cms_malformed"),
            (cms("MIAwgDCAMIA="), "ber_malformed"),
            (cms(&"MIAw".repeat(30_000)), "cms_too_large"),
            (with(&good, json!({ "signers": ["MAA="] })), "cms_malformed"),
            (with(&good, json!({ "anchors": [] })), "cms_malformed"),
            (with(&good, json!({ "anchors": ["MAA="] })), "cms_malformed"),
            (with(&good, json!({ "anchors": "MAA=" })), "error: anchors: invalid type"),
            (with(&good, json!({ "profile": "azure-attested" })), "cms_malformed"),
            (with(&good, json!({ "profile": "x" })), "error: profile: unknown variant `x`"),
            (with(&good, json!({ "allow": ["md5"] })), "error: allow: unknown variant `md5`"),
            (with(&good, json!({ "allow": ["sha1-dsa"] })), "cms_malformed"),
            (with(&good, json!({ "signer": "x" })), "error: unknown field `signer`"),
            (json!({}), "error: missing field `cms`"),
        ],
    );
}

#[test]
fn real_documents_from_files() {
    let Some(data) = shared_data() else { return };
    let path = |name: &str| data.join(name).display().to_string();
    for [file, profile, signer, other, says] in DOCUMENTS {
        let verify = |signer: &str, more: &[&str]| {
            let (file, signer) = (path(file), path(signer));
            let arguments = ["cms", "verify", &file, "--signer", &signer, "--profile", profile];
            credmint(arguments.iter().chain(more))
        };
        let run = verify(signer, &["--format", "json", "--time", "2026-11-24T12:00:00Z"]);
        assert_eq!(run.status, 0, "{file}: {}", run.stdout);
        assert!(run.json()["content"].as_str().unwrap().contains(says));
        let run = verify(other, &[]);
        assert_eq!(run.status, 1, "{file}");
        assert!(
            run.stdout.starts_with("refused at key_lookup: cms_signer_unknown\n"),
            "{}",
            run.stdout
        );
        let both = path(other);
        assert_eq!(verify(signer, &["--signer", &both]).status, 0, "{file}");
    }
    // The same as BER in a binary file.
    let binary = path("cms-realworld/ec2-2026-rsa2048.p7.ber");
    let run = credmint(["cms", "verify", &binary, "--signer", &path(DOCUMENTS[0][2])]);
    assert_eq!(run.status, 0, "{}", run.stdout);
}

#[test]
fn show_tells_what_a_message_says_of_itself() {
    let Some(data) = shared_data() else { return };
    let file = |name: &str| data.join(name).display().to_string();
    for [document, profile, _, _, says] in DOCUMENTS {
        let run = credmint(["cms", "show", &file(document), "--format", "json"]);
        assert_eq!(run.status, 0, "{document}: {}", run.stdout);
        let shown = run.json();
        assert_eq!(shown["verified"], false);
        assert!(shown["signer"].as_str().unwrap().starts_with("serial number "), "{shown}");
        assert_eq!(shown["signer_in_table"].as_array().unwrap().len(), 1, "{shown}");
        let fits = |name: &str| shown["profiles"][name].as_str().unwrap().starts_with("nothing;");
        assert!(fits(profile), "{shown}");
        assert!(!fits(if profile == "amazon-ec2" { "alibaba-ecs" } else { "amazon-ec2" }));
        // The document is a secret: its members have names, and no values unless they are asked for.
        assert!(shown["content"]["json_members"].as_array().unwrap().len() > 5, "{shown}");
        assert!(!run.stdout.contains(says), "{}", run.stdout);
        let run = credmint(["cms", "show", &file(document)]);
        assert!(run.stdout.starts_with("not verified: ") && !run.stdout.contains(says));
        let run = credmint(["cms", "show", &file(document), "--format", "json", "--content"]);
        assert!(run.json()["content"]["text"].as_str().unwrap().contains(says), "{}", run.stdout);
    }
    let run = credmint(["cms", "show", &file("asn1crypto/cms-enveloped.der")]);
    assert_eq!(run.status, 1);
    assert!(run.stdout.contains("cms_content_type"), "{}", run.stdout);
    assert!(run.stdout.contains("id-envelopedData"), "{}", run.stdout);
    assert_eq!(credmint(["cms", "show", "no-such-file"]).status, 2);
}

/// The certificate in a message is nothing by itself.
#[test]
fn a_signer_in_the_message_needs_a_root() {
    let Some(data) = shared_data() else { return };
    let example = |name: &str| {
        base64::encode_standard(
            &std::fs::read(data.join("rustcrypto-formats/cms/tests/examples").join(name)).unwrap(),
        )
    };
    let cms = example("sd.cms");
    check_table(
        "cms",
        &[
            (json!({ "cms": cms, "anchors": [] }), "cms_signer_unknown"),
            (json!({ "cms": cms, "anchors": ["MAA="] }), "certificate_malformed"),
        ],
    );
}
