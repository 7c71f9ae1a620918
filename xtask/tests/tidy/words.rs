//! Words that belong in no file: paths of somebody's machine, addresses of registries, notes to self.

use crate::tree;

/// Each word, split so that this file does not hold it, and why it must not be there.
const FORBIDDEN: &[(&[&str], &str)] = &[
    (&["/wo", "rk/"], "a path of one machine"),
    (&["/ro", "ot/"], "a path of one machine"),
    (&["/ho", "me/"], "a path of one machine"),
    (&["/Us", "ers/"], "a path of one machine"),
    (&["/tmp/", "wt"], "a path of one machine"),
    (&["/tmp/", "tgt"], "a path of one machine"),
    (&["registry.", "npmjs.org"], "the address of a registry: a mirror has another"),
    (&["files.", "pythonhosted.org"], "the address of a registry: a mirror has another"),
    (&["static.", "crates.io"], "the address of a registry: a mirror has another"),
    (&["--find-", "links"], "the address of a registry: a mirror has another"),
    (&["TO", "DO"], "do it, or file an issue"),
    (&["FIX", "ME"], "fix it, or file an issue"),
    (&["XX", "X"], "say what is wrong, or mend it"),
    (&["todo", "!("], "do it, or file an issue"),
    (&["dbg", "!("], "left over from debugging"),
];

fn findings(path: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    for (parts, reason) in FORBIDDEN {
        let word = parts.concat();
        for (number, line) in text.lines().enumerate() {
            if holds(line, &word) {
                findings.push(format!("{path}:{}: `{word}`: {reason}", number + 1));
            }
        }
    }
    findings
}

/// Whether `line` holds `word` as a word of its own; hashes and base64 hold any letters.
fn holds(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + word.len()..].chars().next();
        let letters = word.chars().all(char::is_alphanumeric);
        let touches = |neighbour: Option<char>| neighbour.is_some_and(char::is_alphanumeric);
        if letters { !touches(before) && !touches(after) } else { !touches(before) }
    })
}

#[test]
fn no_forbidden_words() {
    let files = tree::files();
    let findings: Vec<_> = files.iter().flat_map(|file| findings(&file.path, &file.text)).collect();
    tree::report(&findings);
}

#[test]
fn finds_words_and_only_words() {
    let check = |text: &str, expected: usize| {
        assert_eq!(findings("a.rs", text).len(), expected, "{text}");
    };
    check(&["// TO", "DO: later"].concat(), 1);
    check(&["let path = \"/wo", "rk/main\";"].concat(), 1);
    check(&["a\nb /ho", "me/somebody\n dbg", "!(b)"].concat(), 2);
    check(&["MIIXX", "XQ=="].concat(), 0);
    check(&["the room of net", "/wo", "rk/ing"].concat(), 0);
    check("nothing to see", 0);
}
