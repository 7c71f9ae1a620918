//! Sources that ask who fetches, and proxies: both are hyper's servers over TLS and TCP.

use super::*;
use http::{Method, Response, StatusCode};
use hyper::service::service_fn;
use rustls::server::WebPkiClientVerifier;
use std::convert::Infallible;
use std::sync::Mutex;
use tempfile::TempDir;

/// A server of keys that answers those who bring this token, or a certificate of this authority.
#[derive(Clone)]
enum Wanted {
    Nothing,
    Bearer(&'static str),
    Certificate,
}

/// What servers saw: requests and the heads of tunnels.
type Seen = Arc<Mutex<Vec<String>>>;

struct World {
    folder: TempDir,
    authority: TestAuthority,
    seen: Seen,
}

impl World {
    fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            authority: TestAuthority::new(),
            seen: Seen::default(),
        }
    }

    fn file(&self, name: &str, content: &str) -> std::path::PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }

    /// The port of a server of keys.
    async fn keys(&self, wanted: Wanted) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let acceptor = TlsAcceptor::from(self.tls(&wanted));
        let seen = Arc::clone(&self.seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(stream) = acceptor.accept(stream).await else { continue };
                let service = service_fn(|request: Request<hyper::body::Incoming>| {
                    let given = request.headers().get(header::AUTHORIZATION);
                    let given = given.map(|value| value.to_str().unwrap().to_owned());
                    seen.lock().unwrap().push(format!("{} {given:?}", request.uri()));
                    let good = match wanted {
                        Wanted::Bearer(token) => given.as_deref() == Some(token),
                        Wanted::Nothing | Wanted::Certificate => true,
                    };
                    let status = if good { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
                    let answer = Response::builder()
                        .status(status)
                        .header(header::CONTENT_TYPE, "application/json")
                        .body("{}".to_owned());
                    async move { Ok::<_, Infallible>(answer.unwrap()) }
                });
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            }
        });
        port
    }

    fn tls(&self, wanted: &Wanted) -> Arc<rustls::ServerConfig> {
        let server = self.authority.server();
        if !matches!(wanted, Wanted::Certificate) {
            return server.tls();
        }
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.certificate()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(
                vec![server.certificate.der().clone()],
                server.key.serialize_der().try_into().unwrap(),
            );
        Arc::new(config.unwrap())
    }

    /// The port of a proxy, which asks for this user and password.
    async fn proxy(&self, wanted: Option<&'static str>) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::clone(&self.seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let seen = Arc::clone(&seen);
                let service = service_fn(move |request| {
                    let answer = tunnel(request, wanted, &seen);
                    async move { Ok::<_, Infallible>(answer) }
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .with_upgrades(),
                );
            }
        });
        port
    }

    fn fetcher(&self, config: FetchConfig) -> Fetcher {
        credentials::check(&config).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.certificate()).unwrap();
        Fetcher::with_roots(roots, config).unwrap()
    }
}

/// Answers a request to a proxy, and carries the bytes of a tunnel.
fn tunnel(
    request: Request<hyper::body::Incoming>,
    wanted: Option<&str>,
    seen: &Seen,
) -> Response<String> {
    let given = request.headers().get(header::PROXY_AUTHORIZATION);
    let given = given.map(|value| value.to_str().unwrap().to_owned());
    let target = request.uri().to_string();
    seen.lock().unwrap().push(format!("{} {target} {given:?}", request.method()));
    let status = match (request.method(), given.as_deref() == wanted) {
        (&Method::CONNECT, true) => StatusCode::OK,
        (_, true) => StatusCode::METHOD_NOT_ALLOWED,
        (_, false) => StatusCode::PROXY_AUTHENTICATION_REQUIRED,
    };
    if status == StatusCode::OK {
        tokio::spawn(async move {
            let mut inside = TokioIo::new(hyper::upgrade::on(request).await.unwrap());
            let mut outside = TcpStream::connect(target).await.unwrap();
            let _ = tokio::io::copy_bidirectional(&mut inside, &mut outside).await;
        });
    }
    Response::builder().status(status).body(String::new()).unwrap()
}

