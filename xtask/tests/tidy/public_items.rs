//! The public items of `credmint-core`, as text: what a change of them costs its users is seen in the change of one file.
//!
//! Sources are read, not compiled, so that the list does not depend on the compiler of the day.

mod face;

use crate::tree;
use face::Face;

/// Where the sources of the crate are.
const SOURCES: &str = "verifier-wasm/core/src";

/// The whole list: the items by their shortest public path, then the types of other crates in them.
pub(crate) fn page() -> String {
    let face = Face::read(&tree::files(), SOURCES);
    let mut page = String::from(
        "Written by `cargo xtask bless`. What is not here is private. A line that goes or changes is a breaking change\n\
         for users of the crate (semantic versioning); a new line is an addition.\n\n",
    );
    for line in face.lines() {
        page.push_str(line);
        page.push('\n');
    }
    page.push_str("\nTypes and traits of other crates than core and alloc:\n");
    for (foreign, users) in face.foreign() {
        page.push_str(&format!("{foreign}: in {users} items\n"));
    }
    page
}

#[test]
fn lists_what_is_public_by_its_shortest_path() {
    let check = |files: &[(&str, &str)], expected: &[&str]| {
        let files: Vec<tree::File> = files
            .iter()
            .map(|(path, text)| tree::File { path: format!("s/{path}.rs"), text: (*text).into() })
            .collect();
        let face = Face::read(&files, "s");
        assert_eq!(face.lines().collect::<Vec<_>>(), expected);
    };
    let root = ("lib", "pub mod a; mod b; pub use b::Inner;");
    check(
        &[
            root,
            ("a", "pub struct Unit; struct Hidden;"),
            ("b", "pub struct Inner { pub x: u8, y: u8 }"),
        ],
        &["struct Inner { pub x: u8, .. }", "struct a::Unit"],
    );
    check(
        &[
            ("lib", "mod b; pub use b::E;"),
            (
                "b",
                "#[derive(Clone)] #[non_exhaustive] pub enum E { A, B(u8) } impl E { pub fn f(&self) -> u8 { 0 } fn g() {} }",
            ),
        ],
        &["#[non_exhaustive] enum E { A, B(u8) }", "E: Clone", "E::f(&self) -> u8"],
    );
    check(
        &[
            ("lib", "mod b; pub use b::T;"),
            ("b", "pub struct T(u8); impl core::fmt::Display for T { fn fmt(&self) {} }"),
        ],
        &["struct T(..)", "T: core::fmt::Display"],
    );
    check(
        &[("lib", "pub mod a;"), ("a", "pub(crate) fn no() {} pub const YES: u8 = 1;")],
        &["const a::YES: u8"],
    );
}

#[test]
fn tells_foreign_types() {
    let files = [
        ("lib", "pub mod a;"),
        ("a", "use der::Tag; use alloc::string::String; pub fn f(tag: Tag, text: String) {} pub fn g(x: spki::Info) {}"),
    ]
    .map(|(path, text)| tree::File { path: format!("s/{path}.rs"), text: text.into() });
    let face = Face::read(&files, "s");
    assert_eq!(face.foreign().collect::<Vec<_>>(), [("der::Tag", 1), ("spki::Info", 1)]);
}
