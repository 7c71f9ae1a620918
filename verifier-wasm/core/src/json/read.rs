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
    /// Whether an integer beyond ±(2^53 - 1) is kept as its digits ([`Value::BigInteger`]), not refused.
    pub big_integers: bool,
}

impl Limits {
    /// What arrives with a request: tokens, key sets, signed documents.
    pub const PROOF: Self = Self {
        depth: limits::JSON_DEPTH,
        members_an_object: limits::JSON_MEMBERS_AN_OBJECT,
        members: limits::JSON_MEMBERS,
        big_integers: false,
    };

    /// The claims of a token whose signature was verified: an issuer may number its users beyond 2^53, and where nothing
    /// reads the number nothing depends on it.
    pub const CLAIMS: Self = Self { big_integers: true, ..Self::PROOF };

    /// What the operator wrote: the trust policy.
    pub const DOCUMENT: Self = Self {
        depth: limits::JSON_DEPTH,
        members_an_object: limits::POLICY_MEMBERS_AN_OBJECT,
        members: limits::POLICY_MEMBERS,
        big_integers: false,
    };

    /// What was written down of a decision, claims included.
    pub const RECORD: Self = Self { big_integers: true, ..Self::DOCUMENT };
}

/// Reads one JSON value within [`Limits::PROOF`].
///
/// # Errors
/// [`Code::JsonMalformed`] for what RFC 8259 does not allow, a byte order mark, a lone surrogate, NUL in a
/// member name, and anything but white space after the value; [`Code::JsonDuplicateMember`] for two
/// members of one name in one object, names compared after unescaping (RFC 7515 section 4);
/// [`Code::JsonNumber`] for a number beyond ±(2^53 - 1), however it is written (RFC 7493 section 2.2), unless the limits
/// keep it and it is written as an integer;
/// [`Code::JsonTooDeep`] and [`Code::JsonTooWide`] beyond the limits.
pub fn parse(text: &[u8]) -> Result<Value, Refusal> {
    parse_with(text, Limits::PROOF)
}

/// Reads one JSON object within [`Limits::PROOF`].
///
/// # Errors
/// As [`parse`]; also [`Code::JsonMalformed`] for a value of another kind.
pub fn parse_object(text: &[u8]) -> Result<Object, Refusal> {
    parse_object_with(text, Limits::PROOF)
}

/// Reads one JSON object within the given limits.
///
/// # Errors
/// As [`parse_object`].
pub fn parse_object_with(text: &[u8], limits: Limits) -> Result<Object, Refusal> {
    match parse_with(text, limits)? {
        Value::Object(object) => Ok(object),
        other => Err(Refusal::new(Code::JsonMalformed).expected("object").found(other.kind())),
    }
}

/// Reads one JSON value within the given limits.
///
/// # Errors
/// As [`parse`].
pub fn parse_with(text: &[u8], limits: Limits) -> Result<Value, Refusal> {
    let text = core::str::from_utf8(text).map_err(|error| not_utf8(text, error.valid_up_to()))?;
    if text.starts_with(BYTE_ORDER_MARK) {
        let detail = "a byte order mark before the text; save it as UTF-8 without one";
        return Err(Refusal::new(Code::JsonMalformed).detail(detail));
    }
    let numbers = Numbers { rest: Cell::new(text), found: Cell::new(0) };
    let (members, visited, broken) = (Cell::new(0), Cell::new(0), Cell::new(None));
    let document = Document { limits, members, visited, numbers, broken };
    let mut tokens = serde_json::Deserializer::from_str(text);
    let top = Reader { document: &document, depth: 0 };
    top.deserialize(&mut tokens)
        .and_then(|value| tokens.end().map(|()| value))
        .map_err(|error| refusal(text, &error, document.broken.take()))
}

/// What stands before a text that some editors save (RFC 8259 section 8.1 forbids it).
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A text that is not UTF-8, and what it is when its first bytes say so.
fn not_utf8(text: &[u8], offset: usize) -> Refusal {
    let refusal = Refusal::new(Code::JsonMalformed);
    match text {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            refusal.detail("UTF-16, by its byte order mark; save it as UTF-8")
        }
        _ => refusal.detail(format_args!("not UTF-8 at byte {offset}")),
    }
}

/// What is counted over a whole document, and the rule of ours that it broke.
struct Document<'t> {
    limits: Limits,
    members: Cell<usize>,
    /// How many numbers have been read.
    visited: Cell<usize>,
    numbers: Numbers<'t>,
    broken: Cell<Option<(Code, String)>>,
}

/// The numbers of a JSON text as they are written, one after the other. The tokens have only their values.
struct Numbers<'t> {
    /// The text behind the last number that was found.
    rest: Cell<&'t str>,
    /// How many were found.
    found: Cell<usize>,
}

