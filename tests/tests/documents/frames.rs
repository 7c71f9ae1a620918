//! What surrounds the fragments of configurations on the pages.

/// A configuration with a place for a fragment: the line `BLOCK`, whose indentation the fragment gets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    name: &'static str,
    text: &'static str,
}

/// The beginning of a policy.
macro_rules! start {
    () => {
        "policy:\n  version: 1\n  issuer: https://sts.example.com/oauth2\n"
    };
}

/// One resource with these scopes, and one client with this credential.
macro_rules! clients {
    ($scopes:literal, $credential:literal) => {
        concat!(
            "  resources:\n",
            "    api.example.com: { scopes: ",
            $scopes,
            " }\n",
            "  clients:\n",
            "    app_orders:\n",
            "      scopes: { api.example.com: [read] }\n",
            "      credentials:\n",
            "        worker: ",
            $credential,
            "\n"
        )
    };
}

/// The plant, and a client that proves itself with its certificate.
macro_rules! plant {
    ($scopes:literal) => {
        concat!(
            "  providers:\n",
            "    plant: { type: pca, roots: [{ file: root.pem }] }\n",
            clients!($scopes, "{ provider: plant, condition: 'cert.subject.CN == \"worker-7\"' }")
        )
    };
}

const FRAMES: &[Frame] = &[
    // A policy that has the finding `short_token_lifetime` and no other.
    Frame {
        name: "policy",
        text: concat!(
            "server: { state_directory: state }\n",
            start!(),
            "  token_lifetime: 600s\n",
            "  BLOCK\n",
            plant!("[read]")
        ),
    },
    Frame {
        name: "server",
        text: concat!(
            "server:\n  state_directory: state\n",
            "  BLOCK\n",
            start!(),
            plant!("[read]")
        ),
    },
    // The configuration of the first installation, behind its own beginning.
    Frame {
        name: "first-installation",
        text: concat!("BLOCK\n", "  version: 1\n", plant!("[read, write]")),
    },
    Frame {
        name: "pca",
        text: concat!(
            "server: { state_directory: state }\n",
            start!(),
            "  providers:\n    plant:\n      type: pca\n      roots: [{ file: root.pem }]\n",
            "      BLOCK\n",
            clients!("[read]", "{ provider: plant, match: { common_name: worker-7 } }")
        ),
    },
    Frame {
        name: "pca-credential",
        text: concat!(
            "server: { state_directory: state }\n",
            start!(),
            "  providers:\n    plant: { type: pca, roots: [{ file: root.pem }] }\n",
            clients!("[read]", "\n          provider: plant\n          BLOCK")
        ),
    },
    Frame {
        name: "ec2-provider",
        text: concat!(
            "server: { state_directory: state }\n",
            start!(),
            "  providers:\n    ec2:\n      type: pkcs7\n      profile: amazon_ec2\n",
            "      max_age: 900s\n",
            "      BLOCK\n",
            clients!(
                "[read]",
                "{ provider: ec2, accounts: [\"111122223333\"], instances: [i-0123456789abcdef0] }"
            )
        ),
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
