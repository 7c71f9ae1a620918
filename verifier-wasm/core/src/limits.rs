//! Every number that bounds work, with its reason. Sizes are in bytes, times in seconds.
//!
//! A limit that is exceeded refuses with a code of its own; nothing is cut short in silence.

// ── Tokens and JSON ──
/// A compact JWS. Platform tokens are 1 to 4 KiB; Envoy's own header limit is 60 KiB.
pub const TOKEN_BYTES: usize = 16 * 1024;
/// A JOSE header after decoding. Real ones are under 200 bytes; with `x5c` they grow, and we use none.
pub const JOSE_HEADER_BYTES: usize = 4 * 1024;
/// A compact JWS with certificates in its header (`x5c`), where those are taken: [`JOSE_X5C_BYTES`] in base64, and claims.
pub const X5C_TOKEN_BYTES: usize = 32 * 1024;
/// A JOSE header with certificates: a leaf and three authorities, of 2 to 3 KiB each in base64.
pub const JOSE_X5C_BYTES: usize = 16 * 1024;
/// A `kid`. Thumbprints are 43 characters, URLs used as `kid` about 120.
pub const KID_BYTES: usize = 256;
/// Nesting of JSON objects and arrays. Kubernetes tokens need 4; each level costs stack.
pub const JSON_DEPTH: usize = 16;
/// Members of one JSON object. GitHub's tokens have about 35.
pub const JSON_MEMBERS_AN_OBJECT: usize = 256;
/// Members of objects and elements of arrays in one document together.
pub const JSON_MEMBERS: usize = 4096;
/// Members of one object of a trust policy: ten thousand bindings, ten times over.
pub const POLICY_MEMBERS_AN_OBJECT: usize = 100_000;
/// Members of a whole trust policy: what ten thousand bindings need, ten times over.
pub const POLICY_MEMBERS: usize = 1_000_000;
/// The largest integer that JavaScript and Rust both hold exactly: 2^53 - 1.
pub const JSON_INTEGER_MAX: i64 = 9_007_199_254_740_991;

// ── Issuer keys ──
/// A JWK set as text. Google's is 1 KiB, Azure's 30 KiB.
pub const JWKS_BYTES: usize = 256 * 1024;
/// Keys of one set. Azure publishes about 10.
pub const JWKS_KEYS: usize = 64;
/// Keys tried for a token that names none: a rotation has two, a slow one three.
pub const KEYS_TRIED: usize = 4;
/// Bytes of a modulus or coordinate by which a published private half finds its public half: shorter ones would be found by
/// chance.
pub const TELLING_BYTES: usize = 16;
/// Characters of a foreign media type that are repeated to the operator. Real ones have under 40.
pub const MEDIA_TYPE_SHOWN: usize = 64;
/// A discovery document. Real ones are 1 to 4 KiB.
pub const DISCOVERY_BYTES: usize = 64 * 1024;
/// A URL in a discovery document. Real ones are under 200 bytes; logs and caches hold it.
pub const URL_BYTES: usize = 2048;
/// Seconds that a discovery document counts as fresh: the address of the keys moves rarely, and a failure
/// there forgets it at once.
pub const DISCOVERY_FRESH: i64 = 3600;
/// Issuers with keys held at once.
pub const ISSUERS: usize = 10_000;
/// Seconds between two fetches that an unknown `kid` may cause, for one issuer.
pub const UNKNOWN_KID_COOL_DOWN: i64 = 30;
/// Seconds from which a key set that is in use is fetched anew, beside the requests: early enough for many attempts
/// before [`KEYS_STALE_MAX`].
pub const KEYS_REFRESH: i64 = 240;
/// Seconds that a fetched key set may serve, from the start of its fetch; after it, refusals. A removed key is refused
/// no later.
pub const KEYS_STALE_MAX: i64 = 600;
/// The longest time that a provider may have its fetched keys serve. So long is a key good that its issuer has removed.
pub const KEYS_STALE_LONGEST: i64 = 86_400;
/// Seconds between two attempts at a source that failed.
pub const FETCH_BACK_OFF: i64 = 10;
/// Seconds for one fetch, from resolving to the last byte of the body. The stock client gives a token request ten
/// seconds; a fetch on its way must leave time for the rest.
pub const FETCH_DEADLINE: i64 = 5;
/// Seconds by which a host may be late with the answer to a fetch that ran out of time.
pub const FETCH_GRACE: i64 = 2;
/// How often one request may wait for a fetch and ask again: discovery with its keys, one more for an unknown `kid`, and
/// two for races with other requests.
pub const FETCH_ROUNDS: usize = 4;
/// Seconds that one request may wait for fetches altogether: two whole ones, since it may come at the end of one.
pub const FETCH_WAIT: i64 = 15;
/// Requests that may wait for keys at an edge at once. Each holds its token, of at most [`TOKEN_BYTES`].
pub const WAITING: usize = 1024;

