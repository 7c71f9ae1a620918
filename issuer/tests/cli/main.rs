//! The command `credmint` as a user runs it: the built program, its answers and its exit status.

mod check;
mod cms;
mod crl;
mod guide;
mod harness;
mod jws;
mod proof;
mod signature;
mod usage;
mod x509;
