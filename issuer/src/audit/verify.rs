//! Whether the records of files are those that were written: what is missing, changed, moved or added.
//!
//! Links between records show every change but one that writes the rest of the chain anew. That shows at the next checkpoint,
//! which only the signing key can make. So what stands behind the last checkpoint is not proven, and is said to be so.

use super::chain::{CHECKPOINT_TYPE, Head};
use super::reading::{Item, kind, read};
use crate::decide::SIGNATURES;
use crate::limits::{AUDIT_BATCH_RECORDS, CHECKPOINT_RECORDS, CHECKPOINT_SLACK};
use credmint_core::jose::{JwkSet, UnverifiedJws};
use credmint_core::{Stop, UnixTime, json};
use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufRead};

/// Looks at files in the order in which they were written.
pub(crate) struct Verification<'a> {
    keys: &'a JwkSet,
    file: String,
    chains: BTreeMap<String, Chain>,
    pub(crate) records: u64,
    pub(crate) torn: u64,
    /// Records from before there were chains.
    pub(crate) unchained: u64,
    pub(crate) findings: Vec<Finding>,
}

/// What was seen of a chain.
struct Chain {
    first: u64,
    head: Head,
    /// Hashes of its checkpoints, by number: what a later chain can say that it follows.
    checkpoints: HashMap<u64, String>,
    /// The last good checkpoint: the number that it seals, and when.
    sealed: Option<(u64, i64)>,
    /// Records behind it, and the time of the first.
    unsealed: u64,
    open_since: Option<i64>,
    interval: Option<i64>,
    is_overdue_told: bool,
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) file: String,
    pub(crate) line: usize,
    /// What kind it is: a stable word.
    pub(crate) what: &'static str,
    /// In words.
    pub(crate) text: String,
}

/// A chain, for the answer.
pub(crate) struct ChainSeen<'a> {
    pub(crate) chain: &'a str,
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// The last record that a good checkpoint proves, and its time.
    pub(crate) sealed: Option<(u64, UnixTime)>,
}

impl<'a> Verification<'a> {
    /// Nothing is looked at yet. Checkpoints are to be signed with one of these keys.
    pub(crate) fn new(keys: &'a JwkSet) -> Self {
        Self {
            keys,
            file: String::new(),
            chains: BTreeMap::new(),
            records: 0,
            torn: 0,
            unchained: 0,
            findings: Vec::new(),
        }
    }

