//! The verdicts of the suite: a file of constraints, names, whether they are permitted.

use std::fmt;

/// One name of a leaf.
pub(super) enum Name {
    /// The subject, from a file.
    Subject(&'static str),
    /// A directoryName of the same form, from a file.
    Directory(&'static str),
    /// All alternative names, from a file.
    Alternative(&'static str),
    Dns(&'static str),
    V4([u8; 4]),
    V6([u8; 16]),
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subject(file) | Self::Alternative(file) => f.write_str(file),
            Self::Directory(file) => write!(f, "directoryName {file}"),
            Self::Dns(text) => write!(f, "`{text}`"),
            Self::V4(bytes) => write!(f, "{}", std::net::Ipv4Addr::from(*bytes)),
            Self::V6(bytes) => write!(f, "{}", std::net::Ipv6Addr::from(*bytes)),
        }
    }
}

/// Permitted; `None`: when the constraints are not critical.
type Permitted = Option<bool>;
type Row = (Name, Permitted);

const YES: Permitted = Some(true);
const NO: Permitted = Some(false);
/// Constraints on a kind of name that the suite's verifier does not know.
const IF_NOT_CRITICAL: Permitted = None;

const fn dns(text: &'static str, permitted: Permitted) -> Row {
    (Name::Dns(text), permitted)
}

const fn v4(a: u8, b: u8, c: u8, d: u8, permitted: Permitted) -> Row {
    (Name::V4([a, b, c, d]), permitted)
}

const fn v6(words: [u16; 8], permitted: Permitted) -> Row {
    let mut bytes = [0; 16];
    let mut i = 0;
    while i < 8 {
        [bytes[2 * i], bytes[2 * i + 1]] = words[i].to_be_bytes();
        i += 1;
    }
    (Name::V6(bytes), permitted)
}

const fn subject(file: &'static str, permitted: Permitted) -> Row {
    (Name::Subject(file), permitted)
}

const fn directory(file: &'static str, permitted: Permitted) -> Row {
    (Name::Directory(file), permitted)
}

const fn san(file: &'static str, permitted: Permitted) -> Row {
    (Name::Alternative(file), permitted)
}

/// How many cases the table makes, with the malformed ones.
pub(super) const CASES: usize = 505;

/// Constraints that do not parse.
pub(super) const MALFORMED: &[&str] = &[
    "dnsname-with_max",
    "dnsname-with_min_0",
    "dnsname-with_min_0_and_max",
    "dnsname-with_min_1",
    "dnsname-with_min_1_and_max",
    "invalid-empty_excluded_subtree",
    "invalid-empty_permitted_subtree",
    "invalid-no_subtrees",
    "ipaddress-invalid_addr",
    "ipaddress-invalid_mask_not_contiguous_1",
    "ipaddress-invalid_mask_not_contiguous_2",
    "ipaddress-invalid_mask_not_contiguous_3",
    "ipaddress-invalid_mask_not_contiguous_4",
];

#[rustfmt::skip]
pub(super) const TABLE: &[(&str, &[Row])] = &[
    ("dnsname", &[
        dns("permitted.example.com", YES), dns("permitted.example.com.", YES),
        dns("a.permitted.example.com", YES), dns("apermitted.example.com", NO),
        dns("apermitted.example.com.", NO), dns("alsopermitted.example.com", YES),
        dns("excluded.permitted.example.com", NO), dns("a.excluded.permitted.example.com", NO),
        dns("stillnotpermitted.excluded.permitted.example.com", NO),
        dns("a.stillnotpermitted.excluded.permitted.example.com", NO),
        dns("extraneousexclusion.example.com", NO), dns("a.extraneousexclusion.example.com", NO),
        dns("other.example.com", NO), dns("other.com", NO),
        dns("*.permitted.example.com", NO), dns("*.excluded.permitted.example.com", NO),
        dns("*.foo.permitted.example.com", YES), dns("*.alsopermitted.example.com", YES),
        dns("*.example2.com", NO), dns("*xcluded.permitted.example.com", YES),
        dns("exclude*.permitted.example.com", YES), dns("excl*ded.permitted.example.com", YES),
        dns("*.", NO), dns("*.*", NO), dns(".*", NO), dns("*", NO),
        dns("permitted.example3.com", YES), dns("permitted.example3.com.", YES),
        dns("a.permitted.example3.com", YES), dns("a.permitted.example3.com.", YES),
        san("san-permitted", YES), san("san-excluded-dnsname", NO),
        san("san-excluded-directoryname", YES), san("san-excluded-ipaddress", YES),
    ]),
    ("dnsname2", &[
        dns("com", YES), dns("bar.com", YES), dns("baz.bar.com", YES), dns("foo.bar.com", NO),
        dns("baz.foo.bar.com", NO), dns("*.baz.bar.com", YES), dns("*.com", YES),
        dns("*.bar.com", NO), dns("*.foo.bar.com", NO),
    ]),
    ("dnsname-permitted_with_leading_dot", &[
        dns("com", NO), dns("bar.com", NO), dns("foobar.com", NO), dns("foo.bar.com", YES),
        dns("*.bar.com", YES),
    ]),
    ("dnsname-excluded_with_leading_dot", &[
        dns("com", YES), dns("bar.com", YES), dns("foobar.com", YES), dns("foo.bar.com", NO),
        dns("*.bar.com", NO),
    ]),
    ("dnsname-permitted_two_dot", &[
        dns("com", NO), dns("com.", NO), dns("foo.com", NO), dns("*.com", NO),
    ]),
    ("dnsname-excluded", &[
        dns("", YES), dns("foo.com", YES), dns("permitted.example.com", YES),
        dns("excluded.permitted.example.com", NO), dns("a.excluded.permitted.example.com", NO),
    ]),
    ("dnsname-excludeall", &[
        dns("", NO), dns("foo.com", NO), dns("permitted.example.com", NO),
        dns("foo.permitted.example.com", NO),
    ]),
    ("dnsname-exclude_dot", &[
        dns("foo.com", NO), dns("permitted.example.com", YES), dns("foo.permitted.example.com", YES),
    ]),
    ("directoryname", &[
        directory("name-ca", NO), directory("name-us", YES), directory("name-us-arizona", YES),
        directory("name-us-california", NO), directory("name-us-california-mountain_view", NO),
        directory("name-de", NO), directory("name-jp", NO), directory("name-jp-tokyo", YES),
        subject("name-us", YES), subject("name-us-california", NO),
        san("san-permitted", YES), san("san-excluded-dnsname", YES),
        san("san-excluded-directoryname", NO), san("san-excluded-ipaddress", YES),
        // Constraints without e-mail addresses leave the subject's alone, whatever string it is.
        subject("name-us-arizona-email", YES), subject("name-us-arizona-email-invalidstring", YES),
    ]),
    ("directoryname-excluded", &[
        directory("name-empty", YES), directory("name-us", YES), directory("name-us-california", NO),
        directory("name-us-california-mountain_view", NO),
    ]),
    ("directoryname-excludeall", &[
        directory("name-empty", NO), directory("name-us", NO), directory("name-us-california", NO),
        directory("name-jp", NO),
    ]),
    ("ipaddress", &[
        v4(192, 169, 0, 1, NO), v4(192, 168, 0, 1, YES), v4(192, 168, 5, 1, NO),
        v4(192, 168, 5, 33, NO), v4(192, 167, 5, 31, NO), v4(192, 167, 5, 32, YES),
        v4(192, 167, 5, 63, YES), v4(192, 167, 5, 64, NO), v4(192, 166, 5, 32, NO),
        v6([0x102, 0x304, 0x506, 0x708, 0x90a, 0xb0d, 0, 1], NO),
        v6([0x102, 0x304, 0x506, 0x708, 0x90a, 0xb0c, 0, 1], YES),
        v6([0x102, 0x304, 0x506, 0x708, 0x90a, 0xb0c, 0x500, 1], NO),
        v6([0x102, 0x304, 0x506, 0x708, 0x90a, 0xb0c, 0x521, 1], NO),
        v6([0x102, 0x304, 0x506, 0x708, 0x90a, 0xb0b, 0x51f, 0xffff], NO),
        v6([0x102, 0x304, 0x506, 0x708, 0x90a, 0xb0b, 0x520, 0], YES),
        v6([0x102, 0x304, 0x506, 0x708, 0x90a, 0xb0b, 0x53f, 0xffff], YES),
        v6([0x102, 0x304, 0x506, 0x708, 0x90a, 0xb0b, 0x540, 0], NO),
        v6([0x102, 0x304, 0x506, 0x708, 0x90a, 0xb0a, 0x521, 1], NO),
        san("san-permitted", YES), san("san-excluded-dnsname", YES),
        san("san-excluded-directoryname", YES), san("san-excluded-ipaddress", NO),
    ]),
    ("ipaddress-excluded", &[
        v4(192, 168, 0, 1, YES), v4(192, 168, 5, 1, NO),
        v6([0x102, 0x304, 0x506, 0x708, 0x90a, 0xb0d, 0, 1], YES),
    ]),
    ("ipaddress-excludeall", &[
        v4(192, 168, 0, 1, NO), v4(1, 1, 1, 1, NO),
        v6([0x201, 0x101, 0x101, 0x101, 0x101, 0x101, 0x101, 0x101], NO),
        v6([0x102, 0x304, 0x506, 0x708, 0x90a, 0xb0d, 0, 1], NO),
    ]),
    ("ipaddress-permit_singlehost", &[
        v4(0, 0, 0, 0, NO), v4(192, 168, 1, 1, NO), v4(192, 168, 1, 2, NO), v4(192, 168, 1, 3, YES),
        v4(192, 168, 1, 4, NO), v4(255, 255, 255, 255, NO),
    ]),
    ("ipaddress-permit_prefix31", &[
        v4(0, 0, 0, 0, NO), v4(192, 168, 1, 1, NO), v4(192, 168, 1, 2, YES), v4(192, 168, 1, 3, YES),
        v4(192, 168, 1, 4, NO), v4(192, 168, 1, 5, NO), v4(255, 255, 255, 255, NO),
    ]),
    ("ipaddress-permit_prefix1", &[
        v4(0, 0, 0, 0, NO), v4(0x7f, 0xff, 0xff, 0xff, NO), v4(0x80, 0, 0, 0, YES),
        v4(255, 255, 255, 255, YES),
    ]),
    ("ipaddress-permit_all", &[
        v4(0, 0, 0, 0, YES), v4(192, 168, 1, 1, YES), v4(255, 255, 255, 255, YES),
    ]),
    // An address of version 4 is not one of version 6, mapped or not.
    ("ipaddress-mapped_addrs", &[
        v4(192, 168, 1, 0, YES), v6([0, 0, 0, 0, 0, 0xffff, 0xc0a8, 0x100], NO),
        v4(192, 168, 1, 1, NO), v4(192, 168, 1, 2, YES),
        v6([0, 0, 0, 0, 0, 0xffff, 0xc0a8, 0x200], YES), v4(192, 168, 2, 0, NO),
        v6([0, 0, 0, 0, 0, 0xffff, 0xc0a8, 0x201], NO),
        v6([0, 0, 0, 0, 0, 0xffff, 0xc0a8, 0x202], YES),
    ]),
    ("othername-permitted", &[san("san-othername", IF_NOT_CRITICAL)]),
    ("othername-excluded", &[
        san("san-othername", IF_NOT_CRITICAL), san("san-rfc822name-quoted", YES),
    ]),
    ("x400address-permitted", &[san("san-x400address", IF_NOT_CRITICAL)]),
    ("x400address-excluded", &[san("san-x400address", IF_NOT_CRITICAL)]),
    ("edipartyname-permitted", &[san("san-edipartyname", IF_NOT_CRITICAL)]),
    ("edipartyname-excluded", &[san("san-edipartyname", IF_NOT_CRITICAL)]),
    ("uri-permitted", &[san("san-uri", IF_NOT_CRITICAL)]),
    ("uri-excluded", &[san("san-uri", IF_NOT_CRITICAL)]),
    ("registeredid-permitted", &[san("san-registeredid", IF_NOT_CRITICAL)]),
    ("registeredid-excluded", &[san("san-registeredid", IF_NOT_CRITICAL)]),
    ("rfc822name-permitted", &[
        san("san-rfc822name", YES), san("san-rfc822name-domaincase", YES),
        san("san-rfc822name-localpartcase", NO), san("san-rfc822name-subdomain", NO),
        san("san-rfc822name-no-at", NO), san("san-rfc822name-two-ats", NO),
        san("san-rfc822name-quoted", NO), san("san-rfc822name-ipv4", NO),
        san("san-rfc822name-multiple", NO),
        subject("name-us-arizona-email", NO), subject("name-us-arizona-email-localpartcase", NO),
        subject("name-us-arizona-email-multiple", NO),
    ]),
    ("rfc822name-excluded", &[
        san("san-rfc822name", NO), san("san-rfc822name-domaincase", NO),
        san("san-rfc822name-localpartcase", YES), san("san-rfc822name-subdomain", YES),
        san("san-rfc822name-no-at", NO), san("san-rfc822name-two-ats", NO),
        san("san-rfc822name-ipv4", NO),
        subject("name-us-arizona-email", YES), subject("name-us-arizona-email-localpartcase", NO),
        subject("name-us-arizona-email-multiple", NO),
    ]),
    ("rfc822name-permitted-hostname", &[
        san("san-rfc822name", YES), san("san-rfc822name-domaincase", YES),
        san("san-rfc822name-localpartcase", YES), san("san-rfc822name-subdomain", NO),
        san("san-rfc822name-no-at", NO), san("san-rfc822name-two-ats", NO),
        san("san-rfc822name-empty-localpart", NO), san("san-rfc822name-quoted", NO),
        san("san-rfc822name-multiple", YES),
        subject("name-us-arizona-email", YES), subject("name-us-arizona-email-invalidstring", NO),
        subject("name-us-arizona-email-multiple", YES),
    ]),
    ("rfc822name-excluded-hostname", &[
        san("san-rfc822name", NO), san("san-rfc822name-domaincase", NO),
        san("san-rfc822name-localpartcase", NO), san("san-rfc822name-subdomain", YES),
        san("san-rfc822name-no-at", NO), san("san-rfc822name-two-ats", NO),
        san("san-rfc822name-empty-localpart", NO),
    ]),
    ("rfc822name-permitted-hostnamewithat", &[
        san("san-rfc822name-empty-localpart", NO), san("san-rfc822name", NO),
        san("san-rfc822name-domaincase", NO), san("san-rfc822name-localpartcase", NO),
        san("san-rfc822name-subdomain", NO), san("san-rfc822name-no-at", NO),
        san("san-rfc822name-two-ats", NO),
    ]),
    ("rfc822name-excluded-hostnamewithat", &[
        san("san-rfc822name-empty-localpart", NO), san("san-rfc822name", NO),
        san("san-rfc822name-domaincase", NO), san("san-rfc822name-localpartcase", NO),
        san("san-rfc822name-subdomain", NO), san("san-rfc822name-no-at", NO),
        san("san-rfc822name-two-ats", NO),
    ]),
    ("rfc822name-permitted-subdomains", &[
        san("san-rfc822name", NO), san("san-rfc822name-subdomain", YES),
        san("san-rfc822name-subdomaincase", YES), san("san-rfc822name-subdomain-no-at", NO),
        san("san-rfc822name-subdomain-two-ats", NO),
    ]),
    ("rfc822name-excluded-subdomains", &[
        san("san-rfc822name", YES), san("san-rfc822name-subdomain", NO),
        san("san-rfc822name-subdomaincase", NO), san("san-rfc822name-subdomain-no-at", NO),
        san("san-rfc822name-subdomain-two-ats", NO),
    ]),
    ("rfc822name-permitted-empty", &[san("san-rfc822name", NO), san("san-rfc822name-empty", NO)]),
    ("rfc822name-excluded-empty", &[san("san-rfc822name", NO), san("san-rfc822name-empty", NO)]),
    ("rfc822name-permitted-ipv4", &[
        san("san-rfc822name", NO), san("san-rfc822name-empty", NO), san("san-rfc822name-ipv4", NO),
    ]),
    ("rfc822name-excluded-ipv4", &[
        san("san-rfc822name", NO), san("san-rfc822name-empty", NO), san("san-rfc822name-ipv4", NO),
    ]),
    ("rfc822name-permitted-quoted", &[san("san-rfc822name-quoted", NO)]),
    ("rfc822name-excluded-quoted", &[san("san-rfc822name-subdomain", NO)]),
    ("directoryname_and_dnsname", &[
        subject("name-us-arizona-foo.com", YES),
        subject("name-us-arizona-permitted.example.com", YES),
        subject("name-us-california-permitted.example.com", NO),
    ]),
    ("directoryname_and_dnsname_and_ipaddress", &[
        subject("name-us-arizona-1.1.1.1", YES), subject("name-us-arizona-192.168.1.1", YES),
        subject("name-us-california-192.168.1.1", NO), subject("name-us-arizona-ipv6", YES),
    ]),
];
