//! Texts of a known form: how the values of a field are written in facts, and how people spell them.
//!
//! Tools print one value in many ways: a serial number in capitals, with colons, with zeros in front. A literal is read in
//! any of them and becomes the one spelling that facts have, so that conditions compare values while evaluation only
//! compares texts. Two literals become one only when they are one value: no form drops a digit or a letter but the
//! zeros in front of a serial number.

use alloc::format;
use alloc::string::{String, ToString};
use core::net::IpAddr;

use crate::limits;

/// What the texts of a field look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueForm {
    /// The serial number of a certificate: hexadecimal, without zero bytes in front.
    Serial,
    /// A SHA-256 digest in hexadecimal.
    Sha256,
    /// Bytes in hexadecimal.
    Bytes,
    /// A whole number in decimal digits.
    Number,
    /// An account of Amazon: twelve digits.
    Account,
    /// An instance of Amazon: `i-` and hexadecimal digits.
    Instance,
    /// A UUID in lower case with hyphens. Facts are lower-cased: case means nothing in it (RFC 9562 section 4).
    Uuid,
    /// A UUID in braces, in lower case. Facts are lower-cased.
    BracedUuid,
    /// A resource id of Azure in lower case. Facts are lower-cased: the platform changes the case between calls.
    ResourceId,
    /// A host name in lower case. Facts are lower-cased: case means nothing in it (RFC 5280 section 7.2).
    Host,
    /// An address of IP as this core writes it.
    Address,
    /// A git ref: `refs/…`.
    GitRef,
    /// An owner and a name with a slash between.
    Repository,
    /// A file of a repository at a git ref.
    WorkflowRef,
    /// `true` or `false`, as a text.
    Flag,
    /// The subject of a service account of Kubernetes.
    ServiceAccount,
}

impl ValueForm {
    /// The spelling that facts have, when `text` is a value of this form.
    pub(crate) fn canonical(self, text: &str) -> Option<String> {
        match self {
            Self::Serial => serial(text),
            Self::Sha256 => hexadecimal(text).filter(|digits| digits.len() == 64),
            Self::Bytes => hexadecimal(text),
            Self::Number => is_number(text).then(|| text.to_string()),
            Self::Account => account(text),
            Self::Instance => instance(text),
            Self::Uuid => uuid(text),
            Self::BracedUuid => uuid(text).map(|uuid| format!("{{{uuid}}}")),
            Self::ResourceId => is_resource_id(text).then(|| text.to_ascii_lowercase()),
            Self::Host => is_host(text).then(|| text.to_ascii_lowercase()),
            Self::Address => text.parse::<IpAddr>().ok().map(|address| address.to_string()),
            Self::GitRef => is_git_ref(text).then(|| text.to_string()),
            Self::Repository => is_repository(text).then(|| text.to_string()),
            Self::WorkflowRef => is_workflow_ref(text).then(|| text.to_string()),
            Self::Flag => matches!(text, "true" | "false").then(|| text.to_string()),
            Self::ServiceAccount => is_service_account(text).then(|| text.to_string()),
        }
    }

    /// The fact, in the spelling that literals are brought to; `None` when it has it already. Case is folded where it
    /// means nothing; nothing else of what was signed is changed.
    pub(crate) fn folded(self, fact: &str) -> Option<String> {
        (self.folds() && fact.bytes().any(|byte| byte.is_ascii_uppercase()))
            .then(|| fact.to_ascii_lowercase())
    }

    /// Whether case means nothing in it.
    pub(super) const fn folds(self) -> bool {
        matches!(self, Self::Uuid | Self::BracedUuid | Self::ResourceId | Self::Host)
    }

    /// Whether every value has this form. Of the others most do: a literal without it is only probably a mistake.
    pub(crate) const fn is_certain(self) -> bool {
        !matches!(
            self,
            Self::GitRef | Self::Repository | Self::WorkflowRef | Self::Flag | Self::ServiceAccount
        )
    }

