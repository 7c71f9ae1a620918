//! Batches: one JSON request a line in, one JSON answer a line out, in order.

use super::answer::{Judgement, Misuse, misused, to_json};
use super::request::Line;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::process::ExitCode;

/// A request that can be judged.
pub(super) trait Judge: DeserializeOwned {
    /// What the requests of one batch share, because it is costly to make.
    type Shared: Default;

    /// The verdict, or why the request is not understood.
    fn judge(self, shared: &mut Self::Shared) -> Result<Judgement, Misuse>;
}

/// Longest line: a message of the largest size in base64 beside certificates and key sets, many times over.
const LINE_BYTES: u64 = 16 * 1024 * 1024;

/// Octets that are read at once.
const BUFFER_BYTES: usize = 64 * 1024;

/// Reads requests from standard input to its end. Refusals do not change the exit status; a request that is
/// not understood is answered as an error and gives 2 at the end.
pub(super) fn run<R: Judge>() -> ExitCode {
    let input = BufReader::with_capacity(BUFFER_BYTES, io::stdin().lock());
    let output = BufWriter::with_capacity(BUFFER_BYTES, io::stdout().lock());
    match answer_all::<R, _>(input, output) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(2),
        // Whoever read the answers has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(2),
        Err(error) => misused(error),
    }
}

/// Answers every line; says whether all of them were understood.
fn answer_all<R: Judge, I: Read>(
    mut input: BufReader<I>,
    mut output: impl Write,
) -> io::Result<bool> {
    let mut shared = R::Shared::default();
    let mut understood = true;
    let mut line = Vec::new();
    while let Some(read) = next_line(&mut input, &mut line)? {
        let answer = match read {
            Length::Within if line.trim_ascii().is_empty() => continue,
            Length::Within => answer_line::<R>(&line, &mut shared),
            Length::Beyond => to_json(Err(Misuse::new("the line is too long"))),
        };
        understood &= answer.get("verdict").and_then(Value::as_str) != Some("error");
        writeln!(output, "{}", Value::Object(answer))?;
        // Whoever sends one request and waits gets its answer; whoever sends many is not slowed down.
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

fn answer_line<R: Judge>(line: &[u8], shared: &mut R::Shared) -> Map<String, Value> {
    let line = match Line::parse(line) {
        Ok(line) => line,
        Err(misuse) => return to_json(Err(misuse)),
    };
    let judgement = line.read::<R>().and_then(|request| request.judge(shared));
    let mut answer = to_json(judgement);
    answer.insert("id".into(), line.id);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use credmint_core::{Code, Refusal};
    use serde::Deserialize;

    /// Accepts what is not "no", and counts.
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Request {
        say: String,
    }

    impl Judge for Request {
        type Shared = u64;

        fn judge(self, count: &mut u64) -> Result<Judgement, Misuse> {
            *count += 1;
            if self.say == "no" {
                return Ok(Err(Refusal::new(Code::KeyUnknown)));
            }
            Ok(Ok(Map::from_iter([("count".to_owned(), (*count).into())])))
        }
    }

    fn answers(input: &[u8]) -> (Vec<Value>, bool) {
        let mut output = Vec::new();
        let understood = answer_all::<Request, _>(BufReader::new(input), &mut output).unwrap();
        let text = String::from_utf8(output).unwrap();
        (text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), understood)
    }

    #[test]
    fn answers_come_in_order_and_share_what_is_costly() {
        let (answers, understood) =
            answers(b"{\"id\":\"a\",\"say\":\"yes\"}\n\n{\"id\":2,\"say\":\"no\"}\r\n{\"id\":3,\"say\":\"\"}");
        assert!(understood);
        assert_eq!(answers.len(), 3);
        assert_eq!(answers[0], serde_json::json!({ "id": "a", "verdict": "accept", "count": 1 }));
        assert_eq!(answers[1]["id"], 2);
        assert_eq!(answers[1]["verdict"], "refuse");
        assert_eq!(answers[1]["code"], "key_unknown");
        assert_eq!(answers[2]["count"], 3);
    }

    #[test]
    fn a_request_that_is_not_understood_is_an_error_and_the_next_one_is_answered() {
        for bad in
            ["x", "{}", "{\"id\":1,\"say\":1}", "{\"id\":1,\"say\":\"a\",\"more\":1}", "\u{feff}{}"]
        {
            let (answers, understood) =
                answers(format!("{bad}\n{{\"id\":2,\"say\":\"a\"}}").as_bytes());
            assert!(!understood, "{bad}");
            assert_eq!(answers[0]["verdict"], "error", "{bad}");
            assert_eq!(answers[0].get("id").is_some(), bad.contains("\"id\""), "{bad}");
            assert_eq!(answers[1]["verdict"], "accept", "{bad}");
        }
        let (answers, understood) = answers(b"\xff\n");
        assert!(!understood);
        assert_eq!(answers[0]["verdict"], "error");
    }

    #[test]
    fn a_line_that_is_too_long_is_read_over() {
        let longest = usize::try_from(LINE_BYTES).unwrap();
        let check = |length: usize, expect: &str| {
            let mut input = br#"{"id":1,"say":"a"}"#.to_vec();
            input.resize(length, b' ');
            input.extend(b"\n{\"id\":2,\"say\":\"a\"}\n");
            let (answers, _) = answers(&input);
            assert_eq!(answers.len(), 2, "{length}");
            assert_eq!(answers[0]["verdict"], expect, "{length}");
            assert_eq!(answers[1]["id"], 2, "{length}");
        };
        check(longest - 1, "accept");
        check(longest, "error");
        check(2 * longest, "error");
    }
}
