mod mtls;

use super::*;
use crate::fetch::{ClientCertificate, FetchConfig, HttpsProxy, ProxyUrl, SourceCredential};
use crate::fingerprint::Fingerprint;
use crate::forwarded::Form;
use std::fs;
use tempfile::TempDir;

const SERVER: &str = "server: { state_directory: state }\n";

/// A folder with files, the first of which is the configuration.
struct Folder(TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        Self(folder)
    }

    fn load(&self) -> Result<Loaded, Vec<ConfigError>> {
        load(&self.0.path().join("credmint.yaml"))
    }

    /// The errors as a person sees them, without the name of the folder.
    fn errors(&self) -> Vec<String> {
        let folder = format!("{}/", self.0.path().display());
        let shown = |error: &ConfigError| error.to_string().replace(&folder, "");
        self.load().unwrap_err().iter().map(shown).collect()
    }
}

fn folder(config: &str) -> Folder {
    Folder::new(&[("credmint.yaml", config)])
}

fn policy(text: &str) -> Loaded {
    folder(&format!("{SERVER}policy:\n{text}")).load().unwrap()
}

#[test]
fn every_server_setting_is_read_and_paths_are_relative_to_the_file() {
    let folder = folder(
        "server:
  listen: 192.0.2.1:443
  tls: { certificate: tls.crt, key: /etc/tls.key }
  mtls:
    url: https://mtls.example:444
    listen: 192.0.2.1:444
    tls: { certificate: mtls.crt, key: mtls.key }
    forwarded:
      form: client_cert
      socket: proxy.sock
      socket_mode: '0660'
      proxies: [ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad]
  state_directory: state
  signing: { algorithm: RS256 }
  fetch:
    ca_files: [ca.pem]
    allow_addresses: [127.0.0.1/32, fd00::/8]
    https_proxy: { url: 'http://proxy.example:3128', hosts: [idp.example], credentials_file: proxy }
    credentials:
      - { origin: 'https://keys.example', bearer_token_file: token }
      - { origin: 'https://keys.example:8443', client_certificate: { certificate: c.pem, key: /k.pem } }
  log: { format: json, level: debug }
  audit: audit.jsonl
  operations: { listen: '[::1]:9464', bearer_token_file: operations-token }
policy: {}
",
    );
    let server = folder.load().unwrap().server;
    let path = |name| folder.0.path().join(name);
    assert_eq!(
        server,
        ServerConfig {
            listen: "192.0.2.1:443".parse().unwrap(),
            tls: Some(TlsFiles { certificate: path("tls.crt"), key: "/etc/tls.key".into() }),
            mtls: Some(MtlsConfig {
                url: Some("https://mtls.example:444".into()),
                listen: Some("192.0.2.1:444".parse().unwrap()),
                tls: Some(TlsFiles { certificate: path("mtls.crt"), key: path("mtls.key") }),
                forwarded: Some(Forwarded {
                    form: Form::ClientCert,
                    socket: Some(path("proxy.sock")),
                    socket_mode: SocketMode::Group,
                    proxies: vec![Fingerprint::of(b"abc")],
                }),
            }),
            http2: false,
            listen_reuse_port: false,
            proxy_protocol: None,
            trusted_forwarders: None,
            limits: LimitsConfig::default(),
            state_directory: path("state"),
            store: StoreConfig::default(),
            signing: SigningConfig {
                algorithm: SigningAlgorithm::Rs256,
                ..SigningConfig::default()
            },
            fetch: FetchConfig {
                ca_files: vec![path("ca.pem")],
                allow_addresses: vec!["127.0.0.1/32".parse().unwrap(), "fd00::/8".parse().unwrap()],
                https_proxy: Some(HttpsProxy {
                    url: ProxyUrl { host: "proxy.example".into(), port: 3128 },
                    hosts: vec!["idp.example".into()],
                    credentials_file: Some(path("proxy")),
                }),
                on_demand: false,
                credentials: vec![
                    SourceCredential {
                        origin: "https://keys.example".parse().unwrap(),
                        bearer_token_file: Some(path("token")),
                        client_certificate: None,
                    },
                    SourceCredential {
                        origin: "https://keys.example:8443".parse().unwrap(),
                        bearer_token_file: None,
                        client_certificate: Some(ClientCertificate {
                            certificate: path("c.pem"),
                            key: "/k.pem".into(),
                        }),
                    },
                ],
            },
            log: LogConfig { format: LogFormat::Json, level: LogLevel::Debug },
            audit: AuditConfig::at(AuditPlace::File(path("audit.jsonl"))),
            reload: ReloadConfig::default(),
            operations: Some(OperationsConfig {
                listen: "[::1]:9464".parse().unwrap(),
                bearer_token_file: Some(path("operations-token")),
            }),
        }
    );
}