fn local() -> Vec<AddressRange> {
    vec!["127.0.0.0/8".parse().unwrap()]
}

fn credential(origin: &str) -> SourceCredential {
    let origin = origin.parse().unwrap();
    SourceCredential { origin, bearer_token_file: None, client_certificate: None }
}

#[tokio::test]
async fn a_bearer_token_goes_to_its_origin_alone_and_is_read_anew() {
    let world = World::new();
    let (guarded, other) =
        (world.keys(Wanted::Bearer("Bearer second")).await, world.keys(Wanted::Nothing).await);
    let file = world.file("token", "first\n");
    let config = FetchConfig {
        allow_addresses: local(),
        credentials: vec![SourceCredential {
            bearer_token_file: Some(file),
            ..credential(&format!("https://LOCALHOST:{guarded}"))
        }],
        ..FetchConfig::default()
    };
    let fetcher = world.fetcher(config);
    let get = async |host: &str, port: u16| {
        let url = format!("https://{host}:{port}/keys");
        fetcher.get(&url, 16, Document::KeySet).await.map_err(|error| error.to_string())
    };
    let refused = "the answer has status 401, not 200";
    assert_eq!(get("localhost", guarded).await.unwrap_err(), refused);
    let file = world.file("token", "second\n");
    assert_eq!(get("localhost", guarded).await.unwrap(), "{}");
    assert_eq!(get("Localhost", guarded).await.unwrap(), "{}");
    // Another port, and another name of the same machine.
    assert_eq!(get("localhost", other).await.unwrap(), "{}");
    assert_eq!(get("127.0.0.1", guarded).await.unwrap_err(), refused);
    assert_eq!(
        world.seen(),
        [
            r#"/keys Some("Bearer first")"#,
            r#"/keys Some("Bearer second")"#,
            r#"/keys Some("Bearer second")"#,
            "/keys None",
            "/keys None",
        ]
    );
    // A file that is no longer there ends the fetch, and names itself.
    std::fs::remove_file(&file).unwrap();
    let error = get("localhost", guarded).await.unwrap_err();
    assert!(error.starts_with(&format!("{} cannot be read", file.display())), "{error}");
    assert!(world.seen().is_empty());
}

/// A list may come over http, and then brings nothing secret along: not even to the port of the origin.
#[tokio::test]
async fn a_secret_is_never_sent_without_tls() {
    let world = World::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = FetchConfig {
        allow_addresses: local(),
        credentials: vec![SourceCredential {
            bearer_token_file: Some(world.file("token", "secret\n")),
            ..credential(&format!("https://localhost:{port}"))
        }],
        ..FetchConfig::default()
    };
    let read = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = vec![0; 4096];
        let length = stream.read(&mut head).await.unwrap();
        String::from_utf8_lossy(&head[..length]).to_ascii_lowercase()
    });
    let fetcher = world.fetcher(config);
    let url = format!("http://localhost:{port}/list.crl");
    let error = fetcher.get(&url, 16, Document::RevocationList).await.unwrap_err();
    assert!(matches!(error, FetchError::Http { .. }), "{error}");
    let head = read.await.unwrap();
    assert!(head.starts_with("get /list.crl") && !head.contains("authorization"), "{head}");
}

#[tokio::test]
async fn a_client_certificate_is_shown_to_its_origin_alone() {
    let world = World::new();
    let port = world.keys(Wanted::Certificate).await;
    let client = world.authority.server();
    let pair = ClientCertificate {
        certificate: world.file("client.crt", &client.certificate.pem()),
        key: world.file("client.key", &client.key.serialize_pem()),
    };
    let fetcher = |origin: &str| {
        let credentials =
            vec![SourceCredential { client_certificate: Some(pair.clone()), ..credential(origin) }];
        world.fetcher(FetchConfig {
            allow_addresses: local(),
            credentials,
            ..FetchConfig::default()
        })
    };
    let url = format!("https://localhost:{port}/keys");
    let found = fetcher(&format!("https://localhost:{port}")).get(&url, 16, Document::KeySet).await;
    assert_eq!(found.unwrap(), "{}");
    let refused = fetcher("https://localhost").get(&url, 16, Document::KeySet).await.unwrap_err();
    assert!(matches!(refused, FetchError::Tls { .. } | FetchError::Http { .. }), "{refused}");
}

