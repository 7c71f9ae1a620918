//! The body of a token request, bounded.

use crate::limits::{BODY_TIME, DISCARDED_BYTES};
use axum::body::Body;
use credmint_core::{Code, Refusal, limits};
use http_body_util::BodyExt;
use hyper::body::Body as _;
use std::time::Duration;

/// The bytes of a body.
///
/// # Errors
/// [`Code::RequestTooLarge`] over [`limits::REQUEST_BYTES`]; [`Code::RequestMalformed`] when it breaks off;
/// [`Code::RequestTooSlow`] when it takes longer than [`BODY_TIME`].
pub(super) async fn read(body: Body) -> Result<Vec<u8>, Refusal> {
    read_within(BODY_TIME, body).await
}

async fn read_within(time: Duration, body: Body) -> Result<Vec<u8>, Refusal> {
    match tokio::time::timeout(time, read_all(body)).await {
        Ok(read) => read,
        Err(_) => Err(Code::RequestTooSlow.into()),
    }
}

async fn read_all(mut body: Body) -> Result<Vec<u8>, Refusal> {
    if body.size_hint().lower() > DISCARDED_BYTES as u64 {
        return Err(Code::RequestTooLarge.into());
    }
    let mut bytes = Vec::new();
    let mut length = 0_usize;
    while let Some(frame) = body.frame().await {
        let broken = |_| Refusal::new(Code::RequestMalformed).detail("the body ended early");
        // What is not data is a trailer, which is ignored.
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length > DISCARDED_BYTES {
            break;
        }
        if length <= limits::REQUEST_BYTES {
            bytes.extend_from_slice(&data);
        }
    }
    if length > limits::REQUEST_BYTES {
        return Err(Code::RequestTooLarge.into());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use credmint_core::Fault;

    #[tokio::test]
    async fn bodies_up_to_the_limit_are_read() {
        let check = async |length: usize, expect: Result<usize, Code>| {
            let read = read(Body::from(vec![b'x'; length])).await;
            assert_eq!(read.map(|bytes| bytes.len()).map_err(|refusal| refusal.code()), expect);
        };
        check(0, Ok(0)).await;
        check(limits::REQUEST_BYTES, Ok(limits::REQUEST_BYTES)).await;
        check(limits::REQUEST_BYTES + 1, Err(Code::RequestTooLarge)).await;
        check(DISCARDED_BYTES, Err(Code::RequestTooLarge)).await;
        check(DISCARDED_BYTES + 1, Err(Code::RequestTooLarge)).await;
    }

    #[tokio::test]
    async fn i23_a_slow_body_is_the_fault_of_its_sender() {
        let read = read_within(Duration::from_millis(1), Body::new(Endless)).await;
        let code = read.unwrap_err().code();
        assert_eq!((code, code.fault()), (Code::RequestTooSlow, Fault::Credential));
    }

    /// A body of which nothing comes.
    struct Endless;

    impl hyper::body::Body for Endless {
        type Data = bytes::Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<hyper::body::Frame<Self::Data>, Self::Error>>> {
            std::task::Poll::Pending
        }
    }
}
