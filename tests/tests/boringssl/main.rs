//! The certificate suites of BoringSSL: their data, and the verdicts of their unit tests.

mod chains;
