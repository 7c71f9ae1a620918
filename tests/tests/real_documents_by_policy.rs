//! Documents that real clouds signed, through the whole decision: accepted with their true facts at their time, and
//! refused when one of them is another.

use credmint_core::{UnixTime, json, pem};
use credmint_tests::commands;
use credmint_tests::shared_data;
use serde_json::{Value, json};
use std::fs;

struct Document {
    file: &'static str,
    /// The provider without its age; the table of clouds has its signer.
    signers: Value,
    /// When the instance was started.
    signed: i64,
}

/// The documents of EC2 with how the policy names their signers.
fn documents() -> Vec<Document> {
    let region = |region: &str| json!([{ "cloud": "aws", "region": region }]);
    vec![
        Document {
            file: "cms-realworld/ec2-2026-rsa2048.p7.b64",
            signers: json!("amazon_ec2"),
            signed: 1_771_202_308, // 2026-02-16T00:38:28Z
        },
        Document {
            file: "pkcs7/aws-iid-2021-us-west-2-rsa2048.b64",
            signers: region("us-west-2"),
            signed: 1_630_704_347, // 2021-09-03T21:25:47Z
        },
        Document {
            file: "pkcs7/aws-iid-2021-us-west-1-rsa2048.b64",
            signers: json!(["amazon_ec2"]),
            signed: 1_631_319_262, // 2021-09-11T00:14:22Z
        },
        Document {
            file: "cms-realworld/ec2-2016-04-us-east-1-dsa-sha1.p7.b64",
            signers: json!([{ "cloud": "aws", "kind": "dsa" }]),
            signed: 1_460_084_504, // 2016-04-08T03:01:44Z
        },
        Document {
            file: "pkcs7/aws-iid-2016-us-east-1-pkcs7-dsa-sha1.pem",
            signers: json!(["aws", { "cloud": "aws", "kind": "dsa" }]),
            signed: 1_460_084_504,
        },
    ]
}

/// A member of the signed JSON, read as text of the message: the tests name no real account.
fn member(message: &str, name: &str) -> String {
    let bytes = pem::message(message).unwrap();
    let start = bytes.iter().position(|byte| *byte == b'{').unwrap();
    let end = bytes.iter().position(|byte| *byte == b'}').unwrap();
    let content = json::parse_object(&bytes[start..=end]).unwrap();
    content.get(name).and_then(json::Value::as_str).unwrap().to_owned()
}

#[track_caller]
/// A credential of the other cloud, whose accounts have another form.
fn of_ec2() -> Value {
    json!({ "provider": "p", "accounts": ["111122223333"], "instances": ["i-1"] })
}

/// The account with another digit at its end.
fn other_account(account: &str) -> String {
    let (digits, last) = account.split_at(account.len() - 1);
    format!("{digits}{}", if last == "0" { "1" } else { "0" })
}

fn check(request: &Value, expect: &str) {
    let answer = commands::answers("proof", std::slice::from_ref(request)).unwrap().remove(0);
    let found = match answer["verdict"].as_str() {
        Some("refuse") => answer["code"].as_str().unwrap(),
        Some(verdict) => verdict,
        None => panic!("{answer}"),
    };
    assert_eq!(found, expect, "{answer}");
}

