//! Against a TLS server that answers with the bytes it is given.

use super::*;
use crate::tests::authority::TestAuthority;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

mod endless;
mod guarded;

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n";

/// A server that reads one request, answers with `answer` and closes; with `hang` it stays open instead.
struct Server {
    port: u16,
    authority: TestAuthority,
}

impl Server {
    async fn start(answer: String, hang: bool) -> Self {
        let authority = TestAuthority::new();
        let acceptor = TlsAcceptor::from(authority.server().tls());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut request = [0; 1024];
                let read = stream.read(&mut request).await.unwrap_or(0);
                assert!(request[..read].starts_with(b"GET /keys HTTP/1.1\r\n"));
                // The client may hang up at any time.
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.flush().await;
                if hang {
                    std::future::pending::<()>().await;
                }
                let _ = stream.shutdown().await;
            }
        });
        Self { port, authority }
    }

    fn fetcher(&self, allowed: &str) -> Fetcher {
        let allowed = vec![allowed.parse().unwrap()];
        let mut fetcher = trusting(&self.authority, allowed);
        fetcher.timeouts.total = Duration::from_secs(2);
        fetcher
    }

    async fn get(&self) -> Result<Bytes, FetchError> {
        self.get_kind(Document::KeySet).await
    }

    async fn get_kind(&self, document: Document) -> Result<Bytes, FetchError> {
        let url = format!("https://127.0.0.1:{}/keys", self.port);
        self.fetcher("127.0.0.1/32").get(&url, 16, document).await
    }
}

fn trusting(authority: &TestAuthority, allowed: Vec<AddressRange>) -> Fetcher {
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate()).unwrap();
    let config = FetchConfig { allow_addresses: allowed, ..FetchConfig::default() };
    Fetcher::with_roots(roots, config).unwrap()
}

async fn answered(answer: impl Into<String>) -> Result<Bytes, FetchError> {
    Server::start(answer.into(), false).await.get().await
}

fn with_body(head: &str, body: &str) -> String {
    format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn a_good_answer_is_handed_over() {
    assert_eq!(answered(with_body(HEAD, "{\"keys\":[]}")).await.unwrap(), "{\"keys\":[]}");
    // As large as allowed, in chunks, with the other media type.
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/jwk-set+json\r\n";
    let chunked = format!(
        "{head}Transfer-Encoding: chunked\r\n\r\n8\r\n{{\"keys\":\r\n8\r\n [     ]\r\n1\r\n}}\r\n0\r\n\r\n"
    );
    assert!(matches!(
        answered(chunked).await,
        Err(FetchError::Answer(AnswerRefused::TooLarge { limit: 16 }))
    ));
    let chunked = format!(
        "{head}Transfer-Encoding: chunked\r\n\r\n8\r\n{{\"keys\":\r\n8\r\n [    ]}}\r\n0\r\n\r\n"
    );
    assert_eq!(answered(chunked).await.unwrap(), "{\"keys\": [    ]}");
}

#[tokio::test]
async fn answers_that_break_a_rule_are_refused() {
    let check = async |answer: String, expect: &str| {
        let error = answered(answer).await.unwrap_err();
        assert_eq!(error.to_string(), expect);
    };
    check(
        with_body("HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1/\r\n", ""),
        "the answer is a redirect (302); configure the URL that it leads to",
    )
    .await;
    check(
        with_body("HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n", "{}"),
        "the answer has status 404, not 200",
    )
    .await;
    check(
        with_body("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n", "{}"),
        "the answer's media type is \"text/html\", not application/json or application/jwk-set+json",
    )
    .await;
    check(
        with_body("HTTP/1.1 200 OK\r\nContent-Type: application/json, text/html\r\n", "{}"),
        "the answer's media type is \"application/json, text/html\", not application/json or application/jwk-set+json",
    )
    .await;
    check(
        with_body(&format!("{HEAD}Content-Encoding: gzip\r\n"), "{}"),
        "the answer has a content coding that was not asked for",
    )
    .await;
    check(with_body(HEAD, "{\"keys\":[      ]}"), "the answer is larger than 16 bytes").await;
}

#[tokio::test]
async fn each_kind_has_its_media_types() {
    let check = async |media_type: &str, document: Document, good: bool| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\n");
        let server = Server::start(with_body(&head, "0"), false).await;
        let found = server.get_kind(document).await;
        assert_eq!(found.is_ok(), good, "{media_type}: {found:?}");
    };
    check("application/pkix-crl", Document::RevocationList, true).await;
    check("application/x-pkcs7-crl", Document::RevocationList, true).await;
    check("binary/octet-stream", Document::RevocationList, true).await;
    check("application/json", Document::RevocationList, false).await;
    check("text/html", Document::RevocationList, false).await;
    check("application/pkix-crl", Document::KeySet, false).await;
    for media_type in
        ["application/octet-stream", "text/plain; charset=utf-8", "application/x+json"]
    {
        check(media_type, Document::KeySet, true).await;
    }
    let untyped = Server::start(with_body("HTTP/1.1 200 OK\r\n", "{}"), false).await;
    assert_eq!(untyped.get().await.unwrap(), "{}");
}

