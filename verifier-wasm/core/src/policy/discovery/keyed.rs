//! By which values an alternative is found.

use super::{Entry, Parts};
use crate::document::Problems;
use crate::expr::{Alternative, Field, Literal};
use crate::limits::{DISCOVERY_KEYS, DISCOVERY_SHAPES};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

/// An alternative of a credential, with the fields by which it is found and every combination of their values.
pub(super) struct Keyed<'e> {
    /// The place of the credential among all.
    pub(super) entry: usize,
    pub(super) alternative: &'e Alternative,
    pub(super) shape: Shape<'e>,
    /// Of as many values as the shape has fields.
    pub(super) values: Vec<Vec<Literal>>,
}

/// Fields that are fixed together.
pub(super) type Shape<'e> = Vec<&'e Field>;

/// The alternatives of all credentials of one provider; `None` when no shapes suit them, which is reported.
pub(super) fn all<'e>(
    entries: &'e [Entry<'_>],
    indices: &[usize],
    parts: &Parts<'_>,
    problems: &mut Problems,
) -> Option<Vec<Keyed<'e>>> {
    let own = || {
        let of = |index: &usize| entries.get(*index).map(|entry| (*index, entry));
        let all = indices.iter().filter_map(of);
        all.flat_map(|(index, entry)| entry.alternatives.iter().map(move |it| (index, it)))
    };
    let all: Vec<Keyed<'_>> = own().map(|(entry, it)| Keyed::of(entry, it, fixed(it))).collect();
    if shapes(&all).len() <= DISCOVERY_SHAPES {
        return Some(all);
    }
    // So many different sets: one field each will do, that with the rarest values.
    let mut uses: BTreeMap<(&Field, &Literal), usize> = BTreeMap::new();
    for (_, alternative) in own() {
        for (field, literals) in alternative.fixed() {
            for literal in literals {
                let count = uses.entry((field, literal)).or_default();
                *count = count.saturating_add(1);
            }
        }
    }
    let rarest = |alternative: &'e Alternative| {
        let common = |(field, literals): &(&'e Field, &'e BTreeSet<Literal>)| {
            let uses = |literal| uses.get(&(*field, literal)).copied().unwrap_or_default();
            literals.iter().map(uses).fold(0, usize::saturating_add)
        };
        alternative.fixed().iter().min_by_key(common).into_iter().collect()
    };
    let all: Vec<Keyed<'_>> = own().map(|(entry, it)| Keyed::of(entry, it, rarest(it))).collect();
    let shapes = shapes(&all);
    if shapes.len() <= DISCOVERY_SHAPES {
        return Some(all);
    }
    let (entry, shapes) = (entries.get(*indices.first()?)?, shapes.len());
    problems.report(
        &parts.credential(entry.client, entry.name),
        format!(
            "the discoverable credentials of `{}` fix {shapes} different fields",
            entry.credential.provider
        ),
        format!("at most {DISCOVERY_SHAPES}: the same few fields in all of them, with == or in"),
    );
    None
}

fn shapes<'k, 'e>(all: &'k [Keyed<'e>]) -> BTreeSet<&'k Shape<'e>> {
    all.iter().map(|keyed| &keyed.shape).collect()
}

fn fixed(alternative: &Alternative) -> Vec<(&Field, &BTreeSet<Literal>)> {
    alternative.fixed().iter().collect()
}

impl<'e> Keyed<'e> {
    /// By as many of these fields as there is room for, those of few values first.
    fn of(
        entry: usize,
        alternative: &'e Alternative,
        mut fields: Vec<(&'e Field, &'e BTreeSet<Literal>)>,
    ) -> Self {
        fields.sort_by_key(|(field, literals)| (literals.len(), *field));
        let mut count = 1_usize;
        let mut chosen: BTreeMap<&Field, &BTreeSet<Literal>> = BTreeMap::new();
        for (field, literals) in fields {
            let more = count.saturating_mul(literals.len());
            if more <= DISCOVERY_KEYS || chosen.is_empty() {
                count = more;
                chosen.insert(field, literals);
            }
        }
        let values = combinations(&chosen.values().copied().collect::<Vec<_>>());
        Self { entry, alternative, shape: chosen.into_keys().collect(), values }
    }
}

/// Every combination of one literal of each of these.
pub(super) fn combinations(sets: &[&BTreeSet<Literal>]) -> Vec<Vec<Literal>> {
    let mut all = vec![Vec::new()];
    for literals in sets {
        let mut longer = Vec::new();
        for value in &all {
            for literal in *literals {
                let mut value = value.clone();
                value.push(literal.clone());
                longer.push(value);
            }
        }
        all = longer;
    }
    all
}