// ── Times ──
/// The earliest second that a working clock shows: 2020-01-01. A clock before it has not been set.
pub const CLOCK_EARLIEST: i64 = 1_577_836_800;
/// The second from which a clock is not believed: 2100-01-01. Milliseconds taken for seconds are far beyond it.
pub const CLOCK_LATEST: i64 = 4_102_444_800;
/// Clock skew allowed at every comparison of times, once.
pub const SKEW: i64 = 30;
/// The largest skew that a configuration may ask for.
pub const SKEW_MAX: i64 = 120;
/// Lifetime of a PCA assertion from `iat` to `exp`: what the stock client sends.
pub const PCA_ASSERTION_LIFETIME: i64 = 600;
/// Lifetime of an assertion of a client's own key unless the provider says otherwise: stock clients sign for 60 to 600 s.
pub const ASSERTION_LIFETIME: i64 = 600;
/// The longest lifetime of such an assertion that a provider may allow: what authlib and oauthlib sign. Each is remembered
/// for as long.
pub const ASSERTION_LIFETIME_MAX: i64 = 3600;
/// Lifetime of an OIDC token unless the provider says otherwise: Kubernetes projects up to 24 h, and Azure dates tokens of
/// 24 h back by five minutes.
pub const OIDC_LIFETIME: i64 = 86_700;
/// The longest lifetime of an OIDC token that a provider may allow: 400 days, no platform gives more.
pub const OIDC_LIFETIME_MAX: i64 = 34_560_000;
/// Lifetime of an access token unless the policy says otherwise; the stock client hands out expired
/// tokens when it is under 3000.
pub const ACCESS_TOKEN_LIFETIME: i64 = 3600;
/// The shortest access token lifetime that a policy may ask for: less is used up by clock skew.
pub const ACCESS_TOKEN_LIFETIME_MIN: i64 = 60;
/// The longest access token lifetime that a policy may ask for.
pub const ACCESS_TOKEN_LIFETIME_MAX: i64 = 86_400;
/// Age of a signed document: the stock client caches one for an hour and up to ten minutes more.
pub const DOCUMENT_MAX_AGE: i64 = 4500;

// ── Certificates ──
/// Certificates of one request, leaf included.
pub const CERTIFICATES: usize = 8;
/// One certificate. Real ones are 1 to 3 KiB.
pub const CERTIFICATE_BYTES: usize = 16 * 1024;
/// Text of a PEM field of a request: eight certificates in base64 with room for lenient spacing.
pub const PEM_BYTES: usize = 192 * 1024;
/// Characters from which a line of base64 around PEM blocks is more than a name.
pub const PEM_LINE_TELLING: usize = 16;
/// Certificates of a path between the leaf and the anchor, leaf included.
pub const PATH_DEPTH: usize = 6;
/// Signatures checked for one request.
pub const SIGNATURES: usize = 32;
/// Passes of one request in which a back end defers: each brings the answer to the first check that was open, and no pass
/// has more than [`SIGNATURES`].
pub const SIGNATURE_ROUNDS: usize = SIGNATURES;
/// Answers about signatures that are held for one request: a round asks together for the links of a path, for a list
/// about each of its certificates, or for the keys of a token, and the first two are [`PATH_DEPTH`].
pub const SIGNATURE_ANSWERS: usize = SIGNATURE_ROUNDS * PATH_DEPTH;
/// Candidate links looked at for one request.
pub const PATH_STEPS: usize = 1_000;
/// Names of one certificate: subject parts and alternative names together.
pub const NAMES: usize = 256;
/// Extensions of one certificate.
pub const EXTENSIONS: usize = 64;
/// Name constraints of one certificate, permitted and excluded together. An authority that is bound to a
/// company has a handful.
pub const NAME_CONSTRAINTS: usize = 64;
/// Comparisons of a name with a constraint, for all paths of one request: what 1,024 names under 64 constraints
/// need. A real path needs under a hundred.
pub const NAME_COMPARISONS: usize = 65_536;
/// Policies of one certificate, and mappings of one certificate. The bridges of governments have about thirty.
pub const POLICIES: usize = 128;
/// Policies on all levels of one path. A path of the largest bridges needs about two hundred.
pub const PATH_POLICIES: usize = 2_048;

