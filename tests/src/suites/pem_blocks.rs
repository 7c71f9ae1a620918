//! Labelled blocks of base64 between text that explains them.

/// One block: its label and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What follows `BEGIN`.
    pub label: String,
    /// What the base64 holds.
    pub bytes: Vec<u8>,
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
        let base64: String = lines.by_ref().take_while(|line| !line.starts_with(&end)).collect();
        let bytes = bytes(&base64).unwrap_or_else(|| panic!("{label}: {base64}"));
        blocks.push(Block { label: label.to_owned(), bytes });
    }
    blocks
}

/// What base64 holds. Some files leave the padding out, or leave bits that are not zero behind the last byte.
fn bytes(base64: &str) -> Option<Vec<u8>> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_u32, 0);
    for character in base64.trim_end_matches('=').chars() {
        bits = (bits << 6) | u32::try_from(ALPHABET.find(character)?).ok()?;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).ok()?);
            bits &= (1 << held) - 1;
        }
    }
    Some(bytes)
}

/// The bytes of the blocks with this label.
#[must_use]
pub fn all(text: &str, label: &str) -> Vec<Vec<u8>> {
    read(text).into_iter().filter(|block| block.label == label).map(|block| block.bytes).collect()
}

/// The bytes of the first block with this label.
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
        assert_eq!(bytes("YWJjZA=="), Some(b"abcd".to_vec()));
        assert_eq!(bytes("YWJjZB"), Some(b"abcd".to_vec()));
        assert_eq!(bytes("YW*j"), None);
    }
}
