//! The core for Envoy: a proxy-wasm filter that lets a request pass only with an access token of the configured
//! issuer for this service (RFC 9068, RFC 6750), and tells the service who sent it.
//!
//! Three layers, each of which knows only the one below it:
//!
//! - [`engine`] decides. Events go in (a request came, a call was answered, time went by), decisions come out. It
//!   makes no host call, and is tested without a host.
//! - [`filter`] carries decisions out through the [`host::Host`] trait, and is tested with a fake host.
//! - `envoy`, compiled for WebAssembly alone, is that trait over the host calls of proxy-wasm, and the contexts
//!   that Envoy calls.
#![deny(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

pub mod engine;
pub mod filter;
pub mod host;
pub mod limits;
pub mod signatures;

#[cfg(target_arch = "wasm32")]
mod envoy;

#[cfg(test)]
mod tests {
    pub(crate) mod issuer;
}
