//! Every number that bounds work or waiting in the service and the command, with its reason. Those of the verification are
//! the core's.

use std::time::Duration;

use credmint_core::limits;

/// The longest that one request may take: a fetch of discovery and keys, and room for a busy machine. The
/// compatible client gives up after 10 s.
pub(crate) const REQUEST_TIME: Duration = Duration::from_secs(9);

/// A proof up to this size is judged by the thread that read it: twice what stock clients send. In it the core's budgets of
/// signatures and names come to a few milliseconds at the most.
pub(crate) const DECIDED_AT_ONCE_BYTES: usize = 16 * 1024;

/// Certificates of authorities whose signatures are remembered, in each of two generations: more than the intermediates
/// of the largest private authorities, in half a megabyte.
pub(crate) const KNOWN_AUTHORITIES: usize = 4096;

/// Bytes of a body that is too large which are read all the same, so that its sender reads the answer: who
/// is still sending when the connection ends may never see it.
pub(crate) const DISCARDED_BYTES: usize = 8 * limits::REQUEST_BYTES;

/// The most bytes of one record. The facts of the largest token have room; what would be larger is written without
/// them.
pub(crate) const RECORD_BYTES: usize = 64 * 1024;

/// A decision waits for its record no longer than this; then it is refused. A write takes a millisecond, on a busy disk a
/// hundred.
pub(crate) const AUDIT_WAIT: Duration = Duration::from_secs(2);

/// Records that wait for the writer: more than the requests that can be under way.
pub(crate) const AUDIT_QUEUE_RECORDS: usize = 4096;

/// Bytes of those records, so that the largest of them cannot take all memory.
pub(crate) const AUDIT_QUEUE_BYTES: usize = 16 * 1024 * 1024;

/// Records of one write: enough that the cost of a write is that of its bytes.
pub(crate) const AUDIT_BATCH_RECORDS: usize = 256;

/// Between two attempts to write when the last one failed and nobody asks.
pub(crate) const AUDIT_RETRY: Duration = Duration::from_secs(1);

/// At the end, for the records that wait and the last checkpoint.
pub(crate) const AUDIT_CLOSE: Duration = Duration::from_secs(5);

/// Between two looks at a pipe that takes nothing and does not block.
pub(crate) const PIPE_RETRY: Duration = Duration::from_millis(10);

/// Full audit files that are kept where the configuration does not say.
pub(crate) const AUDIT_FILES_KEPT: usize = 10;

/// The smallest audit file that is full: several records of the largest size.
pub(crate) const ROTATE_BYTES_LEAST: u64 = 1024 * 1024;

/// Records between two signed checkpoints: what can be changed unseen, at the end of a chain, is bounded by it.
pub(crate) const CHECKPOINT_RECORDS: u64 = 1000;

/// The same in time, where the configuration does not say.
pub(crate) const CHECKPOINT_EVERY: Duration = Duration::from_secs(300);

/// Seconds by which the times of records and checkpoints may differ though all is well: the deadline of a request, and clocks
/// that are set.
pub(crate) const CHECKPOINT_SLACK: i64 = 60;

/// Refusals before a good signature that are written, of one code and source in one period, where the configuration does not
/// say. More of them say no more than their number.
pub(crate) const REFUSALS_PER_SOURCE: u64 = 10;

/// That period.
pub(crate) const SAMPLING_PERIOD: Duration = Duration::from_secs(60);

/// Codes and sources of which the first refusals are written in one period; those of all others are counted by their code. With
/// ten of each that is 170 records a second at most, a hundred KiB.
pub(crate) const SAMPLED_SOURCES: usize = 1024;

/// Rows of one summary: with the longest names they are half of the largest record.
pub(crate) const SUMMARY_ROWS: usize = 250;

/// Records of the log that wait to be written.
pub(crate) const LOG_QUEUE_RECORDS: usize = 8192;

/// Bytes of them.
pub(crate) const LOG_QUEUE_BYTES: usize = 8 * 1024 * 1024;

/// At the end, for work that is on threads of its own.
pub(crate) const RUNTIME_CLOSE: Duration = Duration::from_secs(1);

/// At the end, for the records of the log that wait.
pub(crate) const LOG_CLOSE: Duration = Duration::from_secs(1);

/// How often it is tried whether the parts of the service are ready, whoever asks.
pub(crate) const READINESS_EVERY: Duration = Duration::from_secs(1);

/// A part that does not answer for so long is not ready. Probes of orchestrators wait a few seconds.
pub(crate) const READINESS_WAIT: Duration = Duration::from_secs(2);

/// Between two signs of life of the threads that serve requests.
pub(crate) const HEARTBEAT_EVERY: Duration = Duration::from_millis(500);

