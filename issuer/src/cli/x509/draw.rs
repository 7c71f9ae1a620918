//! A path for people: a line a certificate, from the leaf to the root.

use crate::cli::answer::OneLine;
use serde_json::Value;
use std::fmt;

/// What is looked at for a certificate of each role, in an order that tells.
const CHECKED: [(&str, &str); 3] = [
    ("leaf", "dates, use, critical extensions, names under constraints, signature, revocation"),
    (
        "intermediate",
        "dates, authority, path length, use, critical extensions, names, signature, revocation",
    ),
    ("root", "registered; dates, authority, path length, use, critical extensions"),
];

/// The member `chain` of an accepting answer, or `tried` of a refusal.
pub(in crate::cli) struct DrawnPath<'a>(pub(in crate::cli) &'a Value);

impl fmt::Display for DrawnPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let links = self.0.as_array().map(Vec::as_slice).unwrap_or_default();
        let failed = |link: &Value| link["failed"] == true;
        let heading = match links.iter().any(failed) {
            true => "the path that came nearest, and where it fails",
            false => "the path",
        };
        write!(f, "{heading}")?;
        for link in links {
            let text = |name: &str| link[name].as_str().unwrap_or_default();
            let role = text("role");
            let mark = if failed(link) { '>' } else { ' ' };
            write!(f, "\n{mark} {role:<12} {}", OneLine(text("certificate")))?;
            write!(f, "\n               {} to {}", text("not_before"), text("not_after"))?;
            let checked = CHECKED.iter().find(|(known, _)| *known == role);
            if let (Some((_, checked)), "the path") = (checked, heading) {
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
            DrawnPath(&failed).to_string(),
            "the path that came nearest, and where it fails
  leaf         CN=leaf\\n
               2020-01-01T00:00:00Z to 2030-01-01T00:00:00Z
> intermediate CN=intermediate\\n
               2020-01-01T00:00:00Z to 2030-01-01T00:00:00Z"
        );
        let good = json!([link("root", false)]);
        assert_eq!(
            DrawnPath(&good).to_string(),
            "the path
  root         CN=root\\n
               2020-01-01T00:00:00Z to 2030-01-01T00:00:00Z
               checked: registered; dates, authority, path length, use, critical extensions"
        );
    }
}
