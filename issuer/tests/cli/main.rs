//! The command `credmint` as a user runs it: the built program, its answers and its exit status.

mod check;
mod cms;
mod crl;
mod discovery;
mod explain;
mod guide;
mod harness;
mod init;
mod jws;
mod policy;
mod proof;
mod signature;
mod usage;
mod x509;
