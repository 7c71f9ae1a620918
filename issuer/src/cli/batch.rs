//! Batches: one JSON request a line in, one JSON answer a line out, in order.

use super::answer::misused;
use crate::limits::{BUFFER_BYTES, LINE_BYTES};
use credmint_verify::{Misuse, Verifier, to_json};
use serde_json::{Map, Value};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::process::ExitCode;

/// Reads requests from standard input to its end. Refusals do not change the exit status; a request that is
/// not understood is answered as an error and gives 2 at the end.
pub(super) fn run(judge: &mut Verifier<'_>) -> ExitCode {
    let input = BufReader::with_capacity(BUFFER_BYTES, io::stdin().lock());
    let output = BufWriter::with_capacity(BUFFER_BYTES, io::stdout().lock());
    match answer_all(input, output, |line| judge.answer(line)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(2),
        // Whoever read the answers has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(2),
        Err(error) => misused(error),
    }
}

/// Answers every line; says whether all of them were understood.
fn answer_all<I: Read>(
    mut input: BufReader<I>,
    mut output: impl Write,
    mut answer: impl FnMut(&[u8]) -> Map<String, Value>,
) -> io::Result<bool> {
    let mut understood = true;
    let mut line = Vec::new();
    while let Some(read) = next_line(&mut input, &mut line)? {
        let answer = match read {
            Length::Within if line.trim_ascii().is_empty() => continue,
            Length::Within => answer(&line),
            Length::Beyond => to_json(Err(Misuse::new("the line is too long"))),
        };
        understood &= answer.get("verdict").and_then(Value::as_str) != Some("error");
        writeln!(output, "{}", Value::Object(answer))?;
        // A client that sends one request and waits gets its answer; one that sends many is not slowed down.
        if input.buffer().is_empty() {
            output.flush()?;
        }
    }
    output.flush()?;
    Ok(understood)
}

enum Length {
    Within,
    /// The line was read over and is not in memory.
    Beyond,
}

/// The next line, `None` at the end.
fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<Length>> {
    line.clear();
    if input.by_ref().take(LINE_BYTES).read_until(b'\n', line)? == 0 {
        return Ok(None);
    }
    if line.ends_with(b"\n") || (line.len() as u64) < LINE_BYTES {
        return Ok(Some(Length::Within));
    }
    input.skip_until(b'\n')?;
    Ok(Some(Length::Beyond))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Echoes the line, and misunderstands what is no JSON.
    fn answers(input: &[u8]) -> (Vec<Value>, bool) {
        let mut output = Vec::new();
        let echo = |line: &[u8]| {
            let answer = match serde_json::from_slice::<Value>(line) {
                Ok(value) => json!({ "verdict": "accept", "line": value }),
                Err(_) => json!({ "verdict": "error" }),
            };
            answer.as_object().cloned().unwrap()
        };
        let understood = answer_all(BufReader::new(input), &mut output, echo).unwrap();
        let text = String::from_utf8(output).unwrap();
        (text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), understood)
    }

    #[test]
    fn answers_come_in_order() {
        let (answers, understood) = answers(b"1\n\n2\r\n3");
        assert!(understood);
        let lines: Vec<&Value> = answers.iter().map(|answer| &answer["line"]).collect();
        assert_eq!(lines, [1, 2, 3]);
    }

    #[test]
    fn one_request_that_is_not_understood_shows_at_the_end() {
        let (answers, understood) = answers(b"1\nx\n3\n");
        assert!(!understood);
        assert_eq!(answers[1]["verdict"], "error");
        assert_eq!(answers[2]["line"], 3);
    }

    #[test]
    fn a_line_that_is_too_long_is_read_over() {
        let longest = usize::try_from(LINE_BYTES).unwrap();
        let check = |length: usize, expect: &str| {
            let mut input = b"1".to_vec();
            input.resize(length, b' ');
            input.extend(b"\n2\n");
            let (answers, _) = answers(&input);
            assert_eq!(answers.len(), 2, "{length}");
            assert_eq!(answers[0]["verdict"], expect, "{length}");
            assert_eq!(answers[1]["line"], 2, "{length}");
        };
        check(longest - 1, "accept");
        check(longest, "error");
        check(2 * longest, "error");
    }
}
