use super::{folder, open_compiled};

#[test]
fn a_resource_is_not_called_like_an_address_of_the_issuer() {
    let check = |mtls: &str, resources: &str, expect: &[&str]| {
        let config = format!(
            "server: {{ state_directory: s, mtls: {{ {mtls} }} }}\n\
             policy: {{ issuer: 'https://sts.example/a', resources: {{ {resources} }} }}\n"
        );
        let folder = folder(&config);
        let found = match folder.load() {
            Ok(_) => Vec::new(),
            Err(_) => folder.errors(),
        };
        assert_eq!(found.len(), expect.len(), "{resources}: {found:?}");
        for (found, pointer) in found.iter().zip(expect) {
            let start = format!(": {pointer}: this is an address of the issuer, expected ");
            assert!(found.starts_with("credmint.yaml:2:") && found.contains(&start), "{found}");
        }
        // Whoever reads the policy without its server says the same.
        if !expect.is_empty() {
            let by_all = open_compiled(&folder.0.path().join("credmint.yaml")).map(drop);
            assert_eq!(by_all, folder.load().map(drop));
        }
    };
    let own =
        "listen: '127.0.0.1:444', tls: { certificate: c, key: k }, url: 'https://mtls.example/a'";
    let proxy = "forwarded: { form: xfcc, socket: p.sock }, url: 'https://edge.example/b'";
    let socket = "forwarded: { form: xfcc, socket: p.sock }";
    let (name, below) = ("'https://mtls.example/a'", "'https://mtls.example/a/token'");
    let at = "/resources/https:~1~1mtls.example~1a";
    check(own, &format!("{name}: {{ scopes: [r] }}"), &[at]);
    check(own, &format!("{below}: {{ scopes: [r] }}"), &[&format!("{at}~1token")]);
    check(own, &format!("x: {{ scopes: [r], resource: {name} }}"), &["/resources/x/resource"]);
    check(
        own,
        &format!("x: {{ resource: ['https://x.example', {below}] }}"),
        &["/resources/x/resource"],
    );
    check(own, &format!("{name}: {{ resource: {below} }}"), &[at, &format!("{at}/resource")]);
    check(
        proxy,
        "x: { resource: 'https://edge.example/b/v1/oauth/token' }",
        &["/resources/x/resource"],
    );
    // Beside it, at another host, and where no such address is.
    for other in ["'https://mtls.example/ab'", "'https://mtls.example'", "'https://api.example/a'"]
    {
        check(own, &format!("{other}: {{ scopes: [r] }}"), &[]);
        check(own, &format!("x: {{ scopes: [r], resource: {other} }}"), &[]);
    }
    check(socket, &format!("{name}: {{ scopes: [r], resource: {below} }}"), &[]);
    // What is wrong with the policy itself is for the core to say.
    check(own, &format!("x: {{ resource: 7 }}, y: {name}"), &[]);
}

#[test]
fn certificates_of_clients_have_a_place_to_be_shown_at() {
    let check = |listen: &str, mtls: &str, expect: &str| {
        let config = format!(
            "server: {{ state_directory: s, listen: '{listen}', mtls: {{ {mtls} }} }}\n\
             policy: {{ issuer: 'https://sts.example/a' }}\n"
        );
        match folder(&config).load() {
            Ok(_) => assert_eq!("", expect, "{mtls}"),
            Err(_) => {
                let errors = folder(&config).errors().join("\n");
                let place = "credmint.yaml:1:9: ";
                assert_eq!(errors.strip_prefix(place), Some(expect), "{mtls}: {errors}");
            }
        }
    };
    let local = "127.0.0.1:8443";
    let own = "listen: '127.0.0.1:444', tls: { certificate: c, key: k }";
    let url = "url: 'https://mtls.example/a'";
    let socket = "forwarded: { form: xfcc, socket: p.sock }";
    let digits = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let proxies = format!("forwarded: {{ form: xfcc, proxies: [{digits}] }}");
    check(local, &format!("{own}, {url}"), "");
    check(local, &format!("{own}, {url}, {proxies}"), "");
    check(local, &format!("{own}, url: 'https://edge.example', {proxies}"), "");
    check(local, socket, "");
    check(local, &format!("{socket}, {url}"), "");
    check(local, &format!("{socket}, url: 'https://sts.example/a'"), "");

    let error =
        |message: &str, expected: &str| format!("/server: mtls: {message}, expected {expected}");
    check(local, url, &error("nobody shows a certificate anywhere", "`listen`, or `forwarded`"));
    check(
        local,
        own,
        &error("clients do not learn of `listen`", "`url`, the public address of it"),
    );
    check(
        "127.0.0.1:444",
        &format!("{own}, {url}"),
        &error(
            "`listen` is that of `server`, where nobody is asked for a certificate",
            "another port",
        ),
    );
    check(
        local,
        &format!("listen: '127.0.0.1:444', {url}"),
        &error("`listen` takes TLS alone", "`tls` here or in `server`"),
    );
    check(
        local,
        &format!("{socket}, tls: {{ certificate: c, key: k }}"),
        &error("`tls` is for `listen`", "`listen`"),
    );
    check(
        local,
        "forwarded: { form: xfcc }",
        &error(
            "`forwarded` names no proxy",
            "`socket`, or `proxies` with the fingerprints of their certificates: an address proves nothing",
        ),
    );
    check(
        local,
        &proxies,
        &error("`proxies` show their certificates at `listen`", "`listen`, or `socket` alone"),
    );
    check(
        local,
        &format!(
            "{own}, {url}, forwarded: {{ form: xfcc, proxies: [{}] }}",
            [digits; 65].join(",")
        ),
        &error("there are too many `proxies`", "at most 64"),
    );
    let plain = "an https URL in plain form without a slash at its end, to which `/token` is added";
    for wrong in ["http://mtls.example/a", "https://mtls.example/a/", "https://mtls.example/a?b"] {
        check(
            local,
            &format!("{own}, url: '{wrong}'"),
            &error(&format!("`url` is `{wrong}`"), plain),
        );
    }
    check(
        local,
        &format!("{own}, url: 'https://sts.example/a'"),
        &error(
            "`url` is the issuer's, where nobody is asked for a certificate",
            "the public address of `listen`",
        ),
    );
    check(
        local,
        &format!("{own}, url: 'https://mtls.example/b'"),
        &error(
            "`url` is `https://mtls.example/b`, and nothing is served under its path",
            "the path of the issuer",
        ),
    );
}
