//! What a reload cannot change.

use crate::config::ServerConfig;

/// The settings that differ and that only a restart changes, by name.
pub(super) fn needed(
    before: &ServerConfig,
    after: &ServerConfig,
    issuer_before: &str,
    issuer_after: &str,
) -> Vec<&'static str> {
    let mut names = Vec::new();
    if issuer_before != issuer_after {
        names.push("policy.issuer");
    }
    // What a reload takes up makes no difference. A setting that nobody thought of here does.
    let mut rest = after.clone();
    rest.fetch.clone_from(&before.fetch);
    rest.reload = before.reload;
    if rest == *before {
        return names;
    }
    let settings = [
        ("server.listen", before.listen != after.listen),
        ("server.tls", before.tls != after.tls),
        ("server.mtls", before.mtls != after.mtls),
        ("server.state_directory", before.state_directory != after.state_directory),
        ("server.store", before.store != after.store),
        ("server.signing", before.signing != after.signing),
        ("server.audit", before.audit != after.audit),
        ("server.log", before.log != after.log),
    ];
    let named: Vec<&str> =
        settings.iter().filter(|(_, differs)| *differs).map(|(name, _)| *name).collect();
    match named.is_empty() {
        true => names.push("a setting of server"),
        false => names.extend(named),
    }
    names
}
