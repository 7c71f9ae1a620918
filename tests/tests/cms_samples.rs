//! Messages of other makers, and messages made to hurt: parsed or refused with a reason, in bounded time and on a
//! small stack.

use credmint_core::cms::SignedMessage;
use credmint_core::{Code, limits, pem};
use credmint_tests::shared_data;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// What is in shared data and reads as a message of one signer; every other file there refuses.
const PARSED: [&str; 8] = [
    "asn1crypto/cms-signed.der",
    "asn1crypto/cms-signed.pem",
    "cms-generic/android-apk-ecdsa.p7.ber",
    "cms-generic/apple-app-store-receipt.p7.ber",
    "rustcrypto-formats/cms/tests/examples/cms_ber.bin",
    "rustcrypto-formats/cms/tests/examples/cms_der.bin",
    "rustcrypto-formats/cms/tests/examples/scep_der.bin",
    "rustcrypto-formats/cms/tests/examples/sd.cms",
];

/// Messages of one signer that refuse, and why.
const REFUSED: [(&str, Code); 3] = [
    // A line feed follows it.
    ("asn1crypto/cms-signed-indefinite-length.der", Code::BerMalformed),
    // Its signing time is in a zone.
    ("cms-generic/signed-simple.p7.ber", Code::CmsAttributes),
    // Its content is a structure, as before RFC 2630, and not bytes.
    ("rustcrypto-formats/cms/tests/examples/apple_mdm_signature_der.bin", Code::CmsMalformed),
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// Reads a file that is a message in PEM or base64, BER or DER, or something else.
fn parse(bytes: &[u8]) -> Result<(), Code> {
    let message = match std::str::from_utf8(bytes) {
        Ok(text) if !text.starts_with('0') => pem::message(text),
        _ => Ok(bytes.to_vec()),
    };
    let parsed = message.and_then(|message| SignedMessage::parse(&message).map(drop));
    parsed.map_err(|refusal| refusal.code())
}

#[test]
fn every_sample_is_parsed_or_refused() {
    let Some(data) = shared_data::folder("") else { return };
    let mut all = Vec::new();
    for folder in ["rustcrypto-formats", "pyca", "asn1crypto", "cms-generic"] {
        files(&data.join(folder), &mut all);
    }
    all.sort();
    let mut parsed = Vec::new();
    let mut refused: BTreeMap<Code, usize> = BTreeMap::new();
    for file in &all {
        let bytes = fs::read(file).unwrap();
        match parse(&bytes) {
            Ok(()) => parsed.push(file.strip_prefix(&data).unwrap().display().to_string()),
            Err(code) => *refused.entry(code).or_default() += 1,
        }
        // Cut anywhere, and with one byte changed: whatever comes of it, nothing panics.
        for at in (0..bytes.len().min(3_000)).step_by(7) {
            let _ = parse(&bytes[..at]);
            let mut changed = bytes.clone();
            changed[at] ^= 0x80;
            let _ = parse(&changed);
        }
    }
    assert_eq!(parsed, PARSED, "{refused:?}");
    assert!(!refused.contains_key(&Code::InternalError), "{refused:?}");
    for (file, expect) in REFUSED {
        assert_eq!(parse(&fs::read(data.join(file)).unwrap()), Err(expect), "{file}");
    }
}

/// `repeat` many times, then `end`.
fn repeated(repeat: &[u8], times: usize, end: &[u8]) -> Vec<u8> {
    [&repeat.repeat(times), end].concat()
}

/// Values inside each other, each with its length, `times` deep.
fn nested(tag: u8, times: usize) -> Vec<u8> {
    let mut inside: Vec<u8> = Vec::new();
    for _ in 0..times {
        let length = u16::try_from(inside.len()).unwrap().to_be_bytes();
        // Built from the end: appended in reverse, turned at last.
        inside.extend([length[1], length[0], 0x82, tag]);
    }
    inside.reverse();
    inside
}

#[test]
fn c13_bombs_are_bounded_and_the_stack_is_flat() {
    let most = limits::CMS_BYTES;
    let bombs: Vec<(&str, Vec<u8>, Option<Code>)> = vec![
        ("indefinite SEQUENCEs", repeated(&[0x30, 0x80], most / 2, &[]), None),
        ("indefinite OCTET STRINGs", repeated(&[0x24, 0x80], most / 2, &[]), None),
        ("indefinite [0]s", repeated(&[0xa0, 0x80], most / 2, &[]), None),
        ("nested SEQUENCEs", nested(0x30, most / 4), None),
        ("nested OCTET STRINGs", nested(0x24, most / 4), None),
        ("nested SETs", nested(0x31, most / 4), None),
        ("a length of 4 GiB", vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff], Some(Code::BerMalformed)),
        ("a length of 2^64", [&[0x30, 0x88][..], &[0xff; 8]].concat(), Some(Code::BerMalformed)),
        (
            "a length of 126 bytes",
            [&[0x30, 0xfe][..], &[1; 126]].concat(),
            Some(Code::BerMalformed),
        ),
        ("a reserved length", vec![0x30, 0xff, 0], Some(Code::BerMalformed)),
        ("no end", vec![0x30, 0x80], Some(Code::BerMalformed)),
        ("ends alone", vec![0; most], Some(Code::BerMalformed)),
        ("too large", vec![0x30; most + 1], Some(Code::CmsTooLarge)),
        ("a long tag", vec![0x3f; most], Some(Code::BerMalformed)),
    ];
    let segments = |count: usize| {
        let content = repeated(&[0x04, 0x01, b'x'], count, &[0, 0]);
        message_of([&[0x24, 0x80][..], &content].concat())
    };
    let bombs = bombs.into_iter().chain([
        ("empty values", message_of(repeated(&[0x05, 0x00], 30_000, &[])), None),
        ("segments", segments(20_000), Some(Code::BerTooMany)),
    ]);
    for (name, bomb, expect) in bombs {
        // As small as a stack can be where the same code runs at the edge, with room for a debug build.
        let judge = thread::Builder::new().stack_size(128 * 1024);
        let start = Instant::now();
        let verdict = judge.spawn(move || SignedMessage::parse(&bomb).map(drop)).unwrap().join();
        let code = verdict.expect("no overflow, no panic").unwrap_err().code();
        assert!(expect.is_none_or(|expect| code == expect), "{name}: {code:?}");
        // Far more than the linear time that it takes, far less than the square of it.
        assert!(start.elapsed() < Duration::from_secs(2), "{name}: {:?}", start.elapsed());
    }
}

/// A message in BER whose content bytes are these values.
fn message_of(content: Vec<u8>) -> Vec<u8> {
    let head: &[&[u8]] = &[
        &[0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02, 0xa0, 0x80],
        &[0x30, 0x80, 0x02, 0x01, 0x01, 0x31, 0x00],
        &[0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01, 0xa0, 0x80],
    ];
    [&head.concat()[..], &content, &[0; 10], &[0x31, 0x00], &[0; 4]].concat()
}
