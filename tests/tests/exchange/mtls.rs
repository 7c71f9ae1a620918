//! TLS client certificates (RFC 8705 section 2): shown to the issuer itself, and forwarded by a proxy that it knows.

use std::net::SocketAddr;
use std::path::PathBuf;

use credmint_core::{Code, sha256};
use credmint_tests::fixtures::key::TestKey;
use credmint_tests::fixtures::pem;
use credmint_tests::fixtures::private_ca::{Client, ClientProfile, PrivateCa};
use credmint_tests::fixtures::revocation::ListProfile;
use credmint_tests::http_client::{Answer, HttpsClient, post_at_socket};
use credmint_tests::process::free_address;
use credmint_tests::world::request::{SCOPE, TokenRequest};
use credmint_tests::world::token::AccessToken;
use credmint_tests::world::{ISSUER_PATH, World};

use crate::refusal;

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// A world in which certificates are shown at an address of its own, and forwarded.
pub(crate) struct Mtls {
    pub(crate) world: World,
    /// Where the issuer asks for certificates.
    pub(crate) address: SocketAddr,
    /// Where a proxy connects.
    pub(crate) socket: PathBuf,
    /// The certificate by which a proxy is known at `address`.
    pub(crate) proxy: Client,
}

impl Mtls {
    /// A world whose proxies forward in this form, with further changes of its configuration.
    pub(crate) fn start(form: &str, changes: &[(&str, &str)]) -> Self {
        let address = free_address();
        let proxy = PrivateCa::new("Proxies").client("edge");
        let hash = hexadecimal(proxy.certificate_der());
        let state = "  state_directory: state\n";
        let mtls = format!(
            "{state}  mtls:\n    url: https://{address}{ISSUER_PATH}\n    listen: {address}\n    \
             forwarded: {{ form: {form}, socket: proxy.sock, proxies: [{hash}] }}\n"
        );
        let roots = "      roots: [{ file: plant-root.pem }]\n";
        let accepting = format!("{roots}      tls: accept\n");
        let provider = "          provider: plant\n";
        let discoverable = format!("{provider}          discoverable: true\n");
        let mut all = vec![(state, &*mtls), (roots, &accepting), (provider, &discoverable)];
        all.extend(changes);
        let world = World::changed(&all);
        let socket = world.file("proxy.sock");
        Self { world, address, socket, proxy }
    }

    /// Shows `client` and what else is in `chain` to the issuer itself.
    pub(crate) fn show(&self, client: &Client, request: &TokenRequest) -> Answer {
        self.showing(&self.through(client), &[], request)
    }

    /// A client that shows this certificate with the intermediate of the plant.
    fn through(&self, client: &Client) -> HttpsClient {
        let chain = [client.certificate_der(), self.world.plant.intermediate_der()];
        self.world.client().showing(&chain, client.key())
    }

    fn showing(
        &self,
        client: &HttpsClient,
        fields: &[(&str, &str)],
        request: &TokenRequest,
    ) -> Answer {
        let fields = [&[FORM], fields].concat();
        let path = format!("{ISSUER_PATH}/token");
        let body = request.body();
        self.kept(client.request(self.address, "POST", &path, &fields, body.as_bytes()))
    }

    /// What a proxy sends through its socket.
    fn forward(&self, fields: &[(&str, &str)], request: &TokenRequest) -> Answer {
        let fields = [&[FORM], fields].concat();
        let path = format!("{ISSUER_PATH}/token");
        self.kept(post_at_socket(&self.socket, &path, &fields, request.body().as_bytes()))
    }

    /// The token of an answer must stand in no log.
    pub(crate) fn kept(&self, answer: Answer) -> Answer {
        if answer.status == 200 {
            self.world.guard(answer.json()["access_token"].as_str().expect("a token"));
        }
        answer
    }

    #[track_caller]
    fn refused(&self, answer: &Answer, code: Code) {
        let _ = refusal::check(&self.world, answer, code);
    }
}

/// What a client sends besides its certificate.
pub(crate) fn request_of(client: &str) -> TokenRequest {
    TokenRequest::new(client, "", "", "")
        .without("application_federated_credential_name")
        .without("client_assertion_type")
        .without("client_assertion")
}

