//! `server.limits:`: how much is taken up, and how long is waited for it.

use super::seconds::Seconds;
use crate::admission::{AdmissionLimits, Rate, Work};
use crate::limits::{
    CLIENT_BURST, CLIENT_RATE, CONNECTION_AGE, CONNECTIONS, CONNECTIONS_AN_ADDRESS,
    DECISIONS_WAITING, DRAIN_TIME, HANDSHAKE_BURST, HANDSHAKE_RATE, HANDSHAKE_TIME, HEAD_TIME,
    IDLE_TIME, SOURCE_BURST, SOURCE_RATE, WRITE_TIME,
};
use crate::serve::Connections;

/// How much is taken up, and how long is waited for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Connections at once.
    pub connections: usize,
    /// Those of one address, or of one IPv6 network of 64 bits.
    pub per_address: usize,
    /// TLS handshakes that one address begins.
    pub handshakes_per_source: Rate,
    /// Requests of one address.
    pub per_source: Rate,
    /// Tokens of one client.
    pub per_client: Rate,
    /// Decisions that wait for a core, for each core.
    pub decisions_waiting: usize,
    /// For a handshake.
    pub handshake: Seconds,
    /// For the head of a request.
    pub head: Seconds,
    /// Between two requests of a connection.
    pub idle: Seconds,
    /// For the client to take an answer.
    pub write: Seconds,
    /// After the order to stop, for decisions that are under way.
    pub drain: Seconds,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            connections: CONNECTIONS,
            per_address: CONNECTIONS_AN_ADDRESS,
            handshakes_per_source: Rate { per_second: HANDSHAKE_RATE, burst: HANDSHAKE_BURST },
            per_source: Rate { per_second: SOURCE_RATE, burst: SOURCE_BURST },
            per_client: Rate { per_second: CLIENT_RATE, burst: CLIENT_BURST },
            decisions_waiting: DECISIONS_WAITING,
            handshake: Seconds(HANDSHAKE_TIME),
            head: Seconds(HEAD_TIME),
            idle: Seconds(IDLE_TIME),
            write: Seconds(WRITE_TIME),
            drain: Seconds(DRAIN_TIME),
        }
    }
}

impl LimitsConfig {
    /// Those of connections.
    #[must_use]
    pub const fn connections(&self) -> Connections {
        Connections {
            places: self.connections,
            per_address: self.per_address,
            handshakes: self.handshakes_per_source,
            handshake: self.handshake.0,
            head: self.head.0,
            idle: self.idle.0,
            write: self.write.0,
            age: CONNECTION_AGE,
            drain: self.drain.0,
        }
    }

    /// Those of requests. As many are under way as there may be connections.
    #[must_use]
    pub const fn admission(&self) -> AdmissionLimits {
        AdmissionLimits {
            per_source: self.per_source,
            per_client: self.per_client,
            requests: self.connections,
            requests_of_source: self.per_address,
        }
    }

    /// Room for decisions.
    #[must_use]
    pub fn work(&self) -> Work {
        Work::for_cores(self.decisions_waiting)
    }

    /// What the types do not say. An error is a sentence and what was expected.
    pub(super) fn check(&self) -> Result<(), (String, &'static str)> {
        let wrong = |message: &str, expected| Err((format!("limits: {message}"), expected));
        if self.connections == 0 || self.per_address == 0 {
            return wrong("there is no place for a connection", "at least 1");
        }
        if self.per_address > self.connections {
            return wrong(
                "`per_address` is more than `connections`",
                "a part of them, so that one address never has all",
            );
        }
        let waits = [self.handshake, self.head, self.idle, self.write, self.drain];
        if waits.iter().any(|wait| wait.0.is_zero()) {
            return wrong("a time is 0", "at least 1 second");
        }
        Ok(())
    }
}
