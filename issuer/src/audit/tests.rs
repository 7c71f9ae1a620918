use super::verify::Verification;
use super::*;
use crate::decide::system_clock;
use crate::keys::{SigningAlgorithm, SigningKeys};
use crate::limits::AUDIT_CLOSE;
use credmint_core::jose::{Algorithm, JwkSet};
use credmint_core::{Recorded, UnixTime, json};
use std::fs;
use std::io::{PipeReader, Read};
use tempfile::TempDir;
use uuid::Uuid;

const NOW: UnixTime = UnixTime::from_seconds(1_795_521_600);

/// Longer than anything here may take.
const LONG: Duration = Duration::from_secs(60);

/// A folder with signing keys, and the file of an audit in it.
struct Place {
    folder: TempDir,
    keys: SigningKeys,
}

impl Place {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let keys = SigningKeys::fresh(SigningAlgorithm::Es256);
        Self { folder, keys }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("audit.jsonl")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.path()).unwrap()
    }

    fn kinds(&self) -> Vec<String> {
        let mut kinds = Vec::new();
        let each = |_, item| {
            kinds.push(match item {
                Item::Record(_, record) => kind(&record).to_owned(),
                Item::Torn => "torn".to_owned(),
                Item::Other(why) => why,
            });
        };
        read(self.text().as_bytes(), each).unwrap();
        kinds
    }

    fn seal(&self) -> Seal {
        let keys = self.keys.clone();
        Seal {
            sign: Some(Box::new(move |typ, claims| keys.current().sign(typ, claims).ok())),
            folder: Some(self.folder.path().to_owned()),
        }
    }

    fn open(&self) -> Audit {
        Audit::open(&AuditConfig::at(AuditPlace::File(self.path())), self.seal()).unwrap()
    }

    /// A process that writes so many records and ends.
    async fn write(&self, records: usize) {
        let audit = self.open();
        for _ in 0..records {
            assert_eq!(record(&audit, Code::ClientUnknown).await, Ok(Kept::Written));
        }
        assert!(audit.close(LONG).await);
    }

    /// What a verification finds in these lines.
    fn findings(&self, text: &str) -> Vec<(&'static str, usize)> {
        let algorithms = [Algorithm::Es256];
        let keys = JwkSet::parse(self.keys.jwks().to_string().as_bytes(), &algorithms).unwrap();
        let mut verification = Verification::new(&keys);
        verification.file("a", text.as_bytes()).unwrap();
        verification.finish();
        verification.findings.iter().map(|finding| (finding.what, finding.line)).collect()
    }
}

