//! The token endpoint of the real issuer, over https, with a plain client: what it grants, what it
//! refuses and how it says so, and what it writes about it.

mod accepted;
mod audit;
mod configuration;
mod keys;
mod malformed;
mod misplaced;
mod mtls;
mod mtls_envoy;
mod refusal;
mod refused;
mod replay;
mod revocation;
