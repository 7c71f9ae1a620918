//! What a back end makes of a key before its arithmetic, kept with the key.

use alloc::boxed::Box;
use core::any::Any;
use core::cmp::Ordering;
use core::fmt;
use once_cell::race::OnceBox;

/// It is no part of the key's value: keys compare, and are shown, without it.
#[derive(Default)]
pub(super) struct Prepared(OnceBox<Box<dyn Any + Send + Sync>>);

impl Prepared {
    /// The value that is kept, made now if none is; `None` when what is kept is of another type.
    pub(super) fn get_or_make<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Option<&T> {
        self.0.get_or_init(|| Box::new(Box::new(make()))).downcast_ref()
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

impl PartialEq for Prepared {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Prepared {}

impl PartialOrd for Prepared {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Prepared {
    fn cmp(&self, _: &Self) -> Ordering {
        Ordering::Equal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_made_once() {
        let prepared = Prepared::default();
        assert_eq!(prepared.get_or_make(|| 1_u32), Some(&1));
        assert_eq!(prepared.get_or_make(|| 2_u32), Some(&1));
    }

    #[test]
    fn a_value_of_another_type_is_not_mistaken() {
        let prepared = Prepared::default();
        assert_eq!(prepared.get_or_make(|| "first"), Some(&"first"));
        assert_eq!(prepared.get_or_make(|| 2_u32), None);
    }

    #[test]
    fn it_is_no_part_of_the_value() {
        let (made, empty) = (Prepared::default(), Prepared::default());
        assert!(made.get_or_make(|| 1_u32).is_some());
        assert_eq!(made, empty);
        assert_eq!(made.cmp(&empty), Ordering::Equal);
    }
}