#[test]
fn defaults_are_for_this_machine_alone() {
    let server = policy("  {}").server;
    assert_eq!(server.listen.to_string(), "127.0.0.1:8443");
    assert_eq!(server.tls, None);
    assert_eq!(server.signing.algorithm, SigningAlgorithm::Es256);
    assert_eq!(server.fetch, FetchConfig::default());
    assert_eq!(server.audit, AuditConfig::at(AuditPlace::Stdout));
    assert_eq!(server.operations, None);
    assert_eq!(server.log, LogConfig { format: LogFormat::Text, level: LogLevel::Info });
}

#[test]
fn errors_name_file_line_and_column() {
    let check = |config: &str, expect: &str| {
        assert_eq!(folder(config).errors(), [format!("credmint.yaml:{expect}")]);
    };
    check("policy: {}\n", "1:1: missing field `server`");
    check(SERVER, "1:1: missing field `policy`");
    check(
        "server: { state_directory: s }\npolicy: {}\nclients: {}\n",
        "3:1: unknown field `clients`, expected one of server, policy",
    );
    check("server:\n  listen: 127.0.0.1:1\npolicy: {}\n", "2:3: missing field `state_directory`");
    check(
        "server:\n  state_directory: s\n  listn: 127.0.0.1:1\npolicy: {}\n",
        "3:3: unknown field `listn`, expected one of listen, tls, mtls, http2, listen_reuse_port, proxy_protocol, trusted_forwarders, limits, state_directory, store, signing, fetch, reload, log, audit, operations",
    );
    check(
        "server:\n  state_directory: s\n  listen: 127.0.0.1\npolicy: {}\n",
        "3:11: not an address and a port, such as 127.0.0.1:8443",
    );
    check(
        "server:\n  state_directory: s\n  signing: { algorithm: HS256 }\npolicy: {}\n",
        "3:25: unknown variant `HS256`, expected one of ES256, RS256, PS256, EdDSA",
    );
    check(
        "server:\n  state_directory: s\n  fetch: { allow_addresses: [10.0.0.1/8] }\npolicy: {}\n",
        "3:30: not a network in CIDR form, such as 127.0.0.1/32 or fd00::/8",
    );
    check(
        "server:\n  state_directory: s\n  listen: 0.0.0.0:80\npolicy: {}\n",
        "2:3: /server: plain http at 0.0.0.0:80, which others can reach, expected `tls`, or `listen` at \
         127.0.0.1 or [::1]",
    );
    check(
        "server:\n  state_directory: s\n  fetch: { https_proxy: { url: \"https://p:1\", hosts: [a.example] } }\npolicy: {}\n",
        "3:32: not the address of an HTTP proxy, such as http://proxy.example:3128; a user and password \
         belong in credentials_file",
    );
    check(
        "server:\n  state_directory: s\n  fetch: { credentials: [{ origin: \"https://a.example\" }] }\npolicy: {}\n",
        "3:26: neither bearer_token_file nor client_certificate",
    );
    check("server: { state_directory: }\npolicy: {}\n", "1:26: there is no text here");
}

#[test]
fn what_hides_a_value_is_an_error() {
    let check = |text: &str, expect: &str| {
        let errors = folder(&format!("{SERVER}policy:\n{text}")).errors();
        assert_eq!(errors, [format!("credmint.yaml:{expect}")]);
    };
    check("  a: 1\n  b: 2\n  a: 3\n", "5:3: `a` occurs twice");
    check("  {\"a\": {\"b\": 1, \"\\u0062\": 2}}\n", "3:18: `b` occurs twice");
    check("  a: &x 1\n", "3:9: anchors and aliases are not allowed");
    check("  a: *x\n", "3:6: alias references unknown anchor");
    check("  <<: { a: 1 }\n", "3:3: merge keys (<<) are not allowed");
    check("  a: !secret b\n", "3:14: unsupported tag `!secret`");
    check("  a: 1\n---\nb: 1\n", "4:1: a second document begins here");
    check("  ~: 1\n", "3:3: there is no text here");
    check("  [1]: 1\n", "3:3: expected string scalar");
    check("  a: [1\n", "3:6: unclosed bracket '['");
    check("  a: .inf\n", "3:6: non-finite float `.inf` rejected by the configured policy");
    let beyond = "3:6: the number is beyond ±(2^53 - 1); if it is a name, put it in quotes";
    check("  a: 9007199254740992\n", beyond);
    check("  a: -9007199254740992\n", beyond);
    check("  a: 18446744073709551615\n", beyond);
    check("  a: 99999999999999999999999\n", beyond);
    check("  a: 1e300\n", beyond);
    let deep = format!("  {}{}\n", "[".repeat(17), "]".repeat(17));
    check(&deep, "3:19: values are nested more than 17 deep");
}

