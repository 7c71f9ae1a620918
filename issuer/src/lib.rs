//! The issuer: everything around the core that needs a socket, a clock, a disk or a private key.
//!
//! The core judges; nothing here decides whom to trust. [`fetch`] brings key sets, [`keys`] signs,
//! [`store`] remembers what was consumed, [`mint`] writes access tokens, [`config`] reads the one
//! configuration file and [`schema`] describes it to editors, [`state`] is where keys and store live,
//! [`doors`], [`sockets`], [`tls`], [`socket`] and [`serve`] take connections,
//! [`admission`] says which requests are taken up and [`source`] what limits by address count together, [`peer`] says who is at their other end and [`forwarded`] for whom, [`log`] keeps secrets out of the records, [`audit`] writes
//! down each decision. [`clock`] says what time it is, [`decide`] asks the core, [`app`] answers over HTTP, [`service`] opens and stops it all, [`live`] is what
//! a reload replaces of it, [`cli`] is the command.
#![forbid(unsafe_code)]

use std::pin::Pin;

pub mod admission;
pub mod app;
pub mod audit;
pub mod certified_key;
pub mod cli;
pub mod clock;
pub mod config;
pub mod decide;
pub mod doors;
pub mod fetch;
pub mod fingerprint;
pub mod forwarded;
pub mod keys;
mod limits;
pub mod live;
pub mod log;
pub mod metrics;
pub mod mint;
pub mod operations;
pub mod peer;
mod percent;
pub mod private_key;
pub mod readiness;
pub mod schema;
mod secret_file;
pub mod serve;
pub mod service;
pub mod socket;
pub mod sockets;
pub mod source;
pub mod state;
pub mod store;
pub mod tls;

/// A future in a box, for traits that are used behind `dyn`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

#[cfg(test)]
mod tests {
    pub(crate) mod authority;
    pub(crate) mod service;
}
