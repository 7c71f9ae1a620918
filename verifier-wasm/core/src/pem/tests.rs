//! What is read as certificates and messages, and what is not.

use super::*;
use crate::base64;
use alloc::format;
use alloc::string::String;

/// Two "certificates", which begin as DER does, and their base64.
const FIRST: (&[u8], &str) = (b"0first", "MGZpcnN0");
const SECOND: (&[u8], &str) = (b"0second!", "MHNlY29uZCE=");

fn armoured(label: &str, body: &str) -> String {
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

#[test]
fn x25_forms_that_stock_clients_send() {
    let one = armoured("CERTIFICATE", FIRST.1);
    let two = armoured("CERTIFICATE", SECOND.1);
    let check = |text: &str, expect: &[&[u8]]| {
        assert_eq!(certificates(text).unwrap(), expect, "{text:?}");
    };
    check(&one, &[FIRST.0]);
    check(&one.replace('\n', "\r\n"), &[FIRST.0]);
    check(&one.replace('\n', " "), &[FIRST.0]);
    check(&one.replace('\n', ""), &[FIRST.0]);
    check(&format!("\n {one}\n"), &[FIRST.0]);
    check(&armoured("CERTIFICATE", "MG Zp\r\ncn\tN0"), &[FIRST.0]);
    check(&format!("{one}{two}"), &[FIRST.0, SECOND.0]);
    check(&format!("{one}{two}").replace('\n', " "), &[FIRST.0, SECOND.0]);
    check(&format!("{one}{two}").replace('\n', ""), &[FIRST.0, SECOND.0]);
    check(&format!("{one},{two}"), &[FIRST.0, SECOND.0]);
    check(&format!("{one} ,\n {two}"), &[FIRST.0, SECOND.0]);
    check(FIRST.1, &[FIRST.0]);
    check("MGZp\ncnN0\n", &[FIRST.0]);
    check(&format!("{},{}", FIRST.1, SECOND.1), &[FIRST.0, SECOND.0]);
    check(&format!("{} , {}\n", FIRST.1, SECOND.1), &[FIRST.0, SECOND.0]);
    check(&format!("{},{two}", FIRST.1), &[FIRST.0, SECOND.0]);
    check(&format!("{one},{}", SECOND.1), &[FIRST.0, SECOND.0]);
}

#[test]
fn x25_everything_else_is_refused() {
    let one = armoured("CERTIFICATE", FIRST.1);
    let check = |text: &str, expect: Code| {
        assert_eq!(certificates(text).map_err(|refusal| refusal.code()), Err(expect), "{text:?}");
    };
    check("", Code::PemCount);
    check(" \n", Code::PemCount);
    for text in [
        format!("{one}{}", SECOND.1),
        format!("{}{one}", SECOND.1),
        format!("{one},"),
        format!(",{one}"),
        format!("{one},,{one}"),
        format!("{},", FIRST.1),
        format!("{},,{}", FIRST.1, SECOND.1),
        armoured("CERTIFICATE", ""),
        armoured("CERTIFICATE", "Zmlyc3Q"),
        armoured("CERTIFICATE", "-_-_"),
        armoured("CERTIFICATE", "Zmlyc3Q=\nc2Vjb25kISE="),
        armoured("CERTIFICATE", &format!("Proc-Type: 4\n\n{}", FIRST.1)),
        armoured("CERTIFICATE", &armoured("CERTIFICATE", FIRST.1)),
        armoured("PUBLIC KEY", FIRST.1),
        armoured("certificate", FIRST.1),
        armoured("X509 CRL", FIRST.1),
        one.replace("END CERTIFICATE", "END X"),
        one.replace("-----END CERTIFICATE-----", ""),
        one.replace("-----END CERTIFICATE-----", "-----END CERTIFICATE"),
        one.replace("-----BEGIN", "----BEGIN"),
        String::from("-----BEGIN "),
        String::from("-----BEGIN CERTIFICATE-----"),
        String::from("Zmly\u{a0}c3Q="),
        String::from("Zmlyc3Q=\0"),
    ] {
        check(&text, Code::PemMalformed);
    }
}

#[test]
fn x25_private_keys_are_refused_and_not_repeated() {
    let one = armoured("CERTIFICATE", FIRST.1);
    for label in ["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY"] {
        let key = armoured(label, "c2VjcmV0");
        for text in [
            format!("{one}{key}"),
            format!("{key}{one}"),
            key.replace('\n', " "),
            format!("x{key}"),
        ] {
            let refusal = certificates(&text).unwrap_err();
            assert_eq!(refusal.code(), Code::PemPrivateKey);
            assert_eq!(message(&text).unwrap_err().code(), Code::PemPrivateKey);
            assert!(!format!("{refusal} {refusal:?}").contains("c2Vjcm"));
        }
    }
    // Misspelt armour is not recognised; it is refused for what it is, and not repeated either.
    for text in ["-----begin private key-----c2VjcmV0", "-----BEGIN PRIVATE  KEY -----c2VjcmV0"] {
        let refusal = certificates(text).unwrap_err();
        assert_eq!(refusal.code(), Code::PemMalformed);
        assert!(!format!("{refusal} {refusal:?}").contains("c2Vjcm"));
    }
}

#[test]
fn x25_count_and_size() {
    let code = |text: &str| certificates(text).map_err(|refusal| refusal.code());
    let one = armoured("CERTIFICATE", FIRST.1);
    assert_eq!(
        code(&one.repeat(limits::CERTIFICATES)).map(|found| found.len()),
        Ok(limits::CERTIFICATES)
    );
    assert_eq!(code(&one.repeat(limits::CERTIFICATES + 1)), Err(Code::CertificatesTooMany));
    assert_eq!(code(&one.repeat(500)), Err(Code::CertificatesTooMany));
    let largest = base64::encode_standard(&alloc::vec![0; limits::CERTIFICATE_BYTES]);
    assert!(code(&largest).is_ok());
    let larger = base64::encode_standard(&alloc::vec![0; limits::CERTIFICATE_BYTES + 1]);
    assert_eq!(code(&larger), Err(Code::CertificateTooLarge));
    assert_eq!(code(&" ".repeat(limits::PEM_BYTES + 1)), Err(Code::CertificateTooLarge));
    assert_eq!(certificate(&one).unwrap(), FIRST.0);
    for several in [one.repeat(2), one.repeat(3)] {
        assert_eq!(certificate(&several).unwrap_err().code(), Code::PemCount);
    }
    assert_eq!(certificate("").unwrap_err().code(), Code::PemCount);
}

#[test]
fn c15_messages() {
    let check = |text: &str, expect: Result<&[u8], Code>| {
        let message = message(text).map_err(|refusal| refusal.code());
        assert_eq!(message.as_deref(), expect.as_ref().map(|bytes| *bytes), "{text:?}");
    };
    let pkcs7 = armoured("PKCS7", FIRST.1);
    check(FIRST.1, Ok(FIRST.0));
    check("MGZp\r\ncnN0\r\n", Ok(FIRST.0));
    check(" MGZp cnN0 ", Ok(FIRST.0));
    check(&pkcs7, Ok(FIRST.0));
    check(&pkcs7.replace('\n', " "), Ok(FIRST.0));
    check(&armoured("CMS", FIRST.1), Ok(FIRST.0));
    check(&armoured("PKCS #7 SIGNED DATA", FIRST.1), Ok(FIRST.0));
    check(&format!("\u{feff}{}", FIRST.1), Ok(FIRST.0));
    check(&format!("subject=/CN=signer\n\n{pkcs7}# end\n"), Ok(FIRST.0));
    for text in [
        "",
        " ",
        "Zmlyc3Q",
        "Zmlyc3Q=Zmlyc3Q=",
        "Zmlyc3Q=,Zmlyc3Q=",
        "Zmlyc3Q=#",
        "-_-_",
        &armoured("CERTIFICATE", FIRST.1),
        &armoured("PKCS7", ""),
        &format!("x{pkcs7}"),
        &pkcs7.repeat(2),
        &pkcs7.replace("END PKCS7", "END CMS"),
    ] {
        check(text, Err(Code::CmsText));
    }
    check(&"A".repeat(limits::CMS_TEXT_BYTES + 4), Err(Code::CmsTooLarge));
    let larger = base64::encode_standard(&alloc::vec![0; limits::CMS_BYTES + 1]);
    check(&larger, Err(Code::CmsTooLarge));
}

/// What `openssl ca` and `openssl pkcs12` write around certificates, and comments of people.
const OPENSSL_CA: &str = "Certificate:
    Data:
        Version: 3 (0x2)
        Issuer: C=DE, O=Plant, CN=-- Root --
        X509v3 extensions:
            X509v3 Subject Key Identifier: 
                0A:1B:2C:3D
    Signature Algorithm: ecdsa-with-SHA256
         30:45:02:21:00
";
const BAG: &str = "Bag Attributes
    localKeyID: 01 02 03
    friendlyName: press-7
subject=/O=Plant/CN=press-7
issuer=/O=Plant/CN=Root
";

#[test]
fn x25_text_around_blocks_is_read_over() {
    let one = armoured("CERTIFICATE", FIRST.1);
    let two = armoured("CERTIFICATE", SECOND.1);
    let check = |text: &str, expect: &[&[u8]]| {
        assert_eq!(certificates(text).unwrap(), expect, "{text:?}");
        let lines = text.replace('\n', "\r\n");
        assert_eq!(certificates(&lines).unwrap(), expect, "{lines:?}");
    };
    check(&format!("{OPENSSL_CA}{one}"), &[FIRST.0]);
    check(&format!("{BAG}{one}{BAG}{two}"), &[FIRST.0, SECOND.0]);
    check(
        &format!("# the first\n{one}\n# the second, of 2026\n\n{two}# end\n"),
        &[FIRST.0, SECOND.0],
    );
    check(&format!("Stand-in Root CA\n================\n{one}"), &[FIRST.0]);
    check(&format!("-----\n{one}------- two -------\n{two}"), &[FIRST.0, SECOND.0]);
    check(&format!("ÉTAT civil, 日本\t2026\n{one}"), &[FIRST.0]);
    check(&format!("{one}x"), &[FIRST.0]);
    check(&format!("\u{feff}{one}"), &[FIRST.0]);
    check(&format!("\u{feff}# comment\n{one}"), &[FIRST.0]);
    check(&format!("\u{feff}{}", FIRST.1), &[FIRST.0]);
    check(&armoured("X509 CERTIFICATE", FIRST.1), &[FIRST.0]);
}

/// Readers find a block at the beginning of a line, anywhere, in any case, or up to the first zero: text in which one of
/// them could see another certificate refuses.
#[test]
fn x25_no_reader_sees_a_block_in_the_text() {
    let one = armoured("CERTIFICATE", FIRST.1);
    let check = |text: String, expect: &str| {
        let refusal = certificates(&text).unwrap_err();
        assert_eq!(refusal.code(), Code::PemMalformed, "{text:?}");
        assert!(refusal.detail_text().unwrap().contains(expect), "{text:?}: {refusal}");
        assert!(
            message(&text.replace("CERTIFICATE", "CMS"))
                .is_err_and(|refusal| refusal.code() == Code::CmsText)
        );
    };
    let other = SECOND.1;
    for edge in [
        format!("-----begin certificate-----\n{other}\n-----end certificate-----"),
        format!("---- BEGIN CERTIFICATE ----\n{other}\n---- END CERTIFICATE ----"),
        format!("------  BEGIN CERTIFICATE-----\n{other}\n-----  END CERTIFICATE-----"),
        format!("-----END CERTIFICATE-----\n{other}"),
        String::from("CN=-----Begin x"),
    ] {
        check(format!("{edge}\n{one}"), "the beginning or end of a PEM block");
        check(format!("{one}{edge}\n"), "the beginning or end of a PEM block");
    }
    // Within a line, after an indent, and after what is the end of a line to others alone.
    for before in ["Subject: CN=", "text\n  ", "text\n\t", "text\r"] {
        check(format!("{before}{one}"), "a line of its own");
        check(format!("{one}{before}{one}"), "a line of its own");
    }
    check(format!("text\0\n{one}"), "a control character");
    check(format!("a\rb\n{one}"), "a control character");
    check(format!("text\u{1b}[2J\n{one}"), "a control character");
    check(format!("{one}\u{feff}{one}"), "byte order mark");
    check(format!("{one}\u{feff}# text\n{one}"), "byte order mark");
    check(format!("# text\n{other}\n{one}"), "base64 outside");
    check(format!("# text\n{}\n{one}", "MIIBIjANBgkqhkiG9w0BAQ"), "base64 outside");
    check(format!("{one}# text\n{other}"), "base64 outside");
    check(format!("# text\n{}x\n", one.trim_end()), "the line on which");
    check(format!("# text\n{} # text\n{one}", one.trim_end()), "the line on which");
    check(format!("# text\n{one},"), "comma");
    check(format!("{{\"certificate\":\"{one}\"}}"), "this is JSON");
    // A block that is cut off is not text.
    check(format!("# text\n{one}-----BEGIN CERTIFICATE-----\n{other}\n"), "no end of its own");
}

#[test]
fn x25_other_labels_are_told() {
    let check = |label: &str, expect: &str| {
        for text in [armoured(label, FIRST.1), format!("# text\n{}", armoured(label, FIRST.1))] {
            let refusal = certificates(&text).unwrap_err();
            assert_eq!(refusal.code(), Code::PemMalformed, "{label}");
            assert!(refusal.detail_text().unwrap().contains(expect), "{label}: {refusal}");
        }
    };
    check("TRUSTED CERTIFICATE", "has more in it");
    check("CERTIFICATE REQUEST", "REQUEST");
    check("NEW CERTIFICATE REQUEST", "REQUEST");
    check("X509 CRL", "`crls`");
    check("PUBLIC KEY", "PUBLIC KEY");
    check("EC PARAMETERS", "something else");
    check("PKCS7", "a PKCS #7 message");
}

#[test]
fn x25_bundles_have_certificates_and_messages() {
    let certificate = |der: &[u8]| Encoded::Certificate(der.to_vec());
    let check =
        |text: &str, expect: &[Encoded]| assert_eq!(bundle(text, 2).unwrap(), expect, "{text:?}");
    let message = b"0\x04\x06\x02*\x03";
    let encoded = base64::encode_standard(message);
    let as_message = [Encoded::Message(message.to_vec())];
    for label in ["PKCS7", "CMS", "PKCS #7 SIGNED DATA"] {
        check(&armoured(label, &encoded), &as_message);
    }
    check(&encoded, &as_message);
    check(FIRST.1, &[certificate(FIRST.0)]);
    check(
        &format!("{}{}", armoured("CERTIFICATE", FIRST.1), armoured("PKCS7", &encoded)),
        &[certificate(FIRST.0), Encoded::Message(message.to_vec())],
    );
    // The label says what is inside, and is believed.
    check(&armoured("CERTIFICATE", &encoded), &[certificate(message)]);
    let three = armoured("CERTIFICATE", FIRST.1).repeat(3);
    assert_eq!(bundle(&three, 2).unwrap_err().code(), Code::CertificatesTooMany);
    assert_eq!(bundle(&three, 3).map(|found| found.len()), Ok(3));
}

#[test]
fn x25_private_keys_without_armour_are_refused() {
    let check = |der: &[u8], expect: Code| {
        let text = base64::encode_standard(der);
        for text in [text.clone(), armoured("CERTIFICATE", &text)] {
            assert_eq!(bundle(&text, 1).map_err(|refusal| refusal.code()), Err(expect), "{der:?}");
        }
        assert_eq!(public_key(&text).map_err(|refusal| refusal.code()), Err(expect));
    };
    // PKCS #8 of both versions, PKCS #1, SEC 1, PKCS #12; lengths of each form.
    check(&[0x30, 5, 2, 1, 0, 0x30, 0], Code::PemPrivateKey);
    check(&[0x30, 0x81, 5, 2, 1, 1, 0x30, 0], Code::PemPrivateKey);
    check(&[0x30, 0x82, 0, 5, 2, 1, 0, 2, 0], Code::PemPrivateKey);
    check(&[0x30, 5, 2, 1, 1, 4, 0], Code::PemPrivateKey);
    check(&[0x30, 0x80, 2, 1, 3, 0x30, 0, 0, 0], Code::PemPrivateKey);
    // The public half of PKCS #1 begins with a number too.
    let half = base64::encode_standard(&[0x30, 6, 2, 1, 0x55, 2, 1, 3]);
    assert_eq!(public_key(&half).map(|der| der.len()), Ok(8));
}
