//! The pages of the environments are about what the program has. Their blocks run in `tests/tests/documents`.

use credmint_core::policy::{Preset, match_fields};
use std::path::Path;

#[test]
fn the_page_of_an_environment_has_its_members_and_an_example_of_its_type() {
    for preset in Preset::ALL {
        let name = preset.guide().page;
        let page = page(&format!("environments/{name}.md"));
        for field in match_fields(*preset) {
            assert!(page.contains(field.name), "{name}: {} is nowhere", field.name);
        }
        assert!(page.contains(&format!("type: {}", preset.type_name())), "{name}");
    }
}

/// Every page of an environment has the same headings.
#[test]
fn pages_of_environments_have_five_headings() {
    const HEADINGS: [&str; 5] =
        ["What it proves", "Configure", "What to bind", "Hazards", "Example"];
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/environments");
    let mut count = 0;
    for entry in std::fs::read_dir(pages).unwrap() {
        let name = format!("environments/{}", entry.unwrap().file_name().display());
        let page = page(&name);
        let headings: Vec<&str> =
            page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(headings, HEADINGS, "{name}");
        count += 1;
    }
    assert!(count >= 3, "{count} pages");
}

fn page(name: &str) -> String {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    std::fs::read_to_string(docs.join(name)).unwrap()
}
