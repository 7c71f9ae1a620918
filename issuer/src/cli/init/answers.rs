//! What is known of an environment: answers, and values that are worked out.

use aws_lc_rs::rand;
use credmint_core::policy::guide::{Question, Value};
use credmint_verify::Misuse;

/// The answers by flag, and what was worked out. Each answer can stand between quotes in YAML and in an expression.
#[derive(Clone, Default)]
pub(super) struct Answers {
    given: Vec<(&'static str, String)>,
    worked_out: Vec<(&'static str, String)>,
}

impl Answers {
    pub(super) fn add(&mut self, question: &Question, answer: String) -> Result<(), Misuse> {
        let flag = question.flag;
        let plain =
            |character: char| !character.is_control() && !matches!(character, '"' | '\'' | '\\');
        if answer.is_empty() || !answer.chars().all(plain) {
            return Err(Misuse::new(format_args!(
                "--{flag}: an answer is not empty and has no quotes, backslashes and control characters"
            )));
        }
        if question.is_number && !answer.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Misuse::new(format_args!("--{flag}: {answer:?} is not a number")));
        }
        self.given.push((flag, answer));
        Ok(())
    }

    /// Works out a value that is not asked for.
    pub(super) fn work_out(&mut self, value: &Value) -> Result<(), Misuse> {
        let text = match value {
            Value::Random { prefix, .. } => random(prefix)?,
            Value::Part { flag, find, expected, .. } => find(self.get(flag))
                .ok_or_else(|| Misuse::new(format_args!("--{flag}: {expected}")))?
                .to_owned(),
        };
        self.worked_out.push((value.name(), text));
        Ok(())
    }

    /// The answers by flag.
    pub(super) fn given(&self) -> &[(&'static str, String)] {
        &self.given
    }

    /// The answer to put for `name` in texts; empty for a name without a question.
    pub(super) fn get(&self, name: &str) -> &str {
        let mut all = self.given.iter().chain(&self.worked_out);
        all.find(|(known, _)| *known == name).map_or("", |(_, answer)| answer)
    }

    /// The same answers but for one, to which `more` is appended.
    pub(super) fn with_more(&self, (flag, more): (&str, &str)) -> Self {
        let mut other = self.clone();
        for (_, answer) in other.given.iter_mut().filter(|(known, _)| *known == flag) {
            answer.push_str(more);
        }
        other
    }

    /// A text with the answers in the place of `{name}`. Any other brace is YAML's.
    pub(super) fn filled(&self, template: &str) -> String {
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            match placeholder(after) {
                Some((name, after)) => {
                    text.push_str(self.get(name));
                    rest = after;
                }
                None => {
                    text.push('{');
                    rest = after;
                }
            }
        }
        text + rest
    }
}

/// The name of a placeholder whose first brace is read, and what stands behind it.
fn placeholder(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.split_once('}')?;
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    (!name.is_empty() && name.bytes().all(is_name)).then_some((name, rest))
}

/// 128 random bits in hexadecimal behind `prefix`.
fn random(prefix: &str) -> Result<String, Misuse> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes)
        .map_err(|_| Misuse::new(format_args!("the system gives no random numbers")))?;
    Ok(bytes.iter().fold(prefix.to_owned(), |text, byte| format!("{text}{byte:02x}")))
}

#[cfg(test)]
mod tests {
    use super::super::{COMMON, environments};
    use super::*;

    #[test]
    fn answers_can_stand_in_quotes_and_numbers_are_digits() {
        let add =
            |question: Question, answer: &str| Answers::default().add(&question, answer.to_owned());
        for bad in ["", "a\"b", "a'b", "a\\b", "a\nb"] {
            let misuse = add(Question::required("client", ""), bad).expect_err(bad);
            assert!(format!("{misuse}").contains("--client"), "{misuse}");
        }
        assert!(add(Question::required("ref", ""), "refs/heads/main # x: y").is_ok());
        for bad in ["", "-1", "7 }", "0x7", "٧", "example/shop"] {
            let misuse = add(Question::number("project-id", ""), bad).expect_err(bad);
            assert!(format!("{misuse}").contains("--project-id"), "{misuse}");
        }
        assert!(add(Question::number("account", ""), "011122223333").is_ok());
    }

    #[test]
    fn answers_stand_in_the_place_of_their_names_and_are_not_read_again() {
        let mut answers = Answers::default();
        answers.add(&Question::required("ref", ""), "{client}".to_owned()).unwrap();
        answers.add(&Question::required("client", ""), "c".to_owned()).unwrap();
        let text = "a: { b: {ref}, c: '{client}' } # {}, {A}, {";
        assert_eq!(answers.filled(text), "a: { b: {client}, c: 'c' } # {}, {A}, {");
        assert_eq!(answers.with_more(("client", "0")).filled("{client}"), "c0");
    }

    /// The texts of an environment name what it asks for, what all ask for, and what is worked out.
    #[test]
    fn every_name_in_a_text_is_known() {
        for (environment, init) in environments() {
            let mut answers = Answers::default();
            for question in COMMON.iter().chain(init.questions) {
                answers.given.push((question.flag, "x".to_owned()));
            }
            for value in init.values {
                answers.worked_out.push((value.name(), "x".to_owned()));
            }
            let texts = [init.settings, init.binding, init.subject, init.given, init.accepted.1];
            for text in texts.iter().chain(init.left) {
                let mut rest = *text;
                while let Some((_, after)) = rest.split_once('{') {
                    rest = after;
                    let Some((name, _)) = placeholder(after) else { continue };
                    assert!(!answers.get(name).is_empty(), "{environment}: {name} in {text}");
                }
            }
            let (changed, _) = init.changed;
            let mut asked = COMMON.iter().chain(init.questions);
            assert!(asked.any(|it| it.flag == changed), "{environment}: {changed}");
        }
    }
}
