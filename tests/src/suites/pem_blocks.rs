//! Labelled blocks of base64 between text that explains them.

use base64ct::{Base64, Encoding};

/// One block: its label and its octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What stands after `BEGIN`.
    pub label: String,
    /// What the base64 holds.
    pub octets: Vec<u8>,
}

/// The blocks of a text, in order. Text outside them is for people; so is a line that only mentions one.
///
/// # Panics
/// When a block has no end or is no base64: the suite is damaged.
#[must_use]
pub fn read(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let label = line.strip_prefix("-----BEGIN ").and_then(|rest| rest.strip_suffix("-----"));
        let Some(label) = label else { continue };
        let end = format!("-----END {label}-----");
        let base64: String = lines.by_ref().take_while(|line| *line != end).collect();
        let octets = Base64::decode_vec(&base64).unwrap_or_else(|_| panic!("{label}: {base64}"));
        blocks.push(Block { label: label.to_owned(), octets });
    }
    blocks
}

/// The octets of the blocks with this label.
#[must_use]
pub fn all(text: &str, label: &str) -> Vec<Vec<u8>> {
    read(text).into_iter().filter(|block| block.label == label).map(|block| block.octets).collect()
}

/// The octets of the first block with this label.
#[must_use]
pub fn first(text: &str, label: &str) -> Option<Vec<u8>> {
    all(text, label).into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_between_text() {
        let text = "about\n#-----BEGIN X-----\n-----BEGIN A B-----\nYW\nJj\n-----END A B-----\n\
                    $ more\n-----BEGIN C-----\n-----END C-----\n";
        assert_eq!(all(text, "A B"), [b"abc"]);
        assert_eq!(first(text, "C"), Some(Vec::new()));
        assert_eq!(first(text, "X"), None);
    }
}
