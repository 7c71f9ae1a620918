//! Providers of documents: which policies load, and what lists and roots decide.

use credmint_tests::commands;
use credmint_tests::fixtures::cloud_signer::CloudSigner;
use credmint_tests::fixtures::cms::{Draft, Form};
use credmint_tests::fixtures::instance::{
    AudienceForm, AzureInstance, Ec2Instance, EcsInstance, client_audience,
};
use credmint_tests::fixtures::key::TestKey;
use credmint_tests::fixtures::pem;
use credmint_tests::fixtures::private_ca::{Client, ClientProfile, PrivateCa};
use rcgen::ExtendedKeyUsagePurpose as Usage;
use serde_json::{Value, json};

/// 2026-11-24T12:00:00Z.
const NOW: i64 = 1_795_521_600;

/// The word of the answer: `accept`, the code of a refusal, or `error` and what is wrong with the policy.
fn judged(provider: &Value, credential: &Value, document: &str) -> String {
    let request = commands::document_request(provider, credential, document, NOW);
    let answer = commands::answers("proof", &[request]).unwrap().remove(0);
    match answer["verdict"].as_str() {
        Some("refuse") => answer["code"].as_str().unwrap().to_owned(),
        Some("error") => format!("error {}", answer["detail"]),
        Some(verdict) => verdict.to_owned(),
        None => panic!("{answer}"),
    }
}

#[track_caller]
fn check(provider: &Value, credential: &Value, document: &str, expect: &str) {
    let found = judged(provider, credential, document);
    assert_eq!(found, expect, "{provider} {credential}");
}

/// That a policy does not load, and a part of what is said about it.
#[track_caller]
fn does_not_load(provider: &Value, credential: &Value, says: &str) {
    let found = judged(provider, credential, "MAA=");
    assert!(found.starts_with("error") && found.contains(says), "{found}: {provider} {credential}");
}

/// A subscription and a machine of Azure.
const S1: &str = "5d0ca5e0-0000-4000-8000-00000000000a";
const V1: &str = "b9c1e6f2-0000-4000-8000-00000000000b";

fn with(value: &Value, change: Value) -> Value {
    let mut value = value.clone();
    value.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    value
}

/// A provider of EC2 with one signer, and a document of it.
fn ec2() -> (CloudSigner, Value) {
    let signer = CloudSigner::ec2("eu-west-1");
    let provider = json!({
        "type": "pkcs7", "profile": "amazon_ec2", "max_age": 300,
        "signers": [{ "pem": signer.certificate_pem(), "region": "eu-west-1" }],
    });
    (signer, provider)
}

#[test]
fn lists_of_accounts_and_instances() {
    let (signer, provider) = ec2();
    let document = signer.ec2_document(&Ec2Instance::new("111122223333", "i-1", "eu-west-1", NOW));
    let accounts = |list: &[&str]| json!({ "accounts": list, "instances": ["i-1"] });
    check(&provider, &accounts(&["111122223333"]), &document, "accept");
    check(&provider, &accounts(&["000000000001", "111122223333"]), &document, "accept");
    check(&provider, &accounts(&["000000000001"]), &document, "verification_condition_false");
    let both = accounts(&["111122223333"]);
    let spelled = json!({ "accounts": ["1111-2222-3333"], "instances": ["I-1"] });
    check(&provider, &spelled, &document, "accept");
    check(
        &provider,
        &with(&both, json!({ "instances": ["i-2"] })),
        &document,
        "verification_condition_false",
    );
    let condition = json!({ "condition": "pkcs7.payload.jsonData.region == 'eu-west-1'" });
    check(&provider, &with(&both, condition), &document, "accept");
    // A condition with `||` is one alternative of nothing: the lists hold beside it.
    let condition =
        json!({ "condition": "pkcs7.payload.jsonData.region == 'x' || pkcs7.signingTime > 0" });
    check(
        &provider,
        &with(&accounts(&["000000000001"]), condition.clone()),
        &document,
        "verification_condition_false",
    );
    check(&provider, &with(&both, condition), &document, "accept");
    // At the provider they hold for every credential.
    let listed = with(&provider, accounts(&["111122223333"]));
    check(&listed, &json!({}), &document, "accept");
    check(&with(&provider, accounts(&["000000000001"])), &both, &document, "trust_condition_false");

    does_not_load(&provider, &accounts(&[]), "empty");
    does_not_load(&provider, &accounts(&["1", "1"]), "twice");
    does_not_load(&provider, &accounts(&["1\"] || true"]), "ids");
    does_not_load(&provider, &json!({ "accounts": "1" }), "a list");
    does_not_load(&provider, &json!({ "accounts": [1] }), "a string");
    let many: Vec<String> = (0..257).map(|n| n.to_string()).collect();
    does_not_load(&provider, &json!({ "accounts": many }), "too long");
    let most: Vec<String> = (0..256).map(|n| format!("{n:012}")).collect();
    let most = json!({ "accounts": most, "instances": ["i-1"] });
    check(&provider, &most, &document, "verification_condition_false");
    does_not_load(&provider, &accounts(&["11112222333"]), "twelve digits");
    let oidc = json!({
        "type": "oidc", "issuer": "https://idp.example.com", "audiences": ["a"], "keys": { "discovery": true },
    });
    does_not_load(&oidc, &accounts(&["000000000001"]), "only documents have accounts");
}