#[test]
fn values_are_those_of_yaml_1_2() {
    let check = |text: &str, expect: &str| {
        let loaded = policy(&format!("  a: {text}\n"));
        assert_eq!(loaded.policy.get("a").unwrap().to_string(), expect, "{text}");
    };
    check("yes", "\"yes\"");
    check("true", "true");
    check("~", "null");
    check("", "null");
    check("77", "77");
    check("-9007199254740991", "-9007199254740991");
    check("012345678901", "\"012345678901\"");
    check("1_000", "\"1_000\"");
    check("'77'", "\"77\"");
    check("1.5", "1.5");
    check("4500s", "\"4500s\"");
    check("2026-11-24T12:00:00Z", "\"2026-11-24T12:00:00Z\"");
    check("[x, {y: z}]", "[\"x\",{\"y\":\"z\"}]");
    check("\"\\ud83d\\ude00 \\/\"", "\"😀 /\"");
    check("{77: x, true: y}", "{\"77\":\"x\",\"true\":\"y\"}");
    let deep = format!("{}{}", "[".repeat(15), "]".repeat(15));
    check(&deep, &deep);
}

#[test]
fn json_is_read_the_same_way() {
    let folder = folder(
        "{\n\t\"server\": {\"state_directory\": \"state\"},\n\t\"policy\": {\"a/b\": [1, true, null]}\n}\n",
    );
    let loaded = folder.load().unwrap();
    assert_eq!(loaded.policy.to_string(), "{\"a/b\":[1,true,null]}");
    let (_, place) = loaded.sources.find("/a~1b/1");
    assert_eq!((place.line, place.column), (3, 24));
}

#[test]
fn pointers_lead_back_to_places() {
    let loaded = policy(
        "  version: 1
  clients:
    app/one:
      scopes: { api: [read, write] }
      credentials:
        - name: x
",
    );
    let check = |pointer: &str, line: u64, column: u64| {
        let (file, place) = loaded.sources.find(pointer);
        assert!(file.ends_with("credmint.yaml"));
        assert_eq!((place.line, place.column), (line, column), "{pointer}");
    };
    check("", 3, 3);
    check("/version", 3, 12);
    check("/clients", 4, 3);
    check("/clients/app~1one", 5, 5);
    check("/clients/app~1one/scopes/api/1", 6, 29);
    check("/clients/app~1one/credentials/0", 8, 11);
    check("/clients/app~1one/credentials/0/name", 8, 17);
    // Missing values stand where their parent stands.
    check("/clients/app~1one/audience/x", 5, 5);
    check("/providers", 3, 3);

    let error = loaded.sources.error("/version", "version 2 is not known", Some("1"));
    let shown = error.to_string();
    assert!(shown.ends_with("credmint.yaml:3:12: /version: version 2 is not known, expected 1"));
    let json = error.to_json();
    assert_eq!(json.get("line"), Some(&json::Value::Integer(3)));
    assert_eq!(json.get("expected").and_then(json::Value::as_str), Some("1"));
}

#[test]
fn files_are_included_as_text_or_as_json() {
    let config = format!(
        "{SERVER}policy:
  providers:
    a: {{ roots: [ {{ file: root.pem }} ], keys: {{ jwks: {{ file: keys.json }} }} }}
    b: {{ file: root.pem, enabled: true }}
  tests:
    - given: {{ claims: {{ a: {{ file: root.pem }} }}, certificate: {{ file: root.pem }} }}
    - given: {{ claims: {{ file: keys.json }} }}
"
    );
    let folder = Folder::new(&[
        ("credmint.yaml", &config),
        ("root.pem", "-----BEGIN CERTIFICATE-----\n"),
        ("keys.json", "{\"keys\": []}"),
    ]);
    let loaded = folder.load().unwrap();
    let pem = r#"{"pem":"-----BEGIN CERTIFICATE-----\n"}"#;
    let expect = [
        r#"{"providers":{"a":{"keys":{"jwks":{"keys":[]}},"roots":["#,
        pem,
        r#"]},"b":{"enabled":true,"file":"root.pem"}},"tests":[{"given":{"certificate":"#,
        pem,
        r#","claims":{"a":{"file":"root.pem"}}}},{"given":{"claims":{"keys":[]}}}]}"#,
    ];
    assert_eq!(loaded.policy.to_string(), expect.concat());

    let check = |pointer: &str, file: &str, line: u64| {
        let (found, place) = loaded.sources.find(pointer);
        assert_eq!((found, place.line), (folder.0.path().join(file).as_path(), line), "{pointer}");
    };
    check("/providers/a/roots/0", "credmint.yaml", 4);
    check("/providers/a/roots/0/pem", "root.pem", 1);
    check("/providers/a/keys/jwks/keys/0", "keys.json", 1);
    assert_eq!(loaded.sources.files().count(), 5);
}

