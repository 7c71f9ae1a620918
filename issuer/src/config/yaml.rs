//! YAML, read strictly into values that know where they stand.

use super::error::ConfigError;
use super::place::Place;
use crate::limits::{YAML_DEPTH, YAML_NODES};
use credmint_core::json::Value;
use credmint_core::limits::JSON_INTEGER_MAX;
use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Options, Spanned};
use std::fmt;
use std::path::Path;

/// A value and its place.
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) content: Content,
}

pub(super) enum Content {
    /// Anything but an array or an object.
    Scalar(Value),
    Array(Vec<Node>),
    /// The members in the order of the file, each with the place of its name; no name twice.
    Object(Vec<(String, Place, Node)>),
}

/// Reads the text of `file`.
///
/// # Errors
/// When it is not YAML of the strict kind, or not a `T`.
pub(super) fn parse<T: DeserializeOwned>(file: &Path, text: &str) -> Result<T, ConfigError> {
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| describe(file, &error))
}

/// YAML 1.2 without what hides a value from its reader: anchors, aliases, merge keys, tags of programs. What
/// has a leading zero or an underscore is text, so that an account id keeps its digits.
fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_anchors: 0,
            max_aliases: 0,
            max_merge_keys: 0,
            max_documents: 1,
            max_depth: YAML_DEPTH,
            max_nodes: YAML_NODES,
            max_events: 2 * YAML_NODES,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        non_finite_float_policy: NonFiniteFloatPolicy::Reject,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        reject_tagged_field_names: true,
        emit_comments: false,
        with_snippet: false,
    }
}

/// The library's error in our words, with its place.
fn describe(file: &Path, error: &serde_saphyr::Error) -> ConfigError {
    use serde_saphyr::Error;
    use serde_saphyr::budget::BudgetBreach;
    let error = error.without_snippet();
    let place = error.location().map_or(Place::START, |location| Place::of(&location));
    let message = match error {
        Error::DuplicateMappingKey { key, .. } => {
            format!("`{}` occurs twice", key.as_deref().unwrap_or("a name"))
        }
        Error::NullIntoString { .. } => "there is no text here".to_owned(),
        Error::MergeKeyNotAllowed { .. } => "merge keys (<<) are not allowed".to_owned(),
        Error::Budget { breach, .. } => match breach {
            BudgetBreach::Anchors { .. } | BudgetBreach::Aliases { .. } => {
                "anchors and aliases are not allowed".to_owned()
            }
            BudgetBreach::Documents { .. } => "a second document begins here".to_owned(),
            BudgetBreach::Depth { .. } => format!("values are nested more than {YAML_DEPTH} deep"),
            _ => "the file is too large".to_owned(),
        },
        other => other.to_string(),
    };
    // The text of others ends with the place, which we say in front.
    let suffix = format!(" at line {}, column {}", place.line, place.column);
    let message = message.strip_suffix(&suffix).unwrap_or(&message);
    match message.split_once(", expected ") {
        Some((message, expected)) => ConfigError::new(file, place, message).expected(expected),
        None => ConfigError::new(file, place, message),
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Content>::deserialize(deserializer)?;
        Ok(Self { place: Place::of(&spanned.referenced), content: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

/// The recursion into [`Node`] is bounded by [`YAML_DEPTH`].
struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Content, E> {
        Ok(Content::Scalar(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Content, E> {
        Ok(Content::Scalar(value.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Content, E> {
        Ok(Content::Scalar(text.into()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Content, E> {
        if number.unsigned_abs() > JSON_INTEGER_MAX.unsigned_abs() {
            return Err(too_large());
        }
        Ok(Content::Scalar(number.into()))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Content, E> {
        self.visit_i64(i64::try_from(number).map_err(|_| too_large())?)
    }

    /// An integer beyond 64 bits comes as a decimal too, so the same limit holds.
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Content, E> {
        if number.abs() > JSON_INTEGER_MAX as f64 {
            return Err(too_large());
        }
        Ok(Content::Scalar(Value::Decimal(number)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Content, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = elements.next_element()? {
            nodes.push(node);
        }
        Ok(Content::Array(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Content, A::Error> {
        let mut nodes = Vec::new();
        while let Some(name) = members.next_key::<Spanned<String>>()? {
            nodes.push((name.value, Place::of(&name.referenced), members.next_value()?));
        }
        Ok(Content::Object(nodes))
    }
}

fn too_large<E: de::Error>() -> E {
    E::custom("the number is beyond ±(2^53 - 1); if it is a name, put it in quotes")
}
