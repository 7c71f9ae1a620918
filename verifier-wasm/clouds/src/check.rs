//! What a table must be.

use crate::{AUTHORITY, Row};
use credmint_core::signature::RsaLimit;
use credmint_core::x509::Certificate;
use credmint_core::{UnixTime, sha256};
use std::collections::BTreeSet;
use std::fmt::Write;

/// How long before the end of a certificate its successor should be looked for, in seconds: 180 days.
const SOON: i64 = 180 * 86_400;

/// Everything that is wrong with `rows` at `now`, a sentence each: a certificate that is not the one of its
/// fingerprint, not of its kind or not valid; two rows for one place; two rows of one certificate.
#[must_use]
pub fn check(rows: &[Row], now: UnixTime) -> Vec<String> {
    let mut findings = Vec::new();
    let mut places = BTreeSet::new();
    let mut fingerprints = BTreeSet::new();
    if rows.is_empty() {
        findings.push("the table is empty".to_owned());
    }
    for row in rows {
        if row.kind != AUTHORITY && !places.insert((&row.cloud, &row.kind, &row.region)) {
            findings.push(format!("{}: two rows", row.name()));
        }
        if !fingerprints.insert(&row.sha256) {
            findings.push(format!("{}: another row has this certificate", row.name()));
        }
        findings
            .extend(check_row(row, now).into_iter().map(|what| format!("{}: {what}", row.name())));
    }
    findings
}

fn check_row(row: &Row, now: UnixTime) -> Vec<String> {
    let mut findings = Vec::new();
    let mut require = |holds: bool, what: &str| {
        if !holds {
            findings.push(what.to_owned());
        }
    };
    let certificate = match Certificate::from_der(&row.certificate) {
        Ok(certificate) => certificate,
        Err(refusal) => return vec![refusal.to_string()],
    };
    require(hex(&sha256(&row.certificate)) == row.sha256, "sha256 is of another certificate");
    require(certificate.not_before() == row.not_before, "not_before is another time");
    require(certificate.not_after() == row.not_after, "not_after is another time");
    require(now >= row.not_before, "not valid yet");
    require(now <= row.not_after, "expired");
    require(now.plus(SOON) <= row.not_after, "ends within 180 days");
    require(!row.source.is_empty(), "no source");
    let is_rsa = certificate.public_key(RsaLimit::Standard).is_ok();
    match row.kind.as_str() {
        // The key of at least 2048 bits is what distinguishes it from that of EC2's bare signatures.
        "rsa2048" => require(is_rsa, "no RSA key of 2048 bits or more"),
        AUTHORITY => {
            let is_one = is_rsa && certificate.is_ca() && row.cloud == "azure";
            require(is_one, "no authority");
        }
        "dsa" => require(!is_rsa && row.cloud == "aws" && row.region.is_none(), "no such endpoint"),
        _ => require(false, "the kind is not known"),
    }
    match (row.cloud.as_str(), row.region.as_deref()) {
        ("aws", None) => require(row.kind == "dsa", "no region"),
        ("aws", Some(region)) => require(row.partition == partition(region), "wrong partition"),
        ("alibaba", _) => require(row.partition == "alibaba", "wrong partition"),
        ("azure", None) => {
            require(row.partition == "azure", "wrong partition");
            require(row.kind == AUTHORITY, "no signer of this cloud is known");
        }
        _ => require(false, "the cloud is not known"),
    }
    findings
}

/// The partition of a region of AWS.
fn partition(region: &str) -> &'static str {
    const PREFIXES: [(&str, &str); 3] =
        [("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"), ("eusc-", "aws-eusc")];
    let known = PREFIXES.iter().find(|(prefix, _)| region.starts_with(prefix));
    known.map_or("aws", |(_, partition)| partition)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{TABLE, parse, rows};

    /// 2026-11-24T12:00:00Z.
    const NOW: UnixTime = UnixTime::from_seconds(1_795_521_600);

    #[test]
    fn c18_the_table_is_as_it_should_be() {
        assert_eq!(parse(TABLE).unwrap(), rows());
        assert_eq!(check(rows(), NOW), Vec::<String>::new());
        assert!(rows().iter().filter(|row| row.verified_by_real_document).count() >= 5);
        assert!(rows().iter().filter(|row| row.partition == "aws").count() > 30);
    }

    #[test]
    fn what_is_wrong_is_found() {
        let one = || rows().iter().find(|row| row.region.as_deref() == Some("us-east-1")).unwrap();
        let changed = |change: &dyn Fn(&mut Row), expect: &str| {
            let mut row = one().clone();
            change(&mut row);
            let findings = check(&[row], NOW);
            assert!(findings.iter().any(|finding| finding.contains(expect)), "{findings:?}");
        };
        assert_eq!(check(&[one().clone()], NOW), Vec::<String>::new());
        assert_eq!(check(&[], NOW), ["the table is empty"]);
        assert_eq!(check(&[one().clone(), one().clone()], NOW).len(), 2);
        changed(&|row| row.sha256 = "00".repeat(32), "another certificate");
        changed(&|row| row.not_after = row.not_after.plus(1), "not_after");
        changed(&|row| row.not_before = row.not_before.plus(-1), "not_before");
        changed(&|row| row.region = None, "no region");
        changed(&|row| row.region = Some("cn-north-1".to_owned()), "wrong partition");
        changed(&|row| row.cloud = "oracle".to_owned(), "cloud");
        changed(&|row| row.cloud = "azure".to_owned(), "cloud");
        changed(&|row| row.kind = "intermediate".to_owned(), "no authority");
        changed(&|row| row.certificate = vec![0x30, 0], "certificate_malformed");
        let azure = rows().iter().find(|row| row.cloud == "azure").unwrap();
        assert_eq!(check(std::slice::from_ref(azure), NOW), Vec::<String>::new());
        let signer = Row { kind: "rsa2048".to_owned(), ..azure.clone() };
        assert_eq!(
            check(&[signer], NOW),
            ["azure rsa2048 for every region: no signer of this cloud is known".to_owned()]
        );
        changed(&|row| row.kind = "rsa1024".to_owned(), "the kind is not known");
        changed(&|row| row.kind = "dsa".to_owned(), "endpoint");
        changed(&|row| row.source.clear(), "source");
        changed(&|row| row.certificate.truncate(100), "certificate_malformed");
        let expired = one().not_after;
        assert_eq!(check(&[one().clone()], expired.plus(1)).len(), 2);
        assert_eq!(check(&[one().clone()], expired.plus(-1)).len(), 1);
    }

    #[test]
    fn a_table_is_read_strictly() {
        let row = |members: &str| parse(&format!("[{{{members}}}]"));
        let check = |table: Result<Vec<Row>, String>, expect: &str| {
            let error = table.expect_err(expect);
            assert!(error.contains(expect), "{error}");
        };
        check(parse("{}"), "the table is not an array");
        check(parse("["), "json_malformed");
        check(row(""), "row 0 has a missing");
        let with = |from: &str, to: &str| parse(&TABLE.replacen(from, to, 1));
        assert!(with("\"cloud\"", "\"cloud\"").is_ok());
        check(with("\"cloud\"", "\"Cloud\""), "wrong member");
        check(with("2038-02-18", "2038-02-30"), "wrong member");
        check(with("\"kind\": \"rsa2048\"", "\"kind\": 2048"), "wrong member");
        check(with("{\"cloud\"", "{\"more\": 1, \"cloud\""), "wrong member");
    }
}
