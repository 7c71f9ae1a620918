//! Lines that do not come out as `expected` says, each with what comes out instead and why.

/// One line of one case.
pub(crate) struct Difference {
    /// `pki` or `oidc`.
    pub(crate) part: &'static str,
    pub(crate) case: &'static str,
    pub(crate) line: &'static str,
    /// What comes out, or its beginning.
    pub(crate) got: &'static str,
    pub(crate) why: &'static str,
}

impl Difference {
    pub(crate) fn is_of(&self, part: &str, case: &str, line: &str) -> bool {
        (self.part, self.case, self.line) == (part, case, line)
    }
}

const fn row(
    part: &'static str,
    case: &'static str,
    line: &'static str,
    got: &'static str,
    why: &'static str,
) -> Difference {
    Difference { part, case, line, got, why }
}

pub(crate) const DIFFERENCES: &[Difference] = &[];
