//! The second part: three refusals, as their sender sees them and as the operator does.

use base64ct::{Base64, Encoding};
use credmint_core::Code;

use super::interrupt::{Interrupt, Interrupted};
use super::style::{Style, WIDTH, wrap};
use crate::fixtures::github_actions::Job;
use crate::fixtures::pem;
use crate::http_client::Answer;
use crate::world::World;
use crate::world::log::Record;
use crate::world::proofs::EC2_ACCOUNT;
use crate::world::request::TokenRequest;

/// The column in which explanations begin.
const INDENT: usize = 14;

/// Shows the refusals; whether each came with the reason that it should.
pub(super) fn show(
    world: &World,
    style: Style,
    interrupt: &Interrupt,
) -> Result<bool, Interrupted> {
    let refusals = [
        (
            "A certificate of a foreign root, which has the name of the plant's",
            foreign_root(world),
            Code::PathSignatureInvalid,
        ),
        (
            "A job of another repository of the same owner",
            other_repository(world),
            Code::VerificationConditionFalse,
        ),
        (
            "An EC2 document in which the account was altered",
            altered_document(world),
            Code::CmsDigestMismatch,
        ),
    ];
    println!("\n{}", style.strong("Refusals: what the sender learns, and what the operator reads"));
    let mut all_good = true;
    for (number, (what, request, code)) in refusals.iter().enumerate() {
        let answer = world.exchange(request);
        let record = world.record(answer.json()["request_id"].as_str().unwrap_or("no request id"));
        let good = answer.status == code.public().status() && record.text("code") == code.as_str();
        let mark = if good { style.good("✓") } else { style.bad("✗") };
        println!("\n {mark} {}. {}", number + 1, style.strong(what));
        explain(style, &answer, &record);
        all_good &= good;
        interrupt.check()?;
    }
    println!();
    Ok(all_good)
}

fn foreign_root(world: &World) -> TokenRequest {
    let foreign = world.plant.impostor();
    let chain = format!("{}{}", foreign.intermediate_pem(), foreign.root_pem());
    world.pca_request_of(&foreign.client("press-7")).with("client_x509_chain", &chain)
}

fn other_repository(world: &World) -> TokenRequest {
    world.github_request_of(&Job { repository_id: "78".to_owned(), ..Job::on_main("example/fork") })
}

fn altered_document(world: &World) -> TokenRequest {
    let good = world.ec2_request();
    let text = good.get("client_assertion").replace('\n', "");
    let mut message = Base64::decode_vec(&text).expect("the document");
    let account = EC2_ACCOUNT.as_bytes();
    let place = message.windows(account.len()).position(|part| part == account);
    message[place.expect("the account")] = b'9';
    good.with("client_assertion", &pem::base64_lines(&message, 76))
}

fn explain(style: Style, answer: &Answer, record: &Record) {
    let body = answer.json();
    let text = |member: &str| body[member].as_str().unwrap_or_default();
    let line = |name: &str, value: &str| print!("{}", explanation(style, name, value));
    line("sender", &format!("{} {}: {}", answer.status, text("error"), text("error_description")));
    let step = format!("{}, at the step {}", record.text("code"), record.text("step"));
    line("operator", &step);
    // Everything else about a code is in the one table of codes.
    let code = Code::ALL.iter().find(|code| code.as_str() == record.text("code"));
    if let Some(code) = code {
        line("", code.sentence());
    }
    for member in ["detail", "expected", "found"] {
        line(member, record.text(member));
    }
    if let Some(code) = code {
        line("rule", code.rule());
        line("fix", code.advice());
    }
}

/// A name and its text, in lines of [`WIDTH`]; nothing for nothing.
fn explanation(style: Style, name: &str, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let lines = wrap(text, WIDTH - INDENT);
    let spaces = " ".repeat(INDENT);
    let name = style.faint(&format!("{:INDENT$}", format!("   {name}")));
    let first = lines.first().map_or("", String::as_str);
    let rest = lines.iter().skip(1).map(|line| format!("{spaces}{line}\n"));
    std::iter::once(format!("{name}{first}\n")).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn explanations() {
        let check = |name: &str, text: &str, expect: &str| {
            assert_eq!(explanation(Style::PLAIN, name, text), expect);
        };
        check("detail", "", "");
        check("detail", "here", "   detail     here\n");
        let long = format!("{} end", "x".repeat(WIDTH - INDENT));
        let expect = format!("   found      {}\n              end\n", "x".repeat(WIDTH - INDENT));
        check("found", &long, &expect);
    }
}
