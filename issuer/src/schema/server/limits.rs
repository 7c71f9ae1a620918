//! `server.limits:`, `server.proxy_protocol:` and `server.trusted_forwarders:`.

use crate::schema::value::Duration;
use schemars::JsonSchema;

/// How much is taken up, and how long is waited for it.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Limits {
    /// Connections at once; 1024 by default.
    #[schemars(range(min = 1))]
    pub connections: Option<usize>,
    /// Those of one address, or of one IPv6 network of 64 bits; 256 by default.
    #[schemars(range(min = 1))]
    pub per_address: Option<usize>,
    /// TLS handshakes that one address begins; 200 a second and 1000 at once by default.
    pub handshakes_per_source: Option<Rate>,
    /// Requests of one address before anything is verified; 500 a second and 2000 at once by default.
    pub per_source: Option<Rate>,
    /// Tokens of one client; 100 a second and 1000 at once by default.
    pub per_client: Option<Rate>,
    /// Decisions that wait for a core, for each core; 32 by default.
    pub decisions_waiting: Option<usize>,
    /// For a handshake, with the header of a balancer; 5 s by default.
    pub handshake: Option<Duration>,
    /// For the head of a request; 5 s by default.
    pub head: Option<Duration>,
    /// Between two requests of a connection; 60 s by default.
    pub idle: Option<Duration>,
    /// For the client to take an answer; 5 s by default.
    pub write: Option<Duration>,
    /// After the order to stop, for decisions that are under way; 10 s by default.
    pub drain: Option<Duration>,
}

/// So many a second, and so many at once after a pause.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Rate {
    /// In each second over a longer time. 0 is without an end.
    pub per_second: u32,
    /// At once, after a pause.
    pub burst: u32,
}

/// Balancers that begin each connection with a header of the PROXY protocol.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ProxyProtocol {
    /// Their networks, as 192.0.2.0/28.
    #[schemars(length(min = 1, max = 64))]
    pub from: Vec<String>,
}

/// Proxies that say in each request from where it comes.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct TrustedForwarders {
    /// Their networks, as 192.0.2.0/28.
    #[schemars(length(max = 64))]
    pub from: Option<Vec<String>>,
    /// The field that they set; x_forwarded_for by default.
    pub field: Option<SourceField>,
}

/// The field in which a proxy says from where a request comes.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum SourceField {
    /// X-Forwarded-For.
    XForwardedFor,
    /// Forwarded (RFC 7239).
    Forwarded,
}
