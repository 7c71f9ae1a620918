//! What a test fails with, for the tests of what tests are made of.

use std::panic::{UnwindSafe, catch_unwind};

/// The message with which `work` panics. The text of the panic is shown all the same.
///
/// # Panics
/// When it does not panic.
#[must_use]
pub fn message<T>(work: impl FnOnce() -> T + UnwindSafe) -> String {
    let Err(payload) = catch_unwind(|| drop(work())) else { panic!("it did not panic") };
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => payload.downcast_ref::<&str>().copied().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages() {
        assert_eq!(message(|| panic!("as it is")), "as it is");
        assert_eq!(message(|| panic!("with {}", 1)), "with 1");
        assert_eq!(message(|| message(|| ())), "it did not panic");
    }
}