/// Threads that give none for so long do not come back: a restart is due.
pub(crate) const HEARTBEAT_LATE: Duration = Duration::from_secs(30);

/// Between two times at which observations are summed up, whether somebody reads metrics or not.
pub(crate) const METRICS_EVERY: Duration = Duration::from_secs(5);

/// Connections to the operations listener at once: a few programs and people.
pub(crate) const OPERATIONS_CONNECTIONS: usize = 64;

/// For a request to the operations listener, from its first byte to the last of the answer.
pub(crate) const OPERATIONS_HEAD: Duration = Duration::from_secs(10);

/// Characters of the token of the operations listener, so that it cannot be guessed.
pub(crate) const OPERATIONS_TOKEN_BYTES: usize = 32;

/// The head of a request. Proofs come in the body; the largest head is a proxy's, with a few KiB.
pub(crate) const HEAD_BYTES: usize = 16 * 1024;

/// The same of a request that a trusted proxy passes on, where certificates stand in the head: about what Envoy itself takes.
/// Eight usual certificates have half of that, percent-encoded.
pub(crate) const PROXY_HEAD_BYTES: usize = 64 * 1024;

/// Header fields of a request.
pub(crate) const HEADER_FIELDS: usize = 64;

/// For a handshake, from accepted to encrypted. A slow mobile link needs two seconds; workloads sit in data
/// centres.
pub(crate) const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);

/// Handshakes under way at once; more clients wait in the backlog of the system.
pub(crate) const HANDSHAKES: usize = 256;

/// Connections that wait at the socket of a proxy to be accepted: as many as the library lets wait at an address.
pub(crate) const SOCKET_BACKLOG: u32 = 1024;

/// Certificates of trusted proxies: those of a few, each in the middle of a renewal.
pub(crate) const PROXIES: usize = 64;

/// Keys held at once. A stock client's assertion is kept for about eleven minutes, so a million is 1,500
/// exchanges a second, in about 150 MB.
pub(crate) const CONSUMED_KEYS: u64 = 1_000_000;

/// Between two purges.
pub(crate) const PURGE_INTERVAL: Duration = Duration::from_secs(60);

/// Rows of one part of a purge, so that no request waits long behind it: about a tenth of a second in SQLite. Parts follow on
/// each other while there is more to do.
pub(crate) const PURGE_ROWS: u32 = 10_000;

/// Connections of one replica to a database server: one consumes, and one does all else.
pub(crate) const LEAST_CONNECTIONS: u32 = 2;

/// Two replicas with more would take all places of a server as it comes.
pub(crate) const MOST_CONNECTIONS: u32 = 100;

/// For a database to accept a connection and to say which one it is, when the process starts. A server that has just been
/// started recovers first.
pub(crate) const STORE_OPENING: Duration = Duration::from_secs(30);

/// For one statement at a database server. Ours take milliseconds; it is less than what a request waits, so that the server
/// says what took long.
pub(crate) const STATEMENT_TIME: Duration = Duration::from_secs(3);

/// The address of a database, with a password.
pub(crate) const DATABASE_ADDRESS_BYTES: usize = 4 * 1024;

/// A request waits for the database no longer than this; then it is refused.
pub(crate) const STORE_WAIT: Duration = Duration::from_secs(5);

/// Requests that wait for the store: ten seconds of work of a slow disk. Who comes later would not wait so long.
pub(crate) const STORE_QUEUE: usize = 4096;

/// Requests whose keys are consumed in one transaction: more would not make one faster, and all of them share its fate.
pub(crate) const STORE_BATCH: usize = 256;

/// Between two attempts to take the lock of a state directory from a process that stops: a fraction of what a client notices.
pub(crate) const LOCK_INTERVAL: Duration = Duration::from_millis(20);

/// Between two writes by which the store is checked, however often it is asked for.
pub(crate) const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// For one address to accept a connection: leaves time to try a second one.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Addresses of one name that are tried: a dual-stack host behind two balancers has four.
pub(crate) const ADDRESSES: usize = 4;

/// Bytes of the answer's head. Real ones are under 4 KiB.
pub(crate) const ANSWER_HEAD_BYTES: usize = 16 * 1024;

/// Header fields of an answer. Real ones have about 25.
pub(crate) const ANSWER_HEADER_FIELDS: usize = 64;

/// Seconds for which a replica signs without hearing of the store: a day to repair it.
pub(crate) const SIGN_LEASE: i64 = 86_400;

/// With fewer seconds left, the time until which a key signs is put off: twice a day, and half a day to do it in.
pub(crate) const SIGN_LEASE_RENEWED: i64 = 43_200;

