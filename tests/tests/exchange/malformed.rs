//! Requests that are not token requests, and proofs that are not proofs.

use credmint_core::{Code, limits};
use credmint_tests::fixtures::clock::now;
use credmint_tests::fixtures::cms::{Draft, Encoding, Form};
use credmint_tests::fixtures::der::{self, tag};
use credmint_tests::fixtures::key::TestKey;
use credmint_tests::fixtures::pem;
use credmint_tests::http_client::Answer;
use credmint_tests::world::request::TokenRequest;
use credmint_tests::world::{ISSUER_PATH, World};

use crate::refusal;

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

#[test]
fn methods() {
    let world = World::start();
    let path = format!("{ISSUER_PATH}/token");
    let send = |method: &str, path: &str, body: &[u8]| {
        world.client().request(world.address(), method, path, &[FORM], body)
    };
    let body = world.github_request().body();
    for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let answer = send(method, &path, body.as_bytes());
        refusal::check_status(&world, &answer, Code::RequestMethod, 405);
        assert_eq!(answer.header("allow"), Some("POST"));
    }
    // Parameters belong in the body: what the URL holds does not count, and comes into logs.
    let answer = send("GET", &format!("{path}?{body}"), b"");
    refusal::check_status(&world, &answer, Code::RequestMethod, 405);
    let answer = send("POST", &format!("{path}?{body}"), b"");
    refusal::check(&world, &answer, Code::ParameterMissing);
    assert_eq!(send("HEAD", &path, b"").status, 405);
    assert_eq!(world.minted(), 0);
}

#[test]
fn content_types() {
    let world = World::start();
    let body = world.github_request().body();
    let check = |headers: &[(&str, &str)]| {
        let answer = world.post(headers, body.as_bytes());
        refusal::check(&world, &answer, Code::RequestContentType);
    };
    check(&[]);
    check(&[("Content-Type", "")]);
    check(&[("Content-Type", "text/json")]);
    check(&[("Content-Type", "multipart/form-data; boundary=x")]);
    check(&[("Content-Type", "text/plain")]);
    check(&[("Content-Type", "application/x-www-form-urlencodedx")]);
    check(&[("Content-Type", "text/plain; application/x-www-form-urlencoded")]);
    check(&[FORM, FORM]);
    check(&[FORM, ("content-type", "application/json")]);
    // JSON is read as JSON, which a form is not.
    let answer = world.post(&[("Content-Type", "application/json")], body.as_bytes());
    refusal::check(&world, &answer, Code::RequestMalformed);
    assert_eq!(world.minted(), 0);

    // The good twins: a charset is tolerated, and the case of the name does not matter.
    for good in [
        FORM.1,
        "application/x-www-form-urlencoded; charset=UTF-8",
        "Application/X-WWW-Form-Urlencoded",
    ] {
        assert_eq!(world.post(&[("Content-Type", good)], body.as_bytes()).status, 200, "{good}");
    }
}

#[test]
fn forms() {
    let world = World::start();
    let check = |body: &[u8], code| {
        refusal::check(&world, &world.post(&[FORM], body), code);
    };
    check(b"", Code::ParameterMissing);
    check(b"&&&", Code::ParameterMissing);
    check(b"grant_type", Code::ParameterMissing);
    check(b"{\"grant_type\":\"client_credentials\"}", Code::ParameterMissing);
    check(b"grant_type=%ff", Code::RequestMalformed);
    check(b"grant_type=\xff\xfe", Code::RequestMalformed);
    check(b"%c3%28=x", Code::RequestMalformed);
    let many: String = (0..100).map(|number| format!("x{number}=1&")).collect();
    check(many.as_bytes(), Code::RequestTooLarge);
    assert_eq!(world.minted(), 0);
}

