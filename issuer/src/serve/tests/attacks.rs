//! What strangers do with connections: each within its bound, and an honest client is served beside.

use super::*;
use std::time::Instant;

/// Between two bytes of who is slow.
const POLL: Duration = Duration::from_millis(20);

/// An honest client is answered now.
async fn is_served(server: &Server) {
    let begun = Instant::now();
    let mut honest = connect(server).await;
    honest.write_all(REQUEST).await.unwrap();
    let answer = read_answer(&mut honest).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(begun.elapsed() < LONG / 4);
}

async fn until_counts(server: &Server, expect: (usize, usize)) {
    tokio::time::timeout(LONG, async {
        while server.front.counts() != expect {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap_or_else(|_| panic!("{:?} instead of {expect:?}", server.front.counts()));
}

#[tokio::test]
async fn i23_slow_heads_and_idle_connections_end() {
    let server = start(Connections { head: SHORT, idle: SHORT, ..LIMITS }).await;
    let twice = [REQUEST, b"GET / HT"].concat();
    for sent in [b"".as_slice(), b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n", REQUEST, &twice] {
        let mut stream = connect(&server).await;
        stream.write_all(sent).await.unwrap();
        let answer = read_to_end(stream).await;
        assert_eq!(answer.contains("200 OK"), sent.starts_with(REQUEST), "{answer}");
    }
    until_counts(&server, (0, 0)).await;
}

/// One byte now and then does not prolong it.
#[tokio::test]
async fn i23_a_head_that_drips_ends() {
    let server = start(Connections { head: SHORT, ..LIMITS }).await;
    let (mut from, mut to) = connect(&server).await.into_split();
    let begun = Instant::now();
    let drip = tokio::spawn(async move {
        while to.write_all(b"G").await.is_ok() {
            tokio::time::sleep(POLL).await;
        }
    });
    let ended = tokio::time::timeout(LONG, from.read(&mut [0; 16])).await.unwrap();
    assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
    assert!(begun.elapsed() >= SHORT);
    drip.await.unwrap();
}

#[tokio::test]
async fn i23_silent_connections_of_one_address_cost_nobody_a_place() {
    let server = start(LIMITS).await;
    let mut silent = Vec::new();
    for _ in 0..10 {
        for _ in 0..LIMITS.per_address {
            silent.push(connect(&server).await);
        }
        is_served(&server).await;
    }
    assert!(server.front.counts().0 <= LIMITS.per_address);
}

#[tokio::test]
async fn i23_who_finds_every_place_busy_is_told_at_once() {
    let server = start(Connections { places: 1, per_address: 1, ..LIMITS }).await;
    let mut busy = connect(&server).await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    server.begun.notified().await;
    let mut second = connect(&server).await;
    second.write_all(REQUEST).await.unwrap();
    let answer = read_to_end(second).await;
    assert!(answer.contains("overloaded: limits.connections or"), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    server.go_on.notify_one();
    assert!(read_answer(&mut busy).await.ends_with("done"));
    until_counts(&server, (1, 1)).await;
    is_served(&server).await;
    assert_eq!(read_to_end(busy).await, "", "it was idle, and gave way");
}

#[tokio::test]
async fn i23_who_takes_no_answer_ends() {
    let server = start(Connections { write: SHORT, ..LIMITS }).await;
    let mut reader = connect(&server).await;
    reader.write_all(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    // It has its answer, and does not read it.
    until_counts(&server, (0, 0)).await;
}

/// The time runs from the first byte that is not taken to the last one, not from one byte to the next.
#[tokio::test]
async fn i23_who_takes_an_answer_in_drops_ends() {
    let server = start(Connections { write: SHORT * 2, ..LIMITS }).await;
    let mut reader = connect(&server).await;
    reader.write_all(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let begun = Instant::now();
    let mut bytes = vec![0; 64 * 1024];
    while server.front.counts().0 > 0 || begun.elapsed() < SHORT {
        let _ = reader.read(&mut bytes).await;
        tokio::time::sleep(POLL).await;
        assert!(begun.elapsed() < LONG);
    }
}

#[tokio::test]
async fn i23_a_stranger_does_not_prolong_a_stop() {
    let server = start(LIMITS).await;
    let mut all = Vec::new();
    let body = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf";
    for sent in ["", "GET / HT", body, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n"] {
        let mut stream = connect(&server).await;
        stream.write_all(sent.as_bytes()).await.unwrap();
        all.push(stream);
    }
    until_counts(&server, (4, 3)).await;
    let begun = Instant::now();
    server.stop.send(()).unwrap();
    tokio::time::timeout(LONG, server.task).await.unwrap().unwrap();
    // Its bounds are 0.3 s and 1 s; the drain of 60 s is for decisions alone.
    assert!(begun.elapsed() < LONG / 4, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn stopping_waits_for_nobody_for_ever() {
    let server = start(Connections { drain: SHORT / 2, ..LIMITS }).await;
    let mut busy = connect(&server).await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    server.begun.notified().await;
    server.stop.send(()).unwrap();
    assert_eq!(read_to_end(busy).await, "");
    server.task.await.unwrap();
}

fn local() -> Vec<AddressRange> {
    vec!["127.0.0.1/32".parse().unwrap()]
}

#[tokio::test]
async fn i28_a_forwarder_tells_the_source_and_nobody_else_does() {
    let forwarders = Intermediaries {
        forwarders: local(),
        field: Some(SourceField::XForwardedFor),
        ..Intermediaries::default()
    };
    let check = async |intermediaries: &Intermediaries, fields: &str, expect: &str| {
        let server = started(LIMITS, intermediaries.clone(), Door::Plain).await;
        let mut stream = connect(&server).await;
        let request = format!("GET / HTTP/1.1\r\nHost: x\r\n{fields}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = read_answer(&mut stream).await;
        assert!(answer.ends_with(expect), "{answer}");
    };
    let told = "X-Forwarded-For: 127.0.0.1, 192.0.2.1\r\n";
    check(&forwarders, told, "\r\n192.0.2.1").await;
    check(&forwarders, "Forwarded: for=192.0.2.1\r\n", "\r\n127.0.0.1").await;
    let wrong = "forwarded_source: an element is no address";
    check(&forwarders, "X-Forwarded-For: nonsense\r\n", wrong).await;
    check(&Intermediaries::default(), told, "\r\n127.0.0.1").await;
    let elsewhere = vec!["127.0.0.2/32".parse().unwrap()];
    check(&Intermediaries { forwarders: elsewhere, ..forwarders }, told, "\r\n127.0.0.1").await;
}

#[tokio::test]
async fn i28_a_balancer_tells_the_source_and_from_others_it_is_a_bad_request() {
    let balancers = Intermediaries { balancers: local(), ..Intermediaries::default() };
    let told = b"PROXY TCP4 192.0.2.1 127.0.0.1 4711 443\r\n";
    let ask = async |server: &Server, before: &[u8]| {
        let mut stream = connect(server).await;
        stream.write_all(&[before, REQUEST].concat()).await.unwrap();
        read_answer(&mut stream).await
    };
    let server = started(LIMITS, balancers, Door::Plain).await;
    assert!(ask(&server, told).await.ends_with("\r\n192.0.2.1"));
    assert!(ask(&server, b"PROXY UNKNOWN\r\n").await.ends_with("\r\n127.0.0.1"));
    assert_eq!(ask(&server, b"").await, "", "a balancer that does not say it");
    let plain = start(LIMITS).await;
    let answer = ask(&plain, told).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

/// Many connections through one balancer: each counts for the source that is told for it.
#[tokio::test]
async fn i23_the_share_is_that_of_the_source_behind_a_balancer() {
    let balancers = Intermediaries { balancers: local(), ..Intermediaries::default() };
    let server = started(Connections { per_address: 2, ..LIMITS }, balancers, Door::Plain).await;
    let begin = async |source: &str| {
        let mut stream = connect(&server).await;
        let header = format!("PROXY TCP4 {source} 127.0.0.1 4711 443\r\n");
        stream.write_all(header.as_bytes()).await.unwrap();
        stream
    };
    let slow = b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut busy = Vec::new();
    for source in ["192.0.2.1", "192.0.2.1", "192.0.2.2"] {
        let mut stream = begin(source).await;
        stream.write_all(slow).await.unwrap();
        server.begun.notified().await;
        busy.push(stream);
    }
    let mut third = begin("192.0.2.1").await;
    let _ = third.write_all(REQUEST).await;
    assert_eq!(read_to_end(third).await, "", "its share is taken");
    let mut other = begin("192.0.2.2").await;
    other.write_all(REQUEST).await.unwrap();
    assert!(read_answer(&mut other).await.ends_with("\r\n192.0.2.2"));
}