#[tokio::test]
async fn a_broken_answer_is_an_error() {
    let check = async |answer: String| {
        let error = answered(answer).await.unwrap_err();
        assert!(matches!(error, FetchError::Http { .. }), "{error}");
    };
    check("SSH-2.0-OpenSSH\r\n".to_owned()).await;
    check(String::new()).await;
    check(format!("{HEAD}Content-Length: 11\r\n\r\n{{\"keys\"")).await;
    check(format!("{HEAD}X: {}\r\n\r\n{{}}", "x".repeat(ANSWER_HEAD_BYTES))).await;
    check(with_body(&format!("{HEAD}{}", "X: x\r\n".repeat(ANSWER_HEADER_FIELDS)), "{}")).await;
}

#[tokio::test]
async fn a_slow_answer_is_given_up() {
    let slow = format!("{HEAD}Content-Length: 11\r\n\r\n{{\"keys\"");
    let server = Server::start(slow, true).await;
    let mut fetcher = server.fetcher("127.0.0.1/32");
    fetcher.timeouts.total = Duration::from_millis(300);
    let url = format!("https://127.0.0.1:{}/keys", server.port);
    let error = fetcher.get(&url, 16, Document::KeySet).await.unwrap_err();
    assert_eq!(error.to_string(), "the whole fetch took longer than 300ms");
}

#[tokio::test]
async fn only_allowed_addresses_are_connected_to() {
    let server = Server::start(with_body(HEAD, "{}"), false).await;
    let by_address = format!("https://127.0.0.1:{}/keys", server.port);
    let by_name = format!("https://localhost:{}/keys", server.port);
    for url in [&by_address, &by_name] {
        assert_eq!(
            server.fetcher("127.0.0.0/8").get(url, 16, Document::KeySet).await.unwrap(),
            "{}"
        );
        let error =
            server.fetcher("127.0.0.2/32").get(url, 16, Document::KeySet).await.unwrap_err();
        assert!(matches!(error, FetchError::AddressRefused { .. }), "{error}");
        assert!(error.to_string().contains("loopback"), "{error}");
    }
}

#[tokio::test]
async fn the_certificate_must_be_trusted_and_for_this_host() {
    let server = Server::start(with_body(HEAD, "{}"), false).await;
    let url = format!("https://127.0.0.1:{}/keys", server.port);
    let stranger = TestAuthority::new();
    let allowed = vec!["127.0.0.0/8".parse().unwrap()];
    let fetcher = trusting(&stranger, allowed);
    let error = fetcher.get(&url, 16, Document::KeySet).await.unwrap_err();
    assert!(matches!(error, FetchError::Tls { .. }), "{error}");

    let url = format!("https://127.0.0.2:{}/keys", server.port);
    let listener = TcpListener::bind(("127.0.0.2", server.port)).await.unwrap();
    let acceptor = TlsAcceptor::from(server.authority.server().tls());
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let _ = acceptor.accept(stream).await;
    });
    let error = server.fetcher("127.0.0.0/8").get(&url, 16, Document::KeySet).await.unwrap_err();
    assert!(matches!(error, FetchError::Tls { .. }), "{error}");
}

#[tokio::test]
async fn plain_http_behind_an_https_url_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/keys", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.write_all(with_body(HEAD, "{}").as_bytes()).await;
    });
    let fetcher = trusting(&TestAuthority::new(), vec!["127.0.0.1/32".parse().unwrap()]);
    let error = fetcher.get(&url, 16, Document::KeySet).await.unwrap_err();
    assert!(matches!(error, FetchError::Tls { .. }), "{error}");
}

#[tokio::test]
async fn nobody_listening_is_an_error() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let fetcher = trusting(&TestAuthority::new(), vec!["127.0.0.1/32".parse().unwrap()]);
    let error =
        fetcher.get(&format!("https://127.0.0.1:{port}/"), 16, Document::KeySet).await.unwrap_err();
    assert!(matches!(error, FetchError::Connect { .. }), "{error}");
}

#[test]
fn urls_are_taken_apart_strictly() {
    let good = |url: &str, host: &str, port: u16, path: &str| {
        let target = Target::parse(url, Document::KeySet).unwrap();
        assert_eq!((target.host.as_str(), target.port, target.path.as_str()), (host, port, path));
    };
    good("https://idp.example/keys?v=1", "idp.example", 443, "/keys?v=1");
    good("https://idp.example", "idp.example", 443, "/");
    good("https://idp.example:8443/a/b", "idp.example", 8443, "/a/b");
    good("https://[2606:4700::1]:8443/", "2606:4700::1", 8443, "/");

    let bad = |url: &str, expect: &str| {
        let Err(FetchError::Url { why }) = Target::parse(url, Document::KeySet) else {
            panic!("{url} is accepted")
        };
        assert_eq!(why, expect, "{url}");
    };
    bad("http://idp.example/keys", "it does not start with https://");
    bad("file:///etc/passwd", "it is not a URL");
    bad("ftp://idp.example/keys", "it does not start with https://");
    bad("/keys", "it does not start with https://");
    bad("idp.example", "it does not start with https://");
    bad("https://", "it is not a URL");
    bad("https:///keys", "it is not a URL");
    bad("https://user@idp.example/", "it has credentials before the host");
    bad("https://user:secret@idp.example/", "it has credentials before the host");
    bad("https://idp.example/keys#here", "it has a fragment");
    bad("https://idp.example:port/", "its port is not a number");
    bad("https://idp.example:/", "its port is not a number");
    bad("https://idp.example:99999/", "its port is not a number");
    bad("https://idp.example/ke ys", "it is not a URL");
    bad("https://idp.example\r\n/keys", "it is not a URL");
    // Other ways to write an address, for some resolvers.
    bad("https://0x7f000001/", "its host is neither a DNS name nor an address");
    bad("https://127.1/", "its host is neither a DNS name nor an address");
    bad("https://idp_$.example/", "its host is neither a DNS name nor an address");
}