    /// Whether `part` may be a part of a value as facts have it.
    pub(super) fn may_hold(self, part: &str) -> bool {
        let lower = |byte: u8| !byte.is_ascii_uppercase();
        let fits: fn(u8) -> bool = match self {
            Self::Serial | Self::Sha256 | Self::Bytes => {
                |byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f')
            }
            Self::Number | Self::Account => |byte| byte.is_ascii_digit(),
            Self::Uuid => |byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f' | b'-'),
            Self::BracedUuid => {
                |byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f' | b'-' | b'{' | b'}')
            }
            Self::Instance | Self::ResourceId | Self::Host | Self::Address => lower,
            _ => |_| true,
        };
        part.bytes().all(fits) && self.has_room_for(part)
    }

    /// Whether values are long enough, and those of groups of digits have them where `part` has.
    fn has_room_for(self, part: &str) -> bool {
        match self {
            Self::Serial => part.len() <= limits::SERIAL_DIGITS,
            Self::Sha256 => part.len() <= 64,
            Self::Number => part.len() <= limits::NUMBER_DIGITS,
            Self::Account => part.len() <= 12,
            Self::Uuid => UUID_GROUPS.as_bytes().windows(part.len().max(1)).any(|groups| {
                groups
                    .iter()
                    .zip(part.bytes())
                    .all(|(group, byte)| (*group == b'-') == (byte == b'-'))
            }),
            _ => true,
        }
    }

    /// Whether a value may begin with `text`.
    pub(crate) fn may_begin(self, text: &str) -> bool {
        let begins = |known: &str| known.starts_with(text) || text.starts_with(known);
        match self {
            Self::GitRef => begins("refs/"),
            Self::ServiceAccount => begins("system:serviceaccount:"),
            // Without zero bytes in front.
            Self::Serial => text.len() <= 2 || !text.starts_with("00"),
            Self::Uuid => {
                let mut groups = UUID_GROUPS.bytes().zip(text.bytes());
                groups.all(|(group, byte)| (group == b'-') == (byte == b'-'))
            }
            _ => true,
        }
    }

    /// What a value is, with an example.
    pub(crate) const fn expected(self) -> &'static str {
        match self {
            Self::Serial => "a serial number in hexadecimal, as `openssl x509 -serial` prints it",
            Self::Sha256 => {
                "a SHA-256 digest: 64 hexadecimal digits, as `openssl x509 -fingerprint -sha256` prints it"
            }
            Self::Bytes => "bytes in hexadecimal, two digits each",
            Self::Number => "a number in decimal digits, without zeros in front",
            Self::Account => "an account number of twelve digits",
            Self::Instance => "an instance id, as i-0123456789abcdef0",
            Self::Uuid => "a UUID, as 3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5",
            Self::BracedUuid => "a UUID, as {3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5}",
            Self::ResourceId => "a resource id, as /subscriptions/…/resourcegroups/…/providers/…",
            Self::Host => "a host name without wildcard, as worker-7.example.com",
            Self::Address => "an IP address",
            Self::GitRef => "a full ref, as refs/heads/main",
            Self::Repository => "owner and name, as example/shop",
            Self::WorkflowRef => {
                "a workflow file at a ref, as example/shop/.github/workflows/ci.yml@refs/heads/main"
            }
            Self::Flag => "\"true\" or \"false\"",
            Self::ServiceAccount => "system:serviceaccount:NAMESPACE:NAME",
        }
    }

    /// What is wrong with `text`, and what is expected.
    pub(crate) fn refusal(self, text: &str) -> String {
        let shown: String = text.chars().take(limits::EXPRESSION_SHOWN).collect();
        let hint = match self {
            Self::Sha256 if hexadecimal(text).is_some_and(|digits| digits.len() == 40) => {
                " (this has the length of SHA-1)"
            }
            _ => "",
        };
        format!("`{shown}` can never be here{hint}: expected {}", self.expected())
    }
}

/// Where the hyphens of a UUID are.
const UUID_GROUPS: &str = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

