//! Tidiness as ordinary tests: what a reviewer would otherwise have to look for.

mod attacks;
mod documents;
mod generated;
mod layers;
mod limits;
mod presets;
mod public_items;
mod required;
mod sizes;
mod sources;
mod test_code;
mod tree;
mod words;
