//! Conditions and mappings: a small expression language over proven facts.
//!
//! It is a subset of CEL with CEL's precedence and meaning, plus the spellings of Alibaba Cloud
//! IDaaS.
//!
//! ```text
//! expression = and { "||" and }
//! and        = relation { "&&" relation }
//! relation   = unary [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" ) unary ]
//! unary      = { "!" } primary
//! primary    = operand { member | method }
//! operand    = "(" expression ")" | literal | list | map | name | call
//! literal    = string | integer | "true" | "false" | "null"
//! list       = "[" [ literal { "," literal } [ "," ] ] "]"      (not null, all of one kind)
//! map        = "{" [ string ":" literal { "," string ":" literal } [ "," ] ] "}"      (the same)
//! member     = "." name | "." "'" text "'" | "[" expression "]"
//! method     = "." ( "startsWith" | "endsWith" | "contains" ) "(" expression ")"
//!            | "." "size" "(" ")"
//!            | "." ( "exists" | "all" ) "(" name "," expression ")"
//! call       = "Append" "(" expression { "," expression } ")"
//!            | "IsNullOrEmpty" "(" expression ")"
//!            | "has" "(" path ")"
//!            | "glob" "(" expression "," string ")"
//!            | "percentEncode" "(" expression ")"
//!            | "size" "(" expression ")"
//! ```
//!
//! A path is a name with members whose keys are literals. A single-quoted text directly after a dot is a path segment, as in
//! `jwt.claims.'kubernetes.io'.namespace`; anywhere else it is a string, as in CEL.
//! `jwt.claims["sub"]`, `jwt.claims.'sub'` and `jwt.claims.sub` are the same path.
//!
//! # Meaning
//!
//! - **Missing is an error.** `has(a.b)` asks whether the object `a` has the member `b`; when `a`
//!   itself is missing, that is an error, as in CEL. `IsNullOrEmpty(a.b)` is true when any part of
//!   the path is missing, and for null, `""`, `[]` and `{}`; it is false for every other value.
//! - **Errors are absorbed** by `&&` and `||`, whichever side they are on, as in CEL: `missing == 1
//!   && false` is false, `missing == 1 || true` is true; `missing == 1 && true` is an error. Limits
//!   are never absorbed.
//! - **Different kinds do not compare.** `==`, `!=` and `in` with two different kinds (string,
//!   integer, decimal, boolean, null, array, object) are an error, where CEL would say false or,
//!   for `1 == 1.0`, true. This holds for null too: `x == null` is an error unless `x` is null.
//!   Within arrays and objects the same rule holds for each pair of elements.
//! - `<`, `<=`, `>`, `>=` order integers only; text that looks like a number is no number.
//! - `!a == b` is `(!a) == b`, as in CEL. `!!a` needs a boolean, where CEL parsers drop the two.
//! - `x in list` is true when an element equals `x`; an element of another kind is an error unless
//!   another element equals `x`. `"k" in object` asks for a member.
//! - `list.exists(x, condition)` is `||` over the elements and `list.all(x, condition)` is `&&`, so
//!   errors are absorbed as there, and of an empty list `exists` is false and `all` is true. They
//!   take lists only, where CEL takes the names of an object too.
//! - `size` counts the characters of a string, the elements of a list, the members of an object.
//! - `glob` is anchored at both ends; `*` matches any text without `/` and `:`, `**` matches any
//!   text. There are no other special characters.
//! - `percentEncode` writes each byte of a text's UTF-8 that is not visible ASCII, and each `%`, as `%` and two
//!   upper-case hexadecimal digits (RFC 3986 section 2.1). It is ours: CEL has no such function.
//!
//! # When a policy loads
//!
//! [`Expression::check_condition`] refuses what cannot be meant: unknown models, operands of a kind
//! that can only be an error, comparisons without a field, conditions about nothing in the proof.
//! [`binds`] is the identity rule: whatever the facts, a condition that passes it is true only for
//! subjects that it names.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::json::{Object, Value};
use crate::limits;

mod alternatives;
mod check;
mod clause;
mod evaluate;
mod functions;
mod identity;
mod inspect;
mod joined;
mod lexer;
mod model;
mod parser;
mod syntax;
mod typed;
mod value_form;
mod words;

pub(crate) use alternatives::{Alternative, Field, Literal, Reading, alternatives};
pub use clause::Clause;
pub use evaluate::EvalError;
pub use identity::Requirement;
pub(crate) use identity::{FieldPath, Fields, binds};
pub use model::{Model, Shape};
pub use syntax::{Path, Segment};
pub use value_form::ValueForm;

pub(crate) use inspect::{Pattern, PatternShape};
pub(crate) use lexer::is_hidden;
use syntax::Node;

/// An expression that has been parsed.
#[derive(Clone, Debug)]
pub struct Expression {
    text: String,
    root: Node,
}

