//! The strict reader: the tokens of `serde_json`, values and rules of our own.

use super::{Object, Value};
use crate::limits;
use crate::refusal::{Code, Refusal};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// How large one JSON text may be in structure. Its bytes are bounded by whoever received it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Nesting of objects and arrays. Beyond 127 the tokens themselves refuse.
    pub depth: usize,
    /// Members of one object.
    pub members_an_object: usize,
    /// Members of all objects and elements of all arrays together.
    pub members: usize,
}

impl Limits {
    /// What arrives with a request: tokens, key sets, signed documents.
    pub const PROOF: Self = Self {
        depth: limits::JSON_DEPTH,
        members_an_object: limits::JSON_MEMBERS_AN_OBJECT,
        members: limits::JSON_MEMBERS,
    };

    /// What the operator wrote: the trust policy.
    pub const DOCUMENT: Self = Self {
        depth: limits::JSON_DEPTH,
        members_an_object: limits::POLICY_MEMBERS_AN_OBJECT,
        members: limits::POLICY_MEMBERS,
    };
}

/// Reads one JSON value within [`Limits::PROOF`].
///
/// # Errors
/// [`Code::JsonMalformed`] for what RFC 8259 does not allow, a byte order mark, a lone surrogate, NUL in a
/// member name, and anything but white space after the value; [`Code::JsonDuplicateMember`] for two
/// members of one name in one object, names compared after unescaping (RFC 7515 section 4);
/// [`Code::JsonNumber`] for a number beyond ±(2^53 - 1), however it is written (RFC 7493 section 2.2);
/// [`Code::JsonTooDeep`] and [`Code::JsonTooWide`] beyond the limits.
pub fn parse(text: &[u8]) -> Result<Value, Refusal> {
    parse_with(text, Limits::PROOF)
}

/// Reads one JSON object within [`Limits::PROOF`].
///
/// # Errors
/// As [`parse`]; also [`Code::JsonMalformed`] for a value of another kind.
pub fn parse_object(text: &[u8]) -> Result<Object, Refusal> {
    match parse(text)? {
        Value::Object(object) => Ok(object),
        other => Err(Refusal::new(Code::JsonMalformed).expected("object").found(other.kind())),
    }
}

/// Reads one JSON value within the given limits.
///
/// # Errors
/// As [`parse`].
pub fn parse_with(text: &[u8], limits: Limits) -> Result<Value, Refusal> {
    let text = core::str::from_utf8(text).map_err(|error| {
        let offset = error.valid_up_to();
        Refusal::new(Code::JsonMalformed).detail(format_args!("not UTF-8 at byte {offset}"))
    })?;
    let document = Document { limits, members: Cell::new(0), broken: Cell::new(None) };
    let mut tokens = serde_json::Deserializer::from_str(text);
    let top = Reader { document: &document, depth: 0 };
    top.deserialize(&mut tokens)
        .and_then(|value| tokens.end().map(|()| value))
        .map_err(|error| refusal(text, &error, document.broken.take()))
}

/// What is counted over a whole document, and the rule of ours that it broke.
struct Document {
    limits: Limits,
    members: Cell<usize>,
    broken: Cell<Option<(Code, String)>>,
}

impl Document {
    /// Stops the reading. The tokens carry the error out, its meaning waits here.
    fn refuse<E: Error>(&self, code: Code, detail: impl Into<String>) -> E {
        self.broken.set(Some((code, detail.into())));
        E::custom(code.as_str())
    }

    /// Counts one member or element.
    fn count<E: Error>(&self) -> Result<(), E> {
        let members = self.members.get().saturating_add(1);
        if members > self.limits.members {
            let limit = self.limits.members;
            return Err(self.refuse(Code::JsonTooWide, format!("more than {limit} members")));
        }
        self.members.set(members);
        Ok(())
    }
}

/// Reads one value inside `depth` objects and arrays.
#[derive(Clone, Copy)]
struct Reader<'d> {
    document: &'d Document,
    depth: usize,
}