#[test]
fn parameters() {
    let world = World::start();
    let good = || world.github_request();
    let check = |request: TokenRequest, code| {
        refusal::check(&world, &world.exchange(&request), code);
    };
    for name in [
        "grant_type",
        "client_id",
        "application_federated_credential_name",
        "client_assertion_type",
        "client_assertion",
        "scope",
    ] {
        check(good().without(name), Code::ParameterMissing);
        check(good().with(name, ""), Code::ParameterMissing);
        // A second value, the same or another, before or after: never the choice of a parser.
        let value = good().get(name).to_owned();
        check(good().and(name, &value), Code::ParameterDuplicated);
        check(good().and(name, "x"), Code::ParameterDuplicated);
    }
    check(good().and("unknown", "1").and("unknown", "2"), Code::ParameterDuplicated);
    check(world.pca_request().without("client_x509"), Code::ParameterMissing);
    check(good().with("grant_type", "password"), Code::UnsupportedGrantType);
    check(good().with("grant_type", "authorization_code"), Code::UnsupportedGrantType);
    let saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
    check(good().with("client_assertion_type", saml), Code::UnsupportedAssertionType);
    check(good().with("client_id", "app\u{0}"), Code::ParameterInvalid);
    check(good().with("client_id", &"a".repeat(10_000)), Code::ParameterInvalid);
    check(
        good().with("application_federated_credential_name", "a\nlevel=ERROR"),
        Code::ParameterInvalid,
    );
    for scope in
        ["read", "a|b|c", "|read", "api.example.com|", "a b", "a|\"", &"a|b ".repeat(2_000)]
    {
        check(good().with("scope", scope), Code::ScopeMalformed);
    }
    check(good().with("scope", "a|read b|read"), Code::ScopeAudiences);
    assert_eq!(world.minted(), 0);
    // A parameter that is not known is ignored (RFC 6749 section 3.2).
    assert_eq!(world.exchange(&good().and("unknown", "1")).status, 200);
}

/// Whoever sends a malformed request is told which parameter is meant and what form it has, and never what stands in it.
#[test]
fn the_sender_is_told_what_is_malformed() {
    let world = World::start();
    let good = || world.github_request();
    let told = |answer: &Answer| -> String {
        let text = answer.json()["error_description"].as_str().expect("a text").to_owned();
        text.split_once(". ").map_or_else(String::new, |(_, told)| told.to_owned())
    };
    let check = |request: TokenRequest, expect: &str| {
        assert_eq!(told(&world.exchange(&request)), expect);
    };
    let scope = "send values with blanks between; in each of them or in none, audience| stands before the \
                 value, as api.example.com|read.";
    check(good().with("scope", "write"), &format!("`scope` is malformed: {scope}"));
    check(good().without("scope"), &format!("`scope` is missing or empty: {scope}"));
    check(good().with("scope", "a|read b|read"), &format!("`scope` is malformed: {scope}"));
    let grant = "send client_credentials, or urn:ietf:params:oauth:grant-type: with jwt-bearer or \
                 token-exchange behind it.";
    check(good().without("grant_type"), &format!("`grant_type` is missing or empty: {grant}"));
    check(good().with("grant_type", "password"), &format!("`grant_type` is malformed: {grant}"));
    check(good().and("scope", "x"), "`scope` is there twice.");
    check(good().and("other", "x").and("other", "x"), "A parameter is there twice.");
    let client = good().with("client_id", "a\u{0}");
    check(client, "`client_id` is malformed: send the id of a client.");
    // What depends on who is known is told to nobody.
    check(good().with("client_id", "nobody"), "");
    check(good().with("scope", "api.example.com|admin"), "");

    let form = "send the parameters as a form, application/x-www-form-urlencoded";
    let body = br#"{"grant_type":"client_credentials"}"#;
    let post = |media_type: &str| told(&world.post(&[("Content-Type", media_type)], body));
    for media_type in [FORM.1, "text/json"] {
        let said = post(media_type);
        assert!(
            said.starts_with(&format!("The body is JSON: {form}, or for the grants")),
            "{said}"
        );
    }
    let said = post("application/json");
    assert!(said.starts_with("JSON is for the grants jwt-bearer and token-exchange"), "{said}");
    let form = good().body();
    let answer = world.post(&[("Content-Type", "text/plain")], form.as_bytes());
    assert_eq!(told(&answer), "Send the parameters as a form, application/x-www-form-urlencoded.");

    // `curl -d` sends what stands in the file: each + of base64 is a blank then.
    let document = world.ecs_request().get("client_assertion").replace('+', " ");
    let answer = world.exchange(&world.ecs_request_of(&document));
    assert!(told(&answer).starts_with("A + was lost"), "{answer:?}");
    let pasted = format!("{{\"signature\":\"{document}\"}}");
    let answer = world.exchange(&world.ecs_request_of(&pasted));
    assert!(told(&answer).starts_with("The proof is JSON"), "{answer:?}");
}

