//! The verify commands as a library: one JSON request in, one JSON answer out.
//!
//! `credmint signature|jws|x509|cms|proof verify` is this crate behind a command line. Compiled to WebAssembly it
//! answers the same requests in other hosts, so that their records can be compared byte by byte. Time, files and
//! signature back ends are the [`Host`]'s.
#![cfg_attr(
    not(test),
    deny(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

mod answer;
mod cms;
mod explanation;
mod input;
mod jws;
mod proof;
mod request;
mod signature;
mod time;
mod x509;

pub use answer::{Misuse, Proven, Refused, Verification, to_json};
pub use explanation::explanation_to_json;
pub use time::Time;

use credmint_core::deferred;
use credmint_core::exchange::Explanation;
use credmint_core::policy::TrustPolicy;
use credmint_core::signature::{Answer, SignatureCheck, SignatureProvider};
use credmint_core::{Stop, UnixTime};
use proof::LastPolicy;
use request::Line;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::str::FromStr;

/// What a request may need of the place where it is judged.
pub trait Host {
    /// The signature back ends.
    fn signatures(&self) -> SignatureProvider<'_>;

    /// The answer to a check that one of [`Host::signatures`] deferred. Where none does, there are none; where one does
    /// and there is no answer either, the request is refused.
    fn answer(&self, deferred: &SignatureCheck) -> Answer {
        let _ = deferred;
        Answer::Deferred
    }

    /// The time of requests that give none.
    fn now(&self) -> UnixTime;

    /// The policy of a policy or configuration file.
    ///
    /// # Errors
    /// A text for people, when it does not load or there are no files here.
    fn open_policy(&self, file: &str) -> Result<TrustPolicy, String>;
}

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// A bare signature.
    Signature,
    /// A compact JWS.
    Jws,
    /// A certificate and its path.
    X509,
    /// A CMS message.
    Cms,
    /// A token request, by a trust policy.
    Proof,
}

impl FromStr for Command {
    type Err = Misuse;

    fn from_str(name: &str) -> Result<Self, Misuse> {
        Ok(match name {
            "signature" => Self::Signature,
            "jws" => Self::Jws,
            "x509" => Self::X509,
            "cms" => Self::Cms,
            "proof" => Self::Proof,
            _ => return Err(Misuse::new(format_args!("`{name}` is not a command"))),
        })
    }
}

/// Judges requests of one command, one after another.
pub struct Verifier<'a> {
    command: Command,
    host: &'a dyn Host,
    policy: LastPolicy,
}

impl<'a> Verifier<'a> {
    /// A judge of requests that knows of none yet.
    #[must_use]
    pub fn new(command: Command, host: &'a dyn Host) -> Self {
        Self { command, host, policy: LastPolicy::default() }
    }

    /// The verdict on a request: the text of one JSON object with an `id`.
    ///
    /// # Errors
    /// When the request is not understood.
    pub fn judge(&mut self, request: &[u8]) -> Result<Verification, Misuse> {
        self.judge_line(&Line::parse(request)?)
    }

    /// The verdict on a request of [`Command::Proof`] with a trace of how it came about.
    ///
    /// # Errors
    /// When the request is not understood, or is of another command.
    pub fn explain(&mut self, request: &[u8]) -> Result<(Verification, Explanation), Misuse> {
        let line = Line::parse(request)?;
        match self.command {
            Command::Proof => line.read::<proof::Request>()?.explain(self.host, &mut self.policy),
            _ => Err(Misuse::new("only a proof can be explained")),
        }
    }

    /// The members of the answer to a request.
    pub fn answer(&mut self, request: &[u8]) -> Map<String, Value> {
        let line = match Line::parse(request) {
            Ok(line) => line,
            Err(misuse) => return to_json(Err(misuse)),
        };
        let mut answer = to_json(self.judge_line(&line));
        answer.insert("id".into(), line.id);
        answer
    }

    fn judge_line(&mut self, line: &Line<'_>) -> Result<Verification, Misuse> {
        match self.command {
            Command::Signature => judge_as::<signature::Request>(line, self.host),
            Command::Jws => judge_as::<jws::Request>(line, self.host),
            Command::X509 => judge_as::<x509::Request>(line, self.host),
            Command::Cms => judge_as::<cms::Request>(line, self.host),
            Command::Proof => line.read::<proof::Request>()?.judge(self.host, &mut self.policy),
        }
    }
}

fn judge_as<R: Request>(line: &Line<'_>, host: &dyn Host) -> Result<Verification, Misuse> {
    line.read::<R>()?.judge(host)
}

/// Asks with the back ends of the host, until what they defer is answered.
fn settle<T>(
    host: &dyn Host,
    ask: impl FnMut(SignatureProvider<'_>) -> Result<T, Stop>,
) -> Result<T, Stop> {
    deferred::settle(host.signatures(), |check| host.answer(check), ask)
}

/// A request that can be judged by itself.
trait Request: DeserializeOwned {
    /// The verdict, or why the request is not understood.
    fn judge(self, host: &dyn Host) -> Result<Verification, Misuse>;
}

#[cfg(test)]
mod tests;
