//! JSON.

use credmint_core::json::{Limits, parse, parse_with};

/// A JSON text: its value has a text that reads as the same value, and `serde_json` reads no other from it. What is taken
/// in a proof is taken in a document.
pub fn json(data: &[u8]) -> bool {
    let read = parse_with(data, Limits::DOCUMENT);
    if let Ok(value) = parse(data) {
        assert_eq!(read.as_ref(), Ok(&value), "a document and a proof differ");
    }
    let Ok(value) = read else { return false };
    let text = value.to_string();
    assert_eq!(parse_with(text.as_bytes(), Limits::DOCUMENT).as_ref(), Ok(&value), "{text}");
    let of_text = serde_json::from_str::<serde_json::Value>(&text).expect("it is JSON");
    let of_data = serde_json::from_slice::<serde_json::Value>(data).expect("it is JSON");
    assert_eq!(of_text, of_data, "two readers differ");
    true
}
