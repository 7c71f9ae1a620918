//! What `serve` opens before it listens, opened as far as nothing changes by it.

use crate::config::{AuditPlace, ServerConfig};
use crate::decide::system_clock;
use crate::fetch::Fetcher;
use crate::keys::{self, KeyOptions};
use crate::socket;
use crate::tls::ServerIdentity;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

/// What a check without this one leaves out.
pub(super) const SERVER: &str = "TLS files, the socket of a proxy, CA files, the state folder, the signing key, the audit file (--server checks them)";

/// What no check looks at.
pub(super) const OUTSIDE: &str = "whether the address is free to listen at, and whether keys and revocation lists can be fetched";

/// Everything for which `serve` would not start, a sentence each.
pub(super) fn look(server: &ServerConfig) -> Vec<String> {
    let now = system_clock()();
    let mut wrong = Vec::new();
    let mut note = |result: Result<(), String>| wrong.extend(result.err());
    if let Some(tls) = &server.tls {
        let identity = ServerIdentity::open(&tls.certificate, &tls.key, now);
        note(identity.map(drop).map_err(|error| error.to_string()));
    }
    if let Some(mtls) = &server.mtls {
        if let Some(tls) = &mtls.tls {
            let identity = ServerIdentity::open(&tls.certificate, &tls.key, now);
            note(identity.map(drop).map_err(|error| error.to_string()));
        }
        if let Some(path) = mtls.socket() {
            note(socket::check(path).map_err(|error| error.to_string()));
        }
    }
    note(Fetcher::new(&server.fetch).map(drop).map_err(|error| error.to_string()));
    note(state(server));
    if let AuditPlace::File(path) = &server.audit.place {
        note(writable(path).map_err(|error| format!("the audit file {}: {error}", path.display())));
    }
    wrong
}

/// The state folder, the key in it, and the file of consumed keys. What is not there would be made.
fn state(server: &ServerConfig) -> Result<(), String> {
    let folder = &server.state_directory;
    let failed = |error: io::Error| format!("the state directory {}: {error}", folder.display());
    if !folder.try_exists().map_err(failed)? {
        return room_below(folder).map_err(failed);
    }
    keys::check(&KeyOptions::of(&server.signing, folder)).map_err(|error| error.to_string())?;
    writable(&folder.join("consumed.sqlite")).map_err(failed)
}

/// Whether a file can be written to, or made: its content stays as it is, and what is not there is not made.
fn writable(path: &Path) -> io::Result<()> {
    if path.try_exists()? {
        return OpenOptions::new().append(true).open(path).map(drop);
    }
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => room_in(folder),
        _ => room_in(Path::new(".")),
    }
}

/// Whether a folder can be made: the nearest one above it has room.
fn room_below(folder: &Path) -> io::Result<()> {
    let mut above = folder.parent();
    while let Some(folder) = above.filter(|folder| !folder.as_os_str().is_empty()) {
        if folder.try_exists()? {
            return room_in(folder);
        }
        above = folder.parent();
    }
    room_in(Path::new("."))
}

/// Whether a file can be made in a folder. Permissions alone do not tell: one is made, and taken away.
fn room_in(folder: &Path) -> io::Result<()> {
    let probe = folder.join(format!(".credmint-check-{}", uuid::Uuid::new_v4()));
    OpenOptions::new().write(true).create_new(true).open(&probe)?;
    fs::remove_file(&probe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use tempfile::TempDir;

    #[test]
    fn what_serve_could_not_open_is_told() {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name);
        let server = |text: &str| -> ServerConfig {
            let text = text.replace("HERE", &folder.path().display().to_string());
            serde_json::from_str(&text).unwrap()
        };
        let check = |text: &str, expect: &[&str]| {
            let wrong = look(&server(text));
            assert_eq!(wrong.len(), expect.len(), "{text}: {wrong:?}");
            for (wrong, part) in wrong.iter().zip(expect) {
                assert!(wrong.contains(part), "{text}: {wrong}");
            }
        };
        let good = r#"{"state_directory":"HERE/state","audit":"HERE/audit.jsonl"}"#;
        check(good, &[]);
        // Nothing is left behind.
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        check(&good.replace("HERE/audit", "HERE/absent/audit"), &["the audit file"]);
        check(
            r#"{"state_directory":"HERE/a/b/c","audit":"off","fetch":{"ca_files":["HERE/ca.pem"]},
                "tls":{"certificate":"HERE/tls.crt","key":"HERE/tls.key"}}"#,
            &["tls.crt", "ca.pem"],
        );
        let mtls = |mtls: &str| good.replace("{\"state", &format!("{{\"mtls\":{mtls},\"state"));
        check(
            &mtls(
                r#"{"forwarded":{"form":"xfcc","socket":"HERE/absent/proxy.sock"},
                "tls":{"certificate":"HERE/mtls.crt","key":"HERE/mtls.key"}}"#,
            ),
            &["mtls.crt", "absent/proxy.sock"],
        );
        fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o700)).unwrap();
        check(&mtls(r#"{"forwarded":{"form":"xfcc","socket":"HERE/proxy.sock"}}"#), &[]);
        fs::create_dir(path("state")).unwrap();
        fs::set_permissions(path("state"), PermissionsExt::from_mode(0o700)).unwrap();
        check(good, &[]);
        assert_eq!(fs::read_dir(path("state")).unwrap().count(), 0);
        fs::write(path("state/signing-key-es256.pk8"), "no key").unwrap();
        fs::set_permissions(path("state/signing-key-es256.pk8"), PermissionsExt::from_mode(0o600))
            .unwrap();
        check(good, &["signing-key-es256.pk8"]);
        fs::set_permissions(path("state"), PermissionsExt::from_mode(0o777)).unwrap();
        check(good, &["0777"]);
        fs::write(path("file"), "").unwrap();
        check(&good.replace("HERE/state", "HERE/file/state"), &["the state directory"]);
        fs::create_dir(path("audit.jsonl")).unwrap();
        check(&good.replace("HERE/state", "HERE/new"), &["the audit file"]);
    }
}
