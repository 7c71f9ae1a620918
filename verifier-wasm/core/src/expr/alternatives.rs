//! The ways in which conditions can hold: what each fixes, and what else it demands of single fields.
//!
//! Of a conjunction of conditions the alternatives (disjuncts) are written out, with `!` pushed inward, as for the
//! [identity rule](super::identity) and for its reason: in Kleene's three-valued logic conditions are true only if all
//! parts of one disjunct are. Of each part only what it says of one field alone is kept; every other part is taken to
//! hold. So an alternative may hold more often than its part of the conditions, and never less often: what excludes
//! an alternative excludes the conditions.
//!
//! Fields of the client are left out: they are facts of a request and not of its proof.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use super::Expression;
use super::Facts;
use super::syntax::{Form, Node, Operator, Path, Segment};
use crate::json::Value;
use crate::limits::ALTERNATIVES;

mod demand;
mod literal;

use demand::Demand;
pub(crate) use literal::Literal;

/// What a condition reads of a proof at a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Field {
    /// The value.
    Value(Path),
    /// How many elements or members it has.
    Size(Path),
    /// The element of a list that has no other, or the name of such a member of an object.
    Only(Path),
}

impl Field {
    pub(crate) const fn path(&self) -> &Path {
        match self {
            Self::Value(path) | Self::Size(path) | Self::Only(path) => path,
        }
    }

    /// What `facts` have there, when it is something that a literal can be.
    pub(crate) fn read(&self, facts: &Facts) -> Option<Literal> {
        match self {
            Self::Value(path) => Literal::of(at(path, facts)?),
            Self::Size(path) => {
                let size = match at(path, facts)? {
                    Value::String(text) => text.chars().count(),
                    Value::Array(elements) => elements.len(),
                    Value::Object(members) => members.len(),
                    _ => return None,
                };
                i64::try_from(size).ok().map(Literal::Integer)
            }
            Self::Only(path) => match at(path, facts)? {
                Value::Array(elements) => match elements.as_slice() {
                    [only] => Literal::of(only),
                    _ => None,
                },
                Value::Object(members) if members.len() == 1 => {
                    members.iter().next().map(|(name, _)| Literal::Text(name.into()))
                }
                _ => None,
            },
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(path) => path.fmt(out),
            Self::Size(path) => write!(out, "{path}.size()"),
            Self::Only(path) => write!(out, "{path}[0]"),
        }
    }
}

fn at<'f>(path: &Path, facts: &'f Facts) -> Option<&'f Value> {
    let root = facts.models().get(path.root())?;
    path.segments().iter().try_fold(root, |value, segment| match (segment, value) {
        (Segment::Member(name), Value::Object(members)) => members.get(name),
        (Segment::Index(index), Value::Array(elements)) => elements.get(*index),
        _ => None,
    })
}

/// One way for conditions to hold. Whenever they do, all that one of the alternatives says is so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Alternative {
    /// The literals of which a field is one.
    fixed: BTreeMap<Field, BTreeSet<Literal>>,
    /// What else is demanded of the value at a path.
    demands: Vec<(Path, Demand)>,
}

/// How two conditions read one field of one proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// They see the same value.
    Same,
    /// One of the two, or both, may see it in lower case.
    Folded,
    /// Perhaps they see different values.
    Different,
}

impl Alternative {
    /// The fields that it fixes, each with the literals of which the field is one.
    pub(crate) const fn fixed(&self) -> &BTreeMap<Field, BTreeSet<Literal>> {
        &self.fixed
    }

    /// Whether no proof can meet both, where `reading` says how the two read each path.
    pub(crate) fn excludes(&self, other: &Self, reading: &dyn Fn(&Path) -> Reading) -> bool {
        let differ = self.fixed.iter().any(|(field, own)| {
            other.fixed.get(field).is_some_and(|theirs| match reading(field.path()) {
                Reading::Same => own.is_disjoint(theirs),
                Reading::Folded => {
                    let folded: BTreeSet<Literal> = own.iter().map(Literal::folded).collect();
                    !theirs.iter().any(|literal| folded.contains(&literal.folded()))
                }
                Reading::Different => false,
            })
        });
        let is_same = |path: &Path| reading(path) == Reading::Same;
        differ
            || self.is_refused_by(other, &is_same)
            || other.is_refused_by(self, &is_same)
            || self.demands.iter().any(|(path, own)| {
                let mut theirs = other.demands.iter().filter(|(other, _)| other == path);
                is_same(path) && theirs.any(|(_, demand)| own.excludes(demand))
            })
    }

