//! The body of a token request, bounded.

use crate::limits::DISCARDED_BYTES;
use axum::body::Body;
use credmint_core::{Code, Refusal, limits};
use http_body_util::BodyExt;
use hyper::body::Body as _;

/// The bytes of a body.
///
/// # Errors
/// [`Code::RequestTooLarge`] over [`limits::REQUEST_BYTES`]; [`Code::RequestMalformed`] when it breaks off.
pub(super) async fn read(mut body: Body) -> Result<Vec<u8>, Refusal> {
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
}
