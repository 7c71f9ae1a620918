//! `server.signing:`: how access tokens are signed, and the life of the keys.

use super::SigningAlgorithm;
use crate::limits::{PUBLISH_BEFORE_MAX, PUBLISH_BEFORE_MIN, ROTATE_EVERY_MAX, ROTATE_EVERY_MIN};
use serde::de::{Deserialize, Deserializer, Error};
use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

/// What is wrong, and what was expected.
type Wrong = (String, &'static str);

/// How access tokens are signed, and the life of the keys.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SigningConfig {
    /// What signs where a resource names nothing else.
    #[serde(default)]
    pub algorithm: SigningAlgorithm,
    /// What resources may name beside it.
    #[serde(default)]
    pub additional_algorithms: Vec<SigningAlgorithm>,
    /// Seconds after which a successor signs; `None` when an operator alone rotates.
    #[serde(default = "default_rotate_every", deserialize_with = "seconds_or_never")]
    pub rotate_every: Option<i64>,
    /// Seconds from published by the last replica to signing.
    #[serde(default = "default_publish_before", deserialize_with = "seconds")]
    pub publish_before: i64,
    /// The key-encryption key. None where it is beside a SQLite store.
    #[serde(default)]
    pub key_encryption_key: Option<SealingKeyPlace>,
    /// Those of before, which open what they sealed.
    #[serde(default)]
    pub former_key_encryption_keys: Vec<SealingKeyPlace>,
}

/// Where a key-encryption key is: 32 random bytes in base64.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SealingKeyPlace {
    /// A file of mode 0600.
    File(PathBuf),
    /// An environment variable.
    Env(String),
    /// A file of this name in the folder that systemd's `$CREDENTIALS_DIRECTORY` names.
    Credential(String),
}

impl fmt::Display for SealingKeyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Env(name) => write!(f, "${name}"),
            Self::Credential(name) => write!(f, "the credential {name}"),
        }
    }
}

impl Default for SigningConfig {
    fn default() -> Self {
        Self {
            algorithm: SigningAlgorithm::default(),
            additional_algorithms: Vec::new(),
            rotate_every: default_rotate_every(),
            publish_before: default_publish_before(),
            key_encryption_key: None,
            former_key_encryption_keys: Vec::new(),
        }
    }
}

/// Thirty days.
#[expect(clippy::unnecessary_wraps, reason = "serde wants the type of the member")]
const fn default_rotate_every() -> Option<i64> {
    Some(30 * 86_400)
}

const fn default_publish_before() -> i64 {
    PUBLISH_BEFORE_MIN
}

impl SigningConfig {
    /// What there is to be a key for.
    #[must_use]
    pub fn algorithms(&self) -> BTreeSet<SigningAlgorithm> {
        self.additional_algorithms.iter().copied().chain([self.algorithm]).collect()
    }

    /// The files that it names.
    pub(super) fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let places = self.key_encryption_key.iter_mut().chain(&mut self.former_key_encryption_keys);
        places.filter_map(|place| match place {
            SealingKeyPlace::File(path) => Some(path),
            SealingKeyPlace::Env(_) | SealingKeyPlace::Credential(_) => None,
        })
    }

    /// What the types do not say. An error is a sentence and what was expected.
    pub(super) fn check(&self) -> Result<(), Wrong> {
        if !(PUBLISH_BEFORE_MIN..=PUBLISH_BEFORE_MAX).contains(&self.publish_before) {
            let message = format!("`signing.publish_before` is {}s", self.publish_before);
            return Err((message, "15m to 24h: verifiers keep a key set for up to 10m"));
        }
        let Some(every) = self.rotate_every else { return Ok(()) };
        if !(ROTATE_EVERY_MIN..=ROTATE_EVERY_MAX).contains(&every) {
            let message = format!("`signing.rotate_every` is {every}s");
            return Err((message, "12h to 3650d, or `never`"));
        }
        if every < self.publish_before.saturating_mul(2) {
            let message = format!("`signing.rotate_every` is {every}s");
            return Err((message, "at least twice `publish_before`"));
        }
        for place in self.key_encryption_key.iter().chain(&self.former_key_encryption_keys) {
            if let SealingKeyPlace::Credential(name) = place
                && (name.is_empty() || name.contains('/') || name.starts_with('.'))
            {
                let message = format!("`{name}` is no name of a credential");
                return Err((message, "the name of a file in $CREDENTIALS_DIRECTORY"));
            }
        }
        Ok(())
    }

    /// What can be said once the policy is known: the resources whose algorithm has no key. An error is a sentence and what
    /// was expected.
    pub(super) fn check_algorithm(&self, resource: &str, name: &str) -> Result<(), Wrong> {
        let configured = self.algorithms();
        if configured.iter().any(|algorithm| algorithm.as_str() == name) {
            return Ok(());
        }
        let message = format!(
            "the resource `{resource}` wants tokens that are signed with {name}, for which there is no key"
        );
        Err((message, "it in `server.signing.additional_algorithms`"))
    }
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    duration(&String::deserialize(deserializer)?)
        .ok_or_else(|| Error::custom("not a duration, such as 15m"))
}