// ── Revocation lists ──
/// Distribution points of one certificate. Real ones have one or two.
pub const DISTRIBUTION_POINTS: usize = 16;
/// Names of one distribution point, of a certificate or a list. Real ones have one or two; AD CS writes an LDAP and a web
/// address. They are compared with each other before anybody knows who signed the list.
pub const DISTRIBUTION_POINT_NAMES: usize = 16;
/// The issuingDistributionPoint of a list. Real ones are under 500 bytes.
pub const DISTRIBUTION_POINT_BYTES: usize = 8 * 1024;
/// One revocation list. A private authority with fifty thousand revocations is at 2 MiB; what is larger belongs in
/// parts (issuingDistributionPoint).
pub const CRL_BYTES: usize = 2 * 1024 * 1024;
/// Text of a revocation list: base64 of [`CRL_BYTES`] with line breaks and armour.
pub const CRL_TEXT_BYTES: usize = 3 * 1024 * 1024;
/// Entries of one revocation list: what [`CRL_BYTES`] hold with serial numbers of usual size. Each costs 32 bytes
/// of memory.
pub const CRL_ENTRIES: usize = 65_536;
/// Seconds from which a revocation list that is in use is fetched anew, beside the requests.
pub const CRL_REFRESH: i64 = 720;
/// Seconds that a fetched revocation list is used before a request waits for a newer one: how late a revocation may be
/// seen here, beside what its authority takes to publish it.
pub const CRL_FRESH: i64 = 900;
/// Seconds between two fetches of a list whose source still has one that is past its nextUpdate.
pub const CRL_COOL_DOWN: i64 = 60;
/// Addresses of revocation lists held at once. Each list may have [`CRL_BYTES`].
pub const CRL_SOURCES: usize = 256;
/// Revocation lists of one provider or question: four authorities, each in two parts with an overlap of two.
pub const CRLS: usize = 16;
/// Signatures of fetched lists without a known signer that one request checks, shared by their addresses, each of which has
/// one: of the [`SIGNATURES`] of a request, those of its path and its proof must be left to it whatever somebody sends in the
/// place of an authority.
pub const CRLS_UNVERIFIED: usize = 8;
/// Seconds that a fetched list waits for its signer to be known when the source no longer says it: a request in any quarter of
/// an hour finds it.
pub const CRL_UNVERIFIED_AGE: i64 = 2 * CRL_FRESH;
/// Bytes of the fetched lists of one address whose signer is not known yet: two answers of the largest size.
pub const CRL_UNVERIFIED_BYTES: usize = 2 * CRL_TEXT_BYTES;
/// Lists whose edition is remembered so that no earlier one comes back: what all addresses keep at once.
pub const CRL_FLOORS: usize = CRL_SOURCES * CRLS;

// ── Messages (CMS) ──
/// A CMS message. Cloud documents are about 1 to 2 KiB, with a chain 6 KiB.
pub const CMS_BYTES: usize = 64 * 1024;
/// Text of a CMS field of a request: base64 of [`CMS_BYTES`] with line breaks and armour.
pub const CMS_TEXT_BYTES: usize = 96 * 1024;
/// Nesting of BER values. A cloud document needs 8.
pub const BER_DEPTH: usize = 16;
/// Values in one BER message; bounds the work of the normaliser.
pub const BER_VALUES: usize = 4_096;
/// Segments of constructed OCTET STRINGs in one message. EC2 sends one or two.
pub const BER_SEGMENTS: usize = 1_024;
/// The signed content of an instance document. Real ones are under 1 KiB.
pub const DOCUMENT_BYTES: usize = 8 * 1024;

