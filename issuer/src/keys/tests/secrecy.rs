//! Where private keys are, and where they are not.

use super::*;
use crate::keys::file::former_path;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// A folder as version 0.1 left it, and the private keys in it.
fn former(algorithms: &[SigningAlgorithm]) -> (TempDir, Vec<Vec<u8>>) {
    let folder = state_directory();
    let mut keys = Vec::new();
    for algorithm in algorithms {
        let private = generate(*algorithm).unwrap();
        let path = former_path(folder.path(), *algorithm);
        fs::write(&path, &*private).unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        keys.push(private.to_vec());
    }
    (folder, keys)
}

async fn open(folder: &Path, options: &KeyOptions) -> Result<KeyKeeper, KeyError> {
    let database = Database::open(&StoreConfig::default(), folder).await.unwrap();
    KeyKeeper::open(database, options, 3600, NOW).await
}

#[tokio::test]
async fn the_keys_of_the_version_before_are_taken_over_by_their_names() {
    let both = [SigningAlgorithm::Es256, SigningAlgorithm::Rs256];
    let (folder, private) = former(&both);
    let kids: Vec<String> = both
        .iter()
        .zip(&private)
        .map(|(algorithm, key)| {
            SoftwareKey::from_pkcs8(key, *algorithm).unwrap().public().kid().to_owned()
        })
        .collect();
    let options = options(folder.path());
    let keys = open(folder.path(), &options).await.unwrap().keys();
    let signer = keys.signer(None, NOW).unwrap();
    assert_eq!(signer.public().kid(), kids[0]);
    // The one that is not configured any more is published for the tokens that it signed.
    assert_eq!(keys.signer(Some(SigningAlgorithm::Rs256), NOW).err().unwrap().from, None);
    assert!(kids.iter().all(|kid| keys.jwks().contains(kid)));
    // Once, however long the files are there.
    let again = open(folder.path(), &options).await.unwrap().keys();
    assert_eq!(again.jwks(), keys.jwks());
}

#[tokio::test]
async fn a_file_of_the_version_before_that_is_no_key_is_refused() {
    let (folder, _) = former(&[]);
    let path = former_path(folder.path(), SigningAlgorithm::Es256);
    fs::write(&path, "no key").unwrap();
    fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    let options = options(folder.path());
    for error in [open(folder.path(), &options).await.err().unwrap(), check(&options).unwrap_err()]
    {
        assert!(matches!(error, KeyError::NotAKey { .. }), "{error}");
    }
    for (mode, accepted) in [(0o700, true), (0o755, true), (0o770, false), (0o707, false)] {
        fs::remove_file(&path).ok();
        fs::set_permissions(folder.path(), PermissionsExt::from_mode(mode)).unwrap();
        assert_eq!(check(&options).is_ok(), accepted, "{mode:o}");
    }
}

#[tokio::test]
async fn i03_no_file_but_the_one_it_came_from_and_no_error_holds_a_private_key() {
    let (folder, private) = former(&[SigningAlgorithm::Es256]);
    let options = options(folder.path());
    let keeper = open(folder.path(), &options).await.unwrap();
    drop(keeper);
    // The scalar of the key, as it stands in PKCS#8 (RFC 5915).
    let scalar = &private[0][36..68];
    let spread = |bytes: &[u8]| bytes.windows(32).any(|window| window == scalar);
    assert!(spread(&private[0]));
    let mut looked = 0;
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let is_source = path == former_path(folder.path(), SigningAlgorithm::Es256);
        assert_eq!(spread(&fs::read(&path).unwrap()), is_source, "{}", path.display());
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", path.display());
        looked += 1;
    }
    assert!(looked >= 3);
    // Another key-encryption key, and none.
    let kek = folder.path().join("key-encryption-key");
    let text = fs::read_to_string(&kek).unwrap();
    fs::remove_file(&kek).unwrap();
    let other = open(folder.path(), &options).await.err().unwrap();
    assert!(matches!(other, KeyError::Sealed { .. }), "{other}");
    for error in [other.to_string(), format!("{other:?}")] {
        assert!(!error.contains(text.trim()) && !spread(error.as_bytes()), "{error}");
    }
    // With both keys it opens what the first sealed, and seals it anew.
    let old = folder.path().join("old");
    fs::write(&old, &text).unwrap();
    fs::set_permissions(&old, PermissionsExt::from_mode(0o600)).unwrap();
    let both =
        KeyOptions { former_sealing_keys: vec![SealingKeyPlace::File(old)], ..options.clone() };
    assert!(open(folder.path(), &both).await.is_ok());
    assert!(open(folder.path(), &options).await.is_ok());
}

#[tokio::test]
async fn a_stored_key_that_was_put_in_the_place_of_another_is_refused() {
    let folder = state_directory();
    let options = KeyOptions {
        algorithms: BTreeSet::from([SigningAlgorithm::Es256, SigningAlgorithm::EdDsa]),
        ..options(folder.path())
    };
    let database = Database::open(&StoreConfig::default(), folder.path()).await.unwrap();
    drop(KeyKeeper::open(database.clone(), &options, 3600, NOW).await.unwrap());
    let Database::Sqlite(pool) = &database else { unreachable!() };
    sqlx::query("UPDATE signing_keys SET private = (SELECT private FROM signing_keys WHERE number = 2) WHERE number = 1")
        .execute(pool)
        .await
        .unwrap();
    let error = KeyKeeper::open(database.clone(), &options, 3600, NOW).await.err().unwrap();
    assert!(matches!(error, KeyError::Sealed { .. }), "{error}");
    sqlx::query("UPDATE signing_keys SET public = (SELECT public FROM signing_keys WHERE number = 2) WHERE number = 1")
        .execute(pool)
        .await
        .unwrap();
    let error = KeyKeeper::open(database, &options, 3600, NOW).await.err().unwrap();
    assert!(matches!(error, KeyError::Stored { .. }), "{error}");
}

#[test]
fn i05_the_key_set_holds_public_members_only() {
    let check = |algorithm: SigningAlgorithm, expect: &[&str]| {
        let keys = SigningKeys::fresh(algorithm);
        let set = json::parse_object(keys.jwks().as_bytes()).unwrap();
        let [key] = set.get("keys").and_then(json::Value::as_array).unwrap() else {
            unreachable!()
        };
        let members: Vec<&str> = key.as_object().unwrap().iter().map(|(name, _)| name).collect();
        assert_eq!(members, expect, "{algorithm}");
        assert_eq!(set.len(), 1);
    };
    check(SigningAlgorithm::Es256, &["alg", "crv", "kid", "kty", "use", "x", "y"]);
    check(SigningAlgorithm::Rs256, &["alg", "e", "kid", "kty", "n", "use"]);
    check(SigningAlgorithm::Ps256, &["alg", "e", "kid", "kty", "n", "use"]);
    check(SigningAlgorithm::EdDsa, &["alg", "crv", "kid", "kty", "use", "x"]);
}
