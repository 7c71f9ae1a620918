//! Refusals at a token endpoint: which `error` and which status each form of request gets.

use super::PublicCode;
use crate::form::RequestForm;

/// What a token endpoint answers (RFC 6749 section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OauthAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The `error` of the body.
    pub error: &'static str,
}

impl PublicCode {
    /// The answer to a request of this form. Where the proof is at fault, a grant that is the proof itself is
    /// `invalid_grant` (RFC 7523 section 3.1), a subject token `invalid_request` (RFC 8693 section 2.2.2), and the
    /// authentication of a client `invalid_client` (RFC 7523 section 3.2).
    #[must_use]
    pub const fn answer(self, form: RequestForm) -> OauthAnswer {
        let (status, error) = match (self.is_of_proof(), form) {
            (true, RequestForm::JwtBearer) => (400, "invalid_grant"),
            (true, RequestForm::TokenExchange) => (400, "invalid_request"),
            _ => (self.status(), self.oauth_error()),
        };
        OauthAnswer { status, error }
    }

    /// Whether it says that the proof, or who presents it, is not accepted.
    const fn is_of_proof(self) -> bool {
        matches!(
            self,
            Self::Expired
                | Self::MalformedProof
                | Self::NotTrusted
                | Self::NotYetValid
                | Self::Replayed
                | Self::Stale
                | Self::TokenMissing
                | Self::WrongAudience
                | Self::WrongType
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_by_form() {
        let check = |code: PublicCode, form, status, error| {
            assert_eq!(code.answer(form), OauthAnswer { status, error }, "{code:?} {form:?}");
        };
        check(PublicCode::NotTrusted, RequestForm::Idaas, 401, "invalid_client");
        check(PublicCode::NotTrusted, RequestForm::ClientAssertion, 401, "invalid_client");
        check(PublicCode::NotTrusted, RequestForm::SpiffeAssertion, 401, "invalid_client");
        check(PublicCode::NotTrusted, RequestForm::TlsClient, 401, "invalid_client");
        check(PublicCode::NotTrusted, RequestForm::JwtBearer, 400, "invalid_grant");
        check(PublicCode::NotTrusted, RequestForm::TokenExchange, 400, "invalid_request");
        for form in RequestForm::ALL {
            check(PublicCode::InvalidScope, *form, 400, "invalid_scope");
            check(PublicCode::InvalidTarget, *form, 400, "invalid_target");
            check(PublicCode::InvalidRequest, *form, 400, "invalid_request");
            check(PublicCode::ClientSecret, *form, 401, "invalid_client");
            check(PublicCode::UnauthorizedClient, *form, 400, "unauthorized_client");
            check(PublicCode::TemporarilyUnavailable, *form, 503, "temporarily_unavailable");
        }
    }

    /// One answer for unknown issuers and clients, wrong client ids and failed conditions, whatever the form.
    #[test]
    fn who_is_not_trusted_is_told_nothing_by_any_form() {
        for code in PublicCode::ALL.iter().filter(|code| code.is_of_proof()) {
            for form in RequestForm::ALL {
                assert_eq!(code.answer(*form), PublicCode::NotTrusted.answer(*form), "{code:?}");
            }
        }
    }
}
