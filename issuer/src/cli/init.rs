//! `credmint init`: a starting configuration for an environment, by flags or by questions.

mod checked;
mod draft;
mod environment;

use super::answer::{complain, misused, say};
use clap::Args;
use credmint_judge::Misuse;
use draft::Draft;
use environment::{ENVIRONMENTS, Environment};
use std::fs::OpenOptions;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Flags of a starting configuration. What an environment needs and no flag says is asked for on a terminal.
#[derive(Args)]
pub(super) struct Arguments {
    /// Where the workloads run: github_actions, gitlab_ci, kubernetes, ack_rrsa, spiffe, oidc, pca, alibaba_ecs,
    /// amazon_ec2, azure_vm or gce_vm
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// Write to this new file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    answers: Flags,
}

/// Answers that were given as flags, for all environments.
#[derive(Args)]
struct Flags {
    /// The https URL of this issuer, without a slash at the end
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// The id of the first client
    #[arg(long, value_name = "ID")]
    client: Option<String>,
    /// The audience of the service that takes the tokens
    #[arg(long, value_name = "AUDIENCE")]
    audience: Option<String>,
    /// A scope value that the client may have
    #[arg(long, value_name = "VALUE")]
    scope: Option<String>,
    /// github_actions: the numeric id of the owner of the repository
    #[arg(long, value_name = "ID")]
    owner_id: Option<String>,
    /// github_actions: the numeric id of the repository
    #[arg(long, value_name = "ID")]
    repository_id: Option<String>,
    /// gitlab_ci: the numeric id of the namespace of the project
    #[arg(long, value_name = "ID")]
    namespace_id: Option<String>,
    /// gitlab_ci: the numeric id of the project
    #[arg(long, value_name = "ID")]
    project_id: Option<String>,
    /// github_actions, gitlab_ci: the ref, or the protected branch, whose jobs are believed
    #[arg(long = "ref", value_name = "REF")]
    git_ref: Option<String>,
    /// gitlab_ci, kubernetes, ack_rrsa, spiffe, oidc, azure_vm: the issuer of the tokens, as their `iss` has it
    #[arg(long, value_name = "URL")]
    token_issuer: Option<String>,
    /// azure_vm: the application of the tenant that tokens are asked for
    #[arg(long, value_name = "AUDIENCE")]
    token_audience: Option<String>,
    /// azure_vm: the object id of the machine's managed identity
    #[arg(long, value_name = "ID")]
    principal_id: Option<String>,
    /// gce_vm: the number of the project
    #[arg(long, value_name = "NUMBER")]
    project_number: Option<String>,
    /// gce_vm: the numeric id of the machine's service account
    #[arg(long, value_name = "ID")]
    service_account_id: Option<String>,
    /// spiffe: the SPIFFE ID of the workload
    #[arg(long, value_name = "ID")]
    spiffe_id: Option<String>,
    /// oidc: the subject of the workload, as its `sub` has it
    #[arg(long, value_name = "SUB")]
    subject: Option<String>,
    /// kubernetes, ack_rrsa: the namespace
    #[arg(long, value_name = "NAME")]
    namespace: Option<String>,
    /// kubernetes, ack_rrsa: the service account
    #[arg(long, value_name = "NAME")]
    service_account: Option<String>,
    /// pca: the common name of the workload's certificate
    #[arg(long, value_name = "NAME")]
    common_name: Option<String>,
    /// alibaba_ecs, amazon_ec2: the number of the account
    #[arg(long, value_name = "NUMBER")]
    account: Option<String>,
    /// alibaba_ecs, amazon_ec2: the id of the instance
    #[arg(long, value_name = "ID")]
    instance: Option<String>,
    /// amazon_ec2: the region
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
}

/// One thing that must be known.
struct Question {
    /// The flag that answers it, without dashes.
    flag: &'static str,
    /// How it is asked.
    text: &'static str,
    /// What an empty answer means; none means that there must be an answer.
    default: Option<&'static str>,
    /// Whether the answer has digits alone.
    is_number: bool,
}

const fn required(flag: &'static str, text: &'static str) -> Question {
    Question { flag, text, default: None, is_number: false }
}

const fn number(flag: &'static str, text: &'static str) -> Question {
    Question { flag, text, default: None, is_number: true }
}

const fn with_default(flag: &'static str, text: &'static str, default: &'static str) -> Question {
    Question { flag, text, default: Some(default), is_number: false }
}

/// What every environment must know.
const COMMON: &[Question] = &[
    required("issuer", "The https URL of this issuer"),
    with_default("client", "The id of the first client", "app_1"),
    with_default(
        "audience",
        "The audience of the service that takes the tokens",
        "api.example.com",
    ),
    with_default("scope", "A scope value that the client may have", "read"),
];

/// Writes a configuration.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    match configuration(arguments).and_then(|text| write(arguments, &text)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(misuse) => misused(misuse),
    }
}

fn configuration(arguments: &Arguments) -> Result<String, Misuse> {
    let environment = environment(arguments)?;
    let mut answers = Answers::default();
    let questions = || COMMON.iter().chain(environment.questions);
    let mut missing = Vec::new();
    for question in questions() {
        let flag = arguments.answers.get(question.flag);
        match flag.map(str::to_owned).or_else(|| ask(question)) {
            Some(answer) => answers.add(question, answer)?,
            None => match question.default {
                Some(default) => answers.add(question, default.to_owned())?,
                None => missing.push(format!("--{}", question.flag)),
            },
        }
    }
    if !missing.is_empty() {
        return Err(Misuse::new(format_args!("{} needs {}", environment.name, missing.join(", "))));
    }
    let draft: Draft = (environment.draft)(&answers).map_err(Misuse::new)?;
    let text = draft.configuration(environment.name, &answers);
    checked::check(&text, &answers)?;
    Ok(text)
}