#[test]
fn sizes() {
    let world = World::start();
    let check = |body: &[u8]| {
        refusal::check(&world, &world.post(&[FORM], body), Code::RequestTooLarge);
    };
    let good = world.github_request().body();
    let padded = |length: usize| format!("{good}&pad={}", "x".repeat(length - good.len() - 5));
    check(padded(limits::REQUEST_BYTES + 1).as_bytes());
    check(padded(8 * limits::REQUEST_BYTES).as_bytes());

    // The same without a length, in chunks: the bytes are counted, not believed.
    let body = padded(2 * limits::REQUEST_BYTES);
    let head = format!(
        "POST {ISSUER_PATH}/token HTTP/1.1\r\nHost: {}\r\nContent-Type: {}\r\n\
         Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
        world.address(),
        FORM.1
    );
    let chunked = format!("{head}{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let answer = world.client().send(world.address(), chunked.as_bytes());
    refusal::check(&world, &answer, Code::RequestTooLarge);

    // Two lengths: the door to smuggling stays shut (RFC 9112 section 6.3).
    let lengths = "Content-Length: 5\r\nContent-Length: 6";
    let smuggled = head.replace("Transfer-Encoding: chunked", lengths);
    assert_eq!(world.client().send(world.address(), smuggled.as_bytes()).status, 400);
    assert_eq!(world.minted(), 0);

    assert_eq!(world.post(&[FORM], padded(limits::REQUEST_BYTES).as_bytes()).status, 200);
}

/// A body that never comes is waited for, but not for ever.
#[test]
fn a_body_that_does_not_come() {
    let world = World::start();
    let head = format!(
        "POST {ISSUER_PATH}/token HTTP/1.1\r\nHost: {}\r\nContent-Type: {}\r\n\
         Content-Length: 1000\r\nConnection: close\r\n\r\n",
        world.address(),
        FORM.1
    );
    let answer = world.client().send(world.address(), head.as_bytes());
    refusal::check(&world, &answer, Code::RequestTooSlow);
}

#[test]
fn certificates() {
    let world = World::start();
    let good = || world.pca_request();
    let check = |name: &str, text: &str, code| {
        refusal::check(&world, &world.exchange(&good().with(name, text)), code);
    };
    let certificate = good().get("client_x509").to_owned();
    let (half, _) = certificate.split_at(certificate.len() / 2);
    check("client_x509", "not a certificate", Code::PemMalformed);
    check("client_x509", half, Code::PemMalformed);
    check("client_x509", &certificate.replace("BEGIN CERT", "BEGIN X509 CERT"), Code::PemMalformed);
    check("client_x509", &format!("{certificate}{certificate}"), Code::PemCount);
    check("client_x509", &pem::encode("CERTIFICATE", b"bytes"), Code::CertificateMalformed);
    check("client_x509_chain", "-----BEGIN CERTIFICATE-----", Code::PemMalformed);
    check("client_x509_chain", &certificate.repeat(9), Code::CertificatesTooMany);
    let large = pem::encode("CERTIFICATE", &vec![0x30; limits::CERTIFICATE_BYTES + 1]);
    check("client_x509", &large, Code::CertificateTooLarge);

    // A trailing byte and an indefinite length: a certificate is DER, whatever else would be read.
    let client = world.plant.client("press-7");
    let trailing = [client.certificate_der(), &[0]].concat();
    let with = |der: &[u8]| {
        world.pca_request_of(&client).with("client_x509", &pem::encode("CERTIFICATE", der))
    };
    let refused = |request: TokenRequest| {
        refusal::check(&world, &world.exchange(&request), Code::CertificateMalformed);
    };
    refused(with(&trailing));
    let body = &client.certificate_der()[4..];
    refused(with(&der::indefinite(tag::SEQUENCE, &[body])));
    assert_eq!(world.minted(), 0);
}

/// Somebody will send a private key one day. It is refused by name, and is never seen again.
#[test]
fn private_keys() {
    let world = World::start();
    let key = TestKey::ec().pkcs8_pem();
    world.guard(&key);
    let check = |request: TokenRequest| {
        let answer = world.exchange(&request);
        refusal::check(&world, &answer, Code::PemPrivateKey);
    };
    let certificate = world.pca_request().get("client_x509").to_owned();
    check(world.pca_request().with("client_x509", &key));
    check(world.pca_request().with("client_x509", &format!("{certificate}{key}")));
    check(world.pca_request().with("client_x509", &key.replace('\n', " ")));
    check(world.pca_request().with("client_x509_chain", &format!("{certificate}{key}")));
    let legacy = key.replace("PRIVATE KEY", "EC PRIVATE KEY");
    check(world.pca_request().with("client_x509_chain", &legacy));
    check(world.ecs_request_of(&key));
    assert_eq!(world.minted(), 0);
}

#[test]
fn tokens() {
    let world = World::start();
    let good = world.github_request().get("client_assertion").to_owned();
    let parts: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = parts[..] else { panic!("three parts") };
    let check = |token: &str, code| {
        let request = world.github_request().with("client_assertion", token);
        refusal::check(&world, &world.exchange(&request), code);
    };
    check("x", Code::JwsMalformed);
    check(&format!("{header}.{payload}"), Code::JwsMalformed);
    check(&format!("{header}.{payload}."), Code::JwsMalformed);
    check(&format!("{good}.{signature}"), Code::JwsEncrypted);
    check(&format!("{header}.{payload}.{signature}.x.y"), Code::JwsEncrypted);
    check(&format!("{header}={}", &good[header.len()..]), Code::JwsMalformed);
    check(&good.replace('.', "\n."), Code::JwsMalformed);
    check(&".".repeat(limits::TOKEN_BYTES), Code::JwsMalformed);
    check(&"a".repeat(limits::TOKEN_BYTES + 1), Code::TokenTooLarge);
    assert_eq!(world.minted(), 0);
}

/// Small messages that cost a careless parser its stack, its memory or its time.
#[test]
fn bombs() {
    let world = World::start();
    let check = |message: &[u8], code| {
        let request = world.ec2_request_of(&pem::base64_line(message));
        refusal::check(&world, &world.exchange(&request), code);
    };
    // Where a message is read: as deep, as wide and in as many pieces as it can be written.
    let form = Form::ec2(now());
    let content = vec![b' '; 4_000];
    let with = |change: &dyn Fn(&mut Draft)| {
        let mut draft = Draft::new(&world.ec2, &content, &form);
        change(&mut draft);
        draft.encode()
    };
    check(&with(&|draft| draft.nesting = 10_000), Code::BerTooDeep);
    check(&with(&|draft| draft.encoding = Encoding::Ber { segment: 1 }), Code::BerTooMany);
    check(&with(&|draft| draft.digest_algorithms = vec![der::null(); 10_000]), Code::CmsMalformed);
    let closed = (0..5_000).fold(Vec::new(), |inside, _| der::value(tag::SEQUENCE, &inside));
    check(&with(&|draft| draft.signers[0].identifier.clone_from(&closed)), Code::CmsMalformed);
    // Where it is not: nothing but the way to the content is followed.
    check(&[tag::SEQUENCE, 0x80].repeat(10_000), Code::BerMalformed);
    check(&closed, Code::CmsMalformed);
    // Lengths that promise what is not there.
    check(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], Code::BerMalformed);
    check(&[0x30, 0x88, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Code::BerMalformed);
    check(&[0x30, 0xff], Code::BerMalformed);
    check(&[0x30, 0x80], Code::BerMalformed);
    check(&vec![0; limits::CMS_BYTES + 1], Code::CmsTooLarge);
    let text = world.ec2_request_of("no base64 at all!");
    refusal::check(&world, &world.exchange(&text), Code::CmsText);

    let nested = format!("{{\"a\":{}1{}}}", "[".repeat(1_000), "]".repeat(1_000));
    let document = world.ec2.sign(nested.as_bytes(), &form);
    check(&document, Code::JsonTooDeep);
    assert_eq!(world.minted(), 0);
    // The issuer is as well as before.
    assert_eq!(world.exchange(&world.ec2_request()).status, 200);
}
