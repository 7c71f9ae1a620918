//! The table of `docs/token-endpoint.md`: which `error` each form of a request is answered with.

use credmint_core::RequestForm;
use credmint_core::refusal::PublicCode;
use std::fmt::Write as _;

/// The columns: forms that are answered alike stand in one.
const COLUMNS: &[(&str, &[RequestForm])] = &[
    ("A", &[RequestForm::JwtBearer]),
    ("B", &[RequestForm::TokenExchange]),
    (
        "C, D, TLS, IDaaS",
        &[
            RequestForm::ClientAssertion,
            RequestForm::SpiffeAssertion,
            RequestForm::TlsClient,
            RequestForm::Idaas,
            RequestForm::IdaasExchange,
        ],
    ),
];

/// What protected resources alone refuse with.
const OF_RESOURCES: [PublicCode; 2] = [PublicCode::InsufficientScope, PublicCode::TokenMissing];

/// The table, with an empty line before and behind it.
pub(super) fn table() -> String {
    let mut table = String::from("\n\n| public code |");
    for (name, _) in COLUMNS {
        let _ = write!(table, " {name} |");
    }
    table.push_str(" meaning |\n|---|");
    table.push_str(&"---|".repeat(COLUMNS.len() + 1));
    for code in PublicCode::ALL.iter().filter(|code| !OF_RESOURCES.contains(code)) {
        let _ = write!(table, "\n| `{}` |", code.as_str());
        for (_, forms) in COLUMNS {
            let _ = write!(table, " {} |", answer(*code, forms));
        }
        let _ = write!(table, " {} |", code.sentence());
    }
    table.push_str("\n\n");
    table
}

fn answer(code: PublicCode, forms: &[RequestForm]) -> String {
    let mut answers: Vec<_> = forms.iter().map(|form| code.answer(*form)).collect();
    answers.dedup();
    assert_eq!(answers.len(), 1, "{code:?} is not answered alike for {forms:?}");
    answers.iter().map(|answer| format!("{} `{}`", answer.status, answer.error)).collect()
}

/// A form of the reader that has no column would be missing on the page.
#[test]
fn every_form_has_a_column() {
    for form in RequestForm::ALL {
        assert!(COLUMNS.iter().any(|(_, forms)| forms.contains(form)), "{form:?}");
    }
}
