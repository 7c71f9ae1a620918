//! The JSON Schema of the configuration and of the policy, for editors and for programs that write them, and the description of
//! the endpoints.
//!
//! What a policy means is decided by the core's reader alone. These types describe the same members in the words
//! of JSON Schema; a test holds the two together, member by member.

use crate::app::openapi;
use schemars::generate::SchemaSettings;
use serde_json::Value;

pub mod matches;
pub mod policy;
pub mod provider;
pub mod server;
pub mod value;

/// A schema and the file in which it is published.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    /// Relative to the root of the project.
    pub path: &'static str,
    /// Writes it.
    pub schema: fn() -> Value,
}

/// Every schema.
pub const PUBLISHED: [Published; 5] = [
    Published { path: "schema/credmint.schema.json", schema: of::<server::Configuration> },
    Published { path: "schema/policy.schema.json", schema: of::<policy::Policy> },
    Published { path: "schema/organisation.schema.json", schema: of::<policy::Organisation> },
    Published { path: "schema/team.schema.json", schema: of::<policy::Team> },
    Published { path: "schema/openapi.json", schema: openapi::example },
];

fn of<T: schemars::JsonSchema>() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    generator.into_root_schema_for::<T>().to_value()
}

impl Published {
    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{:#}\n", (self.schema)())
    }
}
