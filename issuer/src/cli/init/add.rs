//! One more client in a configuration that is there: what `init` would write for it stands below the members of its
//! policy. The rest of the file stays as it is, to the byte.

use super::answers::Answers;
use super::draft::{self, Parts};
use super::standard::Standard;
use crate::config::{self, CompiledPolicy, ConfigError};
use credmint_core::policy::TrustPolicy;
use credmint_core::policy::guide::Init;
use credmint_verify::Misuse;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// The members of a policy as `init` writes them, and the part that goes below each.
type Places<'a> = [(&'static str, Option<&'a str>); 4];

/// The policy of the file, which must be good.
pub(super) fn open(path: &Path) -> Result<CompiledPolicy, Misuse> {
    config::open_compiled(path).map_err(|errors| told("the file does not load as it is", &errors))
}

/// The first id of the form `app_1` that no client has.
pub(super) fn free_client(policy: &TrustPolicy) -> String {
    let mut ids = (1_u32..).map(|number| format!("app_{number}"));
    ids.find(|id| policy.client(id).is_none()).unwrap_or_default()
}

/// This name, or the first of the form `name_2` that is not taken.
fn free_name(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let others = (2_u32..).map(|number| format!("{name}_{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(others);
    names.find(|name| !is_taken(name)).unwrap_or_default()
}

/// The text of the file with the new client in it. It loads, and its tests pass.
pub(super) fn extended(
    path: &Path,
    compiled: &CompiledPolicy,
    init: &Init,
    answers: &Answers,
    standard: Option<&Standard>,
) -> Result<String, Misuse> {
    let client = answers.get("client");
    if compiled.policy.client(client).is_some() {
        return Err(Misuse::new(format_args!("--client: there is a client `{client}` already")));
    }
    let has = |member: &str, name: &str| {
        let policy = compiled.document.as_object();
        let object = policy.and_then(|policy| policy.get(member)?.as_object());
        object.is_some_and(|object| object.contains(name))
    };
    let provider = match draft::serves_one_client(init) {
        true => free_name(init.provider, |name| has("providers", name)),
        false => init.provider.to_owned(),
    };
    let has_provider = has("providers", &provider);
    let parts = Parts::of(init, &provider, answers, standard, &format!(" ({client})"));
    let has_resource = has("resources", answers.get("audience"));
    let before = fs::read_to_string(path)
        .map_err(|error| Misuse::new(format_args!("{}: {error}", path.display())))?;
    let text = insert(
        &before,
        [
            ("  providers:", (!has_provider).then_some(parts.provider.as_str())),
            ("  resources:", (!has_resource).then_some(parts.resource.as_str())),
            ("  clients:", Some(&parts.client)),
            ("  tests:", Some(&parts.tests)),
        ],
    )?;
    let wrong = match config::compile_text(path, &text) {
        Err(errors) => errors,
        Ok(after) => config::failed_tests(&after.policy, &after.sources),
    };
    match wrong.is_empty() {
        true => Ok(text),
        false => {
            let what = "with the new client the file would not load, and nothing is written";
            Err(told(what, &wrong))
        }
    }
}

/// The parts below the lines of their members. Tests may not be there yet.
fn insert(text: &str, places: Places<'_>) -> Result<String, Misuse> {
    let mut out = String::new();
    let parts = places.into_iter().filter_map(|(line, part)| Some((line, part?)));
    let mut left: Vec<_> = parts.collect();
    for line in text.split_inclusive('\n') {
        out.push_str(line);
        if let Some(at) = left.iter().position(|(member, _)| *member == line.trim_end()) {
            end_line(&mut out);
            out.push_str(left.remove(at).1);
        }
    }
    for (member, part) in left {
        if member != "  tests:" {
            return Err(Misuse::new(format_args!(
                "there is no line `{member}` as `init` writes it; put this below that member:\n{part}"
            )));
        }
        end_line(&mut out);
        out.push_str(member);
        end_line(&mut out);
        out.push_str(part);
    }
    Ok(out)
}

fn end_line(text: &mut String) {
    if !text.ends_with('\n') {
        text.push('\n');
    }
}

fn told(what: &str, errors: &[ConfigError]) -> Misuse {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    Misuse::new(format_args!("{what}\n{}", lines.join("\n")))
}

/// Puts the text in the place of the file, whole or not at all.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".new");
    let draft = Path::new(&draft);
    let mut file = OpenOptions::new().write(true).create_new(true).open(draft)?;
    let written = fs::metadata(path)
        .and_then(|metadata| file.set_permissions(metadata.permissions()))
        .and_then(|()| file.write_all(text.as_bytes()))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(draft, path));
    if written.is_err() {
        // What is left of it would be in the way of the next attempt.
        let _ = fs::remove_file(draft);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_go_below_their_members() {
        let check = |text: &str, provider: Option<&str>, expect: Result<&str, &str>| {
            let places = [
                ("  providers:", provider),
                ("  resources:", None),
                ("  clients:", Some("    c\n")),
                ("  tests:", Some("    t\n")),
            ];
            let inserted = insert(text, places).map_err(|misuse| misuse.to_string());
            match (inserted, expect) {
                (Ok(text), Ok(expect)) => assert_eq!(text, expect),
                (Err(misuse), Err(part)) => assert!(misuse.contains(part), "{misuse}"),
                (inserted, expect) => panic!("{inserted:?}, expected {expect:?}"),
            }
        };
        check(
            "# x\n  providers:\n    p\n  clients: \n    a\n  tests:\n    u\n",
            None,
            Ok("# x\n  providers:\n    p\n  clients: \n    c\n    a\n  tests:\n    t\n    u\n"),
        );
        check(
            "  providers:\n    p\n  clients:",
            Some("    q\n"),
            Ok("  providers:\n    q\n    p\n  clients:\n    c\n  tests:\n    t\n"),
        );
        check("  clients: {}\n", None, Err("there is no line `  clients:`"));
    }
}