    /// Whether what the other demands is met by none of the literals of a field.
    fn is_refused_by(&self, other: &Self, is_same: &dyn Fn(&Path) -> bool) -> bool {
        other.demands.iter().any(|(path, _)| {
            let fixed = self.fixed.iter().find(
                |(field, _)| matches!(field, Field::Value(fixed) if fixed == path && is_same(path)),
            );
            let meets = |literal: &Literal| {
                let mut all = other.demands.iter().filter(|(other, _)| other == path);
                all.all(|(_, demand)| demand.takes(literal))
            };
            fixed.is_some_and(|(_, literals)| !literals.iter().any(meets))
        })
    }

    fn fixing(field: Field, literals: impl IntoIterator<Item = Literal>) -> Self {
        let fixed = BTreeMap::from([(field, literals.into_iter().collect())]);
        Self { fixed, demands: Vec::new() }
    }

    fn demanding(path: &Path, demands: impl IntoIterator<Item = Demand>) -> Self {
        let demands = demands.into_iter().map(|demand| (path.clone(), demand)).collect();
        Self { fixed: BTreeMap::new(), demands }
    }

    /// Both at once; `None` when a field would have to be two values.
    fn and(&self, other: &Self) -> Option<Self> {
        let mut both = self.clone();
        for (field, theirs) in &other.fixed {
            match both.fixed.get_mut(field) {
                Some(own) => own.retain(|literal| theirs.contains(literal)),
                None => drop(both.fixed.insert(field.clone(), theirs.clone())),
            }
        }
        for demand in &other.demands {
            if !both.demands.contains(demand) {
                both.demands.push(demand.clone());
            }
        }
        both.is_possible().then_some(both)
    }

    fn is_possible(&self) -> bool {
        self.fixed.values().all(|literals| !literals.is_empty())
    }

    /// Either of the two as one, where that says the same: they differ in the literals of one field at most.
    fn or(&mut self, other: &Self) -> bool {
        let is_alike = self.demands == other.demands && self.fixed.keys().eq(other.fixed.keys());
        let mut different = self.fixed.iter_mut().zip(other.fixed.values());
        let mut different = different.by_ref().filter(|((_, own), theirs)| *own != *theirs);
        if !is_alike {
            return false;
        }
        match (different.next(), different.next()) {
            (Some(((_, own), theirs)), None) => {
                own.extend(theirs.iter().cloned());
                true
            }
            (None, _) => true,
            _ => false,
        }
    }

    /// The same with what follows from its parts together; `None` when it cannot hold.
    fn settled(self) -> Option<Self> {
        let mut settled = self.clone();
        let one = BTreeSet::from([Literal::Integer(1)]);
        for (field, _) in self.fixed.iter().filter(|(_, sizes)| **sizes == one) {
            let Field::Size(list) = field else { continue };
            let mut first = list.clone();
            first.push(Segment::Index(0));
            let held = self.demands.iter().filter_map(|(path, demand)| match demand {
                Demand::Holds(literal) if path == list => Some(BTreeSet::from([literal.clone()])),
                _ => None,
            });
            for literals in self.fixed.get(&Field::Value(first)).cloned().into_iter().chain(held) {
                settled = settled.and(&Self::fixing(Field::Only(list.clone()), literals))?;
            }
        }
        for (path, demand) in &self.demands {
            if let Some(literals) = settled.fixed.get_mut(&Field::Value(path.clone())) {
                literals.retain(|literal| demand.takes(literal));
            }
        }
        settled.is_possible().then_some(settled)
    }
}

/// The alternatives of the conjunction of `conditions`; of conditions that cannot hold there are none. `None` when there are
/// more than [`ALTERNATIVES`].
pub(crate) fn alternatives(conditions: &[&Expression]) -> Option<Vec<Alternative>> {
    let mut all = vec![Alternative::default()];
    for condition in conditions {
        all = both(&all, &of(&condition.root, true)?)?;
    }
    Some(all.into_iter().filter_map(Alternative::settled).collect())
}

/// The alternatives of `node`, or of its negation when it is not `affirmed`. The depth of the recursion is that of the tree,
/// which the parser bounds.
fn of(node: &Node, affirmed: bool) -> Option<Vec<Alternative>> {
    match (&node.form, affirmed) {
        (Form::Not(inner), _) => of(inner, !affirmed),
        (Form::All(parts), true) | (Form::Any(parts), false) => {
            let mut all = vec![Alternative::default()];
            for part in parts {
                all = both(&all, &of(part, affirmed)?)?;
            }
            Some(all)
        }
        (Form::Any(parts), true) | (Form::All(parts), false) => {
            let mut all = Vec::new();
            for part in parts {
                for alternative in of(part, affirmed)? {
                    add(&mut all, alternative)?;
                }
            }
            Some(all)
        }
        (form, _) => Some(vec![part(form, affirmed)]),
    }
}