#[test]
fn revocation_lists_are_included_from_der_and_from_pem() {
    let config = format!("{SERVER}policy:\n  crls: [ {{ file: a.crl }}, {{ file: b.crl }} ]\n");
    let pem = "-----BEGIN X509 CRL-----\n";
    let folder = Folder::new(&[("credmint.yaml", &config), ("a.crl", pem)]);
    fs::write(folder.0.path().join("b.crl"), [0x30, 0x82, 0xff]).unwrap();
    let loaded = folder.load().unwrap();
    let expect = r#"{"crls":[{"pem":"-----BEGIN X509 CRL-----\n"},{"pem":"MIL/"}]}"#;
    assert_eq!(loaded.policy.to_string(), expect);
}

#[test]
fn certificates_are_included_in_each_form_under_each_name() {
    let names = ["a.pem", "a.crt", "a.CER", "a.der", "a.p7b"];
    let members: String = names
        .iter()
        .enumerate()
        .map(|(at, name)| format!("  n{at}: {{ file: {name} }}\n"))
        .collect();
    let config = format!("\u{feff}{SERVER}policy:\n{members}");
    let folder = Folder::new(&[("credmint.yaml", &config)]);
    for (content, expect) in [
        (&b"\xef\xbb\xbf-----BEGIN X-----"[..], "-----BEGIN X-----"),
        (b"# text\n-----BEGIN X-----", "# text\\n-----BEGIN X-----"),
        (b"\x30\x82\xff", "MIL/"),
    ] {
        for name in names {
            fs::write(folder.0.path().join(name), content).unwrap();
        }
        let loaded = folder.load().unwrap().policy.to_string();
        assert_eq!(
            loaded.matches(&format!("{{\"pem\":\"{expect}\"}}")).count(),
            names.len(),
            "{loaded}"
        );
    }
}

#[test]
fn includes_that_fail_are_errors_where_they_are_named() {
    let config = format!(
        "{SERVER}policy:
  a: {{ file: absent.pem }}
  b: {{ file: keys.txt }}
  c: {{ file: keys.json }}
  d: {{ file: root.pem }}
  e: {{ file: wide.json }}
"
    );
    let folder = Folder::new(&[("credmint.yaml", &config), ("keys.json", "{\"a\":1,\"a\":2}")]);
    fs::write(folder.0.path().join("root.pem"), b"# caf\xe9\n-----BEGIN CERTIFICATE-----").unwrap();
    fs::write(folder.0.path().join("wide.json"), b"\xff\xfe{\0}\0").unwrap();
    let errors = folder.errors();
    let begins = [
        "credmint.yaml:3:14: /a: absent.pem: the file cannot be read: ",
        "credmint.yaml:4:14: /b: keys.txt: the kind of file is not known, expected a name that ends in \
         .pem, .crt, .cer, .der, .crl, .p7b or .json",
        "credmint.yaml:5:14: /c: keys.json: ",
        "credmint.yaml:6:14: /d: root.pem: the file cannot be read: the file is neither UTF-8 nor DER",
        "credmint.yaml:7:14: /e: wide.json: the file cannot be read: it begins with the byte order mark \
         of UTF-16",
    ];
    assert_eq!(errors.len(), begins.len(), "{errors:?}");
    for (error, begin) in errors.iter().zip(begins) {
        assert!(error.starts_with(begin), "{error}");
    }
}

