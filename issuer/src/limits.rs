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