#[test]
fn c25_what_the_tenant_of_another_account_can_choose_binds_nobody() {
    let (_, ec2) = ec2();
    let ecs = json!({
        "type": "pkcs7", "profile": "alibaba_ecs", "audience": "idaas_7f3c91d0b2",
        "signers": [{ "pem": CloudSigner::ecs().certificate_pem() }],
    });
    let azure = json!({
        "type": "pkcs7", "profile": "azure_attested", "anchors": [PrivateCa::new("Web").root_pem()],
    });
    let uuid = "00000000-0000-4000-8000-000000000001";
    let clouds = [
        (
            ec2,
            ("accountId", "111122223333"),
            ("instanceId", "i-1"),
            ["imageId", "instanceType", "privateIp", "region"],
        ),
        (
            ecs,
            ("'owner-account-id'", "1"),
            ("'instance-id'", "i-1"),
            ["'image-id'", "'instance-type'", "'private-ipv4'", "'region-id'"],
        ),
        (
            azure,
            ("subscriptionId", uuid),
            ("vmId", uuid),
            ["sku", "nonce", "licenseType", "plan.name"],
        ),
    ];
    for (provider, account, instance, others) in clouds {
        let field =
            |(name, value): (&str, &str)| format!("pkcs7.payload.jsonData.{name} == '{value}'");
        let condition = |text: String| json!({ "condition": text });
        let subject = format!("Append('urn:x:', pkcs7.payload.jsonData.{})", instance.0);
        let (account, instance) = (field(account), field(instance));
        let whole = format!("{account} && {instance}");
        check(&provider, &condition(whole.clone()), "MAA=", "cms_malformed");
        does_not_load(&provider, &json!({}), "fix");
        does_not_load(&provider, &condition(instance), "fix");
        // An account has many instances: who means them all says so, and its tokens say which.
        does_not_load(&provider, &condition(account.clone()), "`binds: group`");
        let group = json!({ "condition": account, "binds": "group" });
        does_not_load(&provider, &group, "do not say who");
        let attributes = json!({ "attributes": { "client.activeSubjectUrn": subject } });
        check(&provider, &with(&group, attributes), "MAA=", "cms_malformed");
        for other in others {
            let other = field((other, "x"));
            does_not_load(&provider, &condition(other.clone()), "fix");
            does_not_load(&provider, &condition(format!("{whole} || {other}")), "fix");
            check(&provider, &condition(format!("{whole} && {other}")), "MAA=", "cms_malformed");
        }
    }
}