#[test]
fn c21_documents_of_ec2_at_their_time_and_at_others() {
    let Some(data) = shared_data::folder("") else { return };
    for Document { file, signers, signed } in documents() {
        let text = fs::read_to_string(data.join(file)).unwrap();
        let (account, instance) = (member(&text, "accountId"), member(&text, "instanceId"));
        let provider = json!({
            "type": "pkcs7", "profile": "amazon_ec2", "max_age": 300, "signers": signers,
        });
        let mut provider = provider;
        if file.contains("dsa") {
            provider["allow"] = json!(["sha1-dsa"]);
        }
        let credential = json!({ "provider": "p", "accounts": [account], "instances": [instance] });
        let at = |now: i64| commands::document_request(&provider, &credential, &text, now);
        check(&at(signed), "accept");
        check(&at(signed + 300), "accept");
        check(&at(signed - 30), "accept");
        check(&at(signed + 301), "document_stale");
        check(&at(signed - 31), "document_from_future");
        check(&at(1_795_521_600), "document_stale");

        let of =
            |credential: Value| commands::document_request(&provider, &credential, &text, signed);
        let condition =
            |text: String| json!({ "provider": "p", "condition": text, "instances": [instance] });
        let field = "pkcs7.payload.jsonData.accountId";
        check(&of(condition(format!("{field} == '{account}'"))), "accept");
        check(
            &of(condition(format!("{field} == '{}'", other_account(&account)))),
            "verification_condition_false",
        );
        let signing_time = format!("{field} == '{account}' && pkcs7.signingTime == {signed}");
        check(&of(condition(signing_time)), "accept");
        let other =
            json!({ "provider": "p", "accounts": ["000000000000"], "instances": [instance] });
        check(&of(other), "verification_condition_false");
        let other = json!({ "provider": "p", "accounts": [account], "instances": ["i-0"] });
        check(&of(other), "verification_condition_false");

        let under = |change: Value| {
            let mut provider = provider.clone();
            provider.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            commands::document_request(&provider, &credential, &text, signed)
        };
        let elsewhere = json!([{ "cloud": "aws", "region": "eu-west-1" }]);
        check(&under(json!({ "signers": elsewhere })), "cms_signer_unknown");
        check(&under(json!({ "accounts": ["000000000000"] })), "trust_condition_false");
        // Every other cloud.
        let ecs = json!({
            "type": "pkcs7", "anchors": "alibaba_cloud", "audience": "idaas_7f3c91d0b2",
        });
        check(&commands::document_request(&ecs, &credential, &text, signed), "cms_attributes");
        if file.contains("dsa") {
            check(&under(json!({ "allow": null })), "error");
        }
    }
}

/// The signature is good, and the certificate is registered for another region than the document says.
#[test]
fn c17_a_document_says_the_region_of_its_signer() {
    let Some(data) = shared_data::folder("") else { return };
    let judged = |file: &str, certificate: &str, signed: i64, more: Value, region: Value| {
        let text = fs::read_to_string(data.join(file)).unwrap();
        let pem = fs::read_to_string(data.join(certificate)).unwrap();
        let mut provider = json!({
            "type": "pkcs7", "profile": "amazon_ec2", "max_age": 300,
            "signers": [{ "pem": pem, "region": region }],
        });
        provider.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let credential = json!({ "provider": "p", "accounts": [member(&text, "accountId")], "instances": [member(&text, "instanceId")] });
        commands::document_request(&provider, &credential, &text, signed)
    };
    let rsa = |region: Value| {
        let certificate = "cloud-certs/aws/rsa2048/us-west-2.pem";
        let file = "pkcs7/aws-iid-2021-us-west-2-rsa2048.b64";
        judged(file, certificate, 1_630_704_347, json!({}), region)
    };
    check(&rsa(json!("us-west-2")), "accept");
    check(&rsa(json!(["us-west-1", "us-west-2"])), "accept");
    check(&rsa(json!("us-west-1")), "cms_signer_unknown");
    check(&rsa(json!("US-WEST-2")), "cms_signer_unknown");
    let dsa = |region: Value| {
        let certificate = "cloud-certs/aws/dsa-global.pem";
        let file = "cms-realworld/ec2-2016-04-us-east-1-dsa-sha1.p7.b64";
        judged(file, certificate, 1_460_084_504, json!({ "allow": ["sha1-dsa"] }), region)
    };
    check(&dsa(json!("us-east-1")), "accept");
    check(&dsa(json!("us-west-1")), "cms_signer_unknown");
}

/// It was asked for with `audience=abc`, a text that says no time: how old it is cannot be known.
#[test]
fn c22_the_document_of_ecs() {
    let Some(data) = shared_data::folder("") else { return };
    for file in [
        "cms-realworld/alibaba-ecs-audience-abc.p7.b64",
        "pkcs7/alibaba-ecs-pkcs7-audience-abc.b64",
    ] {
        let text = fs::read_to_string(data.join(file)).unwrap();
        let account = member(&text, "owner-account-id");
        let instance = member(&text, "instance-id");
        let credential = json!({ "provider": "p", "accounts": [account], "instances": [instance] });
        let at = |audience: &str, now: UnixTime| {
            let provider = json!({
                "type": "pkcs7", "anchors": "alibaba_cloud", "audience": audience,
            });
            commands::document_request(&provider, &credential, &text, now.seconds())
        };
        let now = UnixTime::from_seconds(1_795_521_600);
        check(&at("abc", now), "document_time_missing");
        check(&at("idaas_7f3c91d0b2", now), "document_audience");
        check(&at("abcd", now), "document_audience");
        let ec2 = json!({ "type": "pkcs7", "signers": "amazon_ec2", "max_age": 300 });
        check(&commands::document_request(&ec2, &of_ec2(), &text, now.seconds()), "cms_attributes");
    }
}

