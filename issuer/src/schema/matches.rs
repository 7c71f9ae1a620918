//! `match:`, whose members are those of all presets.

use super::value::OneOrMany;
use credmint_core::policy::{Field, Preset};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Values that the fields of a proof must have.
#[derive(Clone, Copy, Debug)]
pub struct Match;

impl JsonSchema for Match {
    fn schema_name() -> Cow<'static, str> {
        "Match".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut presets = Preset::ALL.to_vec();
        presets.sort_by_key(|preset| preset.takes());
        let mut properties = Map::new();
        for field in presets.iter().flat_map(|preset| preset.match_fields()) {
            if !properties.contains_key(field.name) {
                let mut schema = values(field, generator);
                schema.insert("description".to_owned(), about(field.name, &presets).into());
                properties.insert(field.name.to_owned(), schema.to_value());
            }
        }
        json_schema!({
            "additionalProperties": false,
            "description": "Values that the fields of a proof must have. Which members there are \
                            depends on the type of the provider.",
            "properties": Value::Object(properties),
            "type": "object",
        })
    }
}

fn values(field: &Field, generator: &mut SchemaGenerator) -> Schema {
    match field.is_integer() {
        true => generator.subschema_for::<Option<OneOrMany<i64>>>(),
        false => generator.subschema_for::<Option<OneOrMany<String>>>(),
    }
}

/// The types that have the member `name`, those together of which the same is said: `` `a`, `b`: what; `c`. ``
fn about(name: &str, presets: &[Preset]) -> String {
    let mut groups: Vec<(Vec<String>, Option<&str>)> = Vec::new();
    for preset in presets {
        if !preset.match_fields().iter().any(|field| field.name == name) {
            continue;
        }
        let said = preset.guide().matches.iter().find(|(member, _)| *member == name);
        let (kind, said) = (format!("`{}`", preset.type_name()), said.map(|(_, what)| *what));
        match groups.iter_mut().find(|(_, known)| *known == said) {
            Some((kinds, _)) if kinds.contains(&kind) => {}
            Some((kinds, _)) => kinds.push(kind),
            None => groups.push((vec![kind], said)),
        }
    }
    let in_words = |(kinds, said): &(Vec<String>, Option<&str>)| match said {
        Some(what) => format!("{}: {what}", kinds.join(", ")),
        None => kinds.join(", "),
    };
    format!("{}.", groups.iter().map(in_words).collect::<Vec<_>>().join("; "))
}