// ── Expressions ──
/// Source text of an expression: what the compatible service allows.
pub const EXPRESSION_BYTES: usize = 10_240;
/// Nesting of an expression: each level costs stack.
pub const EXPRESSION_DEPTH: usize = 32;
/// Height of the tree of an expression: each level of nesting brings up to four.
pub const EXPRESSION_HEIGHT: usize = 128;
/// Nodes of one expression.
pub const EXPRESSION_NODES: usize = 2_048;
/// Steps of one evaluation.
pub const EXPRESSION_STEPS: usize = 10_000;
/// Characters of a token that a message about an expression repeats: enough to find it.
pub const EXPRESSION_SHOWN: usize = 40;
/// Bytes of a string made by an expression; a longer `sub` is of no use.
pub const EXPRESSION_STRING_BYTES: usize = 4 * 1024;
/// Bytes of a `sub` that is minted: a client id, `:` and a string made by an expression.
pub const SUBJECT_BYTES: usize = NAME_BYTES + 1 + EXPRESSION_STRING_BYTES;

// ── Mapped claims ──
/// Attributes that a credential maps: tokens travel in headers.
pub const CLAIM_MAPPINGS: usize = 32;
/// Bytes of all mapped claims of one token together, as JSON: a token of more than [`TOKEN_BYTES`] is one that our
/// own guard refuses.
pub const MAPPED_CLAIMS_BYTES: usize = 4 * 1024;

// ── Token requests ──
/// The body of a token request: a PCA assertion, eight certificates and the percent-encoding of their PEM.
pub const REQUEST_BYTES: usize = 128 * 1024;
/// Parameters of one token request. The widest grant has ten.
pub const PARAMETERS: usize = 64;
/// Items of a `scope` parameter.
pub const SCOPE_ITEMS: usize = 64;
/// Bytes of a `scope` parameter.
pub const SCOPE_BYTES: usize = 4 * 1024;
/// Bytes of a client id, a credential name, an audience, a scope value.
pub const NAME_BYTES: usize = 256;
/// Bytes of the name of a provider or a credential, which is a word of the policy's author.
pub const PLAIN_NAME_BYTES: usize = 64;
/// Seconds that one fetch of keys may take at most: who waits longer is better off with a refusal.
pub const FETCH_TIMEOUT_MAX: u32 = 60;

// ── RSA keys ──
/// The smallest RSA modulus, in bits (NIST SP 800-131A).
pub const RSA_MIN_BITS: usize = 2048;
/// The largest RSA modulus, in bits: cost of a check grows with its square.
pub const RSA_MAX_BITS: usize = 4096;
/// The largest RSA modulus where a caller allows it by name, in bits.
pub const RSA_ALLOWED_MAX_BITS: usize = 8192;