#[tokio::test]
async fn hosts_that_are_named_are_reached_through_the_proxy_and_others_directly() {
    let world = World::new();
    let (port, proxy) =
        (world.keys(Wanted::Nothing).await, world.proxy(Some("Basic dXNlcjpwYXNz")).await);
    let url = ProxyUrl { host: "127.0.0.1".into(), port: proxy };
    let file = world.file("proxy", "user:pass\n");
    let through = HttpsProxy { url, hosts: vec!["localhost".into()], credentials_file: Some(file) };
    let config = FetchConfig { https_proxy: Some(through.clone()), ..FetchConfig::default() };
    // No address is allowed: the proxy is the operator's, and the host is the proxy's to reach.
    let fetcher = world.fetcher(config.clone());
    let get = async |fetcher: &Fetcher, host: &str| {
        let url = format!("https://{host}:{port}/keys");
        fetcher.get(&url, 16, Document::KeySet).await.map_err(|error| error.to_string())
    };
    assert_eq!(get(&fetcher, "localhost").await.unwrap(), "{}");
    let connect = format!("CONNECT localhost:{port} Some(\"Basic dXNlcjpwYXNz\")");
    assert_eq!(world.seen(), [connect.as_str(), "/keys None"]);

    let direct = get(&fetcher, "127.0.0.1").await.unwrap_err();
    assert!(direct.starts_with("127.0.0.1 is at 127.0.0.1, which is loopback"), "{direct}");
    assert!(world.seen().is_empty());

    // Without the password, and with a proxy that is a server of another kind.
    let without = HttpsProxy { credentials_file: None, ..through.clone() };
    let fetcher = world.fetcher(FetchConfig { https_proxy: Some(without), ..config.clone() });
    assert_eq!(
        get(&fetcher, "localhost").await.unwrap_err(),
        format!(
            "the proxy of server.fetch.https_proxy answers 407 when asked for localhost:{port}"
        )
    );
    let url = ProxyUrl { host: "127.0.0.1".into(), port };
    let fetcher =
        world.fetcher(FetchConfig { https_proxy: Some(HttpsProxy { url, ..through }), ..config });
    let error = get(&fetcher, "localhost").await.unwrap_err();
    assert!(error.starts_with("the proxy of server.fetch.https_proxy failed"), "{error}");
}

#[tokio::test]
async fn tls_is_with_the_host_and_not_with_the_proxy() {
    let world = World::new();
    let (port, proxy) = (world.keys(Wanted::Nothing).await, world.proxy(None).await);
    let url = ProxyUrl { host: "127.0.0.1".into(), port: proxy };
    let through = HttpsProxy { url, hosts: vec!["localhost".into()], credentials_file: None };
    let config = FetchConfig { https_proxy: Some(through), ..FetchConfig::default() };
    let mut roots = RootCertStore::empty();
    roots.add(TestAuthority::new().certificate()).unwrap();
    let fetcher = Fetcher::with_roots(roots, config).unwrap();
    let url = format!("https://localhost:{port}/keys");
    let error = fetcher.get(&url, 16, Document::KeySet).await.unwrap_err();
    assert!(matches!(error, FetchError::Tls { .. }), "{error}");
    assert_eq!(world.seen(), [format!("CONNECT localhost:{port} None")]);
}

#[test]
fn secrets_that_cannot_be_used_keep_the_service_from_starting() {
    let world = World::new();
    let config = FetchConfig {
        credentials: vec![SourceCredential {
            bearer_token_file: Some(world.file("token", "not a token\n")),
            ..credential("https://keys.example")
        }],
        ..FetchConfig::default()
    };
    let Err(FetcherError::Credential(error)) = Fetcher::new(&config) else { panic!("it starts") };
    assert!(
        error.to_string().ends_with("token does not hold a bearer token, on one line"),
        "{error}"
    );
}
