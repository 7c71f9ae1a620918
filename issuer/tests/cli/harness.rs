//! Runs the program, and makes what it is given: keys, tokens, certificates, files.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256,
};
use credmint_core::base64;
use serde_json::{Value, json};
use std::env;
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::thread;

/// 2026-11-24T12:00:00Z.
pub(crate) const NOW: i64 = 1_795_521_600;

/// What a run of the program came to.
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The one JSON object that was printed.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|_| panic!("{}{}", self.stdout, self.stderr))
    }
}

/// Runs `credmint` with these arguments.
pub(crate) fn credmint<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Run {
    run(arguments, b"")
}

/// Runs `credmint` with these arguments and this standard input.
pub(crate) fn run<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>, input: &[u8]) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_credmint"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = thread::spawn(move || {
        // A program that does not read its input ends before all of it is written.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Run {
        status: output.status.code().expect("an exit status"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The answers of a batch and its exit status. Requests without an id get their number.
pub(crate) fn batch(command: &str, requests: &[Value]) -> (Vec<Value>, i32) {
    let mut input = String::new();
    for (number, request) in requests.iter().enumerate() {
        let mut request = request.clone();
        if request.get("id").is_none() {
            request["id"] = number.into();
        }
        input.push_str(&request.to_string());
        input.push('\n');
    }
    let run = run([command, "verify", "--batch"], input.as_bytes());
    let answers: Vec<Value> =
        run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), requests.len(), "{}", run.stderr);
    for (number, (request, answer)) in requests.iter().zip(&answers).enumerate() {
        let id = request.get("id").cloned().unwrap_or_else(|| number.into());
        assert_eq!(answer["id"], id, "answers are in order");
        if answer["verdict"] == "refuse" {
            for member in ["code", "step", "fault", "detail"] {
                assert!(answer[member].is_string(), "{member}: {answer}");
            }
        }
    }
    (answers, run.status)
}

/// A verdict in one word: `accept`, the code of the refusal, or `error` and why.
pub(crate) fn word(answer: &Value) -> String {
    match answer["verdict"].as_str() {
        Some("refuse") => answer["code"].as_str().unwrap().to_owned(),
        Some("error") => format!("error: {}", answer["detail"].as_str().unwrap()),
        verdict => verdict.unwrap().to_owned(),
    }
}

/// Checks a table of requests, as one batch. Of an error the beginning is compared.
#[track_caller]
pub(crate) fn check_table(command: &str, table: &[(Value, &str)]) {
    let requests: Vec<Value> = table.iter().map(|(request, _)| request.clone()).collect();
    let (answers, status) = batch(command, &requests);
    for (answer, (request, expect)) in answers.iter().zip(table) {
        let request = request.to_string();
        let word = word(answer);
        let good =
            if expect.starts_with("error") { word.starts_with(expect) } else { word == *expect };
        assert!(good, "{word}, not {expect}: {request:.400}\n{answer}");
    }
    let misused = table.iter().any(|(_, expect)| expect.starts_with("error"));
    assert_eq!(status, if misused { 2 } else { 0 });
}

/// A copy of a request with some members changed; null takes a member out.
pub(crate) fn with(request: &Value, changes: Value) -> Value {
    let mut request = request.clone();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            request.as_object_mut().unwrap().remove(name);
        } else {
            request[name] = value.clone();
        }
    }
    request
}

/// Shared test material: the folder that `CREDMINT_VECTORS` names, else `../shared/data` beside the workspace.
/// With `CREDMINT_SKIP_SHARED=1` a missing folder is `None`.
pub(crate) fn shared_data() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let folder = env::var_os("CREDMINT_VECTORS").map_or_else(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    let skip = env::var_os("CREDMINT_SKIP_SHARED").is_some_and(|value| value == "1");
    assert!(
        skip,
        "no test material in {}: set CREDMINT_VECTORS to the folder that has it, \
         or CREDMINT_SKIP_SHARED=1 to go without",
        folder.display()
    );
    println!("skipped: no test material in {}", folder.display());
    None
}

/// A key pair that signs as JOSE does.
pub(crate) enum Key {
    Ec(EcdsaKeyPair),
    Rsa(aws_lc_rs::rsa::KeyPair),
}

/// An EC key on P-256.
pub(crate) static EC: LazyLock<Key> =
    LazyLock::new(|| Key::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()));
