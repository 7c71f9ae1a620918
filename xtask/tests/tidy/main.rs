//! Tidiness as ordinary tests: what a reviewer would otherwise have to look for.

mod attacks;
mod documents;
mod generated;
mod layers;
mod required;
mod sizes;
mod tree;
mod words;