fn environment(arguments: &Arguments) -> Result<&'static Environment, Misuse> {
    let names: Vec<&str> = ENVIRONMENTS.iter().map(|environment| environment.name).collect();
    let names = names.join(", ");
    let question = required("environment", "Where do the workloads run");
    let known = |name: &str| ENVIRONMENTS.iter().find(|environment| environment.name == name);
    match arguments.environment.clone().or_else(|| {
        complain(format_args!("Environments: {names}"));
        ask(&question)
    }) {
        None => Err(Misuse::new(format_args!("--environment is missing: one of {names}"))),
        Some(name) => known(&name)
            .ok_or_else(|| Misuse::new(format_args!("`{name}` is no environment: {names}"))),
    }
}

/// Asks on the terminal, when there is one. An empty answer is none.
fn ask(question: &Question) -> Option<String> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return None;
    }
    let default = question.default.map(|default| format!(" [{default}]")).unwrap_or_default();
    // A prompt that cannot be shown is no reason to fail.
    let _ = write!(io::stderr(), "{}{default}: ", question.text);
    let mut line = String::new();
    stdin.lock().read_line(&mut line).ok()?;
    Some(line.trim().to_owned()).filter(|answer| !answer.is_empty())
}

fn write(arguments: &Arguments, text: &str) -> Result<(), Misuse> {
    let Some(path) = &arguments.output else {
        say(text.trim_end());
        return Ok(());
    };
    let failed = |error: io::Error| Misuse::new(format_args!("{}: {error}", path.display()));
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

impl Flags {
    fn get(&self, flag: &str) -> Option<&str> {
        let answer = match flag {
            "issuer" => &self.issuer,
            "client" => &self.client,
            "audience" => &self.audience,
            "scope" => &self.scope,
            "owner-id" => &self.owner_id,
            "repository-id" => &self.repository_id,
            "namespace-id" => &self.namespace_id,
            "project-id" => &self.project_id,
            "ref" => &self.git_ref,
            "token-issuer" => &self.token_issuer,
            "token-audience" => &self.token_audience,
            "principal-id" => &self.principal_id,
            "project-number" => &self.project_number,
            "service-account-id" => &self.service_account_id,
            "spiffe-id" => &self.spiffe_id,
            "subject" => &self.subject,
            "namespace" => &self.namespace,
            "service-account" => &self.service_account,
            "common-name" => &self.common_name,
            "account" => &self.account,
            "instance" => &self.instance,
            "region" => &self.region,
            _ => &None,
        };
        answer.as_deref()
    }
}

/// The answers by flag. Each can stand between quotes in YAML and in an expression.
#[derive(Default)]
struct Answers(Vec<(&'static str, String)>);

impl Answers {
    fn add(&mut self, question: &Question, answer: String) -> Result<(), Misuse> {
        let flag = question.flag;
        let plain =
            |character: char| !character.is_control() && !matches!(character, '"' | '\'' | '\\');
        if answer.is_empty() || !answer.chars().all(plain) {
            return Err(Misuse::new(format_args!(
                "--{flag}: an answer is not empty and has no quotes, backslashes and control characters"
            )));
        }
        if question.is_number && !answer.bytes().all(|octet| octet.is_ascii_digit()) {
            return Err(Misuse::new(format_args!("--{flag}: {answer:?} is no number")));
        }
        self.0.push((flag, answer));
        Ok(())
    }

    /// The answer to a question of the environment.
    fn get(&self, flag: &str) -> &str {
        self.0.iter().find(|(known, _)| *known == flag).map_or("", |(_, answer)| answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_has_a_flag() {
        let flags: Vec<&str> = ENVIRONMENTS
            .iter()
            .flat_map(|environment| environment.questions)
            .chain(COMMON)
            .map(|question| question.flag)
            .collect();
        let all = Flags {
            issuer: Some("x".to_owned()),
            client: Some("x".to_owned()),
            audience: Some("x".to_owned()),
            scope: Some("x".to_owned()),
            owner_id: Some("x".to_owned()),
            repository_id: Some("x".to_owned()),
            namespace_id: Some("x".to_owned()),
            project_id: Some("x".to_owned()),
            git_ref: Some("x".to_owned()),
            token_issuer: Some("x".to_owned()),
            token_audience: Some("x".to_owned()),
            principal_id: Some("x".to_owned()),
            project_number: Some("x".to_owned()),
            service_account_id: Some("x".to_owned()),
            spiffe_id: Some("x".to_owned()),
            subject: Some("x".to_owned()),
            namespace: Some("x".to_owned()),
            service_account: Some("x".to_owned()),
            common_name: Some("x".to_owned()),
            account: Some("x".to_owned()),
            instance: Some("x".to_owned()),
            region: Some("x".to_owned()),
        };
        for flag in flags {
            assert_eq!(all.get(flag), Some("x"), "{flag}");
        }
    }

    #[test]
    fn answers_can_stand_in_quotes_and_numbers_are_digits() {
        let add =
            |question: Question, answer: &str| Answers::default().add(&question, answer.to_owned());
        for bad in ["", "a\"b", "a'b", "a\\b", "a\nb"] {
            let error = add(required("client", ""), bad).expect_err(bad);
            assert!(error.to_string().contains("client"), "{error}");
        }
        assert!(add(required("ref", ""), "refs/heads/main # x: y").is_ok());
        for bad in ["", "-1", "7 }", "0x7", "٧", "example/shop"] {
            let error = add(number("project-id", ""), bad).expect_err(bad);
            assert!(error.to_string().contains("project-id"), "{error}");
        }
        assert!(add(number("account", ""), "011122223333").is_ok());
    }
}