/// A document of Azure: its signer is in it, the authorities above it are in the table of clouds, and the root is the
/// policy's.
#[test]
fn c21_the_document_of_azure_at_its_time_and_at_others() {
    const SIGNED: i64 = 1_785_245_100; // 2026-07-28T13:25:00Z
    let Some(data) = shared_data::folder("") else { return };
    let read = |file: &str| fs::read_to_string(data.join(file)).unwrap();
    let text = read("cms-realworld/azure-attested-2026-07-28.p7.b64");
    let root = |file: &str| read(&format!("cloud-certs/azure/{file}"));
    let own_root = root("microsoft_tls_rsa_root_g2.pem");
    let intermediate = root("microsoft_tls_g2_rsa_ca_ocsp_02.pem");

    // As a message alone.
    let request = json!({
        "id": 0, "cms": text, "anchors": [own_root], "intermediates": [intermediate],
        "profile": "azure-attested", "time": SIGNED,
    });
    let answer = commands::answers("cms", &[request]).unwrap().remove(0);
    assert_eq!(answer["verdict"], "accept", "{answer}");
    let content = json::parse_object(answer["content"].as_str().unwrap().as_bytes()).unwrap();
    let member = |name: &str| content.get(name).and_then(json::Value::as_str).unwrap().to_owned();
    let (account, instance) = (member("subscriptionId"), member("vmId"));

    let provider = json!({
        "type": "pkcs7", "profile": "azure_attested", "max_age": 600, "accounts": [account],
        "anchors": [{ "pem": own_root }], "intermediates": "azure",
    });
    let credential = json!({ "provider": "p", "accounts": [account], "instances": [instance] });
    let under = |change: Value, now: i64| {
        let mut provider = provider.clone();
        provider.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        commands::document_request(&provider, &credential, &text, now)
    };
    let created = created_on(&content);
    let same = || json!({});
    check(&under(same(), created), "accept");
    check(&under(same(), SIGNED), "accept");
    check(&under(same(), created + 600), "accept");
    check(&under(same(), created + 601), "document_stale");
    check(&under(same(), created - 31), "document_from_future");
    // Its signer's certificate ends in November.
    check(&under(same(), 1_795_521_600), "certificate_expired");

    // The other root, over the certificate that it gave the first.
    let digicert = json!([{ "pem": root("DigiCertGlobalRootG2Pem.pem") }]);
    check(&under(json!({ "anchors": digicert }), SIGNED), "accept");
    let elsewhere = json!([{ "pem": root("microsoft_rsa_root_certificate_authority_2017.pem") }]);
    check(&under(json!({ "anchors": elsewhere }), SIGNED), "path_not_found");
    // What leads to the root is in no message.
    let only = |pem: &str| json!({ "intermediates": [{ "pem": pem }] });
    check(&under(only(&intermediate), SIGNED), "accept");
    check(&under(only(&root("microsoft_tls_g2_rsa_ca_ocsp_04.pem")), SIGNED), "path_not_found");
    let another = "00000000-0000-0000-0000-000000000000";
    check(&under(json!({ "accounts": [another] }), SIGNED), "trust_condition_false");

    let of = |credential: Value| commands::document_request(&provider, &credential, &text, SIGNED);
    let condition = |text: &str| {
        let text = format!("pkcs7.payload.jsonData.subscriptionId == '{account}' && {text}");
        of(json!({ "provider": "p", "condition": text }))
    };
    check(&condition("'metadata.azure.com' in pkcs7.certificates[0].san.dns"), "accept");
    let issuer = "pkcs7.certificates[0].issuer.CN == 'Microsoft TLS G2 RSA CA OCSP 02'";
    check(&condition(issuer), "accept");
    let cloud = "'metadata.azure.us' in pkcs7.certificates[0].san.dns";
    check(&condition(cloud), "verification_condition_false");
    let other = json!({ "provider": "p", "accounts": [account], "instances": ["other"] });
    check(&of(other), "verification_condition_false");
}

/// `createdOn`, in Unix seconds: month, day, year, and the time of day.
fn created_on(content: &json::Object) -> i64 {
    let times = content.get("timeStamp").unwrap();
    let text = times.get("createdOn").and_then(json::Value::as_str).unwrap();
    let parts: Vec<u8> = text.split(['/', ' ', ':']).map_while(|part| part.parse().ok()).collect();
    let [month, day, year, hour, minute, second, ..] = parts[..] else { panic!("{text}") };
    let time = UnixTime::from_civil(2000 + u16::from(year), month, day, hour, minute, second);
    time.unwrap().seconds()
}
