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
    rest.log.level = before.log.level;
    let waiting = rest.limits.decisions_waiting;
    rest.limits = before.limits;
    rest.limits.decisions_waiting = waiting;
    if rest == *before {
        return names;
    }
    let settings = [
        ("server.listen", before.listen != after.listen),
        ("server.tls", before.tls != after.tls),
        ("server.mtls", before.mtls != after.mtls),
        ("server.http2", before.http2 != after.http2),
        ("server.listen_reuse_port", before.listen_reuse_port != after.listen_reuse_port),
        ("server.proxy_protocol", before.proxy_protocol != after.proxy_protocol),
        ("server.trusted_forwarders", before.trusted_forwarders != after.trusted_forwarders),
        (
            "server.limits.decisions_waiting",
            before.limits.decisions_waiting != after.limits.decisions_waiting,
        ),
        ("server.state_directory", before.state_directory != after.state_directory),
        ("server.store", before.store != after.store),
        ("server.signing", before.signing != after.signing),
        ("server.audit", before.audit != after.audit),
        ("server.log.format", before.log.format != after.log.format),
        ("server.operations", before.operations != after.operations),
    ];
    let differing = settings.iter().filter(|(_, differs)| *differs);
    let named: Vec<&str> = differing.map(|(name, _)| *name).collect();
    if named.is_empty() {
        names.push("a setting of server");
    }
    names.extend(named);
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_restart_alone_changes_is_named() {
        let server = |text: &str| -> ServerConfig { serde_json::from_str(text).unwrap() };
        let before = r#"{"state_directory":"s","audit":"off","log":{"level":"info"}}"#;
        let check = |from: &str, to: &str, expect: &[&str]| {
            let after = before.replace(from, to);
            assert_ne!(after, before);
            assert_eq!(needed(&server(before), &server(&after), "a", "a"), expect, "{to}");
        };
        check(r#""level":"info""#, r#""level":"debug""#, &[]);
        check("{\"state", r#"{"reload":{"watch":false},"state"#, &[]);
        check("{\"state", r#"{"fetch":{"allow_addresses":["10.0.0.0/8"]},"state"#, &[]);
        check("{\"state", r#"{"limits":{"per_address":9},"state"#, &[]);
        let waiting = "server.limits.decisions_waiting";
        check("{\"state", r#"{"limits":{"decisions_waiting":9},"state"#, &[waiting]);
        check("{\"state", r#"{"http2":true,"state"#, &["server.http2"]);
        check("{\"state", r#"{"listen":"127.0.0.1:1","state"#, &["server.listen"]);
        check(r#""level":"info""#, r#""format":"json""#, &["server.log.format"]);
        check(r#""s""#, r#""t""#, &["server.state_directory"]);
        check(r#""off""#, r#""stdout""#, &["server.audit"]);
        let same = server(before);
        assert_eq!(needed(&same, &same, "a", "b"), ["policy.issuer"]);
        assert_eq!(needed(&same, &same, "a", "a"), [""; 0]);
    }
}
