//! `server.reload`.

/// When the configuration is read again, beside the signal SIGHUP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReloadConfig {
    /// Whether a change of a file is enough.
    #[serde(default = "yes")]
    pub watch: bool,
}

impl Default for ReloadConfig {
    fn default() -> Self {
        Self { watch: true }
    }
}

const fn yes() -> bool {
    true
}
