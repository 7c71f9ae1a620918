//! A few values by name, in a sorted list. A ring has two kinds of them, and a map of the standard library for each would
//! be several times the code.

use alloc::sync::Arc;
use alloc::vec::Vec;

/// Values by name. Cloning shares the names.
#[derive(Clone, Debug)]
pub(super) struct Named<T>(Vec<(Arc<str>, T)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Named<T> {
    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn get(&self, name: &str) -> Option<&T> {
        let place = self.place(name).ok()?;
        self.0.get(place).map(|(_, value)| value)
    }

    /// The value of a name, a new one where there is none. `None` when that would make more than `most`.
    pub(super) fn entry(&mut self, name: &str, most: usize) -> Option<&mut T>
    where
        T: Default,
    {
        let place = match self.place(name) {
            Ok(place) => place,
            Err(_) if self.0.len() >= most => return None,
            Err(place) => {
                self.0.insert(place, (name.into(), T::default()));
                place
            }
        };
        self.0.get_mut(place).map(|(_, value)| value)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&Arc<str>, &mut T)> {
        self.0.iter_mut().map(|(name, value)| (&*name, value))
    }

    /// Drops the values whose name `keep` does not want.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.0.retain(|(name, _)| keep(name));
    }

    /// Where the name is, or belongs.
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| (**known).cmp(name))
    }
}

#[cfg(test)]
mod tests {
    use super::Named;

    #[test]
    fn each_value_is_found_by_its_name() {
        let mut named = Named::<u32>::default();
        for (name, value) in [("b", 1), ("c", 2), ("a", 3), ("", 4), ("b", 5)] {
            *named.entry(name, 4).unwrap() = value;
        }
        let check = |named: &Named<u32>, expect: &[(&str, Option<u32>)]| {
            for (name, value) in expect {
                assert_eq!(named.get(name).copied(), *value, "{name}");
            }
        };
        check(
            &named,
            &[("", Some(4)), ("a", Some(3)), ("b", Some(5)), ("c", Some(2)), ("d", None)],
        );
        assert_eq!((named.entry("d", 4).is_none(), named.len()), (true, 4));
        let before = named.clone();
        named.retain(|name| name != "a");
        check(&named, &[("", Some(4)), ("a", None), ("b", Some(5)), ("c", Some(2))]);
        check(&before, &[("a", Some(3))]);
    }
}
