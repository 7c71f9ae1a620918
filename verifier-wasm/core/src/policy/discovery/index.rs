//! From what a proof states to the credentials of one provider.

use super::{Entry, Keyed, Parts};
use crate::document::Problems;
use crate::expr::{Facts, Field, Literal};
use crate::limits::DISCOVERY_CANDIDATES;
use crate::policy::provider::ProviderKind;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The discoverable credentials of one provider, by the values that their conditions fix.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Client ids and names of credentials, sorted.
    credentials: Vec<(String, String)>,
    /// The fields that are fixed together, and by their values the places in `credentials`, sorted.
    shapes: Vec<(Vec<Field>, ByValue)>,
}

/// Places by the values of some fields.
type ByValue = BTreeMap<Vec<Literal>, Vec<usize>>;

impl Index {
    /// The index of all alternatives of the credentials of one provider.
    pub(super) fn of(
        entries: &[Entry<'_>],
        keyed: &[Keyed<'_>],
        parts: &Parts<'_>,
        problems: &mut Problems,
    ) -> Self {
        let mut credentials: Vec<(usize, &Entry<'_>)> = Vec::new();
        let mut shapes: BTreeMap<_, ByValue> = BTreeMap::new();
        // They come in the order of their credentials, so places do too.
        for keyed in keyed {
            if credentials.last().is_none_or(|(last, _)| *last != keyed.entry) {
                credentials.extend(entries.get(keyed.entry).map(|entry| (keyed.entry, entry)));
            }
            let Some(place) = credentials.len().checked_sub(1) else { continue };
            let by_value = shapes.entry(&keyed.shape).or_default();
            for value in &keyed.values {
                let places = by_value.entry(value.clone()).or_default();
                if places.last() != Some(&place) {
                    places.push(place);
                }
            }
        }
        let named = |(_, entry): &(usize, &Entry<'_>)| (entry.client.into(), entry.name.into());
        let own = |field: &&Field| (*field).clone();
        let index = Self {
            credentials: credentials.iter().map(named).collect(),
            shapes: shapes
                .into_iter()
                .map(|(shape, by_value)| (shape.iter().map(own).collect(), by_value))
                .collect(),
        };
        // Requests with certificates name their client.
        let is_of_client =
            |(_, entry): &(usize, &Entry<'_>)| matches!(entry.provider.kind, ProviderKind::Pca(_));
        let by_client = credentials.first().is_some_and(is_of_client);
        if let Some((fields, place)) = index.crowd(by_client)
            && let Some((_, entry)) = credentials.get(place)
        {
            report(fields, entry, parts, problems);
        }
        index
    }

    /// Fields and the place of one credential too many that fixes the same values of them; where requests name their client, of
    /// one client.
    fn crowd(&self, by_client: bool) -> Option<(&[Field], usize)> {
        let id = |place: &usize| self.credentials.get(*place).map(|(client, _)| client);
        self.shapes.iter().find_map(|(fields, by_value)| {
            by_value.values().find_map(|places| {
                let behind = places.iter().skip(DISCOVERY_CANDIDATES);
                let mut far = places.iter().zip(behind);
                let found = far.find(|(first, last)| !by_client || id(first) == id(last))?;
                Some((fields.as_slice(), *found.1))
            })
        })
    }

    /// Whether a credential of the client is among them.
    pub(super) fn has_client(&self, client: &str) -> bool {
        let first = self.credentials.partition_point(|(other, _)| other.as_str() < client);
        self.credentials.get(first).is_some_and(|(found, _)| found == client)
    }

    /// See [`Discovery::candidates`](super::Discovery::candidates).
    pub(super) fn candidates(&self, client: Option<&str>, facts: &Facts) -> Vec<(&str, &str)> {
        let mut found: Vec<usize> = Vec::new();
        for (fields, by_value) in &self.shapes {
            let value: Option<Vec<Literal>> =
                fields.iter().map(|field| field.read(facts)).collect();
            let Some(places) = value.and_then(|value| by_value.get(&value)) else { continue };
            found.extend(match client {
                Some(client) => self.of_client(places, client),
                None => places.as_slice(),
            });
        }
        found.sort_unstable();
        found.dedup();
        let named = found.into_iter().filter_map(|place| self.credentials.get(place));
        named.map(|(client, name)| (client.as_str(), name.as_str())).collect()
    }

    /// Those of these places, which are sorted, that are the client's.
    fn of_client<'l>(&self, places: &'l [usize], client: &str) -> &'l [usize] {
        let id = |place: &usize| self.credentials.get(*place).map_or("", |(id, _)| id.as_str());
        let start = places.partition_point(|place| id(place) < client);
        let end = places.partition_point(|place| id(place) <= client);
        places.get(start..end).unwrap_or_default()
    }
}

/// The conditions of all that share their values are evaluated for one proof.
fn report(fields: &[Field], entry: &Entry<'_>, parts: &Parts<'_>, problems: &mut Problems) {
    let fields: Vec<String> = fields.iter().map(ToString::to_string).collect();
    let what = match fields.is_empty() {
        true => "no field".to_string(),
        false => format!("the same values of {}", fields.join(" and ")),
    };
    problems.report(
        &parts.credential(entry.client, entry.name),
        format!("too many discoverable credentials of this provider fix {what}"),
        format!(
            "at most {DISCOVERY_CANDIDATES}, or one more field that each of them fixes, with == or in"
        ),
    );
}
