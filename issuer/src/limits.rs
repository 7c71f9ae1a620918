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
pub(crate) const PIPE_RETRY: Duration = Duration::from_secs(1);

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
pub(crate) const HEARTBEAT_EVERY: Duration = Duration::from_secs(1);

/// Threads that give none for so long do not come back: a restart is due.
pub(crate) const HEARTBEAT_LATE: Duration = Duration::from_secs(30);

/// Between two times at which observations are summed up, whether somebody reads metrics or not.
pub(crate) const METRICS_EVERY: Duration = Duration::from_secs(5);

/// Characters of the token of the operations listener, so that it cannot be guessed.
pub(crate) const OPERATIONS_TOKEN_BYTES: usize = 32;

/// The head of a request. Proofs come in the body; the largest head is a proxy's, with a few KiB.
pub(crate) const HEAD_BYTES: usize = 16 * 1024;

/// The same of a request that a trusted proxy passes on, where certificates stand in the head: about what Envoy itself takes.
/// Eight usual certificates have half of that, percent-encoded.
pub(crate) const PROXY_HEAD_BYTES: usize = 64 * 1024;

/// Header fields of a request.
pub(crate) const HEADER_FIELDS: usize = 64;

/// Connections at once, unless `server.limits` says otherwise. Each may hold a body that is too large, half a megabyte.
pub(crate) const CONNECTIONS: usize = 1024;

/// Those of one address, or of one IPv6 network of 64 bits: a quarter, so that one address alone never has them all.
pub(crate) const CONNECTIONS_AN_ADDRESS: usize = 256;

/// Connections over the limit that are told so at once. More are ended without a word.
pub(crate) const TURNED_AWAY: usize = 128;

/// Those of one address.
pub(crate) const TURNED_AWAY_AN_ADDRESS: usize = 16;

/// For a handshake, from accepted to encrypted, the header of a balancer included. A slow mobile link needs two seconds;
/// workloads sit in data centres.
pub(crate) const HANDSHAKE_TIME: Duration = Duration::from_secs(5);

/// Handshakes that one address may begin in a second. Each costs about as much as an exchange: this many take a tenth of a core.
pub(crate) const HANDSHAKE_RATE: u32 = 200;

/// Handshakes of one address at once, after a pause: a cluster behind one address that starts.
pub(crate) const HANDSHAKE_BURST: u32 = 1000;

/// For the head of a request, from the first moment of a connection, or from its first byte.
pub(crate) const HEAD_TIME: Duration = Duration::from_secs(5);

/// From an answer to the first byte of the next request. Idle connections cost little, and end when places are short;
/// proxies keep theirs for a minute.
pub(crate) const IDLE_TIME: Duration = Duration::from_secs(60);

/// For the body of a request, from its head: 4 KiB a second for the largest one, a hundred times the pace of a modem for a usual one.
pub(crate) const BODY_TIME: Duration = Duration::from_secs(5);

/// For the client to take an answer, from the moment at which it takes no more.
pub(crate) const WRITE_TIME: Duration = Duration::from_secs(5);

/// After this a connection takes no further request, so that a change of the server or of a balancer reaches everybody in
/// that time.
pub(crate) const CONNECTION_AGE: Duration = Duration::from_secs(300);

/// After the order to stop, for decisions that are under way: as long as the longest may take, and its answer.
pub(crate) const DRAIN_TIME: Duration = Duration::from_secs(10);

/// After the order to stop, for connections that were just accepted, and requests that cross the order: a way across a
/// continent and back, twice.
pub(crate) const SETTLE_TIME: Duration = Duration::from_millis(300);

/// After that, for requests whose body is still coming, and for answers that are not taken.
pub(crate) const DRAIN_SLOW: Duration = Duration::from_secs(1);

/// How often it is looked at who that is.
pub(crate) const DRAIN_TICK: Duration = Duration::from_millis(50);

/// For the store, when the process before this one has handed its sockets over: its whole drain, and what it closes.
pub(crate) const HAND_OVER_WAIT: Duration = Duration::from_secs(60);

/// Between two attempts to accept a connection when the system has no room for one.
pub(crate) const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// File descriptors beside those of connections: store, logs, fetches, listeners, with room.
pub(crate) const DESCRIPTORS: u64 = 256;

/// Bytes of a head that are read at once: a usual request as a whole.
pub(crate) const READ_BYTES: usize = 4 * 1024;

/// The rest of a PROXY header of version 2 behind its first 16 bytes: two addresses, and what balancers add.
pub(crate) const PROXY_HEADER_BYTES: usize = 2 * 1024;

/// The line of a PROXY header of version 1, with its end: what its specification allows.
pub(crate) const PROXY_LINE_BYTES: usize = 107;

/// Requests at once on one connection of HTTP/2.
pub(crate) const STREAMS: u32 = 64;

/// Requests that their client resets before they are taken up; then the connection ends.
pub(crate) const RESET_STREAMS: usize = 16;

/// Bytes of frames of HTTP/2 on one connection before a request is answered: the largest body, with room for heads.
pub(crate) const FRAME_BYTES: usize = DISCARDED_BYTES + 8 * HEAD_BYTES;

/// The same for each request that was answered.
pub(crate) const FRAME_BYTES_A_REQUEST: usize = limits::REQUEST_BYTES + HEAD_BYTES;

/// Bytes of a body of HTTP/2 that may be on their way before they are read.
pub(crate) const STREAM_WINDOW: u32 = 64 * 1024;

/// The same of all bodies of a connection.
pub(crate) const CONNECTION_WINDOW: u32 = 256 * 1024;

/// Bytes of answers of HTTP/2 that wait to be taken, for each request.
pub(crate) const SEND_BYTES: usize = 64 * 1024;

/// Requests of one source in a second, before anything of them is verified, unless `server.limits` says otherwise. At
/// this rate one address takes an eighth of a core.
pub(crate) const SOURCE_RATE: u32 = 500;

/// Requests of one source at once, after a pause.
pub(crate) const SOURCE_BURST: u32 = 2000;

/// Tokens of one client in a second, unless `server.limits` says otherwise: a thousand instances start in ten seconds.
pub(crate) const CLIENT_RATE: u32 = 100;

/// Tokens of one client at once, after a pause: all its instances start.
pub(crate) const CLIENT_BURST: u32 = 1000;

/// Counters of requests by source. Sources that fall into one share it, so their memory is bounded whoever comes: 512 KiB.
pub(crate) const SOURCE_COUNTERS: usize = 65_536;

/// Decisions that wait for a core, for each of them. What waits longer than this many others is told to come again at once, so
/// that what is taken up does not wait for long.
pub(crate) const DECISIONS_WAITING: usize = 32;

/// Seconds after which a client that was told to come again may.
pub(crate) const RETRY_AFTER: u64 = 1;

/// Forwarders and balancers that may be listed.
pub(crate) const FORWARDERS: usize = 64;

/// Days before its end from which a server certificate is warned of: authorities of the web renew a month before.
pub(crate) const CERTIFICATE_ENDS: i64 = 14 * 86_400;

/// How often it is looked at.
pub(crate) const CERTIFICATE_LOOK: Duration = Duration::from_secs(60);

/// Connections that wait in the system to be accepted. They do so for moments, or while one process takes over from another.
pub(crate) const BACKLOG: u32 = 1024;

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