#[test]
fn a_policy_may_be_a_file_of_its_own() {
    let config = format!("{SERVER}policy: trust/policy.yaml\n");
    let folder = Folder::new(&[("credmint.yaml", &config)]);
    let errors = folder.errors();
    assert_eq!(errors.len(), 1);
    let begin = "credmint.yaml:2:9: trust/policy.yaml: the file cannot be read: ";
    assert!(errors[0].starts_with(begin), "{errors:?}");

    let trust = folder.0.path().join("trust");
    fs::create_dir(&trust).unwrap();
    fs::write(trust.join("policy.yaml"), "version: 1\nroot: { file: root.pem }\n").unwrap();
    fs::write(trust.join("root.pem"), "PEM").unwrap();
    let loaded = folder.load().unwrap();
    assert_eq!(loaded.policy.to_string(), r#"{"root":{"pem":"PEM"},"version":1}"#);
    let (file, place) = loaded.sources.find("/version");
    assert_eq!((file, place.line), (trust.join("policy.yaml").as_path(), 1));

    fs::write(trust.join("policy.yaml"), "version: [\n").unwrap();
    assert_eq!(folder.errors(), ["trust/policy.yaml:1:10: unclosed bracket '['"]);
}

#[test]
fn all_errors_are_reported_together() {
    let config =
        "server: { state_directory: s, listen: '[::]:1' }\npolicy: { a: { file: a.pem } }\n";
    let errors = folder(config).errors();
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(errors[0].contains("plain http") && errors[1].contains("a.pem"));
}

#[test]
fn an_unreadable_configuration_is_an_error() {
    let folder = Folder::new(&[]);
    assert!(folder.errors()[0].starts_with("credmint.yaml: the file cannot be read: "));
    fs::write(folder.0.path().join("credmint.yaml"), [0xff, 0xfe]).unwrap();
    assert!(folder.errors()[0].starts_with("credmint.yaml: the file cannot be read: "));
}

#[test]
fn the_environment_takes_the_place_of_a_few_settings() {
    let server = || policy("  {}").server;
    let with = |name: &'static str, value: &'static str| {
        server().overridden(move |asked| (asked == name).then(|| value.to_owned()))
    };
    assert_eq!(server().overridden(|_| None).unwrap().listen, server().listen);
    let listen = with("CREDMINT_LISTEN", "127.0.0.1:9").unwrap().listen;
    assert_eq!(listen.to_string(), "127.0.0.1:9");
    let folder = with("CREDMINT_STATE_DIRECTORY", "/var/lib/credmint").unwrap().state_directory;
    assert_eq!(folder, Path::new("/var/lib/credmint"));
    assert_eq!(with("CREDMINT_LOG_FORMAT", "json").unwrap().log.format, LogFormat::Json);
    assert_eq!(with("CREDMINT_LOG_LEVEL", "debug").unwrap().log.level, LogLevel::Debug);
    let refused = |name, value| with(name, value).unwrap_err().0;
    assert_eq!(refused("CREDMINT_LISTEN", "here"), "CREDMINT_LISTEN is `here`");
    assert_eq!(refused("CREDMINT_LOG_LEVEL", "loud"), "CREDMINT_LOG_LEVEL is `loud`");
    assert_eq!(refused("CREDMINT_LOG_FORMAT", "xml"), "CREDMINT_LOG_FORMAT is `xml`");
}

#[test]
fn a_policy_may_be_a_folder() {
    let config = format!("{SERVER}policy: {{ folder: trust }}\n");
    let folder = Folder::new(&[("credmint.yaml", &config)]);
    assert!(folder.errors()[0].starts_with("credmint.yaml:2:19: trust: the file cannot be read"));
    let trust = folder.0.path().join("trust");
    fs::create_dir(&trust).unwrap();
    assert!(folder.errors()[0].contains("there is no organisation.yaml"));
    fs::write(trust.join("organisation.yaml"), "version: 1\n").unwrap();
    let expect = r#"{"clients":{},"providers":{},"resources":{},"version":1}"#;
    assert_eq!(folder.load().unwrap().policy.to_string(), expect);
    fs::write(folder.0.path().join("credmint.yaml"), format!("{SERVER}policy: trust\n")).unwrap();
    assert_eq!(folder.load().unwrap().policy.to_string(), expect);
}

/// Commands that take either form say the same of a configuration as those that take it alone.
#[test]
fn errors_of_a_configuration_do_not_depend_on_who_asks() {
    let folder =
        folder(&format!("{SERVER}policy:\n  providers: {{ a: {{ file: absent.pem }} }}\n"));
    let by_all = open_compiled(&folder.0.path().join("credmint.yaml")).map(drop).unwrap_err();
    assert_eq!(by_all, folder.load().map(drop).unwrap_err());
    assert_eq!(by_all[0].pointer, "/providers/a");
}
