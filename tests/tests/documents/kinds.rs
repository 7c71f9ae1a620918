//! What an info string says: the closed set of kinds of blocks.

use crate::frames::{self, Frame};

/// What becomes of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `sh`: bash runs it, after those before it on its page.
    Shell,
    /// `text output`: lines that the blocks above it print, in this order; `…` matches any text.
    Output,
    /// `text usage`: commands and flags that `--help` must know.
    Usage,
    /// `text`: a drawing or a grammar.
    Drawing,
    /// `yaml configuration`: `credmint check --config` accepts it without a finding.
    Configuration,
    /// `yaml policy`: `credmint check --policy` does.
    Policy,
    /// `yaml file=NAME`: a file of a policy folder, which `credmint check --policy` accepts as a whole.
    File(String),
    /// `yaml in=FRAME`: a part of a configuration, which is good within the frame.
    Fragment(&'static Frame),
    /// `json`: JSON.
    Json,
    /// `js`: a module that Node imports.
    JavaScript,
    /// `rust`: a documentation test.
    Rust,
    /// `held-by=PATH`: the test in this file reads the page.
    HeldBy(String),
    /// `needs-…`: it cannot run here.
    Needs,
}

/// What a block may need that no test has.
const NEEDS: &[&str] = &[
    // A cloud, or a platform in one.
    "needs-a-cloud",
    // A Kubernetes cluster.
    "needs-a-cluster",
    // A package registry that has the package.
    "needs-a-registry",
    // Root on a machine with systemd.
    "needs-a-system",
    // A build of the project, which a test within it cannot start.
    "needs-a-build",
];

impl Kind {
    pub(crate) fn held_by(self) -> Option<String> {
        match self {
            Self::HeldBy(test) => Some(test),
            _ => None,
        }
    }

    pub(crate) fn is_run_by_bash(&self) -> bool {
        matches!(self, Self::Shell | Self::Output)
    }
}

/// The kind of a block by its info string.
pub(crate) fn kind(info: &str) -> Result<Kind, &'static str> {
    let words: Vec<&str> = info.split(' ').collect();
    let kind = match words[..] {
        [] | [""] => return Err("a block needs an info string"),
        ["sh"] => Kind::Shell,
        ["text"] => Kind::Drawing,
        ["text", "output"] => Kind::Output,
        ["text", "usage"] => Kind::Usage,
        ["yaml", "configuration"] => Kind::Configuration,
        ["yaml", "policy"] => Kind::Policy,
        ["json"] => Kind::Json,
        ["js"] => Kind::JavaScript,
        ["rust"] => Kind::Rust,
        ["sh" | "yaml" | "toml" | "ini", needs] if NEEDS.contains(&needs) => Kind::Needs,
        ["sh" | "text" | "http" | "ini" | "js" | "json" | "python" | "rust", mark]
            if mark.starts_with("held-by=") =>
        {
            Kind::HeldBy(mark["held-by=".len()..].to_owned())
        }
        ["yaml", mark] => match mark.split_once('=') {
            Some(("file", name)) => Kind::File(name.to_owned()),
            Some(("in", name)) => Kind::Fragment(frames::named(name).ok_or("no such frame")?),
            _ => return Err("not a kind of YAML block"),
        },
        _ => return Err("not an info string that CONTRIBUTING.md lists"),
    };
    Ok(kind)
}

#[test]
fn the_set_is_closed() {
    assert_eq!(kind("sh"), Ok(Kind::Shell));
    assert_eq!(kind("sh needs-a-cloud"), Ok(Kind::Needs));
    assert_eq!(kind("http held-by=a.rs"), Ok(Kind::HeldBy("a.rs".into())));
    assert_eq!(kind("yaml file=a/b.yaml"), Ok(Kind::File("a/b.yaml".into())));
    let unknown = "not an info string that CONTRIBUTING.md lists";
    for (bad, reason) in [
        ("", "a block needs an info string"),
        ("yaml", unknown),
        ("yaml in=nothing", "no such frame"),
        ("yaml as=nothing", "not a kind of YAML block"),
        ("sh needs-a-rest", unknown),
        ("bash", unknown),
        ("text needs-a-cloud", unknown),
        ("json output", unknown),
    ] {
        assert_eq!(kind(bad), Err(reason), "{bad}");
    }
}
