//! The flags that answer questions: those of all environments.

use super::{COMMON, environments};
use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches};
use credmint_core::policy::guide::Question;
use std::collections::BTreeMap;

/// Answers that were given as flags.
#[derive(Debug)]
pub(super) struct Flags(BTreeMap<&'static str, String>);

impl Flags {
    /// The answer to the question with this flag.
    pub(super) fn get(&self, flag: &str) -> Option<&str> {
        self.0.get(flag).map(String::as_str)
    }
}

/// A flag, with what is asked for by it and the environments that ask so.
struct Flag {
    name: &'static str,
    is_number: bool,
    /// Each text once, with the names of environments; none for what all of them ask.
    asked: Vec<(&'static str, Vec<&'static str>)>,
}

/// Every flag, in the order in which questions are asked.
fn flags() -> Vec<Flag> {
    let mut flags = Vec::new();
    for question in COMMON {
        add(&mut flags, question, None);
    }
    for (environment, init) in environments() {
        for question in init.questions {
            add(&mut flags, question, Some(environment));
        }
    }
    flags
}

fn add(flags: &mut Vec<Flag>, question: &Question, environment: Option<&'static str>) {
    let Question { flag: name, text, is_number, .. } = *question;
    let Some(flag) = flags.iter_mut().find(|flag| flag.name == name) else {
        let asked = vec![(text, environment.into_iter().collect())];
        return flags.push(Flag { name, is_number, asked });
    };
    match flag.asked.iter_mut().find(|(known, _)| *known == text) {
        Some((_, environments)) => environments.extend(environment),
        None => flag.asked.push((text, environment.into_iter().collect())),
    }
}

impl Flag {
    /// `github_actions: the numeric id of the repository`.
    fn help(&self) -> String {
        let asked = self.asked.iter().map(|(text, environments)| match environments.as_slice() {
            [] => (*text).to_owned(),
            _ => format!("{}: {}", environments.join(", "), in_sentence(text)),
        });
        asked.collect::<Vec<_>>().join("; ")
    }
}

/// A text with a small letter at its start.
fn in_sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| format!("{}{}", first.to_lowercase(), letters.as_str()))
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        flags().into_iter().fold(command, |command, flag| {
            let value = if flag.is_number { "NUMBER" } else { "TEXT" };
            command.arg(Arg::new(flag.name).long(flag.name).value_name(value).help(flag.help()))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let answer = |name| Some((name, matches.get_one::<String>(name)?.clone()));
        Ok(Self(flags().iter().filter_map(|flag| answer(flag.name)).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_says_who_asks_for_it() {
        let flags = flags();
        let help = |name: &str| flags.iter().find(|flag| flag.name == name).unwrap().help();
        assert_eq!(help("client"), "The id of the first client");
        assert_eq!(help("namespace"), "kubernetes, ack_rrsa: the namespace of the workload");
        assert_eq!(
            help("ref"),
            "github_actions, forgejo: the ref whose workflows are believed; \
             gitlab_ci: the protected branch whose jobs are believed; \
             circleci: the ref whose jobs are believed"
        );
    }

    /// One flag has digits in all environments or in none.
    #[test]
    fn a_flag_is_a_number_everywhere() {
        for flag in flags() {
            let all = environments();
            let mut questions = all.iter().flat_map(|(_, init)| init.questions);
            let is_same = |it: &Question| it.flag != flag.name || it.is_number == flag.is_number;
            assert!(questions.all(is_same), "{}", flag.name);
        }
    }
}
