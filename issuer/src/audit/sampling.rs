//! Refusals before a good signature: the first few of each code and source are written, the others are counted.
//!
//! Who has proven nothing may send as much as he likes. A record of each would let him fill the disk, and bury the records
//! that matter. The counts are exact, and come as a summary.

use crate::config::RefusalSampling;
use crate::limits::{SAMPLED_SOURCES, SUMMARY_ROWS};
use crate::source::Source;
use credmint_core::{Code, UnixTime};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Instant;

/// The refusals of one period.
pub(super) struct Sampling {
    config: RefusalSampling,
    /// When the period began, here and by the clock of decisions.
    began: Option<(Instant, UnixTime)>,
    last: UnixTime,
    counts: HashMap<(Code, Option<Source>), Count>,
    /// Those of sources for which there was no place.
    others: HashMap<Code, u64>,
}

#[derive(Default)]
struct Count {
    written: u64,
    counted: u64,
}

impl Sampling {
    pub(super) fn new(config: RefusalSampling) -> Self {
        let last = UnixTime::from_seconds(0);
        Self { config, began: None, last, counts: HashMap::new(), others: HashMap::new() }
    }

    /// Whether a refusal is written. If not, it is counted.
    pub(super) fn takes(&mut self, code: Code, source: Option<IpAddr>, now: UnixTime) -> bool {
        self.began.get_or_insert_with(|| (Instant::now(), now));
        self.last = now;
        let key = (code, source.map(Source::from));
        if self.counts.len() >= SAMPLED_SOURCES && !self.counts.contains_key(&key) {
            let count = self.others.entry(code).or_default();
            *count = count.saturating_add(1);
            return false;
        }
        let count = self.counts.entry(key).or_default();
        let is_written = count.written < self.config.per_code_and_source;
        let counter = if is_written { &mut count.written } else { &mut count.counted };
        *counter = counter.saturating_add(1);
        is_written
    }

    /// When the period ends, if one has begun.
    pub(super) fn due(&self) -> Option<Instant> {
        let (began, _) = self.began?;
        began.checked_add(self.config.period)
    }

    /// Ends the period: the texts of its summary, none where each refusal was written.
    pub(super) fn summaries(&mut self) -> Vec<String> {
        let Some((_, from)) = self.began.take() else { return Vec::new() };
        let rows = self.counts.drain().filter(|(_, count)| count.counted > 0);
        let mut rows: Vec<(&str, Option<String>, Count)> = rows
            .map(|((code, source), count)| {
                (code.as_str(), source.map(|source| source.to_string()), count)
            })
            .collect();
        rows.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
        let mut rows: Vec<Value> = rows
            .into_iter()
            .map(|(code, source, Count { written, counted })| {
                json!({ "code": code, "source": source, "written": written, "counted": counted })
            })
            .collect();
        let mut others: Vec<(Code, u64)> = self.others.drain().collect();
        others.sort_by_key(|(code, _)| code.as_str());
        rows.extend(others.into_iter().map(|(code, counted)| {
            json!({ "code": code.as_str(), "source": "others", "written": 0, "counted": counted })
        }));
        let (from, to) = (from.to_string(), self.last.to_string());
        rows.chunks(SUMMARY_ROWS)
            .map(|rows| {
                json!({ "audit": 1, "kind": "summary", "time": to, "from": from, "refusals": rows })
                    .to_string()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const NOW: UnixTime = UnixTime::from_seconds(1_795_521_600);

    fn sampling() -> Sampling {
        Sampling::new(RefusalSampling { per_code_and_source: 3, period: Duration::from_secs(60) })
    }

    fn address(number: u32) -> Option<IpAddr> {
        Some(std::net::Ipv4Addr::from_bits(number).into())
    }

    fn rows(texts: &[String]) -> Vec<Value> {
        let records = texts.iter().map(|text| serde_json::from_str::<Value>(text).unwrap());
        records.flat_map(|record| record["refusals"].as_array().unwrap().clone()).collect()
    }

    #[test]
    fn o1_the_first_are_written_and_all_are_counted() {
        let mut sampling = sampling();
        let mut written = 0_u64;
        for _ in 0..1000 {
            written += u64::from(sampling.takes(Code::KeyUnknown, address(1), NOW));
        }
        assert!(sampling.takes(Code::KeyUnknown, address(2), NOW), "another source");
        assert!(sampling.takes(Code::RequestMethod, address(1), NOW), "another code");
        assert!(sampling.due().is_some());
        let summaries = sampling.summaries();
        let expected =
            json!([{ "code": "key_unknown", "source": "0.0.0.1", "written": 3, "counted": 997 }]);
        assert_eq!((written, Value::from(rows(&summaries))), (3, expected));
        // The next period begins anew.
        assert_eq!(sampling.due(), None);
        assert!(sampling.takes(Code::KeyUnknown, address(1), NOW));
        assert_eq!(sampling.summaries(), Vec::<String>::new());
    }

    /// However many addresses a stranger has: the memory and the records of a period are bounded, and nothing is lost.
    #[test]
    fn o1_many_sources_are_counted_together() {
        let mut sampling = sampling();
        let sources = u32::try_from(3 * SAMPLED_SOURCES).unwrap();
        let mut written = 0_u64;
        for number in 0..sources * 5 {
            written += u64::from(sampling.takes(Code::KeyUnknown, address(number % sources), NOW));
        }
        assert_eq!(written, 3 * SAMPLED_SOURCES as u64);
        let summaries = sampling.summaries();
        assert!(summaries.iter().all(|text| text.len() < crate::limits::RECORD_BYTES));
        let counted: u64 = rows(&summaries).iter().filter_map(|row| row["counted"].as_u64()).sum();
        assert_eq!(written + counted, u64::from(sources) * 5);
        let others = rows(&summaries).pop().unwrap();
        assert_eq!(others["source"], "others");
        assert_eq!(others["counted"], 2 * 5 * SAMPLED_SOURCES);
    }
}