    /// Looks at a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn file(&mut self, name: &str, input: impl BufRead) -> io::Result<()> {
        name.clone_into(&mut self.file);
        read(input, |line, item| match item {
            Item::Torn => self.torn += 1,
            Item::Other(why) => self.find(line, "not_a_record", why),
            Item::Record(text, record) => {
                self.records += 1;
                match Head::of_record(&text, &record) {
                    Some(head) => self.record(line, &record, head),
                    None if self.chains.is_empty() => self.unchained += 1,
                    None => self.find(line, "unchained", "a record that is in no chain".to_owned()),
                }
            }
        })
    }

    /// Says of chains without any proof that they have none. After the last file.
    pub(crate) fn finish(&mut self) {
        let unproven: Vec<String> = self
            .chains
            .iter()
            .filter(|(_, chain)| chain.sealed.is_none())
            .map(|(id, chain)| {
                format!("no checkpoint proves the chain {id} ({} records)", chain.unsealed)
            })
            .collect();
        for text in unproven {
            self.find(0, "checkpoint_missing", text);
        }
    }

    /// The chains, by their ids.
    pub(crate) fn chains(&self) -> impl Iterator<Item = ChainSeen<'_>> {
        self.chains.iter().map(|(id, chain)| ChainSeen {
            chain: id,
            first: chain.first,
            last: chain.head.seq,
            sealed: chain.sealed.map(|(seq, at)| (seq, UnixTime::from_seconds(at))),
        })
    }

    fn find(&mut self, line: usize, what: &'static str, text: String) {
        self.findings.push(Finding { file: self.file.clone(), line, what, text });
    }

    fn record(&mut self, line: usize, record: &json::Value, head: Head) {
        self.follows(line, record);
        let prev = record.get("prev").and_then(json::Value::as_str).unwrap_or_default();
        let Some(chain) = self.chains.get(&head.chain) else {
            // Full files are deleted one day: that earlier records are not here says nothing.
            self.chains.insert(head.chain.clone(), Chain::begin(record, head));
            return;
        };
        let known = chain.head.clone();
        match known.seq.checked_add(1) {
            Some(next) if head.seq == next && prev == known.hash => {}
            Some(next) if head.seq == next => {
                let text = format!(
                    "record {} was changed, or the link of record {next} to it: their hashes differ",
                    known.seq
                );
                self.find(line, "changed", text);
            }
            Some(next) if head.seq > next => {
                let text = format!("records {next} to {} are missing", head.seq - 1);
                self.find(line, "missing", text);
            }
            _ => {
                let text = format!(
                    "record {} stands behind record {}: it was moved, or added",
                    head.seq, known.seq
                );
                return self.find(line, "out_of_order", text);
            }
        }
        if kind(record) == "checkpoint" {
            let (chain, hash) = (head.chain.clone(), prev.to_owned());
            let before = Head { chain, seq: head.seq - 1, hash };
            if let Err(text) = self.checkpoint(record, &before) {
                self.find(line, "checkpoint_invalid", text);
            }
        }
        self.advance(line, record, head);
    }

    /// Takes a record as the last of its chain, and asks whether a checkpoint should have come before it.
    fn advance(&mut self, line: usize, record: &json::Value, head: Head) {
        let Some(chain) = self.chains.get_mut(&head.chain) else { return };
        if kind(record) == "checkpoint" {
            chain.checkpoints.insert(head.seq, head.hash.clone());
        } else {
            chain.unsealed += 1;
        }
        chain.learn(record);
        chain.head = head;
        let time = time_of(record);
        let too_many = chain.unsealed > CHECKPOINT_RECORDS + AUDIT_BATCH_RECORDS as u64;
        let too_long = match (chain.open_since, time, chain.interval) {
            (Some(since), Some(now), Some(interval)) => now - since > interval + CHECKPOINT_SLACK,
            _ => false,
        };
        if chain.open_since.is_none() && kind(record) != "checkpoint" {
            chain.open_since = time;
        }
        if (too_many || too_long) && !chain.is_overdue_told {
            chain.is_overdue_told = true;
            let text = format!(
                "{} records stand without the checkpoint that is due: it was taken away, or the key could not sign",
                chain.unsealed
            );
            self.find(line, "checkpoint_missing", text);
        }
    }

    /// Judges a checkpoint that says `before` is the record before it, or says what is wrong with it.
    fn checkpoint(&mut self, record: &json::Value, before: &Head) -> Result<(), String> {
        let token = record.get("checkpoint").and_then(json::Value::as_str).unwrap_or_default();
        let claims =
            self.proven(token).map_err(|why| format!("its signature proves nothing: {why}"))?;
        match Head::of_claims(&claims) {
            Some(head) if head == *before => {}
            Some(head) => {
                return Err(format!(
                    "it proves another record {} than the one before it, number {}: records were changed and the chain was written anew",
                    head.seq, before.seq
                ));
            }
            None => return Err("it does not say what it proves".to_owned()),
        }
        let at = claims.get("iat").and_then(json::Value::as_integer).unwrap_or_default();
        if let Some(chain) = self.chains.get_mut(&before.chain) {
            chain.sealed = Some((before.seq, at));
            (chain.unsealed, chain.open_since, chain.is_overdue_told) = (0, None, false);
        }
        Ok(())
    }

    fn proven(&self, token: &str) -> Result<json::Object, String> {
        let jws = UnverifiedJws::parse(token).map_err(|refusal| refusal.to_string())?;
        let proven = jws.verify(self.keys, SIGNATURES).map_err(|stop| match stop {
            Stop::Refused(refusal) => refusal.to_string(),
            Stop::Wanting(_) => "it was not checked".to_owned(),
        })?;
        if proven.typ() != Some(CHECKPOINT_TYPE) {
            return Err(format!("its typ is not {CHECKPOINT_TYPE}"));
        }
        proven.claims().map_err(|refusal| refusal.to_string())
    }

    /// A start that says which chain was there before: is all of that here?
    fn follows(&mut self, line: usize, record: &json::Value) {
        let Some(json::Value::Object(follows)) = record.get("follows") else { return };
        let Some(head) = Head::of_claims(follows) else { return };
        let Some(before) = self.chains.get(&head.chain) else { return };
        if before.head.seq < head.seq {
            let (from, to) = (before.head.seq + 1, head.seq);
            let text = format!("records {from} to {to} of the chain {} are missing", head.chain);
            self.find(line, "missing", text);
        } else if before.checkpoints.get(&head.seq).is_some_and(|hash| *hash != head.hash) {
            let text = format!("record {} of the chain {} was changed", head.seq, head.chain);
            self.find(line, "changed", text);
        }
    }
}

impl Chain {
    /// A chain of which this is the first record among the files.
    fn begin(record: &json::Value, head: Head) -> Self {
        let mut chain = Self {
            first: head.seq,
            head,
            checkpoints: HashMap::new(),
            sealed: None,
            unsealed: 1,
            open_since: time_of(record),
            interval: None,
            is_overdue_told: false,
        };
        chain.learn(record);
        chain
    }

    /// How often the process that writes makes checkpoints.
    fn learn(&mut self, record: &json::Value) {
        if kind(record) == "start" {
            self.interval = record.get("checkpoint_every").and_then(json::Value::as_integer);
        }
    }
}

fn time_of(record: &json::Value) -> Option<i64> {
    let time = record.get("time").and_then(json::Value::as_str)?;
    UnixTime::from_rfc3339(time).map(UnixTime::seconds)
}