/// Of a proof whose signature was good, so that none is counted only.
async fn record(audit: &Audit, code: Code) -> Result<Kept, Code> {
    let refusal = Refusal::new(code);
    let given = json::parse(br#"{"claims":{"sub":"a"}}"#).unwrap();
    let facts = Recorded::from_json(&given).unwrap();
    let decision = Decision {
        time: system_clock()(),
        request_id: Uuid::new_v4(),
        source: None,
        policy_hash: "h",
        presented: None,
        facts: Some(&facts),
        bound: None,
        exchanged: None,
        outcome: Err(&refusal),
    };
    audit.record(&decision).await.map_err(|refusal| refusal.code())
}

#[tokio::test]
async fn a_file_is_appended_to_and_its_loss_is_a_refusal() {
    let place = Place::new();
    let audit = place.open();
    for _ in 0..2 {
        record(&audit, Code::ClientUnknown).await.unwrap();
    }
    assert_eq!(place.text().matches("client_unknown").count(), 2);
    // Rotated away: the next record begins a new file, and goes on with the chain.
    fs::rename(place.path(), place.folder.path().join("old")).unwrap();
    record(&audit, Code::ClientUnknown).await.unwrap();
    assert_eq!(place.text().lines().count(), 1);
    let old = fs::read_to_string(place.folder.path().join("old")).unwrap();
    assert_eq!(place.findings(&(old + &place.text())), []);
    // Not writable: no decision, and nobody is asked to decide.
    fs::remove_file(place.path()).unwrap();
    fs::create_dir(place.path()).unwrap();
    assert_eq!(record(&audit, Code::ClientUnknown).await, Err(Code::AuditUnavailable));
    let refused = audit.available().await.map_err(|refusal| refusal.code());
    assert_eq!(refused, Err(Code::AuditUnavailable));
    assert!(audit.status().trouble.is_some_and(|trouble| trouble.contains("cannot be written")));
    let opened = Audit::open(&AuditConfig::at(AuditPlace::File(place.path())), Seal::default());
    assert_eq!(opened.err().map(|error| error.kind()), Some(io::ErrorKind::IsADirectory));
    // Writable again: at once, and what was lost is told.
    fs::remove_dir(place.path()).unwrap();
    audit.available().await.unwrap();
    record(&audit, Code::ClientUnknown).await.unwrap();
    assert_eq!(audit.status().trouble, None);
    assert_eq!(place.kinds(), ["repair", "decision"]);
    assert!(place.text().contains("\"lost\":1"), "{}", place.text());
}

#[tokio::test]
async fn i21_what_is_torn_swallows_nothing() {
    // The process was killed in the middle of a record, or before the line end of a whole one.
    for torn in ["{\"audit\":1,\"time\":\"2026-\u{e9}", "{\"audit\":1}"] {
        let place = Place::new();
        place.write(2).await;
        let whole = place.text();
        fs::write(place.path(), format!("{whole}{torn}")).unwrap();
        let audit = place.open();
        record(&audit, Code::ClientUnknown).await.unwrap();
        assert!(audit.close(LONG).await);
        let kinds = place.kinds();
        assert_eq!(kinds[whole.lines().count()..][..3], ["torn", "repair", "start"], "{kinds:?}");
        assert_eq!(kinds.iter().filter(|kind| *kind == "decision").count(), 3);
        assert_eq!(place.findings(&place.text()), []);
        // What does not fit the repair is no torn line.
        let other = place.text().replace(torn, "{\"audit\":");
        let line = whole.lines().count() + 1;
        assert_eq!(place.findings(&other), [("not_a_record", line)]);
    }
}

/// What nobody reads is full one day.
fn unread(config: &AuditConfig) -> (Audit, PipeReader) {
    let (reader, writer) = io::pipe().unwrap();
    let output = Output::Stream(std::os::fd::OwnedFd::from(writer).into(), Vec::new());
    (Audit::start(output, None, config, Seal::default()).unwrap(), reader)
}

#[tokio::test]
async fn i20_an_output_that_nobody_reads_refuses_in_time_and_ends() {
    let (audit, mut reader) = unread(&AuditConfig::default());
    let audit = Arc::new(audit);
    let begun = Instant::now();
    let mut written = 0;
    // A pipe has 64 KiB.
    let refused = loop {
        match record(&audit, Code::ClientUnknown).await {
            Ok(_) => written += 1,
            Err(code) => break code,
        }
        assert!(written < 10_000);
    };
    assert_eq!(refused, Code::AuditUnavailable);
    assert!(begun.elapsed() < AUDIT_WAIT * 3);
    // From here on nobody waits.
    let begun = Instant::now();
    for _ in 0..1000 {
        assert_eq!(record(&audit, Code::ClientUnknown).await, Err(Code::AuditUnavailable));
        assert!(
            audit.available().await.is_err_and(|refusal| refusal.code() == Code::AuditUnavailable)
        );
    }
    assert!(begun.elapsed() < AUDIT_WAIT, "{:?}", begun.elapsed());
    assert!(audit.status().trouble.is_some_and(|trouble| trouble.contains("nobody reads")));
    // Somebody reads: it goes on, and no record is lost. Those whose callers were refused say so.
    let reading = std::thread::spawn(move || {
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        text
    });
    while audit.available().await.is_err() {
        tokio::task::yield_now().await;
    }
    record(&audit, Code::ClientUnknown).await.unwrap();
    assert!(audit.close(LONG).await);
    drop(audit);
    let text = reading.join().unwrap();
    let sent = text
        .lines()
        .filter(|line| line.contains("client_unknown") && !line.contains("\"unsent\":true"));
    // The one that was in the middle of its write is there, though its caller was refused.
    let sent = sent.count();
    assert!((written + 1..=written + 2).contains(&sent), "{sent} of {written}");
}

#[tokio::test]
async fn i20_closing_waits_for_nobody_for_ever() {
    let (audit, _reader) = unread(&AuditConfig::default());
    while record(&audit, Code::ClientUnknown).await.is_ok() {}
    assert!(!audit.close(Duration::from_millis(10)).await);
    assert_eq!(record(&audit, Code::ClientUnknown).await, Err(Code::AuditUnavailable));
    let (audit, _reader) = unread(&AuditConfig::default());
    assert!(audit.close(AUDIT_CLOSE).await);
}

#[tokio::test]
async fn o1_a_flood_of_strangers_is_a_few_records_and_a_count() {
    let place = Place::new();
    let audit = place.open();
    let refusal = Refusal::new(Code::KeyUnknown);
    let decision = Decision {
        time: system_clock()(),
        request_id: Uuid::nil(),
        source: Some("192.0.2.7".parse().unwrap()),
        policy_hash: "h",
        presented: None,
        facts: None,
        bound: None,
        exchanged: None,
        outcome: Err(&refusal),
    };
    let mut kept = 0;
    for _ in 0..5000 {
        kept += u64::from(audit.record(&decision).await == Ok(Kept::Written));
    }
    assert!(audit.close(LONG).await);
    let text = place.text();
    assert_eq!((kept, text.matches("\"code\":\"key_unknown\",").count()), (10, 11), "{text}");
    assert!(
        text.contains(r#"{"code":"key_unknown","counted":4990,"source":"192.0.2.7","written":10}"#),
        "{text}"
    );
    assert!(text.len() < 16 * 1024);
    assert_eq!(place.findings(&text), []);
}

#[tokio::test]
async fn a_chain_goes_on_after_a_start_and_over_files() {
    let place = Place::new();
    place.write(2).await;
    place.write(1).await;
    let kinds = ["start", "checkpoint", "decision", "decision", "stop", "checkpoint"];
    assert_eq!(place.kinds()[..6], kinds);
    assert_eq!(place.kinds().len(), 11);
    assert_eq!(place.findings(&place.text()), []);
    // The file was moved away while nothing ran: the next one begins a chain, and says what it follows.
    let (old, first) = (place.folder.path().join("old"), place.text());
    fs::rename(place.path(), old).unwrap();
    place.write(1).await;
    assert!(place.text().lines().next().unwrap().contains("\"follows\":{"));
    assert_eq!(place.findings(&format!("{first}{}", place.text())), []);
    // Cut between the two: what the second follows is not there.
    let cut: Vec<&str> = first.lines().collect();
    let cut = format!("{}\n{}", cut[..cut.len() - 2].join("\n"), place.text());
    assert_eq!(place.findings(&cut), [("missing", 10)]);
}

/// What is cut off at the end shows at the next start: the state folder knows how far the chain had come.
#[tokio::test]
async fn a_file_that_was_cut_begins_another_chain() {
    let place = Place::new();
    place.write(3).await;
    let text = place.text();
    let lines: Vec<&str> = text.lines().collect();
    fs::write(place.path(), format!("{}\n", lines[..4].join("\n"))).unwrap();
    // By itself the rest is good, but for what no checkpoint proves.
    assert_eq!(place.findings(&place.text()), []);
    place.write(1).await;
    assert_eq!(place.findings(&place.text()), [("missing", 5)]);
}

#[tokio::test]
async fn tampering_shows() {
    let place = Place::new();
    place.write(4).await;
    let text = place.text();
    // start, checkpoint, four decisions, stop, checkpoint
    let lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
    assert_eq!(lines.len(), 8);
    type Tamper = fn(&mut Vec<String>);
    let check = |tamper: Tamper, expect: &[(&'static str, usize)]| {
        let mut lines = lines.clone();
        tamper(&mut lines);
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        assert_eq!(place.findings(&text), expect, "{text}");
    };
    check(|_| {}, &[]);
    let change: Tamper = |lines| lines[3] = lines[3].replace("client_unknown", "client_unknowm");
    check(change, &[("changed", 5)]);
    check(|lines| drop(lines.remove(3)), &[("missing", 4)]);
    check(|lines| lines.swap(3, 4), &[("missing", 4), ("out_of_order", 5)]);
    check(|lines| lines.insert(4, lines[3].clone()), &[("out_of_order", 5)]);
    check(|lines| lines.insert(4, "{\"audit\":1}".to_owned()), &[("unchained", 5)]);
    check(|lines| lines.insert(4, "{}".to_owned()), &[("not_a_record", 5)]);
    // The last record of all can be changed, and the end cut off, where nothing follows; the start knows.
    check(|lines| lines.truncate(5), &[]);
    // Earlier files may be gone.
    check(|lines| drop(lines.drain(..3)), &[]);
    // A chain that is written anew, with the checkpoint that there was.
    let anew: Tamper = |lines| {
        lines[3] = lines[3].replace("client_unknown", "client_unknowm");
        for index in 4..lines.len() {
            let prev = chain::hash(lines[index - 1].as_bytes());
            let start = lines[index].find("\"prev\":\"").unwrap() + 8;
            lines[index].replace_range(start..start + 64, &prev);
        }
    };
    check(anew, &[("checkpoint_invalid", 8)]);
    // A checkpoint by another key, or another token of ours, proves nothing.
    let other = Place::new();
    let of_another = |typ: &str, keys: &SigningKeys| {
        let head = json::parse(lines[6].as_bytes()).unwrap();
        let head = Head::of_record(lines[6].as_bytes(), &head).unwrap();
        let claims = head.claims(NOW.seconds());
        keys.current().sign(typ, &claims).unwrap()
    };
    for (token, expect) in [
        (of_another(CHECKPOINT_TYPE, &place.keys), vec![]),
        (of_another("at+jwt", &place.keys), vec![("checkpoint_invalid", 8)]),
        (of_another(CHECKPOINT_TYPE, &other.keys), vec![("checkpoint_invalid", 8)]),
    ] {
        let mut lines = lines.clone();
        let start = lines[7].find("\"checkpoint\":\"").unwrap() + 14;
        let end = start + lines[7][start..].find('"').unwrap();
        lines[7].replace_range(start..end, &token);
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        assert_eq!(place.findings(&text), expect, "{token}");
    }
}

/// Whoever takes the checkpoints away to write the chain anew leaves more records without one than there ever are.
#[tokio::test]
async fn checkpoints_that_are_due_are_missed() {
    let place = Place::new();
    let mut head = Head::begin();
    let mut text = head.join(r#"{"audit":1,"kind":"start","checkpoint_every":300}"#, false);
    let checkpoint = |head: &mut Head| {
        let token =
            place.keys.current().sign(CHECKPOINT_TYPE, &head.claims(NOW.seconds())).unwrap();
        head.join(&format!(r#"{{"audit":1,"kind":"checkpoint","checkpoint":"{token}"}}"#), false)
    };
    text += &checkpoint(&mut head);
    let sealed = (head.clone(), text.clone());
    for _ in 0..1300 {
        text += &head.join(r#"{"audit":1}"#, false);
    }
    assert_eq!(place.findings(&text), [("checkpoint_missing", 2 + 1257)]);
    let (mut head, mut text) = sealed;
    text += &head.join(r#"{"audit":1,"time":"2026-11-24T12:00:00Z"}"#, false);
    text += &head.join(r#"{"audit":1,"time":"2026-11-24T12:05:30Z"}"#, false);
    assert_eq!(place.findings(&text), []);
    let late = head.join(r#"{"audit":1,"time":"2026-11-24T12:07:00Z"}"#, false);
    assert_eq!(place.findings(&(text + &late)), [("checkpoint_missing", 5)]);
    assert_eq!(
        place.findings(&Head::begin().join(r#"{"audit":1}"#, false)),
        [("checkpoint_missing", 0)]
    );
}