impl Reader<'_> {
    /// The reader for what an object or array that starts here contains.
    fn inside<E: Error>(self) -> Result<Self, E> {
        let depth = self.depth.saturating_add(1);
        if depth > self.document.limits.depth {
            let limit = self.document.limits.depth;
            return Err(self
                .document
                .refuse(Code::JsonTooDeep, format!("more than {limit} levels")));
        }
        Ok(Self { depth, ..self })
    }

    /// Refuses the name of a member of an object that has `members` already.
    fn check_name<E: Error>(self, name: &str, members: &Object) -> Result<(), E> {
        let document = self.document;
        if members.contains(name) {
            return Err(document.refuse(Code::JsonDuplicateMember, format!("member {name:?}")));
        }
        if name.contains('\0') {
            return Err(document.refuse(Code::JsonMalformed, "NUL in a member name"));
        }
        let limit = document.limits.members_an_object;
        if members.len() >= limit {
            let detail = format!("more than {limit} members in an object");
            return Err(document.refuse(Code::JsonTooWide, detail));
        }
        document.count()
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, tokens: D) -> Result<Value, D::Error> {
        tokens.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        if !(-limits::JSON_INTEGER_MAX..=limits::JSON_INTEGER_MAX).contains(&number) {
            return Err(self.document.refuse(Code::JsonNumber, "integer out of range"));
        }
        Ok(Value::Integer(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        self.visit_i64(i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// Numbers with fraction or exponent, and also integers beyond 64 bits: the tokens do not distinguish them
    /// apart. No range is lost by refusing both, since beyond 2^53 every double is a whole number.
    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        const MAX: f64 = 9_007_199_254_740_991.0;
        if !(-MAX..=MAX).contains(&number) {
            return Err(self.document.refuse(Code::JsonNumber, "number out of range"));
        }
        // `-0` arrives here too. JavaScript has two zeros and conditions have one: keep one.
        Ok(Value::Decimal(if number == 0.0 { 0.0 } else { number }))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut tokens: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut elements = Vec::new();
        while let Some(element) = tokens.next_element_seed(inside)? {
            self.document.count()?;
            elements.push(element);
        }
        Ok(Value::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut tokens: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut members = Object::new();
        while let Some(name) = tokens.next_key::<String>()? {
            self.check_name(&name, &members)?;
            let value = tokens.next_value_seed(inside)?;
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

/// The refusal of a text: the rule of ours that it broke, else what the tokens say.
fn refusal(text: &str, error: &serde_json::Error, broken: Option<(Code, String)>) -> Refusal {
    let (code, what) = broken.unwrap_or_else(|| {
        let message = error.to_string();
        let what = message.split(" at line ").next().unwrap_or_default();
        let code = match what {
            // The tokens have no other sign for an exponent that no double can hold.
            "number out of range" => Code::JsonNumber,
            _ => Code::JsonMalformed,
        };
        (code, what.to_string())
    });
    let offset = offset(text, error.line(), error.column());
    Refusal::new(code).detail(format_args!("{what}, near byte {offset}"))
}

/// The offset of a position that is given as line and column, both counted from one, in bytes.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let lines_before = text.split_inclusive('\n').take(line.saturating_sub(1));
    let start: usize = lines_before.map(str::len).sum();
    start.saturating_add(column.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(text: &str, expect: impl Into<Value>) {
        assert_eq!(parse(text.as_bytes()), Ok(expect.into()), "{text}");
    }

    fn refuses(text: impl AsRef<[u8]>, expect: Code) -> Refusal {
        let text = text.as_ref();
        let refusal = parse(text).expect_err(&String::from_utf8_lossy(text));
        assert_eq!(refusal.code(), expect, "{}: {refusal}", String::from_utf8_lossy(text));
        refusal
    }

    #[test]
    fn j26_one_value_in_utf8_and_nothing_else() {
        accepts(" \t\r\n[ ]\r\n", Value::Array(Vec::new()));
        for text in [
            &b""[..],
            b" ",
            b"\xef\xbb\xbf{}",
            b"{} x",
            b"{}{}",
            b"{}\0",
            b"{},",
            b"[1,]",
            b"[1 2]",
            b"{\"a\":1,}",
            b"{\"a\"}",
            b"{a:1}",
            b"{1:1}",
            b"{'a':1}",
            b"{\"a\":1",
            b"[",
            b"\"",
            b"nul",
            b"True",
            b"NaN",
            b"Infinity",
            b"/*c*/1",
            b"1 // c",
            b"\"\x01\"",
            b"\"\n\"",
            b"\"\\x\"",
            b"\"\\u12\"",
            b"\xff",
            b"\"\xc3\x28\"",
            b"\"\xed\xa0\x80\"",
            b"\xff\xfe{\0}\0",
        ] {
            refuses(text, Code::JsonMalformed);
        }
    }

    #[test]
    fn j26_lone_surrogates_are_refused_and_pairs_are_read() {
        accepts(r#""\ud83d\ude00""#, "\u{1f600}");
        for text in
            [r#""\ud800""#, r#""\udc00""#, r#""\ud800\ud800""#, r#""\ud800x""#, r#""\udc00\ud800""#]
        {
            refuses(text, Code::JsonMalformed);
            refuses(format!("{{{text}:1}}"), Code::JsonMalformed);
        }
    }

    #[test]
    fn j26_nul_is_refused_in_names_and_read_in_values() {
        accepts(r#""a\u0000""#, "a\0");
        refuses(r#"{"a\u0000":1}"#, Code::JsonMalformed);
    }

    #[test]
    fn j26_objects_where_an_object_is_needed() {
        assert_eq!(parse_object(br#"{"a":1}"#).map(|object| object.len()), Ok(1));
        for text in ["[]", "\"a\"", "1", "null"] {
            assert_eq!(parse_object(text.as_bytes()).unwrap_err().code(), Code::JsonMalformed);
        }
    }

    #[test]
    fn j10_duplicate_members() {
        accepts(
            r#"[{"a":{"a":1},"A":2},{"a":3}]"#,
            parse(br#"[{"A":2,"a":{"a":1}},{"a":3}]"#).unwrap(),
        );
        for text in [
            r#"{"sub":"a","sub":"b"}"#,
            r#"{"sub":"a","sub":"a"}"#,
            r#"{"sub":"a","x":1,"su\u0062":"b"}"#,
            r#"{"":1,"":2}"#,
            r#"[{"a":[{"b":1,"b":null}]}]"#,
            r#"{"\ud83d\ude00":1,"😀":2}"#,
        ] {
            refuses(text, Code::JsonDuplicateMember);
        }
        let refusal = refuses(r#"{"a":1,"a":2}"#, Code::JsonDuplicateMember);
        assert_eq!(refusal.detail_text(), Some(r#"member "a", near byte 9"#));
    }

    #[test]
    fn j11_integers_within_2_53() {
        for number in [0, 1, -1, limits::JSON_INTEGER_MAX, -limits::JSON_INTEGER_MAX] {
            accepts(&number.to_string(), number);
        }
        for text in [
            "9007199254740992",
            "-9007199254740992",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "-9223372036854775809",
            "18446744073709551615",
            "18446744073709551616",
            "-18446744073709551616",
            "100000000000000000000000000000000000000000",
            "1e400",
            "-1e400",
            "1e16",
            "9007199254740992.0",
            "123456789012345678901234567890e9999999999999999999999",
        ] {
            refuses(text, Code::JsonNumber);
            refuses(format!(r#"{{"exp":{text}}}"#), Code::JsonNumber);
        }
        for text in ["01", "+1", ".5", "1.", "-", "1e", "0x10", "1_000", "- 1"] {
            refuses(text, Code::JsonMalformed);
        }
    }

    #[test]
    fn j11_decimals_are_the_nearest_doubles() {
        let check = |text: &str, expect: f64| accepts(text, Value::Decimal(expect));
        check("1.5", 1.5);
        check("1e3", 1000.0);
        check("1E+3", 1000.0);
        check("9007199254740991.0", 9_007_199_254_740_991.0);
        check("1e-400", 0.0);
        // Digits that a reader without correct rounding gets wrong in the last place.
        check("0.010491234567890123", 0.010_491_234_567_890_123);
        check("31.245270191439438", 31.245_270_191_439_438);
        check("121.48791951161945", 121.487_919_511_619_45);
        check("2.2250738585072011e-308", 2.225_073_858_507_201e-308);
    }

    #[test]
    fn there_is_one_zero() {
        for text in ["-0", "-0.0", "-0e5", "0.0"] {
            let Ok(Value::Decimal(zero)) = parse(text.as_bytes()) else { panic!("{text}") };
            assert!(zero == 0.0 && zero.is_sign_positive(), "{text}");
        }
        accepts("0", 0);
    }

    #[test]
    fn j27_depth_is_bounded_while_reading() {
        let nested =
            |depth: usize, open: &str, close: &str| open.repeat(depth) + "1" + &close.repeat(depth);
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            assert!(parse(nested(limits::JSON_DEPTH, open, close).as_bytes()).is_ok());
            refuses(nested(limits::JSON_DEPTH + 1, open, close), Code::JsonTooDeep);
            refuses(open.repeat(100_000), Code::JsonTooDeep);
        }
    }

    #[test]
    fn j27_width_is_bounded_while_reading() {
        let object = |members: usize| {
            let members: Vec<_> = (0..members).map(|index| format!("\"{index}\":0")).collect();
            format!("{{{}}}", members.join(","))
        };
        assert!(parse(object(limits::JSON_MEMBERS_AN_OBJECT).as_bytes()).is_ok());
        refuses(object(limits::JSON_MEMBERS_AN_OBJECT + 1), Code::JsonTooWide);
        let array = |elements: usize| format!("[{}]", alloc::vec!["0"; elements].join(","));
        assert!(parse(array(limits::JSON_MEMBERS).as_bytes()).is_ok());
        refuses(array(limits::JSON_MEMBERS + 1), Code::JsonTooWide);
        // Sixteen full objects in an array: 16 elements and 4,096 members.
        refuses(format!("[{}]", alloc::vec![object(256); 16].join(",")), Code::JsonTooWide);
    }

    #[test]
    fn the_policy_document_may_be_wider() {
        let members: Vec<_> = (0..10_000).map(|index| format!("\"{index}\":0")).collect();
        let text = format!("{{{}}}", members.join(","));
        assert!(parse_with(text.as_bytes(), Limits::DOCUMENT).is_ok());
        refuses(text, Code::JsonTooWide);
    }

    #[test]
    fn refusals_say_where() {
        let check = |text: &str, expect: &str| {
            assert_eq!(refuses(text, Code::JsonMalformed).detail_text(), Some(expect), "{text}");
        };
        check("x", "expected value, near byte 0");
        check("{\n \"a\": 1,\n \"b\": x\n}", "expected value, near byte 17");
        check("{} {}", "trailing characters, near byte 3");
    }
}
