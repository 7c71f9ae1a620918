//! `server.audit:`: where the record of each decision goes, and what becomes of it there.

use super::seconds::Seconds;
use crate::limits::{
    AUDIT_FILES_KEPT, CHECKPOINT_EVERY, REFUSALS_PER_SOURCE, ROTATE_BYTES_LEAST, SAMPLING_PERIOD,
};
use serde::de::{Deserialize, Deserializer};
use std::path::PathBuf;
use std::time::Duration;

/// Where the record of each decision goes, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditConfig {
    /// Where it goes.
    pub place: AuditPlace,
    /// When a file is full, and how many are kept.
    pub rotation: Option<Rotation>,
    /// Which refusals before a good signature are written.
    pub refusals: RefusalSampling,
    /// How long records stand at most before a signed checkpoint follows them.
    pub checkpoint_every: Duration,
}

/// Where records go: `stdout`, `off`, or a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AuditPlace {
    /// Standard output, which nothing else is written to.
    #[default]
    Stdout,
    /// Nowhere.
    Off,
    /// The end of this file.
    File(PathBuf),
}

/// When a file is full, and how many full ones are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The most bytes of a file.
    pub bytes: u64,
    /// Full files that are kept beside it.
    pub keep: usize,
}

/// Which refusals before a good signature are written: the first of each code and source in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusalSampling {
    /// How many.
    pub per_code_and_source: u64,
    /// The period, at whose end the others are written as a count.
    pub period: Duration,
}

impl AuditConfig {
    /// Everything as by default, in this place.
    #[must_use]
    pub const fn at(place: AuditPlace) -> Self {
        Self {
            place,
            rotation: None,
            refusals: RefusalSampling {
                per_code_and_source: REFUSALS_PER_SOURCE,
                period: SAMPLING_PERIOD,
            },
            checkpoint_every: CHECKPOINT_EVERY,
        }
    }

    /// The file that it names.
    pub(super) const fn path_mut(&mut self) -> Option<&mut PathBuf> {
        match &mut self.place {
            AuditPlace::File(path) => Some(path),
            AuditPlace::Stdout | AuditPlace::Off => None,
        }
    }

    /// What the types do not say. An error is a sentence and what was expected.
    pub(super) fn check(&self) -> Result<(), (String, &'static str)> {
        if self.rotation.is_some_and(|rotation| rotation.bytes < ROTATE_BYTES_LEAST) {
            let message = "`audit.rotate_bytes` is less than a few records".to_owned();
            return Err((message, "1048576 at least"));
        }
        if self.rotation.is_some_and(|rotation| rotation.keep == 0) {
            let message = "`audit.keep` is 0, so every full file would be lost".to_owned();
            return Err((message, "1 at least, or no `rotate_bytes`"));
        }
        if self.refusals.period.is_zero() || self.checkpoint_every.is_zero() {
            let message = "a time of `audit` is 0".to_owned();
            return Err((message, "seconds, as 60 or 60s"));
        }
        Ok(())
    }
}

impl Default for AuditConfig {
    fn default() -> Self {
        Self::at(AuditPlace::default())
    }
}

impl From<String> for AuditPlace {
    fn from(text: String) -> Self {
        match text.as_str() {
            "stdout" => Self::Stdout,
            "off" => Self::Off,
            _ => Self::File(text.into()),
        }
    }
}

/// As it is written: a place, or a place with what else there is to say.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Written {
    Place(String),
    Settings(Settings),
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    file: Option<String>,
    rotate_bytes: Option<u64>,
    keep: Option<usize>,
    refusals: Option<Refusals>,
    checkpoint_every: Option<Seconds>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Refusals {
    per_code_and_source: Option<u64>,
    period: Option<Seconds>,
}

impl<'de> Deserialize<'de> for AuditConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let settings = match Written::deserialize(deserializer)? {
            Written::Place(place) => return Ok(Self::at(place.into())),
            Written::Settings(settings) => settings,
        };
        let mut config = Self::at(settings.file.map_or(AuditPlace::Stdout, Into::into));
        config.rotation = settings
            .rotate_bytes
            .map(|bytes| Rotation { bytes, keep: settings.keep.unwrap_or(AUDIT_FILES_KEPT) });
        if let Some(refusals) = settings.refusals {
            let sampling = &mut config.refusals;
            sampling.per_code_and_source =
                refusals.per_code_and_source.unwrap_or(sampling.per_code_and_source);
            sampling.period = refusals.period.map_or(sampling.period, |period| period.0);
        }
        if let Some(every) = settings.checkpoint_every {
            config.checkpoint_every = every.0;
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_or_more() {
        let read = |text: &str| serde_json::from_str::<AuditConfig>(text).unwrap();
        assert_eq!(read("\"stdout\""), AuditConfig::default());
        assert_eq!(read("\"off\"").place, AuditPlace::Off);
        assert_eq!(read("\"a.jsonl\""), AuditConfig::at(AuditPlace::File("a.jsonl".into())));
        assert_eq!(read(r#"{"file":"a.jsonl"}"#), read("\"a.jsonl\""));
        let config = read(
            r#"{"file":"a","rotate_bytes":2000000,"keep":3,"checkpoint_every":"60s",
                "refusals":{"per_code_and_source":0,"period":10}}"#,
        );
        assert_eq!(config.rotation, Some(Rotation { bytes: 2_000_000, keep: 3 }));
        assert_eq!(config.checkpoint_every, Duration::from_secs(60));
        let expected = RefusalSampling { per_code_and_source: 0, period: Duration::from_secs(10) };
        assert_eq!(config.refusals, expected);
        let check = |text: &str, expect: &str| {
            let found = read(text).check().map_err(|(message, _)| message);
            assert_eq!(found, Err(expect.to_owned()), "{text}");
        };
        check(r#"{"rotate_bytes":10}"#, "`audit.rotate_bytes` is less than a few records");
        check(
            r#"{"rotate_bytes":2000000,"keep":0}"#,
            "`audit.keep` is 0, so every full file would be lost",
        );
        check(r#"{"refusals":{"period":0}}"#, "a time of `audit` is 0");
    }
}