// ── Policies and texts ──
/// The longest parameter that a refusal repeats: longer than every type and name that is offered, and too short
/// for any proof.
pub const WORD_BYTES: usize = 100;
/// The shortest audience that is not flagged: as long as a name and ten characters of chance.
pub const AUDIENCE_CHARACTERS: usize = 16;
/// Letters and digits in a row that look like chance.
pub const AUDIENCE_CHANCE: usize = 10;
/// The longest name of a trust domain (SPIFFE ID section 2.1), in bytes.
pub const TRUST_DOMAIN_BYTES: usize = 255;
/// The fewest characters of a `client_nonce`: 32 of base64url are 192 bits, which nobody guesses.
pub const CLIENT_NONCE_BYTES_MIN: usize = 32;
/// The most characters of a `client_nonce`: room for who likes longer ones.
pub const CLIENT_NONCE_BYTES_MAX: usize = 128;
/// The longest `max_age`, in seconds: what the compatible client can be told to keep a document for.
pub const DOCUMENT_MAX_AGE_MAX: i64 = 1_314_000;
/// More roots than a cloud's signers have at one time would be several clouds under one name.
pub const DOCUMENT_ANCHORS: usize = 16;
/// Roots of one private authority: those of a few sites or regions, each in the middle of a rotation.
pub const PCA_ROOTS: usize = 16;
/// Registered intermediates of one provider: they are candidates for each path, beside those of the request.
pub const INTERMEDIATES: usize = 64;
/// Elements of one list: what a condition has room for, with room to spare.
pub const POLICY_LIST: usize = 256;
/// Shorter tokens outlive their use in the stock client's cache, in seconds.
pub const ACCESS_TOKEN_LIFETIME_SHORT: i64 = 3000;
/// Seconds before its end at which a root is worth a warning: time for a rotation.
pub const ANCHOR_NOTICE: i64 = 30 * 86_400;
/// Bytes of one operator text: enough for a subject name, too few to carry a token.
pub const REFUSAL_TEXT_BYTES: usize = 256;
/// Characters from which a JOSE header is hidden where the dot after it was cut off: shorter words may be words.
pub const SECRET_HEADER: usize = 40;
/// Characters from which what stands between dots is a signature: a label of a host name has 63 at most.
pub const SECRET_SIGNATURE: usize = 64;
/// Characters of base64 of DER from which it is hidden: no structure that is a secret is shorter.
pub const SECRET_DER: usize = 64;
/// Characters of it that come without a gap first: no word of a sentence is as long.
pub const SECRET_DER_START: usize = 20;
/// Characters between two of its lines: an escaped end of a line has four, one that is escaped twice has ten.
pub const SECRET_DER_GAP: usize = 12;
/// Characters of base64 of a private key in the short form of DER from which it is hidden: its first eight say what it is.
pub const SECRET_KEY: usize = 32;
/// How often a percent sign may be escaped itself: what is sent is decoded once, and people encode twice.
pub const SECRET_ESCAPES: usize = 2;
/// The longest escape behind which a word begins is `%25250A`, one byte less.
pub const SECRET_ESCAPE: usize = 8;
/// The longest text that is compared, in characters: work grows with the product of the lengths.
pub const NEAREST_CHARACTERS: usize = 128;
/// The most texts that one is compared with.
pub const NEAREST_CANDIDATES: usize = 256;
/// Bytes of a serial number: twenty (RFC 5280 section 4.1.2.2), and the zero byte in front of them that DER demands when
/// the top bit is set. No certificate with a longer one is read.
pub const SERIAL_BYTES: usize = 21;
/// Hexadecimal digits of a serial number without the zeros in front.
pub const SERIAL_DIGITS: usize = 2 * SERIAL_BYTES;
/// Digits of a number that identifies something: none has more than those of 64 bits.
pub const NUMBER_DIGITS: usize = 20;
/// Bytes of an extension that conditions can read: a word or a short name. What is longer is no identity.
pub const EXTENSION_FACT_BYTES: usize = 256;
/// Ways to identify that the author of a provider may name.
pub const IDENTITY_ALTERNATIVES: usize = 4;
/// Claims that identify together: the sets to be met are their product over the alternatives.
pub const IDENTITY_CLAIMS: usize = 4;
/// Certificates that a provider registers by their fingerprints: what one looks after by hand.
pub const PINNED_CERTIFICATES: usize = 256;
/// Looking at so much of a text costs about what any other step does.
pub const EXPRESSION_BYTES_A_STEP: usize = 256;
/// About as many bytes as stand around the value of an attribute: three lengths, its type, what it is.
pub const NAME_HEADER_BYTES: usize = 24;
/// The first bytes of the name of a lineage of revocation lists, which say whose it is: half a digest, so that nobody finds a
/// second one for another's.
pub const LINEAGE_SIGNER_BYTES: usize = 16;

// ── Discoverable credentials ──
/// Ways in which the conditions of a discoverable credential can hold, `||` written out. Those of one field count as one, so
/// that real conditions have a handful.
pub const ALTERNATIVES: usize = 128;
/// Providers of one space of discovery: of an issuer, of a trust domain, of documents. A request
/// that names no credential is verified with each of them, and all share the [`SIGNATURES`] of a request.
pub const DISCOVERY_PROVIDERS: usize = 8;
/// Providers of a client's certificates with discoverable credentials. Each may cost a path of [`PATH_DEPTH`] and the proof, so
/// that the last of them is found within the [`SIGNATURES`] of a request.
pub const DISCOVERY_CERTIFICATE_PROVIDERS: usize = 4;
/// Sets of fields that the conditions of a provider's discoverable credentials fix: a lookup reads each of them.
pub const DISCOVERY_SHAPES: usize = 64;
/// Discoverable credentials of one provider that fix the same fields to the same values, and are told apart by patterns or
/// `!=` alone: the conditions of each are evaluated.
pub const DISCOVERY_CANDIDATES: usize = 32;
/// Discoverable credentials whose conditions are evaluated for one proof, over all sets of fields and providers: what a policy
/// with the most of one of them needs, not with the most of each.
pub const DISCOVERY_EVALUATED: usize = 256;
/// Combinations of values by which one alternative is found. Lists of more are left to the conditions.
pub const DISCOVERY_KEYS: usize = 256;
/// Pairs of alternatives that are compared when a policy loads: a part of a second. Of credentials that fix the same field only
/// those with a value in common are.
pub const DISCOVERY_COMPARISONS: usize = 250_000;
/// Overlaps that are reported: whoever has more corrects these first.
pub const DISCOVERY_REPORTS: usize = 8;
