//! X.509 certificates and certification paths (RFC 5280).
//!
//! A [`Certificate`] is strict DER, read once: the parser that validates a path is the parser that conditions
//! read names through, so the two cannot disagree. [`verify_path`] searches a path from a leaf to a
//! [`TrustAnchor`] and is the only maker of a [`VerifiedPath`].
//!
//! What is processed: signatures, validity, name chaining, basicConstraints, keyUsage, extendedKeyUsage, name
//! constraints, certificate policies and critical extensions, for every certificate of the path, the registered
//! root included. A critical extension that is not processed refuses.
//!
//! Names are compared as RFC 5280 section 7.1 says: [`Name::matches`].

mod algorithm;
mod anchor;
mod certificate;
mod crl;
mod distribution_points;
mod extensions;
mod facts;
pub(crate) mod fields;
mod general_names;
mod name_constraints;
mod names;
mod outline;
mod path;
mod policies;
mod signed_data;
mod usages;
pub(crate) mod validity;

pub use anchor::TrustAnchor;
pub use certificate::Certificate;
pub use crl::{Crl, Lineage, RevocationReason, VerifiedList};
pub(crate) use crl::{Floors, gives_way};
pub use names::Name;
pub(crate) use path::{FetchedLists, check_registered, find_path, verify_list};
pub use path::{
    KeyUse, PathCost, PathReport, PathRules, PolicyRules, PolicySet, Revocation, RevocationCheck,
    TriedPath, VerifiedPath, explain_path, verify_path,
};
pub use signed_data::verify_signed_data;
pub(crate) use usages::CLIENT_AUTH;
pub use usages::extended_key_usage;

#[cfg(test)]
pub(crate) mod tests {
    pub(crate) mod forge;
}
