//! OAuth clients that know nothing of Credmint, unmodified, against the real issuer over https: each of them gets a
//! token, and shows a refusal as its own kind of error. What is run is `examples/clients`, as `docs/clients` shows it.

mod clients;
mod conformance;
mod door;
mod forms;
mod mcp;
mod one_by_one;
mod pages;
mod rust;
