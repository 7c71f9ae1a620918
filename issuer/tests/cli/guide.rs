//! The pages of the environments are about what the program has. Their blocks run in `tests/tests/documents`.

use credmint_core::policy::{Preset, match_fields};
use std::path::Path;

/// The pages of the environments, with the presets that each is about.
const ENVIRONMENTS: [(&str, &[Preset]); 8] = [
    ("kubernetes", &[Preset::Kubernetes]),
    ("ack_rrsa", &[Preset::AckRrsa]),
    ("github_actions", &[Preset::GithubActions]),
    ("gitlab_ci", &[Preset::GitlabCi]),
    ("azure_vm", &[Preset::AzureVm]),
    ("gce_vm", &[Preset::GceVm]),
    ("spiffe", &[Preset::SpiffeJwt, Preset::SpiffeX509]),
    ("generic", &[Preset::Generic]),
];

const HEADINGS: [&str; 5] = ["What it proves", "Configure", "What to bind", "Hazards", "Example"];

#[test]
fn every_preset_has_a_page_with_its_members_of_match() {
    for (name, presets) in ENVIRONMENTS {
        let page = page(&format!("environments/{name}.md"));
        for field in presets.iter().flat_map(|preset| match_fields(*preset)) {
            assert!(page.contains(field.name), "{name}: {} is nowhere", field.name);
        }
        assert!(page.contains(&format!("type: {}", presets[0].type_name())), "{name}");
    }
}

/// Every page of an environment has the same headings.
#[test]
fn pages_of_environments_have_five_headings() {
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
