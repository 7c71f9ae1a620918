//! A path for people: a line a certificate, from the leaf to the root.

use super::answer::OneLine;
use super::style::Style;
use serde_json::Value;
use std::fmt;

/// What is checked for a certificate of each role, in the order of a reader's questions.
const CHECKED: [(&str, &str); 3] = [
    ("leaf", "dates, use, critical extensions, names under constraints, signature"),
    ("intermediate", "dates, authority, path length, use, critical extensions, names, signature"),
    ("root", "registered; dates, authority, path length, use, critical extensions"),
];

/// A path that is drawn.
pub(super) enum DrawnPath<'a> {
    /// The member `chain` of an accepting answer, and whether lists told about every certificate but the root.
    Valid { chain: &'a Value, revocation_checked: bool },
    /// The member `tried` of a refusal: nothing in it is proven.
    Tried(&'a Value),
}

impl DrawnPath<'_> {
    fn links(&self) -> &[Value] {
        let (Self::Valid { chain: links, .. } | Self::Tried(links)) = self;
        links.as_array().map(Vec::as_slice).unwrap_or_default()
    }

    fn heading(&self) -> &'static str {
        match self {
            Self::Valid { .. } => "the path",
            Self::Tried(_) if self.links().iter().any(failed) => {
                "the closest path, and where it fails"
            }
            Self::Tried(_) => "the closest path",
        }
    }

    /// What a certificate of this role was found to satisfy.
    fn checked(&self, role: &str) -> Option<String> {
        let Self::Valid { revocation_checked, .. } = self else { return None };
        let (_, checked) = CHECKED.iter().find(|(known, _)| *known == role)?;
        let revocation = if *revocation_checked && role != "root" { ", revocation" } else { "" };
        Some(format!("{checked}{revocation}"))
    }
}

fn failed(link: &Value) -> bool {
    link["failed"] == true
}

impl fmt::Display for DrawnPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.heading())?;
        for link in self.links() {
            let text = |name: &str| link[name].as_str().unwrap_or_default();
            let role = text("role");
            let certificate = OneLine(text("certificate"));
            match failed(link) {
                true => {
                    let line = format!("> {role:<12} {certificate}");
                    write!(f, "\n{}", Style::Bad.on(line))?;
                }
                false => write!(f, "\n  {role:<12} {certificate}")?,
            }
            write!(f, "\n               {} to {}", text("not_before"), text("not_after"))?;
            if let Some(checked) = self.checked(role) {
                write!(f, "\n               checked: {checked}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_is_drawn_from_the_leaf_up() {
        let link = |role: &str, failed: bool| {
            json!({
                "role": role, "certificate": format!("CN={role}\n"), "failed": failed,
                "not_before": "2020-01-01T00:00:00Z", "not_after": "2030-01-01T00:00:00Z",
            })
        };
        let failed = json!([link("leaf", false), link("intermediate", true)]);
        assert_eq!(
            DrawnPath::Tried(&failed).to_string(),
            "the closest path, and where it fails
  leaf         CN=leaf\\n
               2020-01-01T00:00:00Z to 2030-01-01T00:00:00Z
> intermediate CN=intermediate\\n
               2020-01-01T00:00:00Z to 2030-01-01T00:00:00Z"
        );
        let whole = json!([link("leaf", false), link("root", false)]);
        let valid = |revocation_checked: bool| {
            DrawnPath::Valid { chain: &whole, revocation_checked }.to_string()
        };
        assert_eq!(
            valid(true),
            "the path
  leaf         CN=leaf\\n
               2020-01-01T00:00:00Z to 2030-01-01T00:00:00Z
               checked: dates, use, critical extensions, names under constraints, signature, revocation
  root         CN=root\\n
               2020-01-01T00:00:00Z to 2030-01-01T00:00:00Z
               checked: registered; dates, authority, path length, use, critical extensions"
        );
        // What was not looked at is not told, and of a path that failed nothing is, wherever it failed.
        assert!(!valid(false).contains("revocation"));
        let tried = DrawnPath::Tried(&whole).to_string();
        assert!(tried.starts_with("the closest path\n") && !tried.contains("checked"));
    }
}
