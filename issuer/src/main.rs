//! The `credmint` command.
fn main() {}
