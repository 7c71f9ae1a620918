//! The tree that the parser makes.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::json::Value;

/// A part of an expression with its place in the text.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// The first byte.
    pub(super) start: usize,
    /// The byte after the last.
    pub(super) end: usize,
    /// How many parts lie on the longest way down, this one included.
    pub(super) height: usize,
    pub(super) form: Form,
}

/// What a part of an expression is.
///
/// A chain of `&&` or `||` is one node, so that only nesting makes the tree deep and a long flat
/// condition costs no stack.
#[derive(Clone, Debug)]
pub(super) enum Form {
    /// A string, an integer, a boolean, null, or a list or a map of scalars of one kind.
    Literal(Value),
    Path(Path),
    /// A member or an element of something that is no path, or by a key that is no literal.
    Index(Box<Node>, Box<Node>),
    Not(Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
    Relation(Operator, Box<Node>, Box<Node>),
    /// The path ends in a member.
    Has(Path),
    IsNullOrEmpty(Box<Node>),
    Append(Vec<Node>),
    PercentEncode(Box<Node>),
    /// A text and the pattern it is matched against.
    Glob(Box<Node>, String),
    /// A text and the text that is looked for in it.
    Text(TextTest, Box<Node>, Box<Node>),
    Size(Box<Node>),
    Quantified(Quantified),
    /// A path to one text or several, as the list of them.
    Values(Box<Node>),
}

/// `list.exists(variable, body)` or `list.all(variable, body)`.
#[derive(Clone, Debug)]
pub(super) struct Quantified {
    pub(super) quantifier: Quantifier,
    pub(super) list: Box<Node>,
    pub(super) variable: String,
    pub(super) body: Box<Node>,
}

/// For how many elements the body must be true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantifier {
    Exists,
    All,
}

/// Where one text is looked for in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextTest {
    StartsWith,
    EndsWith,
    Contains,
}

impl TextTest {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::StartsWith => "startsWith",
            Self::EndsWith => "endsWith",
            Self::Contains => "contains",
        }
    }

    pub(super) fn holds(self, text: &str, part: &str) -> bool {
        match self {
            Self::StartsWith => text.starts_with(part),
            Self::EndsWith => text.ends_with(part),
            Self::Contains => text.contains(part),
        }
    }
}

impl Quantifier {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Exists => "exists",
            Self::All => "all",
        }
    }
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
    pub(super) fn new(start: usize, end: usize, form: Form) -> Self {
        let mut node = Self { start, end, height: 1, form };
        let below = node.children().iter().map(|child| child.height).max().unwrap_or(0);
        node.height = below.saturating_add(1);
        node
    }

    /// The parts of which this one is made, in the order of the text.
    pub(super) fn children(&self) -> Vec<&Self> {
        match &self.form {
            Form::Literal(_) | Form::Path(_) | Form::Has(_) => Vec::new(),
            Form::Not(inner)
            | Form::IsNullOrEmpty(inner)
            | Form::Glob(inner, _)
            | Form::PercentEncode(inner)
            | Form::Values(inner)
            | Form::Size(inner) => alloc::vec![inner],
            Form::All(parts) | Form::Any(parts) | Form::Append(parts) => parts.iter().collect(),
            Form::Relation(_, left, right)
            | Form::Index(left, right)
            | Form::Text(_, left, right) => alloc::vec![left, right],
            Form::Quantified(part) => alloc::vec![&part.list, &part.body],
        }
    }

    /// The paths into the facts that this part reads. What begins with the variable of a quantifier is
    /// none outside of it.
    pub(super) fn collect_paths<'n>(&'n self, found: &mut Vec<&'n Path>) {
        match &self.form {
            Form::Path(path) | Form::Has(path) => found.push(path),
            Form::Quantified(part) => {
                part.list.collect_paths(found);
                let outside = found.len();
                part.body.collect_paths(found);
                let inside = found.split_off(outside);
                found.extend(inside.into_iter().filter(|path| path.root() != part.variable));
            }
            _ => self.children().into_iter().for_each(|child| child.collect_paths(found)),
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

    /// Whether the path is the one with these names, the model first; `[0]` is the first element.
    #[must_use]
    pub fn is(&self, names: &[&str]) -> bool {
        names.split_first().is_some_and(|(root, members)| {
            self.root == *root
                && self.segments.len() == members.len()
                && self.segments.iter().zip(members).all(|(segment, member)| match segment {
                    Segment::Member(name) => name == member && *member != "[0]",
                    Segment::Index(index) => *index == 0 && *member == "[0]",
                })
        })
    }

    /// One step further.
    pub(super) fn push(&mut self, segment: Segment) {
        self.segments.push(segment);
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