#[test]
fn revocation_lists_alone_may_come_over_http() {
    let check = |url: &str, document, expect: Result<(bool, u16), &str>| {
        let found = match Target::parse(url, document) {
            Ok(target) => Ok((target.is_https, target.port)),
            Err(FetchError::Url { why }) => Err(why),
            Err(error) => panic!("{error}"),
        };
        assert_eq!(found, expect, "{url} {document:?}");
    };
    let list = Document::RevocationList;
    check("http://pki.example/a.crl", list, Ok((false, 80)));
    check("http://pki.example:8080/a.crl", list, Ok((false, 8080)));
    check("https://pki.example/a.crl", list, Ok((true, 443)));
    let other = Err("it does not start with https://");
    check("ldap://pki.example/a.crl", list, other);
    check("ftp://pki.example/a.crl", list, other);
    check("http://user@pki.example/", list, Err("it has credentials before the host"));
    for document in [Document::KeySet, Document::Discovery] {
        check("http://pki.example/keys", document, other);
    }
}

#[tokio::test]
async fn a_list_over_http_comes_under_the_rules_of_every_fetch() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/a.crl", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for answer in [
            "HTTP/1.1 200 OK\r\ncontent-type: application/pkix-crl\r\ncontent-length: 4\r\n\r\nlist",
            "HTTP/1.1 302 Found\r\nlocation: http://elsewhere/\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-type: application/pkix-crl\r\ncontent-length: 17\r\n\r\nlist of 17 bytes!",
        ] {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            let read = stream.read(&mut request).await.unwrap();
            let request = String::from_utf8_lossy(&request[..read]).into_owned();
            assert!(request.starts_with("GET /a.crl HTTP/1.1\r\n"), "{request}");
            assert!(!request.to_ascii_lowercase().contains("authorization"), "{request}");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let list = Document::RevocationList;
    // The address is refused as that of any other fetch is.
    let error =
        Fetcher::new(&FetchConfig::default()).unwrap().get(&url, 16, list).await.unwrap_err();
    assert!(matches!(error, FetchError::AddressRefused { .. }), "{error}");
    // A secret for the same host and port over https stays here.
    let folder = tempfile::TempDir::new().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, "secret").unwrap();
    let config = FetchConfig {
        allow_addresses: vec!["127.0.0.1/32".parse().unwrap()],
        credentials: vec![SourceCredential {
            origin: url.replace("http:", "https:").trim_end_matches("/a.crl").parse().unwrap(),
            bearer_token_file: Some(token),
            client_certificate: None,
        }],
        ..FetchConfig::default()
    };
    let fetcher = Fetcher::new(&config).unwrap();
    assert_eq!(fetcher.get(&url, 16, list).await.unwrap(), "list");
    let error = fetcher.get(&url, 16, list).await.unwrap_err();
    assert!(
        matches!(error, FetchError::Answer(AnswerRefused::Redirect { status: 302 })),
        "{error}"
    );
    let error = fetcher.get(&url, 16, list).await.unwrap_err();
    assert!(matches!(error, FetchError::Answer(AnswerRefused::TooLarge { .. })), "{error}");
}

#[test]
fn files_of_roots_must_hold_roots() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("ca.pem");
    let opening = |path: &Path| {
        Fetcher::new(&FetchConfig { ca_files: vec![path.to_owned()], ..FetchConfig::default() })
    };
    let opened = |content: &[u8]| {
        std::fs::write(&path, content).unwrap();
        opening(&path).err()
    };
    let pem = TestAuthority::new().certificate_pem();
    let two = [pem.as_str(), TestAuthority::new().certificate_pem().as_str()].concat();
    assert!(opened(pem.as_bytes()).is_none());
    assert!(opened(two.as_bytes()).is_none());
    assert!(matches!(opened(b""), Some(FetcherError::Empty { .. })));
    let not_base64 = b"-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n";
    assert!(matches!(opened(not_base64), Some(FetcherError::Pem { .. })));
    let not_a_certificate = b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
    assert!(matches!(opened(not_a_certificate), Some(FetcherError::Anchor { .. })));
    std::fs::remove_file(&path).unwrap();
    let absent = opening(&path).err();
    assert!(matches!(absent, Some(FetcherError::Pem { .. })));
}