fn seconds_or_never<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text == "never" {
        return Ok(None);
    }
    duration(&text)
        .map(Some)
        .ok_or_else(|| Error::custom("neither `never` nor a duration, such as 30d"))
}

/// The seconds of a number and its unit: s, m, h or d.
fn duration(text: &str) -> Option<i64> {
    let unit = text.strip_suffix(|unit: char| "smhd".contains(unit))?;
    let seconds = match text.chars().next_back()? {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        _ => 86_400,
    };
    if !unit.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    unit.parse::<i64>().ok()?.checked_mul(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<SigningConfig, String> {
        let config: SigningConfig =
            serde_json::from_str(text).map_err(|error| error.to_string())?;
        config.check().map(|()| config).map_err(|(message, _)| message)
    }

    #[test]
    fn the_life_of_keys_is_configured() {
        let config = read(
            r#"{"algorithm":"EdDSA","additional_algorithms":["RS256"],"rotate_every":"12h",
                "publish_before":"20m","key_encryption_key":{"credential":"kek"},
                "former_key_encryption_keys":[{"env":"OLD"},{"file":"old"}]}"#,
        )
        .unwrap();
        assert_eq!((config.rotate_every, config.publish_before), (Some(43_200), 1200));
        let algorithms = [SigningAlgorithm::Rs256, SigningAlgorithm::EdDsa];
        assert_eq!(config.algorithms(), BTreeSet::from(algorithms));
        assert_eq!(read("{}").unwrap(), SigningConfig::default());
        assert_eq!(read(r#"{"rotate_every":"never"}"#).unwrap().rotate_every, None);
        assert!(config.check_algorithm("api", "RS256").is_ok());
        let (message, _) = config.check_algorithm("api", "ES256").unwrap_err();
        assert!(message.contains("`api`") && message.contains("ES256"), "{message}");
    }

    #[test]
    fn what_would_break_verifiers_does_not_load() {
        let check = |text: &str, expect: &str| {
            let error = read(text).unwrap_err();
            assert!(error.contains(expect), "{text}: {error}");
        };
        check(r#"{"publish_before":"14m"}"#, "publish_before");
        check(r#"{"publish_before":"25h"}"#, "publish_before");
        check(r#"{"publish_before":"15"}"#, "not a duration");
        check(r#"{"publish_before":"-15m"}"#, "not a duration");
        check(r#"{"publish_before":"99999999999999999d"}"#, "not a duration");
        check(r#"{"rotate_every":"11h"}"#, "rotate_every");
        check(r#"{"rotate_every":"12h","publish_before":"7h"}"#, "rotate_every");
        check(r#"{"rotate_every":"always"}"#, "never");
        check(r#"{"algorithm":"HS256"}"#, "unknown variant");
        check(r#"{"key_encryption_key":{"credential":"../kek"}}"#, "credential");
        check(r#"{"key_encryption_key":{"text":"AAAA"}}"#, "unknown variant");
    }
}