impl Expression {
    /// Parses `text`.
    ///
    /// # Errors
    ///
    /// The first place where `text` is not an expression, or where it passes
    /// [`limits::EXPRESSION_BYTES`], [`limits::EXPRESSION_DEPTH`] or [`limits::EXPRESSION_NODES`].
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        if text.len() > limits::EXPRESSION_BYTES {
            return Err(SyntaxError::new(
                limits::EXPRESSION_BYTES,
                alloc::format!("an expression has at most {} bytes", limits::EXPRESSION_BYTES),
            ));
        }
        Ok(Self { text: text.into(), root: parser::parse(text)? })
    }

    /// The expression for facts of `models`: each literal that is compared with a field of a known form is brought to
    /// the spelling that facts have, and `in`, `exists` and `all` see every value of an attribute. The text stays what it was.
    ///
    /// # Errors
    ///
    /// A literal that no value of the field can ever be.
    pub fn typed(mut self, models: &[Model]) -> Result<Self, SyntaxError> {
        typed::settle(&mut self.root, &check::Scope::Facts(models))?;
        Ok(self)
    }

    /// The value of the expression for `facts`.
    ///
    /// # Errors
    ///
    /// What could not be evaluated; the error names paths and kinds, never values.
    pub fn evaluate(&self, facts: &Facts) -> Result<Value, EvalError> {
        evaluate::value(&self.root, facts)
    }

    /// Whether the condition holds for `facts`.
    ///
    /// # Errors
    ///
    /// As [`Expression::evaluate`], and when the value is not a boolean. An error is not `false`,
    /// but whoever asks must refuse as if it were.
    pub fn condition(&self, facts: &Facts) -> Result<bool, EvalError> {
        evaluate::condition(&self.root, facts)
    }

    /// Checks what can be known about a condition before there are facts; `models` are those that
    /// its place in the policy provides, with what is known of their members.
    ///
    /// # Errors
    ///
    /// The first part that can only be a mistake: see the [module](self).
    pub fn check_condition(&self, models: &[Model]) -> Result<(), SyntaxError> {
        check::condition(&self.root, models)
    }

    /// Checks what can be known about the source of an attribute before there are facts: as
    /// [`Expression::check_condition`], but the value is a string or an integer and may be
    /// constant.
    ///
    /// # Errors
    ///
    /// The first part that can only be a mistake.
    pub fn check_mapping(&self, models: &[Model]) -> Result<(), SyntaxError> {
        check::mapping(&self.root, models)
    }

    /// The same for the source of a claim, which may be a boolean too.
    ///
    /// # Errors
    ///
    /// The first part that can only be a mistake.
    pub(crate) fn check_claim(&self, models: &[Model]) -> Result<(), SyntaxError> {
        check::claim(&self.root, models)
    }

    /// How many of the [`limits::EXPRESSION_STEPS`] the evaluation for `facts` takes.
    #[must_use]
    pub fn steps(&self, facts: &Facts) -> usize {
        evaluate::steps(&self.root, facts)
    }

    /// Whether it is an `||`, which needs parentheses as an operand of `&&`.
    pub(crate) const fn is_disjunction(&self) -> bool {
        matches!(self.root.form, syntax::Form::Any(_))
    }

    /// Whether it is a path and nothing else.
    pub(crate) const fn is_path(&self) -> bool {
        matches!(self.root.form, syntax::Form::Path(_))
    }

    /// The source text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Every path that the expression reads, in the order of the text, repeated as often as it
    /// stands there.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let mut found = Vec::new();
        self.root.collect_paths(&mut found);
        found.into_iter()
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

/// Whether models say that there is an integer at a path, if there is anything.
pub(crate) fn is_integer(path: &Path, models: &[Model]) -> bool {
    matches!(check::shape(path, &check::Scope::Facts(models)), Shape::Integer)
}

/// What conditions and mappings read: an object with a member for each model (`client`, and one of
/// `jwt`, `cert` and `pkcs7`).
#[derive(Clone, Debug, PartialEq)]
pub struct Facts(Object);

impl Facts {
    /// Facts from an object whose members are the models.
    #[must_use]
    pub const fn new(models: Object) -> Self {
        Self(models)
    }

    /// The same with one more model.
    pub(crate) fn with(mut self, name: &str, model: Value) -> Self {
        self.0.insert(name, model);
        self
    }

    /// The models.
    #[must_use]
    pub const fn models(&self) -> &Object {
        &self.0
    }
}

/// Why a text is not an expression, or not one that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    offset: usize,
    message: String,
}

impl SyntaxError {
    fn new(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, message: message.into() }
    }

    /// Where, in bytes from the start of the text; the length of the text means its end.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// What is wrong and what was expected, as a sentence without a full stop.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "at byte {}: {}", self.offset, self.message)
    }
}

impl core::error::Error for SyntaxError {}

#[cfg(test)]
mod tests;
