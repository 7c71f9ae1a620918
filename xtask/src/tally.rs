//! Tests counted from the closing lines of their runners.

/// How many tests passed and failed.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
}

impl Tally {
    /// The sum of the closing lines of cargo-nextest, `cargo test` and node's test runner in `output`.
    pub(crate) fn read(output: &str) -> Self {
        let mut tally = Self::default();
        for line in output.lines() {
            tally.add(&closing_line(&without_colour(line)));
        }
        tally
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

fn closing_line(line: &str) -> Tally {
    let line = line.trim();
    if let Some(counts) = line.strip_prefix("test result: ") {
        return words(counts);
    }
    if let Some((_, counts)) = line.strip_prefix("Summary [").and_then(|rest| rest.split_once(": "))
    {
        return words(counts);
    }
    // node: `# pass 3` as TAP, `ℹ pass 3` for people.
    let node = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ "));
    let (verdict, count) = match node.and_then(|rest| rest.split_once(' ')) {
        Some((verdict, count)) => (verdict, count.trim().parse().unwrap_or(0)),
        None => return Tally::default(),
    };
    match verdict {
        "pass" => Tally { passed: count, failed: 0 },
        "fail" | "cancelled" => Tally { passed: 0, failed: count },
        _ => Tally::default(),
    }
}

/// `12 passed (1 slow), 1 failed, 1 timed out, 0 skipped`, with commas or semicolons.
fn words(counts: &str) -> Tally {
    let mut tally = Tally::default();
    for part in counts.split([',', ';', '.']) {
        let Some((count, verdict)) = part.trim().split_once(' ') else { continue };
        let Ok(count) = count.parse::<usize>() else { continue };
        match verdict.split(" (").next() {
            Some("passed") => tally.passed += count,
            Some("failed" | "timed out" | "exec failed") => tally.failed += count,
            _ => {}
        }
    }
    tally
}

fn without_colour(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            characters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(output: &str, passed: usize, failed: usize) {
        assert_eq!(Tally::read(output), Tally { passed, failed }, "{output}");
    }

    #[test]
    fn nextest() {
        check("     Summary [   0.005s] 12 tests run: 12 passed, 3 skipped", 12, 0);
        check(
            "     Summary [   9.1s] 5 tests run: 3 passed (1 slow), 1 failed, 1 timed out, 0 skipped",
            3,
            2,
        );
        check(
            "\u{1b}[1m     Summary\u{1b}[0m [   0.005s] \u{1b}[1m2\u{1b}[0m tests run: \u{1b}[1m2\u{1b}[0m passed, 0 skipped",
            2,
            0,
        );
    }

    #[test]
    fn cargo_test() {
        check(
            "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            5,
            0,
        );
        check(
            "test result: FAILED. 4 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out",
            4,
            1,
        );
    }

    #[test]
    fn several_runners_add_up() {
        check("# tests 4\n# pass 3\n# fail 1\n# cancelled 0\n", 3, 1);
        check(
            "ℹ tests 2\nℹ pass 2\nℹ fail 0\ntest result: ok. 1 passed; 0 failed; 0 ignored",
            3,
            0,
        );
    }

    #[test]
    fn other_lines_count_nothing() {
        check("12 tests are planned\n# passing the parcel 3\nsummary: 4 passed", 0, 0);
    }
}
