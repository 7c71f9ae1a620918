//! Tidiness as ordinary tests: what a reviewer would otherwise have to look for.

mod attacks;
mod documents;
mod generated;
mod limits;
mod parts;
mod presets;
mod required;
mod sizes;
mod test_code;
mod tree;
mod words;
