//! The table of metrics: one row is one metric.

/// What a metric is (OpenMetrics section 5).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// It only grows, and begins at zero with the process.
    Counter,
    /// It goes up and down.
    Gauge,
    /// How often a value fell into each of its buckets, which end at these values.
    Histogram(&'static [f64]),
}

impl Kind {
    /// The word of the exposition format.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The name, with its unit and, of counters, `_total` at the end.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// The names of its labels. Their values come from closed sets: nobody outside can make a further series.
    pub labels: &'static [&'static str],
    /// What it says, a sentence.
    pub help: &'static str,
}

/// A metric with `N` labels, so that a value for each is all that can be given.
#[derive(Clone, Copy)]
pub(super) struct Metric<const N: usize> {
    pub(super) name: &'static str,
    pub(super) labels: [&'static str; N],
}

/// Seconds, from what a signature takes to the deadline of a request.
const DURATIONS: &[f64] = &[
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
    5.0, 10.0,
];

/// Seconds since a proof was issued. Below zero is a proof of the future: one of the two clocks is wrong.
const AGES: &[f64] =
    &[-60.0, -30.0, -10.0, -5.0, -1.0, 0.0, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0];

/// Records of one write.
const BATCHES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

macro_rules! table {
    (@kind counter) => { Kind::Counter };
    (@kind gauge) => { Kind::Gauge };
    (@kind durations) => { Kind::Histogram(DURATIONS) };
    (@kind ages) => { Kind::Histogram(AGES) };
    (@kind batches) => { Kind::Histogram(BATCHES) };
    (@count $($label:literal)*) => { <[&str]>::len(&[$($label),*]) };
    ($($constant:ident $kind:ident $name:literal [$($label:literal)*] $help:literal;)*) => {
        $(#[doc = $help] pub(super) const $constant: Metric<{ table!(@count $($label)*) }> =
            Metric { name: $name, labels: [$($label),*] };)*

        /// Every metric, in the order of the page.
        pub const TABLE: &[Row] = &[
            $(Row { name: $name, kind: table!(@kind $kind), labels: &[$($label),*], help: $help },)*
        ];
    };
}

// constant, kind, name, labels, what it says
table! {
    // ── requests ──
    TOKEN_REQUESTS counter "credmint_token_requests_total" ["form" "proof" "verdict"]
        "Token requests, by their form and kind of proof (`none` of what could not be read) and by the verdict.";
    REFUSALS counter "credmint_refusals_total" ["code" "step" "fault"]
        "Refused token requests, by the code, step and fault of the table of refusals.";
    DECISION_SECONDS durations "credmint_decision_duration_seconds" ["verdict"]
        "How long the decision took, with every wait for keys in it.";
    SIGN_SECONDS durations "credmint_sign_duration_seconds" []
        "How long the signature of an access token took, with the wait for a core.";
    PROOF_AGE ages "credmint_proof_age_seconds" ["proof"]
        "The time of the decision less the `iat` of the proof, of proofs whose signature was good. Many below zero: this clock is behind, or that of an issuer ahead.";
    HTTP_SECONDS durations "http_server_request_duration_seconds" ["http_request_method" "http_route" "http_response_status_code"]
        "How long HTTP requests took, from their head to the answer.";
    HTTP_ACTIVE gauge "http_server_active_requests" []
        "HTTP requests that are being answered.";

    // ── connections and load ──
    CONNECTIONS gauge "credmint_http_connections" ["listener" "state"]
        "Open connections, by the listener and by what they do (`handshake`, `open`).";
    CONNECTIONS_REFUSED counter "credmint_http_connections_refused_total" ["listener" "reason"]
        "Connections that were not taken or were ended, by the bound that they met.";
    SHED counter "credmint_shed_requests_total" ["reason"]
        "Requests that were refused at once because there was too much work.";
    RATE_LIMITED counter "credmint_rate_limited_requests_total" ["by"]
        "Requests over a rate, by what is limited (`source` before signatures, `client` after a good one).";

    // ── store ──
    STORE_SECONDS durations "credmint_store_duration_seconds" ["operation"]
        "How long operations of the store took.";
    STORE_FAILURES counter "credmint_store_failures_total" ["operation"]
        "Operations of the store that failed.";
    CONSUMED gauge "credmint_store_consumed_proofs" []
        "Single-use proofs that are remembered.";

    // ── audit ──
    AUDIT_RECORDS counter "credmint_audit_records_total" ["kind"]
        "Records that were written, by their kind (`decision`, `summary`, `checkpoint`, `start`, `stop`, `repair`).";
    AUDIT_SUMMARISED counter "credmint_audit_summarised_total" ["code"]
        "Refusals before a good signature that are in a summary in place of a record of their own.";
    AUDIT_UNAVAILABLE counter "credmint_audit_unavailable_total" ["reason"]
        "Decisions that were refused because their record was not written: the queue was `full`, it came `late`, or the write `failed`.";
    AUDIT_QUEUE gauge "credmint_audit_queue_records" []
        "Records that wait for the writer.";
    AUDIT_SECONDS durations "credmint_audit_write_duration_seconds" []
        "How long one write took.";
    AUDIT_BATCH batches "credmint_audit_write_records" []
        "How many records one write had.";
    AUDIT_BYTES counter "credmint_audit_written_bytes_total" []
        "Bytes of records that were written.";
    AUDIT_ROTATIONS counter "credmint_audit_rotations_total" []
        "How often a file was full and the next was begun.";
    AUDIT_REPAIRS counter "credmint_audit_repairs_total" []
        "How often a line that was not whole was closed.";

    // ── log ──
    LOG_DROPPED counter "credmint_log_dropped_total" []
        "Records of the log that were dropped because nobody reads it fast enough.";

    // ── keys of outside issuers ──
    FETCHES counter "credmint_fetches_total" ["document" "outcome"]
        "Fetches of key sets, discovery documents and revocation lists, by what came of them (`taken`, `refused`, `failed`).";
    FETCH_SECONDS durations "credmint_fetch_duration_seconds" ["document"]
        "How long fetches took.";
    KEYS_AGE gauge "credmint_source_keys_age_seconds" ["source"]
        "How old what is held of a source of keys or of a revocation list is, from the start of its fetch. The sources are those of the policy.";
    KEYS_HELD gauge "credmint_source_keys" ["source"]
        "Keys that are held of a source; 0 before the first fetch.";
    KEYS_FAILED gauge "credmint_source_fetch_failing" ["source"]
        "1 when the last fetch from a source brought nothing.";

    // ── signing keys ──
    SIGNING_KEYS gauge "credmint_signing_keys" ["algorithm" "phase"]
        "Signing keys, by algorithm and by where they are in their life.";
    SIGNING_KEY_AGE gauge "credmint_signing_key_age_seconds" ["algorithm"]
        "How long the key that signs has existed.";

    // ── this process ──
    BUILD gauge "credmint_build_info" ["version"]
        "1, with the version of this build.";
    STARTED gauge "process_start_time_seconds" []
        "When the process started, as Unix time.";
    MEMORY gauge "process_resident_memory_bytes" []
        "Memory that the process holds.";
    DESCRIPTORS gauge "process_open_fds" []
        "Files and connections that are open.";
    READY gauge "credmint_ready" ["part"]
        "1 when this part is ready; a part at 0 makes `/readyz` 503.";
    HEARTBEAT gauge "credmint_heartbeat_age_seconds" []
        "How long ago the threads that serve requests last answered the operations thread.";
    RELOADS counter "credmint_reloads_total" ["outcome"]
        "Reloads of the configuration, by what came of them (`taken`, `refused`).";
    RELOADED gauge "credmint_reload_last_success_timestamp_seconds" []
        "When the configuration in use was loaded, as Unix time.";
    RELOAD_FAILING gauge "credmint_reload_failing" []
        "1 when the last reload was refused and the one before it is in use.";
    SET_ASIDE gauge "credmint_policy_files_set_aside" []
        "Files of teams that are not used as they are, because something is wrong with them.";
    CERTIFICATE_EXPIRY gauge "credmint_certificate_expiry_timestamp_seconds" ["listener"]
        "When the certificate of a listener expires, as Unix time.";
    ROOT_EXPIRY gauge "credmint_trust_root_expiry_timestamp_seconds" ["root"]
        "When a root expires, as Unix time, by its place in the policy: of roots that have expired or do so within 30 days.";
}
