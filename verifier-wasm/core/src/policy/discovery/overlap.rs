//! Whether one proof could be of two discoverable credentials.
//!
//! Two alternatives of conditions exclude each other when they fix one field to different values, or one fixes it to a value
//! that the other does not take. So only alternatives with the same values of all fields that both fix need be compared: they
//! are brought together by these values, and ten thousand credentials that fix one field are no work.

use super::keyed::combinations;
use super::{Entry, Keyed, Parts};
use crate::document::Problems;
use crate::expr::{Alternative, Field, Literal, Path, Reading, Segment};
use crate::limits::{DISCOVERY_COMPARISONS, DISCOVERY_REPORTS};
use crate::policy::provider::{OidcProvider, Provider, ProviderKind};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The check of one policy.
pub(super) struct Check<'c, 'p> {
    entries: &'c [Entry<'p>],
    parts: &'c Parts<'p>,
    problems: &'c mut Problems,
    /// How many pairs may still be compared.
    left: usize,
    /// The pairs of credentials that were reported.
    reported: Vec<(usize, usize)>,
}

/// Alternatives of one provider that fix the same fields.
type Group<'k, 'e> = Vec<&'k Keyed<'e>>;

impl<'c, 'p> Check<'c, 'p> {
    pub(super) fn new(
        entries: &'c [Entry<'p>],
        parts: &'c Parts<'p>,
        problems: &'c mut Problems,
    ) -> Self {
        let reported = Vec::new();
        Self { entries, parts, problems, left: DISCOVERY_COMPARISONS, reported }
    }

    /// Compares the alternatives of one space. `None` when enough was found to stop.
    pub(super) fn space(&mut self, all: &[&Keyed<'_>]) -> Option<()> {
        let mut groups: BTreeMap<_, Group<'_, '_>> = BTreeMap::new();
        for keyed in all {
            let Some(entry) = self.entries.get(keyed.entry) else { continue };
            let provider = entry.credential.provider.as_str();
            groups.entry((provider, &keyed.shape)).or_default().push(keyed);
        }
        let groups: Vec<Group<'_, '_>> = groups.into_values().collect();
        for (index, one) in groups.iter().enumerate() {
            self.within(one)?;
            for other in groups.iter().skip(index.saturating_add(1)) {
                self.between(one, other)?;
            }
        }
        Some(())
    }

    /// Compares the alternatives of a group with each other.
    fn within(&mut self, group: &[&Keyed<'_>]) -> Option<()> {
        let Some(pair) = self.pair(group, group) else { return Some(()) };
        let mut before: BTreeMap<Vec<Literal>, Group<'_, '_>> = BTreeMap::new();
        for keyed in group {
            for value in &keyed.values {
                let same = before.entry(value.clone()).or_default();
                for other in &*same {
                    self.compare(other, keyed, &pair)?;
                }
                same.push(keyed);
            }
        }
        Some(())
    }

    /// Compares the alternatives of one group with those of another.
    fn between(&mut self, one: &[&Keyed<'_>], other: &[&Keyed<'_>]) -> Option<()> {
        let Some(pair) = self.pair(one, other) else { return Some(()) };
        let (Some(first), Some(second)) = (one.first(), other.first()) else { return Some(()) };
        let is_common = |field: &&&Field| {
            second.shape.contains(*field) && pair.reading(field.path()) != Reading::Different
        };
        let common: Vec<&Field> = first.shape.iter().filter(is_common).copied().collect();
        let mut by_value: BTreeMap<Vec<Literal>, Group<'_, '_>> = BTreeMap::new();
        for keyed in one {
            for value in pair.values(keyed, &common) {
                by_value.entry(value).or_default().push(keyed);
            }
        }
        for keyed in other {
            for value in pair.values(keyed, &common) {
                for same in by_value.get(&value).into_iter().flatten() {
                    self.compare(same, keyed, &pair)?;
                }
            }
        }
        Some(())
    }

    /// The providers of two groups, when one proof may be good for both.
    fn pair(&self, one: &[&Keyed<'_>], other: &[&Keyed<'_>]) -> Option<Pair<'p>> {
        let of = |group: &[&Keyed<'_>]| self.entries.get(group.first()?.entry);
        let (one, other) = (of(one)?, of(other)?);
        let is_one = one.credential.provider == other.credential.provider;
        let pair = Pair { one: one.provider, other: other.provider, is_one };
        pair.share_proofs().then_some(pair)
    }

    fn compare(&mut self, one: &Keyed<'_>, other: &Keyed<'_>, pair: &Pair<'_>) -> Option<()> {
        if one.entry == other.entry {
            return Some(());
        }
        let reading = |path: &Path| pair.reading(path);
        let Some(left) = self.left.checked_sub(1) else {
            self.report_work(one, other);
            return None;
        };
        self.left = left;
        if one.alternative.excludes(other.alternative, &reading) {
            return Some(());
        }
        let (first, second) = if one.entry < other.entry { (one, other) } else { (other, one) };
        let both = (first.entry, second.entry);
        if !self.reported.contains(&both) {
            self.reported.push(both);
            self.report(first, second, pair);
        }
        (self.reported.len() < DISCOVERY_REPORTS).then_some(())
    }

    fn report(&mut self, first: &Keyed<'_>, second: &Keyed<'_>, pair: &Pair<'_>) {
        let (Some(one), Some(other)) =
            (self.entries.get(first.entry), self.entries.get(second.entry))
        else {
            return;
        };
        let name = name(one);
        let place = |entry: &Entry<'_>| self.parts.credential(entry.client, entry.name);
        self.problems.report_both(
            (&place(other), &place(one)),
            format!("a proof may be of this discoverable credential and of {name} as well"),
            told_apart(first.alternative, second.alternative, (one, other), pair),
        );
    }

    fn report_work(&mut self, one: &Keyed<'_>, other: &Keyed<'_>) {
        let (Some(first), Some(second)) =
            (self.entries.get(one.entry), self.entries.get(other.entry))
        else {
            return;
        };
        let fields = |keyed: &Keyed<'_>| {
            let all: Vec<String> = keyed.shape.iter().map(ToString::to_string).collect();
            if all.is_empty() { "no field".to_string() } else { all.join(" and ") }
        };
        let (name, others) = (name(first), fields(one));
        let place = |entry: &Entry<'_>| self.parts.credential(entry.client, entry.name);
        self.problems.report_both(
            (&place(second), &place(first)),
            format!(
                "there are too many discoverable credentials that no field tells apart at once: this fixes {}, {name} fixes {others}",
                fields(other)
            ),
            "one field that all of them fix with == or in, each to other values",
        );
    }
}

