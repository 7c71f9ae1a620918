use super::*;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn state_directory() -> TempDir {
    let directory = TempDir::new().unwrap();
    set_mode(directory.path(), 0o700);
    directory
}

fn key_path(directory: &TempDir) -> std::path::PathBuf {
    directory.path().join("signing-key-es256.pk8")
}

#[test]
fn tokens_verify_under_the_published_key() {
    let check = |algorithm: SigningAlgorithm, verification: &'static dyn VerificationAlgorithm| {
        let directory = state_directory();
        let keys = SigningKeys::open(directory.path(), algorithm).unwrap();
        let claims = json::Object::from_iter([("sub", "app"), ("aud", "api")]);
        let token = keys.current().sign("at+jwt", &claims).unwrap();

        let (message, signature) = token.rsplit_once('.').unwrap();
        let (header, payload) = message.split_once('.').unwrap();
        let header = json::parse_object(&base64::decode_url(header.as_bytes()).unwrap()).unwrap();
        let kid = keys.current().public().kid();
        let expect = format!(r#"{{"alg":"{algorithm}","kid":"{kid}","typ":"at+jwt"}}"#);
        assert_eq!(header.to_string(), expect);
        let payload = base64::decode_url(payload.as_bytes()).unwrap();
        assert_eq!(payload, br#"{"aud":"api","sub":"app"}"#);

        let spki = keys.current().public().key().spki_der();
        let signature = base64::decode_url(signature.as_bytes()).unwrap();
        let key = UnparsedPublicKey::new(verification, spki);
        assert!(key.verify(message.as_bytes(), &signature).is_ok(), "{algorithm}");
        assert_ne!(key.verify(b"another message", &signature), Ok(()), "{algorithm}");
    };
    check(SigningAlgorithm::Es256, &ECDSA_P256_SHA256_FIXED);
    check(SigningAlgorithm::Rs256, &RSA_PKCS1_2048_8192_SHA256);
}

#[test]
fn a_key_is_made_once_and_kept() {
    let directory = state_directory();
    let open = || FileSigner::open_or_create(directory.path(), SigningAlgorithm::Es256).unwrap();
    assert!(FileSigner::open(directory.path(), SigningAlgorithm::Es256).unwrap().is_none());
    let first = open();
    assert_eq!(open().public(), first.public());
    let mode = fs::metadata(key_path(&directory)).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "a draft is left behind");
    let other = state_directory();
    let second = FileSigner::open_or_create(other.path(), SigningAlgorithm::Es256).unwrap();
    assert_ne!(first.public().kid(), second.public().kid());
}

#[test]
fn many_processes_starting_at_once_agree_on_one_key() {
    let directory = state_directory();
    let kids: Vec<String> = std::thread::scope(|scope| {
        let open = || {
            let signer = FileSigner::open_or_create(directory.path(), SigningAlgorithm::Es256);
            signer.unwrap().public().kid().to_owned()
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(kids.iter().all(|kid| *kid == kids[0]), "{kids:?}");
}

#[test]
fn a_key_that_others_may_use_is_refused() {
    let directory = state_directory();
    let open = || FileSigner::open(directory.path(), SigningAlgorithm::Es256);
    FileSigner::open_or_create(directory.path(), SigningAlgorithm::Es256).unwrap();
    for (mode, accepted) in [
        (0o600, true),
        (0o400, true),
        (0o640, false),
        (0o604, false),
        (0o620, false),
        (0o700, false),
    ] {
        set_mode(&key_path(&directory), mode);
        match open() {
            Ok(_) => assert!(accepted, "{mode:o}"),
            Err(KeyFileError::FileMode { mode: found, .. }) => {
                assert!(!accepted, "{mode:o}");
                assert_eq!(found, mode);
            }
            Err(other) => panic!("{mode:o}: {other}"),
        }
    }
    set_mode(&key_path(&directory), 0o600);
    for (mode, accepted) in [(0o700, true), (0o755, true), (0o770, false), (0o707, false)] {
        set_mode(directory.path(), mode);
        assert_eq!(open().is_ok(), accepted, "{mode:o}");
    }
}

#[test]
fn what_is_not_such_a_key_is_refused() {
    let check = |content: &[u8]| {
        let directory = state_directory();
        fs::write(key_path(&directory), content).unwrap();
        set_mode(&key_path(&directory), 0o600);
        let refused = FileSigner::open_or_create(directory.path(), SigningAlgorithm::Es256);
        let refused = refused.err();
        assert!(matches!(refused, Some(KeyFileError::NotAKey { .. })), "{refused:?}");
        assert_eq!(fs::read(key_path(&directory)).unwrap(), content, "the file was overwritten");
    };
    check(b"");
    check(b"-----BEGIN PRIVATE KEY-----");
    let directory = state_directory();
    FileSigner::open_or_create(directory.path(), SigningAlgorithm::Rs256).unwrap();
    let rsa = fs::read(directory.path().join("signing-key-rs256.pk8")).unwrap();
    check(&rsa);
    FileSigner::open_or_create(directory.path(), SigningAlgorithm::Es256).unwrap();
    let ec = fs::read(key_path(&directory)).unwrap();
    check(&ec[..ec.len() - 1]);
}

#[test]
fn the_key_set_holds_public_members_only() {
    let directory = state_directory();
    SigningKeys::open(directory.path(), SigningAlgorithm::Rs256).unwrap();
    let keys = SigningKeys::open(directory.path(), SigningAlgorithm::Es256).unwrap();
    let jwks = keys.jwks();
    let set = jwks.get("keys").and_then(json::Value::as_array).unwrap();
    let members: Vec<Vec<&str>> = set
        .iter()
        .map(|key| key.as_object().unwrap().iter().map(|(member, _)| member).collect())
        .collect();
    let expect = [
        ["alg", "crv", "kid", "kty", "use", "x", "y"].as_slice(),
        ["alg", "e", "kid", "kty", "n", "use"].as_slice(),
    ];
    assert_eq!(members, expect);
    let kid = set[0].get("kid").and_then(json::Value::as_str);
    assert_eq!(kid, Some(keys.current().public().kid()));
}

#[test]
fn algorithms_are_known_by_their_exact_names() {
    let read = |name: &str| serde_json::from_value::<SigningAlgorithm>(name.into()).ok();
    for algorithm in SigningAlgorithm::ALL {
        assert_eq!(read(algorithm.as_str()), Some(algorithm));
    }
    for name in ["", "es256", "ES256 ", "ES384", "none", "HS256"] {
        assert_eq!(read(name), None, "{name}");
    }
}