/// Each of one with each of the other.
fn both(one: &[Alternative], other: &[Alternative]) -> Option<Vec<Alternative>> {
    if one.len().saturating_mul(other.len()) > ALTERNATIVES {
        return None;
    }
    let mut all = Vec::new();
    for alternative in one.iter().flat_map(|one| other.iter().filter_map(|other| one.and(other))) {
        add(&mut all, alternative)?;
    }
    Some(all)
}

fn add(all: &mut Vec<Alternative>, alternative: Alternative) -> Option<()> {
    if !all.iter_mut().any(|known| known.or(&alternative)) {
        all.push(alternative);
    }
    (all.len() <= ALTERNATIVES).then_some(())
}

/// What a part that is no `!`, `&&` or `||` says of a field.
fn part(form: &Form, affirmed: bool) -> Alternative {
    let said = match (form, affirmed) {
        (Form::Path(path), _) => {
            Some(Alternative::fixing(Field::Value(path.clone()), [Literal::Flag(affirmed)]))
        }
        (Form::Relation(Operator::Equal, left, right), true)
        | (Form::Relation(Operator::NotEqual, left, right), false) => {
            is(left, right).or_else(|| is(right, left))
        }
        (Form::Relation(Operator::NotEqual, left, right), true)
        | (Form::Relation(Operator::Equal, left, right), false) => {
            is_not(left, right).or_else(|| is_not(right, left))
        }
        (Form::Relation(Operator::In, left, right), _) => is_in(left, right, affirmed),
        (Form::Has(path), true) => Some(Alternative::demanding(path, [Demand::Present])),
        (Form::Has(path), false) => Some(Alternative::demanding(path, [Demand::Absent])),
        (Form::IsNullOrEmpty(inner), _) => path_of(inner).map(|path| {
            let demand = if affirmed { Demand::Empty } else { Demand::Filled };
            Alternative::demanding(path, [demand])
        }),
        (Form::Glob(text, pattern), _) => path_of(text).map(|path| {
            Alternative::demanding(path, [Demand::Glob { pattern: pattern.clone(), affirmed }])
        }),
        (Form::Text(test, text, sought), _) => match (&text.form, &sought.form) {
            (Form::Path(path), Form::Literal(Value::String(sought))) => {
                let demand = Demand::Text { test: *test, sought: sought.clone(), affirmed };
                Some(Alternative::demanding(path, [demand]))
            }
            _ => None,
        },
        _ => None,
    };
    let mut said = said.unwrap_or_default();
    said.fixed.retain(|field, _| is_of_proof(field.path()));
    said.demands.retain(|(path, _)| is_of_proof(path));
    said
}

fn is_of_proof(path: &Path) -> bool {
    path.root() != "client"
}

fn path_of(node: &Node) -> Option<&Path> {
    match &node.form {
        Form::Path(path) => Some(path),
        _ => None,
    }
}

/// `side == literal`.
fn is(side: &Node, literal: &Node) -> Option<Alternative> {
    let Form::Literal(value) = &literal.form else { return None };
    match (&side.form, Literal::of(value), value) {
        (Form::Path(path), Some(literal), _) => {
            Some(Alternative::fixing(Field::Value(path.clone()), [literal]))
        }
        (Form::Size(list), Some(literal), _) => {
            Some(Alternative::fixing(Field::Size(path_of(list)?.clone()), [literal]))
        }
        (Form::Path(path), None, Value::Array(elements)) => {
            let mut said = Alternative::fixing(
                Field::Size(path.clone()),
                size_of(elements).map(Literal::Integer),
            );
            if let [only] = elements.as_slice() {
                said.demands.push((path.clone(), Demand::Holds(Literal::of(only)?)));
            }
            Some(said)
        }
        _ => None,
    }
}

fn size_of(elements: &[Value]) -> Option<i64> {
    i64::try_from(elements.len()).ok()
}

/// `side != literal`.
fn is_not(side: &Node, literal: &Node) -> Option<Alternative> {
    match (&side.form, &literal.form) {
        (Form::Path(path), Form::Literal(value)) => {
            Some(Alternative::demanding(path, [Demand::Differs(Literal::of(value)?)]))
        }
        _ => None,
    }
}

/// `left in right`, or not.
fn is_in(left: &Node, right: &Node, affirmed: bool) -> Option<Alternative> {
    match (&left.form, &right.form, affirmed) {
        (Form::Path(path), Form::Literal(Value::Array(elements)), true) => {
            let literals: Option<Vec<_>> = elements.iter().map(Literal::of).collect();
            Some(Alternative::fixing(Field::Value(path.clone()), literals?))
        }
        (Form::Path(path), Form::Literal(Value::Array(elements)), false) => {
            let others = elements.iter().filter_map(Literal::of).map(Demand::Differs);
            Some(Alternative::demanding(path, others))
        }
        (Form::Literal(value), Form::Path(path), true) => {
            Some(Alternative::demanding(path, [Demand::Holds(Literal::of(value)?)]))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
