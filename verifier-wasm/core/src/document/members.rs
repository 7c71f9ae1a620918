//! The members of one object.

use super::{Node, Problems};
use crate::json::Object;
use alloc::format;
use alloc::vec::Vec;

/// The members of one object, taken by name. What was not taken is unknown.
#[derive(Debug)]
pub struct Members<'a> {
    node: Node<'a>,
    object: &'a Object,
    known: Vec<&'static str>,
    /// Members are not checked any further, because it is not known which there should be.
    is_skipped: bool,
}

impl<'a> Node<'a> {
    /// The members of an object.
    pub fn members(&self, problems: &mut Problems) -> Option<Members<'a>> {
        let Some(object) = self.value.as_object() else {
            return self.kind_problem("an object", problems);
        };
        Some(Members { node: self.clone(), object, known: Vec::new(), is_skipped: false })
    }
}

impl<'a> Members<'a> {
    /// The object itself, for problems that concern several members.
    #[must_use]
    pub const fn node(&self) -> &Node<'a> {
        &self.node
    }

    /// A member that may be absent.
    pub fn optional(&mut self, name: &'static str) -> Option<Node<'a>> {
        self.known.push(name);
        self.object.get(name).map(|value| self.node.child(name, value))
    }

    /// A member that must be there.
    pub fn required(&mut self, name: &'static str, problems: &mut Problems) -> Option<Node<'a>> {
        let node = self.optional(name);
        if node.is_none() {
            let expected = format!("the member `{name}`");
            problems.report(&self.node, format!("`{name}` is missing"), expected);
        }
        node
    }

    /// A yes or no, `absent` when it is not there.
    pub fn flag(
        &mut self,
        name: &'static str,
        absent: bool,
        problems: &mut Problems,
    ) -> Option<bool> {
        self.optional(name).map_or(Some(absent), |node| node.boolean(problems))
    }

    /// What `read` makes of a member, `absent` when it is not there.
    pub fn read_or<T>(
        &mut self,
        name: &'static str,
        absent: T,
        read: impl FnOnce(&Node<'a>) -> Option<T>,
    ) -> Option<T> {
        self.optional(name).map_or(Some(absent), |node| read(&node))
    }

    /// Whether a member is there, without taking it.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.object.contains(name)
    }

    /// Ends reading without a report of the members that were not taken.
    pub const fn skip(&mut self) {
        self.is_skipped = true;
    }

    /// Reports every member that was not asked for.
    pub fn close(self, problems: &mut Problems) {
        for (name, value) in self.object.iter().filter(|_| !self.is_skipped) {
            if !self.known.contains(&name) {
                problems.report_unknown(&self.node.child(name, value), name, &self.known);
            }
        }
    }
}
