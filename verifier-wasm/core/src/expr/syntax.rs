//! The tree that the parser makes.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::json::Value;

/// A part of an expression with the place where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// The first byte.
    pub(super) start: usize,
    /// The byte after the last.
    pub(super) end: usize,
    pub(super) form: Form,
}

/// What a part of an expression is.
///
/// A chain of `&&` or `||` is one node, so that only nesting makes the tree deep and a long flat
/// condition costs no stack.
#[derive(Clone, Debug)]
pub(super) enum Form {
    /// A string, an integer, a boolean, null, or a list of scalars of one kind.
    Literal(Value),
    Path(Path),
    Not(Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
    Relation(Operator, Box<Node>, Box<Node>),
    /// The path ends in a member.
    Has(Path),
    IsNullOrEmpty(Box<Node>),
    Append(Vec<Node>),
    /// A text and the pattern it is matched against.
    Glob(Box<Node>, String),
}

/// An operator that compares two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
}

impl Operator {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
        }
    }
}

impl Node {
    pub(super) fn collect_paths<'n>(&'n self, found: &mut Vec<&'n Path>) {
        match &self.form {
            Form::Literal(_) => {}
            Form::Path(path) | Form::Has(path) => found.push(path),
            Form::Not(inner) | Form::IsNullOrEmpty(inner) | Form::Glob(inner, _) => {
                inner.collect_paths(found);
            }
            Form::All(parts) | Form::Any(parts) | Form::Append(parts) => {
                parts.iter().for_each(|part| part.collect_paths(found));
            }
            Form::Relation(_, left, right) => {
                left.collect_paths(found);
                right.collect_paths(found);
            }
        }
    }
}

/// A path into the facts, whatever its spelling: a model and the way from there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    root: String,
    segments: Vec<Segment>,
}

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// A member of an object.
    Member(String),
    /// An element of an array, counted from 0.
    Index(usize),
}

impl Path {
    pub(super) const fn new(root: String, segments: Vec<Segment>) -> Self {
        Self { root, segments }
    }

    /// The model: the first name.
    #[must_use]
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The steps after the model.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Whether the path is the one with these names, the model first.
    #[must_use]
    pub fn is(&self, names: &[&str]) -> bool {
        names.split_first().is_some_and(|(root, members)| {
            self.root == *root
                && self.segments.len() == members.len()
                && self.segments.iter().zip(members).all(
                    |(segment, member)| matches!(segment, Segment::Member(name) if name == member),
                )
        })
    }

    /// The text of the path up to and with the segment before `length`.
    pub(super) fn prefix(&self, length: usize) -> String {
        let segments = self.segments.iter().take(length).cloned().collect();
        alloc::format!("{}", Self::new(self.root.clone(), segments))
    }
}

/// The shortest spelling: names as they are, others as `["…"]`.
impl fmt::Display for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.root)?;
        for segment in &self.segments {
            match segment {
                Segment::Member(name) if super::lexer::is_member_name(name) => {
                    write!(out, ".{name}")?;
                }
                Segment::Member(name) => write!(out, "[\"{}\"]", name.escape_debug())?,
                Segment::Index(index) => write!(out, "[{index}]")?,
            }
        }
        Ok(())
    }
}
