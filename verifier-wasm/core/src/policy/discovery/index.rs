//! From what a proof states to the credentials of one provider.

use super::{Entry, Keyed, Parts};
use crate::document::Problems;
use crate::expr::{Facts, Field, Literal};
use crate::limits::DISCOVERY_CANDIDATES;
use crate::policy::provider::ProviderKind;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The discoverable credentials of one provider, by the values that their conditions fix.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Client ids and names of credentials, sorted.
    credentials: Vec<(String, String)>,
    /// The fields that are fixed together, and by their values the places in `credentials`, sorted.
    shapes: Vec<(Vec<Field>, BTreeMap<Vec<Literal>, Vec<usize>>)>,
}

impl Index {
    /// The index of all alternatives of the credentials of one provider.
    pub(super) fn of(
        entries: &[Entry<'_>],
        keyed: &[Keyed<'_>],
        parts: &Parts<'_>,
        problems: &mut Problems,
    ) -> Self {
        let all: BTreeSet<usize> = keyed.iter().map(|keyed| keyed.entry).collect();
        let places: BTreeMap<usize, usize> =
            all.iter().enumerate().map(|(place, entry)| (*entry, place)).collect();
        let mut shapes: BTreeMap<_, BTreeMap<Vec<Literal>, BTreeSet<usize>>> = BTreeMap::new();
        for keyed in keyed {
            let by_value = shapes.entry(&keyed.shape).or_default();
            for value in &keyed.values {
                let value = value.iter().map(|literal| (*literal).clone()).collect();
                by_value.entry(value).or_default().extend(places.get(&keyed.entry));
            }
        }
        let credentials = all.iter().filter_map(|index| entries.get(*index));
        let own = |field: &&Field| (*field).clone();
        let as_lists = |by_value: BTreeMap<Vec<Literal>, BTreeSet<usize>>| {
            by_value.into_iter().map(|(value, all)| (value, all.into_iter().collect())).collect()
        };
        let index = Self {
            credentials: credentials
                .clone()
                .map(|entry| (entry.client.to_string(), entry.name.to_string()))
                .collect(),
            shapes: shapes
                .into_iter()
                .map(|(shape, by_value)| (shape.iter().map(own).collect(), as_lists(by_value)))
                .collect(),
        };
        // Requests with certificates name their client.
        let of_client = |entry: &Entry<'_>| matches!(entry.provider.kind, ProviderKind::Pca(_));
        let by_client = credentials.clone().next().is_some_and(of_client);
        index.require_few(&credentials.collect::<Vec<_>>(), by_client, parts, problems);
        index
    }

    /// The conditions of all that share their values are evaluated.
    fn require_few(
        &self,
        credentials: &[&Entry<'_>],
        by_client: bool,
        parts: &Parts<'_>,
        problems: &mut Problems,
    ) {
        for (fields, by_value) in &self.shapes {
            for places in by_value.values() {
                let Some(entry) = places.get(DISCOVERY_CANDIDATES) else { continue };
                let Some(entry) = credentials.get(*entry) else { continue };
                let of_client = || self.of_client(places, entry.client).len();
                let found = if by_client { of_client() } else { places.len() };
                if found <= DISCOVERY_CANDIDATES {
                    continue;
                }
                let fields: Vec<String> = fields.iter().map(ToString::to_string).collect();
                let message = match fields.is_empty() {
                    true => {
                        format!("{found} discoverable credentials of this provider fix no field")
                    }
                    false => format!(
                        "{found} discoverable credentials of this provider fix the same values of {}",
                        fields.join(" and ")
                    ),
                };
                problems.report(
                    &parts.credential(entry.client, entry.name),
                    message,
                    format!(
                        "at most {DISCOVERY_CANDIDATES}, or one more field that each of them fixes, with == or in"
                    ),
                );
                return;
            }
        }
    }

    /// Whether a credential of the client is among them.
    pub(super) fn has_client(&self, client: &str) -> bool {
        let first = self.credentials.partition_point(|(other, _)| other.as_str() < client);
        self.credentials.get(first).is_some_and(|(found, _)| found == client)
    }

    /// See [`Discovery::candidates`](super::Discovery::candidates).
    pub(super) fn candidates(&self, client: Option<&str>, facts: &Facts) -> Vec<(&str, &str)> {
        let mut found: BTreeSet<&usize> = BTreeSet::new();
        for (fields, by_value) in &self.shapes {
            let value: Option<Vec<Literal>> =
                fields.iter().map(|field| field.read(facts)).collect();
            let Some(places) = value.and_then(|value| by_value.get(&value)) else { continue };
            found.extend(match client {
                Some(client) => self.of_client(places, client),
                None => places.as_slice(),
            });
        }
        let named = found.into_iter().filter_map(|place| self.credentials.get(*place));
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