/// Hexadecimal digits in lower case, from any case, with `0x` in front, or with colons or blanks between all pairs.
fn hexadecimal(text: &str) -> Option<String> {
    let text = text.trim_matches(' ');
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    let digits = match digits.bytes().find(|byte| matches!(byte, b':' | b' ')) {
        None => digits.to_ascii_lowercase(),
        Some(separator) => {
            let pairs = digits.split(char::from(separator));
            let mut joined = String::new();
            for pair in pairs {
                if pair.len() != 2 {
                    return None;
                }
                joined.push_str(&pair.to_ascii_lowercase());
            }
            joined
        }
    };
    let even = digits.len().checked_rem(2) == Some(0);
    (even && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .then_some(digits)
}

/// The digits of the bytes from the first that is not zero on. An odd number of digits lacks one zero in front.
fn serial(text: &str) -> Option<String> {
    let bare = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    let digits = hexadecimal(text).or_else(|| hexadecimal(&format!("0{bare}")))?;
    let significant = digits.trim_start_matches('0');
    let shortest = match significant.len().checked_rem(2)? {
        _ if significant.is_empty() => "00".to_string(),
        0 => significant.to_string(),
        _ => format!("0{significant}"),
    };
    // One more than an authority may write: some have a zero in front of twenty.
    (shortest.len() <= limits::SERIAL_DIGITS).then_some(shortest)
}

fn is_number(text: &str) -> bool {
    (1..=limits::NUMBER_DIGITS).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'))
}

/// Twelve digits, or three groups of four as the console of the cloud shows them.
fn account(text: &str) -> Option<String> {
    let digits = match text.split('-').map(str::len).eq([4, 4, 4]) {
        true => text.replace('-', ""),
        false => text.to_string(),
    };
    (digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

fn instance(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let digits = lower.strip_prefix("i-")?;
    let fits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
    fits.then_some(lower)
}

/// With hyphens, in braces or without both.
fn uuid(text: &str) -> Option<String> {
    let inside = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
    let lower = inside.to_ascii_lowercase();
    let whole = match lower.len() {
        32 if inside.len() == text.len() => {
            let part = |range: core::ops::Range<usize>| lower.get(range);
            format!(
                "{}-{}-{}-{}-{}",
                part(0..8)?,
                part(8..12)?,
                part(12..16)?,
                part(16..20)?,
                part(20..32)?
            )
        }
        _ => lower,
    };
    let hyphens = whole.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    let digits = whole.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    (hyphens && digits).then_some(whole)
}

/// Segments of names and values from a subscription on.
fn is_resource_id(text: &str) -> bool {
    let mut segments = text.split('/');
    segments.next() == Some("")
        && segments.next().is_some_and(|first| first.eq_ignore_ascii_case("subscriptions"))
        && segments.clone().count() > 0
        && segments.all(|segment| !segment.is_empty())
}

fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        !label.is_empty() && label.bytes().all(fits)
    };
    text.split('.').all(is_label)
}

fn is_git_ref(text: &str) -> bool {
    text.strip_prefix("refs/").is_some_and(|rest| !rest.is_empty())
}

fn is_repository(text: &str) -> bool {
    text.split('/').filter(|part| !part.is_empty()).count() == 2 && text.matches('/').count() == 1
}

fn is_workflow_ref(text: &str) -> bool {
    text.split_once('@').is_some_and(|(file, at)| file.matches('/').count() >= 3 && !at.is_empty())
}

fn is_service_account(text: &str) -> bool {
    text.strip_prefix("system:serviceaccount:").is_some_and(|name| {
        name.split(':').count() == 2 && name.split(':').all(|part| !part.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(form: ValueForm, spellings: &[&str], expect: &str) {
        for spelling in spellings {
            assert_eq!(form.canonical(spelling).as_deref(), Some(expect), "{spelling}");
        }
        assert_eq!(form.canonical(expect).as_deref(), Some(expect), "what is canonical stays");
        assert_eq!(form.folded(expect), None, "{expect}");
        assert!(form.may_hold(expect), "{expect}");
    }

    #[track_caller]
    fn none(form: ValueForm, texts: &[&str]) {
        for text in texts {
            assert_eq!(form.canonical(text), None, "{text}");
        }
    }

    #[test]
    fn every_common_spelling_is_one_value() {
        use ValueForm::{Account, Address, Bytes, Host, Instance, ResourceId, Serial, Uuid};
        let serial = [
            "C4A1B2C3",
            "c4a1b2c3",
            "00c4a1b2c3",
            "C4:A1:B2:C3",
            "00:c4:a1:b2:c3",
            "0xC4A1B2C3",
            "c4 a1 b2 c3",
        ];
        check(Serial, &serial, "c4a1b2c3");
        check(Serial, &["1", "01", "0x1", "0001", "00:01"], "01");
        check(Serial, &["0", "00"], "00");
        check(Serial, &["A00"], "0a00");
        check(Bytes, &["00:AB", "00ab", "00AB"], "00ab");
        check(Account, &["1111-2222-3333"], "111122223333");
        check(Account, &[], "000000000012");
        check(Instance, &["I-0123456789ABCDEF0"], "i-0123456789abcdef0");
        let uuid = "3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5";
        check(
            Uuid,
            &[
                &uuid.to_ascii_uppercase(),
                "3C5E7A901B2D4F608A9BC0D1E2F3A4B5",
                &format!("{{{uuid}}}"),
            ],
            uuid,
        );
        let braced = format!("{{{uuid}}}");
        let capitals = braced.to_ascii_uppercase();
        check(ValueForm::BracedUuid, &[uuid, &capitals], &braced);
        let halves =
            [&braced[1..], &braced[..37], "{}", "{w}", "{3C5E7A901B2D4F608A9BC0D1E2F3A4B5}"];
        none(ValueForm::BracedUuid, &halves);
        let id = "/subscriptions/s/resourcegroups/g/providers/microsoft.compute/virtualmachines/a";
        check(
            ResourceId,
            &["/subscriptions/S/resourceGroups/G/providers/Microsoft.Compute/virtualMachines/A"],
            id,
        );
        check(Host, &["Worker-7.Example.COM"], "worker-7.example.com");
        check(Address, &["2001:DB8:0::1"], "2001:db8::1");
    }

    /// Neither a digit nor a letter is lost: what differs in one stays apart, or is no value.
    #[test]
    fn different_values_stay_apart() {
        use ValueForm::{Account, Address, Bytes, Host, Number, ResourceId, Serial, Sha256, Uuid};
        let apart = |form: ValueForm, one: &str, other: &str| {
            assert_ne!(form.canonical(one), form.canonical(other), "{one} {other}");
        };
        // Zeros behind, or inside, count; in bytes those in front do too.
        apart(Serial, "c4a1", "c4a100");
        apart(Serial, "0c4a1", "c4a10");
        apart(Serial, "10", "01");
        apart(Bytes, "00ab", "ab");
        apart(Uuid, "3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5", "3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b6");
        apart(
            ResourceId,
            "/subscriptions/s/resourcegroups/g",
            "/subscriptions/s/resourcegroups/\u{212a}",
        );
        none(
            Serial,
            &[
                "", ":", "c4:a1:b", "c4:a1-b2", "c4::a1", "c4a1:b2", "-1", "0x", "12 (0xc)",
                "c4a1b2g3",
            ],
        );
        none(Serial, &[&"ab".repeat(22)]);
        none(Sha256, &["", &"ab".repeat(20), &"ab".repeat(31), &"ab".repeat(33), &"zz".repeat(32)]);
        none(Bytes, &["abc", "ab:c", ""]);
        none(Number, &["", "007", "-1", "1.0", "acme", " 7", "٣"]);
        none(Account, &["11112222333", "1111-22223333", "11-112222-3333", "11112222333a"]);
        none(
            Uuid,
            &[
                "3c5e7a90",
                "3c5e7a90-1b2d-4f60-8a9bc0d1e2f3a4b5",
                "{3c5e7a901b2d4f608a9bc0d1e2f3a4b5}",
                "o",
            ],
        );
        none(
            ResourceId,
            &[
                "",
                "subscriptions/s",
                "/subscriptions",
                "/subscriptions/",
                "/subscriptions/s//g",
                "/resourcegroups/g",
            ],
        );
        none(Host, &["*.example.com", "a.example.com.", "", "a b", "a..b", "k\u{212a}"]);
        none(Address, &["192.0.2", "192.0.2.01", "2001:db8::/32", "host"]);
        let refusal = Sha256.refusal(&"ab".repeat(20));
        assert!(refusal.contains("SHA-1"), "{refusal}");
    }

    #[test]
    fn only_letters_of_ascii_are_folded_and_only_where_case_means_nothing() {
        let check = |form: ValueForm, fact: &str, expect: Option<&str>| {
            assert_eq!(form.folded(fact).as_deref(), expect, "{fact}");
        };
        check(ValueForm::ResourceId, "/Subscriptions/É", Some("/subscriptions/É"));
        check(ValueForm::ResourceId, "\u{212a}", None);
        check(ValueForm::Host, "A.example", Some("a.example"));
        check(ValueForm::Serial, "AB", None);
        check(ValueForm::Account, "1111-2222-3333", None);
        check(ValueForm::Repository, "Org/Repo", None);
        check(ValueForm::GitRef, "refs/heads/Main", None);
    }

    /// A part has its place in some value.
    #[test]
    fn parts_of_values_have_room_in_them() {
        use ValueForm::{Account, Host, Serial, Sha256, Uuid};
        let check = |form: ValueForm, part: &str, expect: bool| {
            assert_eq!(form.may_hold(part), expect, "{part}");
        };
        check(Uuid, "", true);
        check(Uuid, "-", true);
        check(Uuid, "3c5e7a90-1b2d", true);
        check(Uuid, "5e7a90-1b2d-4f60-8a9b-c0d1", true);
        check(Uuid, "c0d1e2f3a4b5", true);
        check(Uuid, "3c5e7a901b2d4", false);
        check(Uuid, "3c5e7a90-1b2d4f60", false);
        check(Uuid, "--", false);
        check(Uuid, "3C5E", false);
        check(Account, "111122223333", true);
        check(Account, "1111222233334", false);
        check(Account, "1111-2222", false);
        check(Serial, &"ab".repeat(21), true);
        check(Serial, &"ab".repeat(22), false);
        check(Sha256, &"ab".repeat(33), false);
        check(Host, &"ab.".repeat(60), true);
        assert!(Serial.may_begin("00"));
        assert!(Serial.may_begin("0a"));
        assert!(!Serial.may_begin("00c4"));
        assert!(Uuid.may_begin("3c5e7a90-1b"));
        assert!(!Uuid.may_begin("3c5e7a901b2d"));
    }

    #[test]
    fn what_is_probably_no_value() {
        use ValueForm::{Flag, GitRef, Repository, ServiceAccount, WorkflowRef};
        check(GitRef, &[], "refs/heads/main");
        check(Repository, &[], "example/shop");
        check(WorkflowRef, &[], "example/shop/.github/workflows/ci.yml@refs/heads/main");
        check(Flag, &[], "true");
        check(ServiceAccount, &[], "system:serviceaccount:shop:orders");
        none(GitRef, &["main", "refs/", "heads/main"]);
        none(Repository, &["shop", "a/b/c", "/shop", "https://github.com/a/b"]);
        none(WorkflowRef, &["ci.yml", "example/shop/.github/workflows/ci.yml"]);
        none(Flag, &["True", "1", "yes"]);
        none(
            ServiceAccount,
            &["orders", "system:serviceaccount:shop", "system:serviceaccount:a:b:c"],
        );
    }
}
