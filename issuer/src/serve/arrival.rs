//! What the front says of a request to the application, in its extensions.

use super::activity::{Activity, Reading};
use super::head::{HeadError, is_host};
use credmint_core::{Code, Refusal};
use http::{Request, StatusCode, header};
use std::net::IpAddr;
use std::sync::Arc;
use uuid::Uuid;

/// What the front says of a request.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    id: Uuid,
    source: Option<IpAddr>,
    unserved: Option<Unserved>,
    activity: Option<Arc<Activity>>,
}

impl Default for Arrival {
    /// Of a request that came through no connection.
    fn default() -> Self {
        Self { id: Uuid::new_v4(), source: None, unserved: None, activity: None }
    }
}

impl Arrival {
    pub(super) fn new(
        source: Option<IpAddr>,
        unserved: Option<Unserved>,
        activity: Arc<Activity>,
    ) -> Self {
        Self { source, unserved, activity: Some(activity), ..Self::default() }
    }

    /// The id of the request, for its answer, its record and the log.
    pub(crate) const fn id(&self) -> Uuid {
        self.id
    }

    /// From where it comes, as far as that is known.
    pub(crate) const fn source(&self) -> Option<IpAddr> {
        self.source
    }

    /// Why it is refused whatever it asks for.
    pub(crate) const fn unserved(&self) -> Option<&Unserved> {
        self.unserved.as_ref()
    }

    /// Its body is coming until the guard is dropped.
    pub(crate) fn reading(&self) -> Option<Reading> {
        self.activity.as_ref().map(Activity::reading)
    }
}

/// Why a request is refused whatever it asks for.
#[derive(Clone, Debug)]
pub(crate) struct Unserved {
    /// The reason.
    pub(crate) refusal: Refusal,
    /// The status of the answer where HTTP has its own.
    pub(crate) status: Option<StatusCode>,
}

impl Unserved {
    pub(super) const fn of(refusal: Refusal) -> Self {
        Self { refusal, status: None }
    }

    pub(super) fn of_head(error: HeadError) -> Self {
        match error {
            HeadError::Malformed(what) => Self::of(Refusal::new(Code::RequestFraming).detail(what)),
            HeadError::TooLarge => Self {
                refusal: Refusal::new(Code::RequestTooLarge).detail("the head of the request"),
                status: Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
            },
        }
    }

    pub(super) fn turned_away() -> Self {
        let refusal = Refusal::new(Code::Overloaded);
        Self::of(refusal.detail("limits.connections or limits.per_address"))
    }

    /// RFC 9113 section 8.3.1: a request names its host once, or twice the same.
    pub(super) fn of_authority<B>(request: &Request<B>) -> Option<Self> {
        let wrong = |what: &'static str| Some(Self::of_head(HeadError::Malformed(what)));
        let mut hosts = request.headers().get_all(header::HOST).iter();
        let authority = request.uri().authority().map(|authority| authority.as_str().as_bytes());
        let (host, second) = (hosts.next().map(http::HeaderValue::as_bytes), hosts.next());
        match (authority, host) {
            _ if second.is_some() => wrong("there are two Host"),
            (None, None) => wrong("there is no Host"),
            (Some(authority), Some(host)) if !authority.eq_ignore_ascii_case(host) => {
                wrong("Host is not the :authority")
            }
            (Some(host), _) | (None, Some(host)) if !is_host(host) => wrong("the Host is no host"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_of_http2_names_one_host() {
        let check = |uri: &str, hosts: &[&str], expect: Option<&str>| {
            let mut request = Request::builder().uri(uri);
            for host in hosts {
                request = request.header(header::HOST, *host);
            }
            let unserved = Unserved::of_authority(&request.body(()).unwrap());
            let found = unserved.as_ref().and_then(|unserved| unserved.refusal.detail_text());
            assert_eq!(found, expect, "{uri} {hosts:?}");
        };
        check("https://x/", &[], None);
        check("https://x:8443/", &["X:8443"], None);
        check("/", &["x"], None);
        check("/", &[], Some("there is no Host"));
        check("https://x/", &["y"], Some("Host is not the :authority"));
        check("https://x/", &["x", "x"], Some("there are two Host"));
        check("https://a@x/", &[], Some("the Host is no host"));
    }
}
