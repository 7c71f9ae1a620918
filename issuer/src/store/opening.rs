//! Opens what the configuration names, with whichever engine it is.

use super::{Bindings, Database, StoreError, postgresql, sqlite};
use crate::config::StoreConfig;
use std::path::Path;

impl Database {
    /// Opens the database of this configuration beside the process that serves, and makes it when there is none. `directory`
    /// is the state directory, where a SQLite file is.
    ///
    /// # Errors
    /// When it cannot be opened or brought up to date.
    pub async fn open(config: &StoreConfig, directory: &Path) -> Result<Self, StoreError> {
        Ok(match &config.postgresql {
            None => sqlite::open(directory).await?.database,
            Some(postgresql) => postgresql::open(postgresql, directory).await?.database,
        })
    }
}

impl Bindings {
    /// Opens the store of this configuration, which another process may have.
    ///
    /// # Errors
    /// When there is none.
    pub async fn open(config: &StoreConfig, directory: &Path) -> Result<Self, StoreError> {
        Ok(Self::of(&Database::open(config, directory).await?))
    }
}