/// Seconds from published to signing, at least: beyond what caches keep key sets for, `KEYS_STALE_MAX` of the core and the five
/// minutes of `Cache-Control` of ours.
pub(crate) const PUBLISH_BEFORE_MIN: i64 = 900;

/// The same at most: with a day and more nobody knows what a rotation waits for.
pub(crate) const PUBLISH_BEFORE_MAX: i64 = 86_400;

/// Seconds between two rotations, at least: a key is published for two days after it where tokens live for one, so there are
/// some five of an algorithm at once.
pub(crate) const ROTATE_EVERY_MIN: i64 = 43_200;

/// Keys that are published at once, after which no rotation makes another: half of what a verifier of ours takes of a set.
pub(crate) const PUBLISHED_KEYS: usize = 32;

/// The same at most, ten years: who wants no rotation says `never`.
pub(crate) const ROTATE_EVERY_MAX: i64 = 315_360_000;

/// Seconds after which a replica that says nothing is not waited for: as long as verifiers keep what it published.
pub(crate) const REPLICA_LIVE: i64 = 900;

/// Seconds after which its row is deleted.
pub(crate) const REPLICA_FORGOTTEN: i64 = 86_400;

/// Seconds to wait for replicas when nothing can sign until they have published a key: five times what they take to notice.
pub(crate) const URGENT_KEY_WAIT: i64 = 10;

/// Bytes of a key-encryption key: what AES-256 takes.
pub(crate) const SEALING_KEY_BYTES: usize = 32;

/// Between two looks at the version of the signing keys: it is one row, and a command is noticed within seconds.
pub(crate) const KEY_LOOK: Duration = Duration::from_secs(2);

/// Seconds after which the life of the keys is looked at whether something has changed or not.
pub(crate) const KEY_TURN: i64 = 60;

/// How often a change of the keys is tried while others change them: more than replicas start at once.
pub(crate) const KEY_ROUNDS: usize = 32;

/// A key file is larger than no real one: RSA with 4096 bits has 2.4 KiB.
pub(crate) const KEY_FILE_BYTES: usize = 8 * 1024;

/// A secret that is sent to a key source: bearer tokens of clusters have 1 to 2 KiB.
pub(crate) const CREDENTIAL_FILE_BYTES: usize = 16 * 1024;

/// A private key in PEM, with what other programs write around it. RSA with 4096 bits has 3.3 KiB.
pub(crate) const PRIVATE_KEY_BYTES: usize = 64 * 1024;

/// Files of a folder: ten thousand teams have better tools.
pub(crate) const FILES: usize = 10_000;

/// Nesting: the core's sixteen levels of a policy under `policy:`.
pub(crate) const YAML_DEPTH: usize = 17;

/// Names, values, lists and maps of one file: ten thousand clients with a hundred each, twice over.
pub(crate) const YAML_NODES: usize = 2_000_000;

/// A configuration, or a file that it includes: ten thousand clients take about six.
pub(crate) const CONFIGURATION_BYTES: u64 = 16 * 1024 * 1024;

/// All included files together, so that a list of a thousand includes is not a thousand times that.
pub(crate) const INCLUDED_BYTES: usize = 64 * 1024 * 1024;

/// Longest line: a message of the largest size in base64 beside certificates and key sets, many times over.
pub(crate) const LINE_BYTES: u64 = 16 * 1024 * 1024;

/// Bytes that are read at once.
pub(crate) const BUFFER_BYTES: usize = 64 * 1024;

/// Rounds in which files of teams are set aside: the first finds nearly all, the others what those had hidden.
pub(crate) const SET_ASIDE_ROUNDS: usize = 16;

/// Between two looks at the files of the configuration. A change is taken up when two looks have found the same.
pub(crate) const RELOAD_LOOK: Duration = Duration::from_secs(2);

/// Between two reloads at least, whatever asks for them; after one that took longer, as long as it took.
pub(crate) const RELOAD_PAUSE: Duration = Duration::from_millis(100);

/// After a refused reload it is tried again, though no file that is known has changed: one that is not known may have.
pub(crate) const RELOAD_RETRY: Duration = Duration::from_secs(30);

/// How often files are read again when they change while they are read.
pub(crate) const RELOAD_READS: usize = 3;

/// Errors of a refused reload that are kept to be shown, and the characters of each.
pub(crate) const RELOAD_ERRORS: usize = 32;

/// Sources that are asked at once before anybody needs them.
pub(crate) const WARMED_AT_ONCE: usize = 16;

/// Columns of what is written elsewhere than to a terminal: what fits into a window and into a report of a problem.
pub(crate) const COLUMNS: usize = 100;

/// Columns of the narrowest terminal that is heeded: below them further lines say nothing more clearly.
pub(crate) const COLUMNS_LEAST: usize = 40;
