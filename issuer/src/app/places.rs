//! Where things are below the origin of the issuer.

/// Where the metadata is, below the origin of an issuer with this path: the well-known part before the path, as RFC 8414
/// section 3.1 has it, and behind it, as OpenID Connect Discovery 1.0 section 4 has it, each for the names of both.
pub(super) fn of_metadata(path: &str) -> Vec<String> {
    let names = ["oauth-authorization-server", "openid-configuration"];
    let before = names.map(|name| format!("/.well-known/{name}{path}"));
    let behind = names.map(|name| format!("{path}/.well-known/{name}"));
    let mut places: Vec<String> = before.into_iter().chain(behind).collect();
    places.sort();
    // Without a path they are the same.
    places.dedup();
    places
}

/// The path of a URL of the issuer, empty for none.
pub(super) fn path_of(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    after_scheme.find('/').map_or("", |slash| &after_scheme[slash..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issuer_decides_the_path() {
        let check = |issuer, path| assert_eq!(path_of(issuer), path);
        check("https://sts.example.com", "");
        check("https://sts.example.com:8443/api/v2/x/oauth2", "/api/v2/x/oauth2");
    }
}
