//! Revocation lists given to `credmint x509 verify` and `credmint proof verify`.

use crate::harness::{
    Authority, Folder, NOW, authority, authority_below, batch, check_table, credmint, with,
    workload,
};
use credmint_core::{base64, limits};
use rcgen::{
    CertificateRevocationList, CertificateRevocationListParams, KeyIdMethod, RevokedCertParams,
    SerialNumber, date_time_ymd,
};
use serde_json::json;

/// A list from 20 November 2026 to the first of a month of the next year, which revokes `serials`.
fn list(authority: &Authority, until_month: u8, serials: &[u64]) -> CertificateRevocationList {
    let revoked = |serial: &u64| RevokedCertParams {
        serial_number: SerialNumber::from(*serial),
        revocation_time: date_time_ymd(2026, 11, 19),
        reason_code: Some(rcgen::RevocationReason::KeyCompromise),
        invalidity_date: None,
    };
    let params = CertificateRevocationListParams {
        this_update: date_time_ymd(2026, 11, 20),
        next_update: date_time_ymd(2027, until_month, 1),
        crl_number: SerialNumber::from(1_u64),
        issuing_distribution_point: None,
        revoked_certs: serials.iter().map(revoked).collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(authority).unwrap()
}

#[test]
fn x28_paths_under_revocation_lists() {
    let root = authority("Root");
    let issuing = authority_below(&root, "Issuing");
    let leaf = workload(&issuing, "worker", |params| {
        params.serial_number = Some(SerialNumber::from(77_u64));
    });
    let good = json!({
        "leaf": leaf.certificate.pem(),
        "intermediates": [issuing.pem()],
        "anchors": [root.pem()],
        "crls": [list(&root, 1, &[]).pem().unwrap(), base64::encode_standard(list(&issuing, 1, &[1]).der())],
        "require_crls": true,
        "time": NOW,
    });
    let of_root = list(&root, 1, &[]).pem().unwrap();
    let of_issuing = |serials: &[u64]| list(&issuing, 1, serials).pem().unwrap();
    let crls = |crls: &[&str]| with(&good, json!({ "crls": crls }));
    let honour = |crls: &[&str]| with(&good, json!({ "crls": crls, "require_crls": false }));
    let stranger = list(&authority("Issuing"), 1, &[]).pem().unwrap();
    let many = vec![of_root.as_str(); limits::CRLS + 1];
    check_table(
        "x509",
        &[
            (good.clone(), "accept"),
            (crls(&[&of_root, &of_issuing(&[77])]), "certificate_revoked"),
            (honour(&[&of_issuing(&[77])]), "certificate_revoked"),
            (honour(&[&of_root]), "accept"),
            (honour(&[]), "accept"),
            (crls(&[]), "crl_missing"),
            (crls(&[&of_root]), "crl_missing"),
            (crls(&[&of_root, &stranger]), "crl_signature_invalid"),
            (with(&good, json!({ "time": "2027-01-01T00:00:00Z" })), "crl_stale"),
            (with(&good, json!({ "time": "2026-11-19T23:59:59Z" })), "crl_not_yet_valid"),
            (crls(&["AA=="]), "crl_malformed"),
            (crls(&[&root.pem()]), "crl_malformed"),
            // Several in one text count each.
            (crls(&[&format!("{of_root}{}", of_issuing(&[1]))]), "accept"),
            (crls(&[&format!("{of_root}{}", of_issuing(&[77]))]), "certificate_revoked"),
            (crls(&[&format!("{of_root}{}", root.pem())]), "crl_malformed"),
            (crls(&many), "crl_too_large"),
            (with(&good, json!({ "crls": "AA==" })), "error: crls: invalid type"),
            (with(&good, json!({ "require_crls": 1 })), "error: require_crls: invalid type"),
        ],
    );
    let (answers, _) = batch("x509", &[good.clone(), honour(&[&of_root])]);
    assert_eq!(answers[0]["revocation"], "checked");
    assert_eq!(answers[1]["revocation"], "unchecked");

    // Files, in DER and in PEM.
    let folder = Folder::new();
    let files = [
        folder.file("leaf.pem", leaf.certificate.pem()),
        folder.file("issuing.pem", issuing.pem()),
        folder.file("root.pem", root.pem()),
        folder.file("root.crl", list(&root, 1, &[]).der()),
        folder.file("issuing.crl", of_issuing(&[77])),
    ];
    let [leaf, issuing, root, of_root, of_issuing] = files.each_ref().map(String::as_str);
    let arguments = ["x509", "verify", leaf, "--intermediate", issuing, "--anchor", root];
    let options = ["--time", "2026-11-24T12:00:00Z", "--crl", of_root, "--crl", of_issuing];
    let check = |options: &[&str], code: &str| {
        let run = credmint(arguments.iter().chain(options));
        assert_eq!(run.status, 1);
        assert!(run.stdout.contains(code), "{}{}", run.stdout, run.stderr);
    };
    check(&options, "certificate_revoked");
    let required = ["--time", "2026-11-24T12:00:00Z", "--crl", of_root, "--require-crls"];
    check(&required, "crl_missing");
}

#[test]
fn x28_token_requests_under_revocation_lists() {
    let root = authority("Root");
    let worker = workload(&root, "worker-7", |params| {
        params.serial_number = Some(SerialNumber::from(77_u64));
    });
    let fresh = list(&root, 1, &[]).pem().unwrap();
    let revoking = list(&root, 1, &[77]).pem().unwrap();
    let good = json!({
        "policy": crate::proof::policy(&root),
        "now": NOW,
        "form": crate::proof::pca_form(&worker, "", json!({})),
    });
    let provider = |members: serde_json::Value| {
        let mut request = good.clone();
        let provider = request["policy"]["providers"]["plant"].as_object_mut().unwrap();
        provider.extend(members.as_object().unwrap().clone());
        request
    };
    let given = |crls: &[&str]| with(&good, json!({ "crls": crls }));
    let by_url = provider(json!({ "crls": [{ "url": "https://pki.example.com/root.crl" }] }));
    check_table(
        "proof",
        &[
            (good.clone(), "accept"),
            (given(&[&fresh]), "accept"),
            (given(&[&revoking]), "certificate_revoked"),
            (given(&["AA=="]), "crl_malformed"),
            (provider(json!({ "crls": [{ "pem": fresh }] })), "accept"),
            (provider(json!({ "crls": [{ "pem": revoking }] })), "certificate_revoked"),
            (provider(json!({ "require_crls": true })), "crl_missing"),
            (
                with(
                    &provider(json!({ "crls": [{ "pem": fresh }] })),
                    json!({ "now": NOW + 86_400 * 60 }),
                ),
                "crl_stale",
            ),
            // What stands at an address is brought by the request, or not at all.
            (by_url.clone(), "crl_unavailable"),
            (with(&by_url, json!({ "crls": [fresh] })), "accept"),
            (with(&by_url, json!({ "crls": [revoking] })), "certificate_revoked"),
        ],
    );
}

#[test]
fn lists_come_in_bundles_at_every_command() {
    let root = authority("Root");
    let worker = workload(&root, "worker-7", |params| {
        params.serial_number = Some(SerialNumber::from(77_u64));
    });
    let of_other = list(&authority("Other"), 1, &[]).pem().unwrap();
    let bundle =
        |serials: &[u64]| [of_other.as_str(), &list(&root, 1, serials).pem().unwrap()].concat();
    let folder = Folder::new();
    let mut policy = crate::proof::policy(&root);
    policy["providers"]["plant"]["require_crls"] = json!(true);
    let policy = folder.file("policy.json", policy.to_string());
    let form = crate::proof::pca_form(&worker, "", json!({}));
    let form = folder.file("form.json", form.to_string());
    let good = folder.file("good.pem", bundle(&[]));
    let revoking = folder.file("revoking.pem", bundle(&[77]));
    let der = folder.file("root.crl", list(&root, 1, &[]).der());
    let now = NOW.to_string();
    for command in [&["proof", "verify"][..], &["explain"]] {
        for (lists, expect) in [
            (&[good.as_str()][..], "accepted"),
            (&[&der], "accepted"),
            (&[&good, &revoking], "refused at path: certificate_revoked"),
            (&[], "refused at path: crl_missing"),
        ] {
            let flags = ["--policy", &policy, "--form", &form, "--now", &now];
            let lists = lists.iter().flat_map(|list| ["--crl", list]);
            let run = credmint(command.iter().copied().chain(flags).chain(lists));
            assert!(run.stdout.starts_with(expect), "{command:?}: {}", run.stdout);
        }
    }
}
