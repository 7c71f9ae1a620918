//! Sources that never end: byte after byte, or as much as the network carries.

use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Between two bytes of a drip.
const POLL: Duration = Duration::from_millis(5);

/// A server that sends `part` again and again, at once or in a drip, and how many bytes it could send.
async fn endless(head: &str, part: Vec<u8>, drips: bool) -> (Server, Arc<AtomicUsize>) {
    let authority = TestAuthority::new();
    let acceptor = TlsAcceptor::from(authority.server().tls());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sent, head) = (Arc::new(AtomicUsize::new(0)), format!("{HEAD}{head}\r\n"));
    let count = Arc::clone(&sent);
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = acceptor.accept(stream).await.unwrap();
        let _ = stream.read(&mut [0; 1024]).await;
        stream.write_all(head.as_bytes()).await.unwrap();
        // It ends when the client hangs up.
        while stream.write_all(&part).await.is_ok() && stream.flush().await.is_ok() {
            count.fetch_add(part.len(), Ordering::SeqCst);
            if drips {
                tokio::time::sleep(POLL).await;
            }
        }
    });
    (Server { port, authority }, sent)
}

/// A gigabyte that is announced, one that is not, and one that comes in chunks: the fetch ends when it has read too much.
#[tokio::test]
async fn a_gigabyte_is_read_no_further_than_its_limit() {
    for head in [
        "Content-Length: 1073741824\r\n",
        "Connection: close\r\n",
        "Transfer-Encoding: chunked\r\n",
    ] {
        let part = match head.starts_with("Transfer") {
            true => [b"4000\r\n".as_slice(), &[b' '; 0x4000], b"\r\n"].concat(),
            false => vec![b' '; 0x4000],
        };
        let (server, sent) = endless(head, part, false).await;
        let error = server.get().await.unwrap_err();
        let limit = FetchError::from(AnswerRefused::TooLarge { limit: 16 }).to_string();
        assert_eq!(error.to_string(), limit, "{head}");
        assert!(sent.load(Ordering::SeqCst) < 16 << 20, "{head}: {sent:?} bytes were taken");
    }
}

/// A byte at a time is progress, and does not lengthen the fetch.
#[tokio::test]
async fn a_drip_ends_with_the_time_of_the_whole_fetch() {
    let (server, sent) = endless("Content-Length: 1000\r\n", b" ".to_vec(), true).await;
    let mut fetcher = server.fetcher("127.0.0.1/32");
    fetcher.timeouts.total = Duration::from_millis(300);
    let url = format!("https://127.0.0.1:{}/keys", server.port);
    let error = fetcher.get(&url, 4096, Document::KeySet).await.unwrap_err();
    assert_eq!(error.to_string(), "the whole fetch took longer than 300ms");
    assert!(sent.load(Ordering::SeqCst) > 1, "nothing came");
}
