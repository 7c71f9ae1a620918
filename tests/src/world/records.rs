//! What the issuer of a world wrote: its log and its audit records.

use std::fs;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Instant;

use super::log::{self, Record};
use super::replicas::locked;
use super::{LOG, POLL, World};

impl World {
    /// The issuer's record of the request `id`.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[must_use]
    pub fn record(&self, id: &str) -> Record {
        if let [replica] = &self.running.replicas[..] {
            return Record::all(&locked(replica).process().wait_for_line(id)).remove(0);
        }
        let deadline = Instant::now() + LOG;
        loop {
            let log = self.log();
            if let Some(line) = log.lines().find(|line| line.contains(id)) {
                return Record::all(line).remove(0);
            }
            assert!(Instant::now() < deadline, "no replica wrote `{id}`:\n{log}");
            thread::sleep(POLL);
        }
    }

    /// How many tokens the issuer says it minted. What it wrote before it answered may still be on its way here: the
    /// records of the tokens that [`World::exchange`] was given are waited for.
    #[must_use]
    pub fn minted(&self) -> usize {
        let told = || Record::all(&self.log()).iter().filter(|record| record.is_mint()).count();
        let deadline = Instant::now() + LOG;
        while told() < self.granted.load(Ordering::Relaxed) && Instant::now() < deadline {
            thread::sleep(POLL);
        }
        told()
    }

    /// Everything that the issuer has written.
    #[must_use]
    pub fn log(&self) -> String {
        self.running.log()
    }

    /// What Envoy before the replicas has written.
    #[must_use]
    pub fn envoy_log(&self) -> String {
        self.running.envoy_log()
    }

    /// Checks that the log is made of records and tells no secret. It is done at the end in any case.
    ///
    /// # Panics
    ///
    /// When it does not hold.
    pub fn check_log(&self) {
        let log = self.log();
        let _ = Record::all(&log);
        assert!(!log.contains("panicked"), "a handler panicked:\n{log}");
        let mut secrets = self.secrets.lock().expect("the secrets").clone();
        secrets.extend(self.private_keys());
        let leaked = log::leaked(&log, &secrets);
        assert!(leaked.is_empty(), "secrets in the log: {leaked:?}\n{log}");
        let audit = self.audit();
        let leaked = log::leaked(&audit, &secrets);
        assert!(leaked.is_empty(), "secrets in the audit: {leaked:?}\n{audit}");
        let audited = Record::all(&audit);
        for minted in Record::all(&log).iter().filter(|record| record.is_mint()) {
            let id = minted.text("request_id");
            let recorded = |record: &&Record| record.text("request_id") == id && record.is_mint();
            assert_eq!(audited.iter().filter(recorded).count(), 1, "{id} in the audit:\n{audit}");
        }
    }

    /// The audit records of the issuer.
    ///
    /// # Panics
    ///
    /// When there is no file of them.
    #[must_use]
    pub fn audit(&self) -> String {
        let names: &[&str] = match self.running.replicas.len() {
            1 => &["audit.jsonl"],
            _ => &["audit-a.jsonl", "audit-b.jsonl"],
        };
        let read = |name: &&str| fs::read_to_string(self.file(name)).expect("the audit records");
        names.iter().map(read).collect()
    }
}