/// The token is that of press-7.
#[track_caller]
pub(crate) fn granted(world: &World, answer: &Answer) {
    assert_eq!(answer.status, 200, "{answer:?}");
    let body = answer.json();
    let token = AccessToken::verify(body["access_token"].as_str().expect("text"), &world.jwks());
    assert_eq!(token.claims["sub"], "app_press:urn:plant:press-7");
    assert_eq!(token.claims["client_id"], "app_press");
    assert_eq!(body["scope"], SCOPE);
}

fn hexadecimal(certificate: &[u8]) -> String {
    sha256(certificate).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `Client-Cert` and `Client-Cert-Chain` for a client of the plant.
fn client_cert(world: &World, client: &Client) -> [(&'static str, String); 2] {
    let bytes = |der: &[u8]| format!(":{}:", pem::base64_line(der));
    [
        ("Client-Cert", bytes(client.certificate_der())),
        ("Client-Cert-Chain", bytes(world.plant.intermediate_der())),
    ]
}

/// `X-Forwarded-Client-Cert` for a client of the plant, as Envoy writes it.
fn xfcc(world: &World, client: &Client) -> String {
    let escapes = [("\n", "%0A"), (" ", "%20"), ("+", "%2B"), ("/", "%2F"), ("=", "%3D")];
    let encoded =
        |text: String| escapes.iter().fold(text, |text, (from, to)| text.replace(from, to));
    let leaf = encoded(client.certificate_pem());
    let chain = encoded(world.plant.intermediate_pem());
    let hash = hexadecimal(client.certificate_der());
    format!("Hash={hash};Cert=\"{leaf}\";Chain=\"{leaf}{chain}\";Subject=\"CN=press-7\"")
}

const XFCC: &str = "X-Forwarded-Client-Cert";

fn borrowed<'a, const N: usize>(fields: &'a [(&'a str, String); N]) -> [(&'a str, &'a str); N] {
    fields.each_ref().map(|(name, value)| (*name, value.as_str()))
}

#[test]
fn a_certificate_of_the_plant_gets_a_token() {
    let mtls = Mtls::start("xfcc", &[]);
    let Mtls { world, .. } = &mtls;
    let request = request_of("app_press");
    for client in [world.plant.client("press-7"), world.plant.client_rsa("press-7")] {
        // A handshake proves the key each time: nothing is used up.
        for _ in 0..2 {
            granted(world, &mtls.show(&client, &request));
        }
    }
    let direct = world.plant.issue_from_root(&ClientProfile::new("press-7"), TestKey::ec());
    let alone = world.client().showing(&[direct.certificate_der()], direct.key());
    granted(world, &mtls.showing(&alone, &[], &request));
    // The name of the credential narrows.
    let named = request.clone().and("application_federated_credential_name", "machine");
    granted(world, &mtls.show(&world.plant.client("press-7"), &named));
}

#[test]
fn i29_certificates_that_the_policy_does_not_trust_get_nothing() {
    let mtls = Mtls::start("xfcc", &[]);
    let Mtls { world, .. } = &mtls;
    let request = request_of("app_press");
    let check = |client: &Client, code| mtls.refused(&mtls.show(client, &request), code);
    let of = |profile: ClientProfile| world.plant.issue(&profile, TestKey::ec());
    let press = || ClientProfile::new("press-7");
    check(&world.plant.impostor().client("press-7"), Code::PathSignatureInvalid);
    check(&PrivateCa::new("Elsewhere").client("press-7"), Code::PathNotFound);
    check(&of(press().expired()), Code::CertificateExpired);
    check(&of(press().not_yet_valid()), Code::CertificateNotYetValid);
    check(&of(press().for_servers()), Code::CertificateExtendedKeyUsage);
    check(&of(press().for_encryption()), Code::CertificateKeyUsage);
    check(&world.plant.client("press-8"), Code::CredentialNotFound);
    // Without the intermediate nobody vouches for it.
    let press = world.plant.client("press-7");
    let alone = world.client().showing(&[press.certificate_der()], press.key());
    mtls.refused(&mtls.showing(&alone, &[], &request), Code::PathNotFound);
    // The certificate of one client is not another's.
    let other = mtls.show(&press, &request_of("app_orders"));
    mtls.refused(&other, Code::IssuerUnknown);
    let unknown = mtls.show(&press, &request_of("app_nobody"));
    mtls.refused(&unknown, Code::ClientUnknown);
    // RFC 8705 section 2: the client is named.
    let nameless = mtls.show(&press, &request.clone().without("client_id"));
    mtls.refused(&nameless, Code::ParameterMissing);
}

#[test]
fn x28_a_revoked_certificate_of_tls_gets_nothing() {
    let mut mtls = Mtls::start("xfcc", &[]);
    let lists = mtls.world.plant.root_list(&ListProfile::default());
    std::fs::write(mtls.world.file("root.crl"), lists).unwrap();
    let lists = mtls.world.plant.issuing_list(&ListProfile::default().revoking(&[0x4d]));
    std::fs::write(mtls.world.file("issuing.crl"), lists).unwrap();
    let text = std::fs::read_to_string(mtls.world.file("credmint.yaml")).unwrap();
    let accept = "      tls: accept\n";
    assert!(text.contains(accept));
    let lists = "      crls: [{ file: root.crl }, { file: issuing.crl }]\n";
    let _ = mtls.world.write("credmint.yaml", &text.replace(accept, &format!("{accept}{lists}")));
    mtls.world.restart();
    let request = request_of("app_press");
    granted(&mtls.world, &mtls.show(&mtls.world.plant.client("press-7"), &request));
    let gone = ClientProfile { serial: Some(vec![0x4d]), ..ClientProfile::new("press-7") };
    let gone = mtls.world.plant.issue(&gone, TestKey::ec());
    mtls.refused(&mtls.show(&gone, &request), Code::CertificateRevoked);
}

#[test]
fn without_a_certificate_a_client_is_nobody() {
    let mtls = Mtls::start("xfcc", &[]);
    let Mtls { world, .. } = &mtls;
    let request = request_of("app_press");
    mtls.refused(&mtls.showing(world.client(), &[], &request), Code::ParameterMissing);
    mtls.refused(&world.exchange(&request), Code::ParameterMissing);
    mtls.refused(&mtls.forward(&[], &request), Code::ParameterMissing);
    // Other forms are served everywhere, and the certificate of the connection proves nothing there.
    assert_eq!(mtls.showing(world.client(), &[], &world.kubernetes_request()).status, 200);
    assert_eq!(mtls.show(&world.plant.client("press-8"), &world.github_request()).status, 200);
    let job = world.github_request().with("client_assertion", "a.b.c");
    mtls.refused(&mtls.show(&world.plant.client("press-7"), &job), Code::JwsMalformed);
}

/// A provider that does not say so takes no certificate of TLS.
#[test]
fn a_provider_says_whether_it_takes_certificates_of_tls() {
    let mtls = Mtls::start("xfcc", &[("      tls: accept\n", "      tls: refuse\n")]);
    let press = mtls.world.plant.client("press-7");
    let request = request_of("app_press");
    mtls.refused(&mtls.show(&press, &request), Code::IssuerUnknown);
    let named = request.and("application_federated_credential_name", "machine");
    mtls.refused(&mtls.show(&press, &named), Code::ProviderKind);
}

#[test]
fn i28_a_forwarded_certificate_of_a_stranger_is_never_believed() {
    let mtls = Mtls::start("xfcc", &[]);
    let rfc = Mtls::start("client_cert", &[]);
    let request = request_of("app_press");
    for mtls in [&mtls, &rfc] {
        let Mtls { world, .. } = mtls;
        let press = world.plant.client("press-7");
        let (field, fields) = (xfcc(world, &press), client_cert(world, &press));
        let [leaf, chain] = borrowed(&fields);
        for fields in [&[(XFCC, &*field)][..], &[leaf, chain], &[leaf, chain, (XFCC, "x")]] {
            // At the address where nobody is asked for a certificate.
            let plain = [&[FORM], fields].concat();
            let answer = world.post(&plain, request.body().as_bytes());
            mtls.refused(&answer, Code::ParameterMissing);
            // Where one is asked for: none shown, and another.
            let nobody = mtls.showing(world.client(), fields, &request);
            mtls.refused(&nobody, Code::ParameterMissing);
            let other = mtls.through(&world.plant.client("press-8"));
            mtls.refused(&mtls.showing(&other, fields, &request), Code::CredentialNotFound);
            let own = mtls.through(&press);
            granted(world, &mtls.showing(&own, fields, &request));
        }
    }
}

#[test]
fn what_a_proxy_forwards_through_its_socket_is_judged_like_a_handshake() {
    let mtls = Mtls::start("xfcc", &[]);
    let rfc = Mtls::start("client_cert", &[]);
    let request = request_of("app_press");
    let press = mtls.world.plant.client("press-7");
    granted(&mtls.world, &mtls.forward(&[(XFCC, &xfcc(&mtls.world, &press))], &request));
    let other = xfcc(&mtls.world, &mtls.world.plant.client("press-8"));
    mtls.refused(&mtls.forward(&[(XFCC, &other)], &request), Code::CredentialNotFound);
    let foreign = xfcc(&mtls.world, &PrivateCa::new("Elsewhere").client("press-7"));
    mtls.refused(&mtls.forward(&[(XFCC, &foreign)], &request), Code::PathNotFound);

    let press = rfc.world.plant.client("press-7");
    let fields = client_cert(&rfc.world, &press);
    let [leaf, chain] = borrowed(&fields);
    granted(&rfc.world, &rfc.forward(&[leaf, chain], &request));
    rfc.refused(&rfc.forward(&[leaf], &request), Code::PathNotFound);
    let expired = rfc.world.plant.issue(&ClientProfile::new("press-7").expired(), TestKey::ec());
    let fields = client_cert(&rfc.world, &expired);
    rfc.refused(&rfc.forward(&borrowed(&fields), &request), Code::CertificateExpired);
    // Other forms of requests come the same way.
    assert_eq!(rfc.forward(&[], &rfc.world.kubernetes_request()).status, 200);
}

#[test]
fn i28_both_several_and_malformed_are_refused_from_a_proxy() {
    let mtls = Mtls::start("xfcc", &[]);
    let rfc = Mtls::start("client_cert", &[]);
    let request = request_of("app_press");
    let (a, b) = (&mtls.world, &rfc.world);
    let (field, fields) =
        (xfcc(a, &a.plant.client("press-7")), client_cert(b, &b.plant.client("press-7")));
    let [leaf, chain] = borrowed(&fields);
    let field = (XFCC, &*field);
    let two = format!("{},{}", field.1, field.1);
    for fields in [
        &[field, field][..],
        &[field, leaf],
        &[leaf, chain],
        &[(XFCC, &two)],
        &[(XFCC, "")],
        &[(XFCC, "Hash=00;Cert=x")],
    ] {
        mtls.refused(&mtls.forward(fields, &request), Code::ForwardedCertificate);
    }
    for fields in [
        &[leaf, leaf][..],
        &[leaf, chain, field],
        &[field],
        &[chain],
        &[("Client-Cert", "x")],
        &[("Client-Cert", "")],
    ] {
        rfc.refused(&rfc.forward(fields, &request), Code::ForwardedCertificate);
    }
    // Whatever the form of the request: the proxy lets fields of its clients pass.
    let other = a.kubernetes_request();
    mtls.refused(&mtls.forward(&[field, field], &other), Code::ForwardedCertificate);
}

#[test]
fn i28_a_proxy_is_known_by_its_certificate_and_is_nobody_itself() {
    let mtls = Mtls::start("xfcc", &[]);
    let Mtls { world, proxy, .. } = &mtls;
    let request = request_of("app_press");
    let press = world.plant.client("press-7");
    let field = xfcc(world, &press);
    let edge = world.client().showing(&[proxy.certificate_der()], proxy.key());
    granted(world, &mtls.showing(&edge, &[(XFCC, &field)], &request));
    mtls.refused(&mtls.showing(&edge, &[], &request), Code::ParameterMissing);
    let twice = [(XFCC, &*field), (XFCC, &field)];
    mtls.refused(&mtls.showing(&edge, &twice, &request), Code::ForwardedCertificate);
    // Another certificate of the same name is no proxy.
    let stranger = PrivateCa::new("Proxies").client("edge");
    let stranger = world.client().showing(&[stranger.certificate_der()], stranger.key());
    mtls.refused(&mtls.showing(&stranger, &[(XFCC, &field)], &request), Code::PathNotFound);
}

/// The socket is gone after a stop, and comes back.
#[test]
fn a_restart_binds_the_socket_again() {
    let mut mtls = Mtls::start("xfcc", &[]);
    mtls.world.restart();
    let press = xfcc(&mtls.world, &mtls.world.plant.client("press-7"));
    granted(&mtls.world, &mtls.forward(&[(XFCC, &press)], &request_of("app_press")));
}
