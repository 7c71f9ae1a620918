//! Explanatory text around blocks (RFC 7468 section 2): anything in which no reader can see a block.
//!
//! Readers differ in how they find a block: at the beginning of a line, anywhere, after an indent, up to the first zero
//! byte, in any case of letters. What one of them could take for the edge of a block, or for the inside of one, refuses,
//! so that none of them sees another certificate than we do.

use super::Wrong;
use crate::base64;
use crate::limits::PEM_LINE_TELLING;

/// Checks the text between two blocks, or before the first, or `after_block` the last.
pub(super) fn check(text: &str, after_block: bool) -> Result<(), Wrong> {
    for (index, line) in text.split('\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        if index == 0 && after_block {
            return Err("text on the line on which a PEM block ends");
        }
        if line.contains('\u{feff}') {
            return Err("a byte order mark between PEM blocks, as files leave that are joined");
        }
        // A zero ends the text for some readers, and a carriage return alone is the end of a line for others.
        if line.contains(|c: char| c.is_control() && c != '\t') {
            return Err("a control character in the text around PEM blocks");
        }
        if line.starts_with(',') {
            return Err("a comma without a certificate after it");
        }
        if has_edge(line) {
            return Err(
                "what looks like the beginning or end of a PEM block in the text around blocks",
            );
        }
        if is_base64(line) {
            return Err("base64 outside of a PEM block");
        }
    }
    Ok(())
}

/// Whether four dashes and one of the words of an edge follow one another, whatever their case and the blanks between.
fn has_edge(line: &str) -> bool {
    let mut rest = line;
    while let Some((_, after)) = rest.split_once("----") {
        let word = after.trim_start_matches(['-', ' ', '\t']);
        let begins = |edge: &str| {
            word.get(..edge.len()).is_some_and(|start| start.eq_ignore_ascii_case(edge))
        };
        if begins("BEGIN") || begins("END") {
            return true;
        }
        rest = after;
    }
    false
}

/// Whether a line can be one of base64: padded at its end, or the beginning of DER.
fn is_base64(line: &str) -> bool {
    let body = line.trim_end_matches('=');
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    if body.is_empty() || !body.chars().all(fits) {
        return false;
    }
    let is_der = body.len() >= PEM_LINE_TELLING
        && base64::decode_start(body).is_some_and(|der| der.first() == Some(&0x30));
    body.len() < line.len() || is_der
}
