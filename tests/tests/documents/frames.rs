//! What stands around the fragments of configurations on the pages.

/// A configuration with a place for a fragment: the line `BLOCK`, whose indentation the fragment gets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    name: &'static str,
    text: &'static str,
}

const FRAMES: &[Frame] = &[
    // A policy that has the finding `short_token_lifetime` and no other.
    Frame {
        name: "policy",
        text: "\
server: { state_directory: state }
policy:
  version: 1
  issuer: https://sts.example.com/oauth2
  token_lifetime: 600s
  BLOCK
  providers:
    plant: { type: pca, roots: [{ file: root.pem }] }
  resources:
    api.example.com: { scopes: [read] }
  clients:
    app_orders:
      scopes: { api.example.com: [read] }
      credentials:
        worker: { provider: plant, condition: 'cert.subject.CN == \"worker-7\"' }
",
    },
    Frame {
        name: "server",
        text: "\
server:
  state_directory: state
  BLOCK
policy:
  version: 1
  issuer: https://sts.example.com/oauth2
  providers:
    plant: { type: pca, roots: [{ file: root.pem }] }
  resources:
    api.example.com: { scopes: [read] }
  clients:
    app_orders:
      scopes: { api.example.com: [read] }
      credentials:
        worker: { provider: plant, condition: 'cert.subject.CN == \"worker-7\"' }
",
    },
    // The configuration of the first installation, behind its own beginning.
    Frame {
        name: "first-installation",
        text: "\
BLOCK
  version: 1
  providers:
    plant: { type: pca, roots: [{ file: root.pem }] }
  resources:
    api.example.com: { scopes: [read, write] }
  clients:
    app_orders:
      scopes: { api.example.com: [read] }
      credentials:
        worker: { provider: plant, condition: 'cert.subject.CN == \"worker-7\"' }
",
    },
    Frame {
        name: "pca-credential",
        text: "\
server: { state_directory: state }
policy:
  version: 1
  issuer: https://sts.example.com/oauth2
  providers:
    plant: { type: pca, roots: [{ file: root.pem }] }
  resources:
    api.example.com: { scopes: [read] }
  clients:
    app_orders:
      scopes: { api.example.com: [read] }
      credentials:
        sensors:
          provider: plant
          BLOCK
",
    },
    Frame {
        name: "ec2-provider",
        text: "\
server: { state_directory: state }
policy:
  version: 1
  issuer: https://sts.example.com/oauth2
  providers:
    ec2:
      type: pkcs7
      profile: amazon_ec2
      max_age: 900s
      BLOCK
  resources:
    api.example.com: { scopes: [read] }
  clients:
    app_orders:
      scopes: { api.example.com: [read] }
      credentials:
        worker: { provider: ec2, accounts: [\"111122223333\"], instances: [i-0123456789abcdef0] }
",
    },
];

/// The frame of this name.
pub(crate) fn named(name: &str) -> Option<&'static Frame> {
    FRAMES.iter().find(|frame| frame.name == name)
}

impl Frame {
    /// The configuration with `fragment` in its place.
    pub(crate) fn around(&self, fragment: &str) -> String {
        let mut text = String::new();
        for line in self.text.lines() {
            match line.strip_suffix("BLOCK") {
                Some(indent) => {
                    fragment.lines().for_each(|line| text.push_str(&format!("{indent}{line}\n")));
                }
                None => text.push_str(&format!("{line}\n")),
            }
        }
        text
    }
}

#[test]
fn fragments_are_indented() {
    let text = named("server").unwrap().around("log:\n  level: info\n");
    assert!(
        text.contains("\n  state_directory: state\n  log:\n    level: info\npolicy:\n"),
        "{text}"
    );
}