fn name(entry: &Entry<'_>) -> String {
    format!("`{}/{}`", entry.client, entry.name)
}

/// The providers of two credentials, which one proof may be good for.
struct Pair<'p> {
    one: &'p Provider,
    other: &'p Provider,
    /// Whether they are the same one.
    is_one: bool,
}

impl Pair<'_> {
    /// Whether one proof may be good for both. A message of one cloud never passes under another.
    fn share_proofs(&self) -> bool {
        match (&self.one.kind, &self.other.kind) {
            _ if self.is_one => true,
            (ProviderKind::Oidc(one), ProviderKind::Oidc(other)) => share_tokens(one, other),
            (ProviderKind::Pkcs7(one), ProviderKind::Pkcs7(other)) => {
                one.profile == other.profile && one.audience == other.audience
            }
            (ProviderKind::Pca(_), ProviderKind::Pca(_)) => true,
            _ => false,
        }
    }

    /// How conditions of the two read a path of one proof.
    fn reading(&self, path: &Path) -> Reading {
        if self.is_one {
            Reading::Same
        } else if is_of_the_path(path) {
            Reading::Different
        } else if self.one.preset != self.other.preset
            && (self.one.preset.folds(path) || self.other.preset.folds(path))
        {
            Reading::Folded
        } else {
            Reading::Same
        }
    }

    /// The values of these fields, which an alternative fixes.
    fn values(&self, keyed: &Keyed<'_>, fields: &[&Field]) -> Vec<Vec<Literal>> {
        let literals = |field: &&Field| keyed.alternative.fixed().get(*field);
        let sets: Vec<&BTreeSet<Literal>> = fields.iter().filter_map(literals).collect();
        let mut values = combinations(&sets);
        for (place, field) in fields.iter().enumerate() {
            if self.reading(field.path()) == Reading::Folded {
                for literal in values.iter_mut().filter_map(|value| value.get_mut(place)) {
                    *literal = literal.folded();
                }
            }
        }
        values
    }
}

/// Whether there are audiences with which both take a token: one of each, and nothing that is strange to one of the two. Those of
/// one trust domain both take an SVID for this issuer, by which a client authenticates itself, whatever their own audiences are.
fn share_tokens(one: &OidcProvider, other: &OidcProvider) -> bool {
    if one.trust_domain.is_some() && one.trust_domain == other.trust_domain {
        return true;
    }
    let takes = |provider: &OidcProvider, audience: &String| {
        provider.audiences.contains(audience) || provider.other_audiences.contains(audience)
    };
    one.audiences.iter().any(|audience| takes(other, audience))
        && other.audiences.iter().any(|audience| takes(one, audience))
}

/// Whether it is a fact of the way to a root, which another provider may find another of. A certificate is signed by one key, so
/// the key of its issuer is none.
fn is_of_the_path(path: &Path) -> bool {
    let first = match path.segments().first() {
        Some(Segment::Member(name)) => name.as_str(),
        _ => "",
    };
    match path.root() {
        "cert" => matches!(first, "issuer" | "policies"),
        "pkcs7" => first == "certificates",
        _ => false,
    }
}

/// What would make two alternatives exclude each other.
fn told_apart(
    first: &Alternative,
    second: &Alternative,
    (one, other): (&Entry<'_>, &Entry<'_>),
    pair: &Pair<'_>,
) -> String {
    let is_value = |field: &&Field| {
        matches!(field, Field::Value(_) | Field::Only(_))
            && pair.reading(field.path()) != Reading::Different
    };
    // Those that the alternative fixes, and the other fixes too or does not.
    let list = |own: &Alternative, other: &Alternative, too: bool| {
        let fields = own.fixed().keys().filter(is_value);
        let fields = fields.filter(|field| other.fixed().contains_key(field) == too);
        fields.map(ToString::to_string).collect::<Vec<_>>().join(" or ")
    };
    let common = list(first, second, true);
    let (lacking, rest) = match list(second, first, false) {
        rest if rest.is_empty() => (other, list(first, second, false)),
        rest => (one, rest),
    };
    match (common.is_empty(), rest.is_empty()) {
        (true, true) => "a field that each of the two fixes to other values".to_string(),
        (false, true) => format!("other values of {common} in one of the two"),
        (true, false) => format!("values of {rest} in {} too, other ones", name(lacking)),
        (false, false) => format!(
            "other values of {common} in one of the two, or of {rest} in {} too",
            name(lacking)
        ),
    }
}