#[test]
fn c20_an_account_is_a_text_at_its_place() {
    let (signer, provider) = ec2();
    let credential = json!({ "accounts": ["000000000001"], "instances": ["i-1"] });
    let check = |content: &str, expect: &str| {
        let message = signer.sign(content.as_bytes(), &Form::ec2(NOW));
        check(&provider, &credential, &pem::base64_line(&message), expect);
    };
    let region = r#""region":"eu-west-1","instanceId":"i-1""#;
    check(&format!(r#"{{"accountId":"000000000001",{region}}}"#), "accept");
    check(&format!(r#"{{"accountId":1,{region}}}"#), "verification_condition_error");
    check(&format!(r#"{{"accountId":["000000000001"],{region}}}"#), "verification_condition_error");
    check(
        &format!(r#"{{"a":{{"accountId":"000000000001"}},{region}}}"#),
        "verification_condition_error",
    );
    check(&format!(r#"{{"AccountId":"000000000001",{region}}}"#), "verification_condition_error");
    check(
        &format!(r#"{{"accountId":"2","accountId":"000000000001",{region}}}"#),
        "json_duplicate_member",
    );
    check(
        &format!(r#"{{"accountId":"2","account\u0049d":"000000000001",{region}}}"#),
        "json_duplicate_member",
    );
    check(&format!(r#"{{"accountId":"000000000001",{region}}} {{}}"#), "json_malformed");
    check(&format!(r#"[{{"accountId":"000000000001",{region}}}]"#), "json_malformed");
}

#[test]
fn c21_freshness_is_chosen_and_instances_are_remembered_where_it_says_so() {
    let (signer, provider) = ec2();
    let document = signer.ec2_document(&Ec2Instance::new("000000000001", "i-1", "eu-west-1", NOW));
    let account = json!({ "accounts": ["000000000001"], "instances": ["i-1"] });
    let freshness = |mode: &str| with(&provider, json!({ "freshness": mode }));
    check(&freshness("max_age"), &account, &document, "accept");
    check(&freshness("once_per_instance"), &account, &document, "accept");
    // The request has none.
    check(&freshness("first_use_with_nonce"), &account, &document, "client_nonce_missing");
    does_not_load(&freshness("none"), &account, "not a mode of freshness");
}

#[test]
fn who_may_sign_is_said_once() {
    let (_, ec2) = ec2();
    let account = json!({ "accounts": ["000000000001"], "instances": ["i-1"] });
    let without = |provider: &Value, member: &str| {
        let mut provider = provider.clone();
        provider.as_object_mut().unwrap().remove(member);
        provider
    };
    does_not_load(&without(&ec2, "signers"), &account, "who may sign");
    let root = PrivateCa::new("Web").root_pem();
    let rooted = with(&without(&ec2, "signers"), json!({ "anchors": [root] }));
    does_not_load(&rooted, &account, "carry no certificates");
    does_not_load(&with(&ec2, json!({ "anchors": [root] })), &account, "pinned or have a root");
    let azure = json!({ "type": "pkcs7", "profile": "azure_attested", "anchors": [root] });
    let of_ec2 = account;
    let uuid = "00000000-0000-4000-8000-000000000001";
    let account = json!({ "accounts": [uuid], "instances": [uuid] });
    check(&azure, &account, "MAA=", "cms_malformed");
    does_not_load(&with(&azure, json!({ "anchors": [] })), &account, "empty");
    does_not_load(
        &with(&azure, json!({ "anchors": "azure" })),
        &account,
        "no signers of this cloud",
    );
    does_not_load(&with(&azure, json!({ "audience": "x" })), &account, "no audience");
    // What would not be read, and a region that no document of Azure says.
    does_not_load(&with(&ec2, json!({ "intermediates": [root] })), &of_ec2, "no path to a root");
    let host = PrivateCa::new("Web").client_rsa("metadata.azure.com").certificate_pem();
    let pinned = |signer: Value| with(&without(&azure, "anchors"), json!({ "signers": [signer] }));
    check(&pinned(json!({ "pem": host })), &account, "MAA=", "cms_malformed");
    let of_region = pinned(json!({ "pem": host, "region": "westeurope" }));
    does_not_load(&of_region, &account, "name no region");
    let leaf = PrivateCa::new("Web").client("machine").certificate_pem();
    does_not_load(&with(&azure, json!({ "anchors": [leaf] })), &account, "certificate_not_ca");
    for allow in
        [json!(["sha1-rsa"]), json!(["sha1-dsa", "sha1-rsa"]), json!([]), json!("sha1-dsa")]
    {
        let says = if allow == json!([]) { "empty" } else { "" };
        does_not_load(&with(&ec2, json!({ "allow": allow })), &of_ec2, says);
    }
    check(&with(&ec2, json!({ "allow": ["sha1-dsa"] })), &of_ec2, "MAA=", "cms_malformed");
    does_not_load(
        &with(&azure, json!({ "allow": ["sha1-dsa"] })),
        &account,
        "nothing of this name",
    );
}

/// A signer of Azure, led to the root of `ca`.
fn azure_signer(ca: &PrivateCa, name: &str) -> Client {
    let profile = ClientProfile {
        alternative_names: vec![name.to_owned()],
        extended_key_usages: vec![Usage::ServerAuth],
        ..ClientProfile::new(name)
    };
    ca.issue(&profile, TestKey::rsa())
}

#[test]
fn a_document_of_azure() {
    let ca = PrivateCa::new("Web");
    let provider = json!({
        "type": "pkcs7", "profile": "azure_attested", "anchors": [ca.root_pem()],
        "intermediates": [ca.intermediate_pem()],
    });
    let signer = azure_signer(&ca, "westeurope.metadata.azure.com");
    // As Azure sends it: with the certificate of the signer alone.
    let document = |instance: &AzureInstance, signer: &Client| {
        let mut draft = Draft::new(signer, instance.document().as_bytes(), &Form::azure());
        draft.certificates = vec![signer.certificate_der().to_vec()];
        pem::base64_line(&draft.encode())
    };
    let account = json!({ "accounts": [S1.to_uppercase()], "instances": [V1] });
    let machine = |created: i64| AzureInstance::new(S1, V1, created);
    let at = |instance: &AzureInstance, expect: &str| {
        check(&provider, &account, &document(instance, &signer), expect);
    };
    at(&machine(NOW), "accept");
    // Case means nothing in a UUID, wherever it is.
    at(&AzureInstance::new(&S1.to_uppercase(), V1, NOW), "accept");
    at(&machine(NOW - 4500), "accept");
    at(&machine(NOW - 4501), "document_stale");
    at(&machine(NOW + 30), "accept");
    at(&machine(NOW + 31), "document_from_future");
    at(&AzureInstance { expires: NOW - 30, ..machine(NOW - 60) }, "accept");
    at(&AzureInstance { expires: NOW - 31, ..machine(NOW - 60) }, "document_stale");
    at(&AzureInstance::new(V1, V1, NOW), "verification_condition_false");
    at(&AzureInstance::new(S1, S1, NOW), "verification_condition_false");
    let judge = |provider: &Value, condition: &str, expect: &str| {
        let credential = with(&account, json!({ "condition": condition }));
        check(provider, &credential, &document(&machine(NOW), &signer), expect);
    };
    judge(&provider, "pkcs7.payload.jsonData.nonce == '1234567890'", "accept");
    judge(
        &provider,
        "pkcs7.payload.jsonData.nonce == '0000000000'",
        "verification_condition_false",
    );
    // The model has the verified certificates, the signer's first.
    let names = "'westeurope.metadata.azure.com' in pkcs7.certificates[0].san.dns";
    judge(&provider, names, "accept");
    judge(&provider, "pkcs7.certificates[1].subject.CN == 'Web Issuing'", "accept");
    judge(
        &provider,
        "pkcs7.certificates[2].subject.CN == 'Web Root'",
        "verification_condition_error",
    );

    let other = |signer: &Client, expect: &str| {
        check(&provider, &account, &document(&machine(NOW), signer), expect);
    };
    other(&azure_signer(&ca, "example.com"), "cms_signer_name");
    other(&azure_signer(&ca.impostor(), "metadata.azure.com"), "path_signature_invalid");
    let mut alone = provider.clone();
    alone.as_object_mut().unwrap().remove("intermediates");
    check(&alone, &account, &document(&machine(NOW), &signer), "path_not_found");
}

/// The model of IDaaS: the content as text and as an object, its audience as an object, the signed time, the
/// certificates.
#[test]
fn the_model_of_documents() {
    let ecs = CloudSigner::ecs();
    let provider = json!({
        "type": "pkcs7", "profile": "alibaba_ecs", "audience": "idaas_7f3c91d0b2",
        "signers": [{ "pem": ecs.certificate_pem() }],
    });
    let audience = client_audience("idaas_7f3c91d0b2", NOW);
    let instance = EcsInstance::new("1", "i-1");
    let judge = |condition: &str, expect: &str| {
        for form in [AudienceForm::Raw, AudienceForm::Escaped] {
            let document = ecs.ecs_document(&instance, Some(&audience), form);
            let credential =
                json!({ "accounts": ["1"], "instances": ["i-1"], "condition": condition });
            check(&provider, &credential, &document, expect);
        }
    };
    judge("pkcs7.payload.jsonData.audience.aud == 'idaas_7f3c91d0b2'", "accept");
    judge(&format!("pkcs7.payload.jsonData.audience.signingTime == {NOW}"), "accept");
    judge("pkcs7.payload.jsonData.audience.aud == 'x'", "verification_condition_false");
    judge("glob(pkcs7.payload.data, '{\"zone-id\"**')", "accept");
    judge("pkcs7.certificates[0].subject.CN == 'Unknown'", "accept");
    judge("pkcs7.certificates[0].serialNumber == '5EED0EC5'", "accept");
    judge("pkcs7.certificates.exists(c, c.serialNumber == '5e:ed:0e:c5')", "accept");
    // ECS signs no time.
    judge("has(pkcs7.signingTime)", "verification_condition_false");
    judge("pkcs7.signingTime > 0", "verification_condition_error");
    let (signer, provider) = ec2();
    let document = signer.ec2_document(&Ec2Instance::new("000000000001", "i-1", "eu-west-1", NOW));
    let condition = format!("pkcs7.signingTime == {}", NOW + 3);
    let credential =
        json!({ "accounts": ["000000000001"], "instances": ["i-1"], "condition": condition });
    check(&provider, &credential, &document, "accept");
}
