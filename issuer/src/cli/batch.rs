//! Batches: one JSON request a line in, one JSON answer a line out, in order.

use super::answer::{Judgement, Misuse, to_json};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::io::{BufRead, Write};
use std::process::ExitCode;

/// A request that can be judged. Unknown members are errors: the request would mean something that is not done.
pub(super) trait Judge: DeserializeOwned {
    /// The verdict, or why the request is not understood.
    fn judge(self) -> Result<Judgement, Misuse>;
}

/// Longest line: a message of the largest size in base64 beside certificates and key sets, many times over.
const LINE_BYTES: usize = 16 * 1024 * 1024;

/// Reads requests from standard input to its end. Refusals do not change the exit status; a request that is
/// not understood is answered as an error and gives 2 at the end.
pub(super) fn run<R: Judge>() -> ExitCode {
    let mut input = std::io::stdin().lock();
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    let mut understood = true;
    let mut line = Vec::new();
    loop {
        line.clear();
        match input.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) if line.trim_ascii().is_empty() => continue,
            Ok(_) => {}
            Err(error) => return super::answer::misused(format_args!("standard input: {error}")),
        }
        let answer = answer_line::<R>(&line);
        understood &= answer.get("verdict").and_then(Value::as_str) != Some("error");
        let written = writeln!(output, "{}", Value::Object(answer));
        if written.and_then(|()| output.flush()).is_err() {
            return ExitCode::from(2);
        }
    }
    if understood { ExitCode::SUCCESS } else { ExitCode::from(2) }
}

/// The part of a request that every command has.
#[derive(Deserialize)]
struct Envelope {
    id: Option<Value>,
    #[serde(flatten)]
    members: Map<String, Value>,
}

fn answer_line<R: Judge>(line: &[u8]) -> Map<String, Value> {
    let mut answer = Map::new();
    let envelope = match parse(line) {
        Ok(envelope) => envelope,
        Err(misuse) => return to_json(Err(misuse)),
    };
    let id = match envelope.id {
        Some(id @ (Value::String(_) | Value::Number(_))) => id,
        _ => return to_json(Err(Misuse::new("the request has no id (a string or a number)"))),
    };
    answer.insert("id".into(), id);
    let request = serde_json::from_value::<R>(Value::Object(envelope.members));
    let judgement = request.map_err(Misuse::new).and_then(R::judge);
    answer.extend(to_json(judgement));
    answer
}

fn parse(line: &[u8]) -> Result<Envelope, Misuse> {
    if line.len() > LINE_BYTES {
        return Err(Misuse::new("the line is too long"));
    }
    serde_json::from_slice(line).map_err(Misuse::new)
}