/// Another EC key on P-256.
pub(crate) static OTHER_EC: LazyLock<Key> =
    LazyLock::new(|| Key::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()));
/// An RSA key of 2048 bits.
pub(crate) static RSA: LazyLock<Key> =
    LazyLock::new(|| Key::Rsa(aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).unwrap()));

impl Key {
    /// The key of a certificate that rcgen made.
    pub(crate) fn of(key: &rcgen::KeyPair) -> Self {
        let pkcs8 = key.serialize_der();
        Self::Ec(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8).unwrap())
    }

    pub(crate) const fn alg(&self) -> &'static str {
        match self {
            Self::Ec(_) => "ES256",
            Self::Rsa(_) => "RS256",
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Ec(key) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
        }
    }

    /// The SubjectPublicKeyInfo, base64 of its DER.
    pub(crate) fn spki(&self) -> String {
        let der = match self {
            Self::Ec(key) => AsDer::as_der(key.public_key()).unwrap().as_ref().to_vec(),
            Self::Rsa(key) => AsDer::as_der(key.public_key()).unwrap().as_ref().to_vec(),
        };
        base64::encode_standard(&der)
    }

    /// The SubjectPublicKeyInfo in PEM.
    pub(crate) fn pem(&self) -> String {
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", self.spki())
    }

    pub(crate) fn jwk(&self) -> Value {
        match self {
            Self::Ec(key) => {
                let point = key.public_key().as_ref();
                json!({
                    "kty": "EC",
                    "crv": "P-256",
                    "x": base64::encode_url(&point[1..33]),
                    "y": base64::encode_url(&point[33..]),
                })
            }
            Self::Rsa(key) => {
                let modulus = key.public_key().modulus().big_endian_without_leading_zero();
                json!({ "kty": "RSA", "n": base64::encode_url(modulus), "e": "AQAB" })
            }
        }
    }

    /// A JWK set of this key alone, named `a`.
    pub(crate) fn jwks(&self) -> Value {
        json!({ "keys": [with(&self.jwk(), json!({ "kid": "a" }))] })
    }

    /// A token with these header members beside `alg`, and this payload.
    pub(crate) fn token(&self, header: Value, payload: &[u8]) -> String {
        let mut header = header;
        if header.get("alg").is_none() {
            header["alg"] = self.alg().into();
        }
        let mut token = base64::encode_url(header.to_string().as_bytes());
        token.push('.');
        token.push_str(&base64::encode_url(payload));
        let signature = self.sign(token.as_bytes());
        token.push('.');
        token.push_str(&base64::encode_url(&signature));
        token
    }
}

/// A folder with files that goes away at the end.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::TempDir::new().unwrap())
    }

    /// Writes a file and returns its path as text.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        std::fs::write(self.0.path().join(name), content).unwrap();
        self.path(name)
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }
}

/// A certificate authority with its key.
pub(crate) type Authority = rcgen::CertifiedIssuer<'static, rcgen::KeyPair>;

/// Parameters of a certificate that is valid from 2020 to 2040.
pub(crate) fn certificate_params(common_name: &str) -> rcgen::CertificateParams {
    let mut params = rcgen::CertificateParams::new([]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, common_name);
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2040, 1, 1);
    params
}

/// A certificate authority.
pub(crate) fn authority(common_name: &str) -> Authority {
    let key = rcgen::KeyPair::generate().unwrap();
    Authority::self_signed(authority_params(common_name), key).unwrap()
}

/// A certificate authority that another one has certified.
pub(crate) fn authority_below(above: &Authority, common_name: &str) -> Authority {
    let key = rcgen::KeyPair::generate().unwrap();
    Authority::signed_by(authority_params(common_name), key, above).unwrap()
}

fn authority_params(common_name: &str) -> rcgen::CertificateParams {
    let mut params = certificate_params(common_name);
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params
}

/// A certificate of a workload, with its key.
pub(crate) struct Workload {
    pub(crate) certificate: rcgen::Certificate,
    pub(crate) key: Key,
}

/// A certificate for clientAuth, after a change of its parameters.
pub(crate) fn workload(
    authority: &Authority,
    common_name: &str,
    change: impl FnOnce(&mut rcgen::CertificateParams),
) -> Workload {
    let mut params = certificate_params(common_name);
    params.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    change(&mut params);
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    Workload { certificate, key: Key::of(&key) }
}