impl<'t> Numbers<'t> {
    /// The number with this place, counted from one. It is never before the last one that was asked for, so that all
    /// look-ups together read the text once.
    fn at(&self, place: usize) -> Option<&'t str> {
        let mut last = None;
        while self.found.get() < place {
            let (number, rest) = next_number(self.rest.get())?;
            self.rest.set(rest);
            self.found.set(self.found.get().saturating_add(1));
            last = Some(number);
        }
        last
    }
}

/// The first number of a JSON text outside of strings, and what follows it.
fn next_number(text: &str) -> Option<(&str, &str)> {
    let mut bytes = text.bytes().enumerate();
    let mut in_string = false;
    while let Some((start, byte)) = bytes.next() {
        match byte {
            b'\\' if in_string => drop(bytes.next()),
            b'"' => in_string = !in_string,
            b'-' | b'0'..=b'9' if !in_string => {
                let number = text.get(start..)?;
                let ends =
                    |c: char| !c.is_ascii_digit() && !matches!(c, '+' | '-' | '.' | 'e' | 'E');
                return number.split_at_checked(number.find(ends).unwrap_or(number.len()));
            }
            _ => {}
        }
    }
    None
}

impl Document<'_> {
    /// A number beyond ±(2^53 - 1), which is the last one that was visited.
    fn beyond<E: Error>(&self, detail: &'static str) -> Result<Value, E> {
        let is_integer = |number: &&str| number.bytes().all(|c| c == b'-' || c.is_ascii_digit());
        let kept =
            if self.limits.big_integers { self.numbers.at(self.visited.get()) } else { None };
        match kept.filter(is_integer) {
            Some(digits) => Ok(Value::BigInteger(digits.to_string())),
            None => Err(self.refuse(Code::JsonNumber, detail)),
        }
    }

    /// Counts one number.
    fn visit(&self) {
        self.visited.set(self.visited.get().saturating_add(1));
    }

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
    document: &'d Document<'d>,
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
        self.document.visit();
        if !(-limits::JSON_INTEGER_MAX..=limits::JSON_INTEGER_MAX).contains(&number) {
            return self.document.beyond("integer out of range");
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
        self.document.visit();
        if !(-MAX..=MAX).contains(&number) {
            return self.document.beyond("number out of range");
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
    fn b9_claims_keep_the_digits_of_large_integers() {
        let read = |text: &str| parse_with(text.as_bytes(), Limits::CLAIMS);
        let kept = |text: &str, digits: &[&str]| {
            let value = read(text).unwrap();
            let mut found = Vec::new();
            let mut pending = alloc::vec![&value];
            while let Some(value) = pending.pop() {
                match value {
                    Value::BigInteger(digits) => found.push(digits.as_str()),
                    Value::Array(elements) => pending.extend(elements.iter().rev()),
                    Value::Object(members) => pending.extend(members.iter().map(|(_, it)| it)),
                    _ => {}
                }
            }
            assert_eq!(found, digits, "{text}");
            assert_eq!(read(&value.to_string()), Ok(value), "{text}");
        };
        for digits in ["9007199254740992", "-9007199254740992", "18446744073709551615"] {
            kept(digits, &[digits]);
        }
        // Beyond 64 bits, where the tokens have but a double.
        for digits in ["18446744073709551616", "-9223372036854775809", &"9".repeat(300)] {
            kept(digits, &[digits]);
        }
        kept("[1,9007199254740993,2,9007199254740995]", &["9007199254740993", "9007199254740995"]);
        // Digits in texts and names, before and behind, and quotes that are none.
        kept(
            r#"{"99":"9007199254740997","a\"1":-1.5e3,"b\\":9007199254740993,"c":[0,"\"8\\",7]}"#,
            &["9007199254740993"],
        );
        kept("9007199254740991", &[]);
        for text in ["1e16", "9007199254740992.0", "1e400", "9007199254740992e0", "-1e300"] {
            assert_eq!(read(text).unwrap_err().code(), Code::JsonNumber, "{text}");
        }
        assert_eq!(read(&"9".repeat(400)).unwrap_err().code(), Code::JsonNumber);
        for text in ["01", "-", "9007199254740993x", "[9007199254740993,]"] {
            assert_eq!(read(text).unwrap_err().code(), Code::JsonMalformed, "{text}");
        }
        let twice = r#"{"a":9007199254740993,"a":1}"#;
        assert_eq!(read(twice).unwrap_err().code(), Code::JsonDuplicateMember);
        let deep = "[".repeat(limits::JSON_DEPTH + 1) + "9007199254740993";
        assert_eq!(read(&deep).unwrap_err().code(), Code::JsonTooDeep);
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
        check("\u{feff}{}", "a byte order mark before the text; save it as UTF-8 without one");
        let utf16 = refuses(b"\xff\xfe{\0}\0", Code::JsonMalformed);
        let expect = "UTF-16, by its byte order mark; save it as UTF-8";
        assert_eq!(utf16.detail_text(), Some(expect));
        assert_eq!(
            refuses(b"{\xff", Code::JsonMalformed).detail_text(),
            Some("not UTF-8 at byte 1")
        );
    }
}
