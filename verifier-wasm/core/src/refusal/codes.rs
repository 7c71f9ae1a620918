//! The table of refusals: one row is one way to be refused.

use super::{Fault, PublicCode, Step};

/// Declares the operator's codes: one row is one way to be refused.
macro_rules! codes {
    ($($(#[doc = $section:literal])? $name:ident $code:literal $step:ident $fault:ident $public:ident $rule:literal
        $sentence:literal $advice:literal;)*) => {
        /// A stable reason code. The text form ([`Code::as_str`]) never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $sentence] #[doc = ""] #[doc = concat!("`", $code, "` · ", $rule)] $name,)*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable text form, lower-case with underscores.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The step of the one order of checks at which this refuses.
            #[must_use]
            pub const fn step(self) -> Step {
                match self { $(Self::$name => Step::$step,)* }
            }

            /// Who can correct it.
            #[must_use]
            pub const fn fault(self) -> Fault {
                match self { $(Self::$name => Fault::$fault,)* }
            }

            /// What a caller may be told.
            #[must_use]
            pub const fn public(self) -> PublicCode {
                match self { $(Self::$name => PublicCode::$public,)* }
            }

            /// The rule behind it: an RFC section or the name of our own limit.
            #[must_use]
            pub const fn rule(self) -> &'static str {
                match self { $(Self::$name => $rule,)* }
            }

            /// What happened, for the operator: a sentence.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }

            /// How to correct it: a sentence.
            #[must_use]
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$name => $advice,)* }
            }
        }
    };
}

// name, text, step, fault, public code, rule, what happened, how to correct it
codes! {
    // ── requests ──
    RequestTooLarge "request_too_large" Size Credential RequestTooLarge "own limit"
        "The request body or one of its parameters is too large." "Send only the parameters that the grant needs.";
    RequestMalformed "request_malformed" Form Credential InvalidRequest "RFC 6749 section 4.4.2"
        "The body of the token request is not a form, or not JSON, that can be read." "Send application/x-www-form-urlencoded with UTF-8 text.";
    RequestContentType "request_content_type" Form Credential InvalidRequest "RFC 6749 section 4.4.2"
        "The content type is not one that this token request can have." "Send application/x-www-form-urlencoded; the grants jwt-bearer and token-exchange may be application/json.";
    RequestMethod "request_method" Form Credential InvalidRequest "RFC 6749 section 3.2"
        "The request to the token endpoint is not a POST." "Send the parameters as a form in the body of a POST.";
    RequestFraming "request_framing" Form Credential InvalidRequest "RFC 9112 sections 2.2, 3.2, 5 and 6"
        "The request is not HTTP that all who read it read alike." "Send each line with CR LF, one Host, and one of Content-Length and Transfer-Encoding: chunked.";
    RequestTooSlow "request_too_slow" Form Credential RequestTooSlow "own limit BODY_TIME"
        "The body of the request did not arrive in time." "Send the body at once, behind the head.";
    RequestTimeout "request_timeout" Form Environment TemporarilyUnavailable "own limit REQUEST_TIME"
        "The request was not decided in time." "See the fetch errors before it in the log; the client may try again.";
    RateLimited "rate_limited" Size Credential RateLimited "own limit SOURCE_RATE, CLIENT_RATE"
        "More requests come from this address, or for this client, than server.limits allows." "Send fewer requests and keep the token until it expires, or raise the limit that the detail names.";
    Overloaded "overloaded" Size Environment Overloaded "own limit DECISIONS_WAITING, CONNECTIONS"
        "There is more to do than can be done in time, and this request would have waited." "Give the issuer more cores or replicas; the client may try again.";
    ForwardedSource "forwarded_source" Form Environment InvalidRequest "RFC 7239 section 4, own rule"
        "The address of the client that a trusted forwarder passes on cannot be told." "Have the forwarder set the one field that server.trusted_forwarders names, and remove what a client sends under that name.";
    ParameterMissing "parameter_missing" Form Credential InvalidRequest "RFC 6749 section 5.2"
        "A required parameter is missing or empty." "Add the parameter that the detail names.";
    ParameterDuplicated "parameter_duplicated" Form Credential InvalidRequest "RFC 6749 section 3.2"
        "A parameter occurs more than once." "Send each parameter once.";
    ParameterInvalid "parameter_invalid" Form Credential InvalidRequest "RFC 6749 section 5.2"
        "A parameter has a value that is not allowed for it." "Correct the parameter that the detail names.";
    UnsupportedGrantType "unsupported_grant_type" Form Credential UnsupportedGrantType "RFC 6749 section 5.2"
        "The grant_type is not offered." "Use client_credentials, or the grants jwt-bearer and token-exchange.";
    UnsupportedAssertionType "unsupported_assertion_type" Form Credential UnsupportedAssertionType "RFC 7521 section 4.2"
        "The client_assertion_type is not offered." "Use one of the types that the documentation lists.";
    ClientSecretRefused "client_secret_refused" Form Credential ClientSecret "own rule"
        "The request carries a client secret." "Clients have no secrets here: send the proof that the platform gave, and leave client_secret and the password of Authorization out.";
    AuthorizationUnsupported "authorization_unsupported" Form Credential NotTrusted "RFC 6749 section 2.3.1"
        "The Authorization header of the token request is not one Basic with a client id." "Leave it out, or send Basic with the client id and an empty password.";
    ActorToken "actor_token" Form Credential InvalidRequest "RFC 8693 section 2.1"
        "The request carries an actor_token, which means nothing here." "Leave actor_token and actor_token_type out.";
    TargetMalformed "target_malformed" Form Credential InvalidTarget "RFC 8707 section 2"
        "The resource asked for is not an absolute URI without a fragment." "Send the identifier of the resource as its owner publishes it.";

    ForwardedCertificate "forwarded_certificate" Form Environment InvalidRequest "RFC 9440 section 2, own rule"
        "The TLS certificate that a trusted proxy forwards cannot be told: it is malformed, or there are several." "Have the proxy set the field anew for each request, with one certificate, and remove what a client sends under its names.";

    // ── JSON ──
    JsonMalformed "json_malformed" Form Credential MalformedProof "RFC 8259"
        "The text is not a single JSON value in UTF-8." "Look at what produced it; nothing may follow the value.";
    JsonDuplicateMember "json_duplicate_member" Form Credential MalformedProof "RFC 7515 section 4, RFC 7519 section 4"
        "An object has two members of one name." "Two parsers could read it differently; the sender must write each member once.";
    JsonNumber "json_number" Form Credential MalformedProof "RFC 7493 section 2.2"
        "A number is not an integer within 2^53 - 1 or a finite decimal." "Send large numbers as strings.";
    JsonTooDeep "json_too_deep" Size Credential MalformedProof "own limit JSON_DEPTH"
        "Objects or arrays are nested too deeply." "No real proof nests this deeply.";
    JsonTooWide "json_too_wide" Size Credential MalformedProof "own limit JSON_MEMBERS"
        "An object or the document has too many members." "No real proof has this many members.";

    // ── JWS and JWT ──
    TokenTooLarge "token_too_large" Size Credential MalformedProof "own limit TOKEN_BYTES"
        "The token is larger than the limit." "Ask its issuer for fewer claims.";
    TokenMissing "token_missing" Form Credential TokenMissing "RFC 6750 section 3"
        "No access token was presented." "Send Authorization: Bearer with a token of the issuer.";
    AuthorizationMalformed "authorization_malformed" Form Credential InvalidRequest "RFC 6750 section 2.1"
        "The Authorization header is not one Bearer token." "Send exactly one header, one space after Bearer.";
    JwsMalformed "jws_malformed" Form Credential MalformedProof "RFC 7515 section 7.1"
        "The token is not three parts of unpadded base64url joined by dots, with a header and a signature." "Send the compact serialisation as its issuer made it.";
    JwsEncrypted "jws_encrypted" Form Credential MalformedProof "RFC 7516 section 3"
        "The token is encrypted (JWE), which is never accepted." "Send a signed token.";
    JwsHeaderTooLarge "jws_header_too_large" Size Credential MalformedProof "own limit JOSE_HEADER_BYTES"
        "The JOSE header is larger than the limit." "Ask the issuer for a header without embedded certificates.";
    JwsHeaderInvalid "jws_header_invalid" Form Credential MalformedProof "RFC 7515 section 4.1"
        "The JOSE header is not an object with members of the right types." "Look at the header that the detail names.";
    JwsCritical "jws_critical" Form Credential MalformedProof "RFC 7515 section 4.1.11"
        "The header demands an extension (crit, b64) that is not understood." "Sign without header extensions.";
    JwsNested "jws_nested" Form Credential MalformedProof "RFC 7519 section 5.2"
        "The token holds another token." "Send the inner kind of token that is expected.";
    JwsEmbeddedKey "jws_embedded_key" KeyLookup Credential NotTrusted "RFC 8725 section 3.10"
        "The header of the token carries a key or says where to fetch one." "Keys come from configuration; have the issuer leave jwk, jku, x5c and x5u out, or let the provider ignore them.";
    UnsupportedAlgorithm "unsupported_algorithm" Algorithm Credential NotTrusted "RFC 8725 section 3.1"
        "The algorithm is not one that Credmint offers." "Use an asymmetric algorithm of the documentation's list; none and HMAC are never accepted.";
    AlgorithmNotAllowed "algorithm_not_allowed" Algorithm Credential NotTrusted "RFC 8725 section 3.1"
        "The algorithm is not in the set that the key carries." "Sign with the key's own algorithm, or list the algorithm at the provider.";
    KeyUnknown "key_unknown" KeyLookup Keys NotTrusted "RFC 7515 section 4.1.4"
        "No key of the issuer matches the token." "Compare the token's kid with the issuer's key set; a rotation takes one refresh.";
    TokenOfAnotherProvider "token_of_another_provider" KeyLookup Credential NotTrusted "own rule"
        "The token says that it is of the issuer of another provider, and no key of this one verifies it." "Present it with a credential of that provider, or have the workload ask the right issuer.";
    KeysTooMany "keys_too_many" KeyLookup Keys NotTrusted "own limit KEYS_TRIED"
        "The token names no key and too many would fit." "Have the issuer send a kid.";
    JwsSignatureInvalid "jws_signature_invalid" Signature Credential NotTrusted "RFC 7515 section 5.2"
        "The signature of the token does not verify with the key." "The token was altered, or signed with another key that has the same kid.";
    ClaimsMalformed "claims_malformed" Form Credential MalformedProof "RFC 7519 section 4.1"
        "The payload is not a claims object, or a registered claim has the wrong type." "The detail names the claim.";
    TypeWrong "type_wrong" Type Credential WrongType "RFC 8725 section 3.11"
        "The typ of the token is not the one for this use." "Send the right kind of token.";
    TokenBound "token_bound" Type Credential WrongType "RFC 7800 section 3, RFC 9449 section 7.2"
        "The token is bound to a key of its holder (cnf) and was presented without proof of it." "Ask for a bearer token; proofs of possession are not read here.";
    SubjectTokenExchanged "subject_token_exchanged" Type Credential WrongType "RFC 8693 section 4.1"
        "The subject token came of an exchange that a client made for its subject (act), and such a token is not exchanged again." "Exchange the token that the subject itself got.";
    IssuerMissing "issuer_missing" Issuer Credential NotTrusted "RFC 7519 section 4.1.1"
        "The token names no issuer." "Its issuer must set iss.";
    IssuerWrong "issuer_wrong" Issuer Credential NotTrusted "RFC 7519 section 4.1.1"
        "The token comes from another issuer than the configured one." "Issuers are compared character by character; mind a trailing slash.";
    SubjectWrong "subject_wrong" Issuer Credential NotTrusted "RFC 7523 section 3"
        "The subject of the assertion is not the client." "Set iss and sub to the client_id.";
    AudienceMissing "audience_missing" Audience Credential WrongAudience "RFC 7519 section 4.1.3"
        "The token names no audience." "Ask its issuer for a token for this audience.";
    AudienceWrong "audience_wrong" Audience Credential WrongAudience "RFC 7519 section 4.1.3"
        "The token is meant for another audience." "Ask its issuer for a token with the expected audience.";
    AudienceAmbiguous "audience_ambiguous" Audience Credential WrongAudience "RFC 8725 section 3.9"
        "The token names several audiences." "Ask for a token for this audience alone.";
    ExpiryMissing "expiry_missing" Times Credential MalformedProof "RFC 8725 section 3.8"
        "The token has no exp." "Tokens without expiry are not accepted; in Kubernetes, use projected service account tokens.";
    Expired "expired" Times Credential Expired "RFC 7519 section 4.1.4"
        "The token has expired." "Get a new one; check the clock of both sides.";
    NotYetValid "not_yet_valid" Times Credential NotYetValid "RFC 7519 section 4.1.5"
        "The token is not valid yet (nbf)." "Check the clock of both sides.";
    IssuedInFuture "issued_in_future" Times Credential NotYetValid "RFC 7519 section 4.1.6"
        "The token says that it was issued in the future (iat)." "Check the clock of its issuer.";
    LifetimeTooLong "lifetime_too_long" Times Credential NotTrusted "RFC 8725 section 3.8"
        "The lifetime of the token is longer than is allowed for its issuer." "Ask for a shorter one, or raise max_lifetime at the provider.";
    JtiMissing "jti_missing" Form Credential MalformedProof "RFC 7523 section 3"
        "The assertion has no jti, so a second use could not be detected." "Put a fresh random jti into each assertion.";
    ClockImplausible "clock_implausible" Times Environment TemporarilyUnavailable "own limit CLOCK_EARLIEST, CLOCK_LATEST"
        "The time of the decision is not between 2020 and 2100." "Set the clock; times are seconds, not milliseconds.";
    ScopeInsufficient "scope_insufficient" Scope Credential InsufficientScope "RFC 6750 section 3.1"
        "The access token lacks the scope that the route needs." "Ask the issuer for a token with that scope.";

    // ── keys ──
    JwksMalformed "jwks_malformed" Form Keys TemporarilyUnavailable "RFC 7517 section 5"
        "The key set is not a JWK set." "Look at what the jwks_uri answers.";
    JwksEmpty "jwks_empty" KeyLookup Keys TemporarilyUnavailable "RFC 7517 section 5"
        "The key set has no key that can be used." "Each skipped key has its reason in the detail.";
    JwksDuplicateKid "jwks_duplicate_kid" Form Keys TemporarilyUnavailable "RFC 7517 section 4.5"
        "Two keys of one type share a kid." "The issuer must give each key its own kid.";
    JwksTooLarge "jwks_too_large" Size Keys TemporarilyUnavailable "own limit JWKS_KEYS"
        "The key set is too large." "No real issuer publishes this many keys.";
    DiscoveryMalformed "discovery_malformed" Form Keys TemporarilyUnavailable "RFC 8414 section 3.2"
        "The discovery document cannot be read or lacks jwks_uri." "Look at what the issuer's well-known address answers.";
    DiscoveryIssuer "discovery_issuer" Issuer Keys TemporarilyUnavailable "RFC 8414 section 3.3"
        "The discovery document names another issuer." "Configure the issuer exactly as its document says; where tokens and document differ, as behind a proxy, name the keys by `jwks_uri` and leave `discovery` out.";
    KeysUnavailable "keys_unavailable" KeyLookup Environment TemporarilyUnavailable "own rule"
        "The issuer keys could not be fetched, or are too old to be used." "See the last fetch error; the issuer must be reachable from here.";
    KeyMalformed "key_malformed" Form Keys NotTrusted "RFC 7517 section 4, RFC 5280 section 4.1.2.7"
        "The public key cannot be read." "The detail names the member or field.";
    KeyWeak "key_weak" Form Keys NotTrusted "own limit RSA_MIN_BITS"
        "The public key is too small, too large or of a dangerous shape." "Use RSA of 2048 to 4096 bits with exponent 65537, a NIST curve, or Ed25519 as a library makes it.";
    UnsupportedKey "unsupported_key" Form Keys NotTrusted "own rule"
        "The key is of a type or curve that Credmint does not offer." "Use RSA, P-256, P-384, P-521 or Ed25519.";
    KeyUse "key_use" Form Keys NotTrusted "RFC 7517 section 4.2, 4.3"
        "The key is not meant for verifying signatures." "Have the issuer publish its keys with use sig, or without use and key_ops.";
    KeyNotPinned "key_not_pinned" KeyLookup Keys NotTrusted "RFC 7638 section 3, own rule"
        "The key is not one of those that the provider pins." "When the issuer has a new key, make sure that it is the issuer's, and add its thumbprint to pins.";
    UnsupportedHash "unsupported_hash" Algorithm Credential NotTrusted "FIPS 180-4"
        "The hash function is not one that is offered for this kind of key." "Use SHA-256, SHA-384 or SHA-512.";
    UnsupportedSignature "unsupported_signature" Signature Bug NotTrusted "own rule"
        "No signature back end offers this combination of algorithm and key." "Use a combination of the documentation's list.";
    SignatureBudget "signature_budget" Signature Credential NotTrusted "own limit SIGNATURES"
        "The request needs more signature checks than are allowed." "Send fewer certificates.";
    SignatureInvalid "signature_invalid" Signature Credential NotTrusted "RFC 8017 sections 8.1.2 and 8.2.2, FIPS 186-5 section 6.4.2, RFC 8032 section 5.1.7"
        "The signature does not verify." "The message was altered or signed with another key.";
    CertificateInHeader "certificate_in_header" Binding Credential NotTrusted "RFC 7515 section 4.1.6, own rule"
        "The assertion brings its certificate in its header (x5c), and the provider does not take that." "Set `x5c: accept` at the provider, or have the client send client_x509 with the assertion type of a private CA.";
    AssertionCertificate "assertion_certificate" Signature Credential NotTrusted "RFC 7515 sections 4.1.6 to 4.1.8"
        "The header of the assertion names another certificate than the one sent with it." "Sign a new assertion when the certificate is renewed, or leave x5t, x5t#S256 and x5c out.";
    SignatureMalformed "signature_malformed" Signature Credential NotTrusted "RFC 7518 section 3.4, RFC 8032 section 5.1.7"
        "The signature has the wrong length or an element out of range." "Look at the encoding: JOSE uses r and s at full length, certificates DER.";

    // ── PEM and certificates ──
    PemMalformed "pem_malformed" Form Credential MalformedProof "RFC 7468"
        "The text holds no certificate in PEM or base64." "Send the certificate as PEM.";
    PemPrivateKey "pem_private_key" Form Credential InvalidRequest "own rule"
        "The text holds a private key." "Never send a private key; treat this one as lost and replace it.";
    PemCount "pem_count" Form Credential MalformedProof "own rule"
        "The field holds more than one certificate where one is expected, or none." "Send the leaf in client_x509 and the rest in client_x509_chain.";
    CertificatesTooMany "certificates_too_many" Size Credential MalformedProof "own limit CERTIFICATES"
        "The request has too many certificates." "Send the leaf and its intermediates only.";
    CertificateTooLarge "certificate_too_large" Size Credential MalformedProof "own limit CERTIFICATE_BYTES"
        "A certificate is larger than the limit." "No real workload certificate is this large.";
    CertificateMalformed "certificate_malformed" Form Credential MalformedProof "RFC 5280 section 4.1"
        "A certificate is not strict DER of the X.509 structure." "The detail names the field.";
    CertificateVersion "certificate_version" Form Credential MalformedProof "RFC 5280 section 4.1.2.1"
        "The certificate's version does not allow what it holds." "Issue X.509 v3 certificates.";
    CertificateSerial "certificate_serial" Form Credential MalformedProof "RFC 5280 section 4.1.2.2"
        "The serial number is not a positive integer of at most 20 bytes." "Issue certificates with proper serial numbers.";
    CertificateAlgorithmMismatch "certificate_algorithm_mismatch" Form Credential MalformedProof "RFC 5280 section 4.1.1.2"
        "The inner and outer signature algorithms differ." "The certificate was tampered with or made by broken software.";
    CertificateExtensionDuplicate "certificate_extension_duplicate" Form Credential MalformedProof "RFC 5280 section 4.2"
        "An extension occurs twice." "Issue certificates with each extension once.";
    CertificateExtensionInvalid "certificate_extension_invalid" Form Credential MalformedProof "RFC 5280 section 4.2"
        "An extension cannot be read." "The detail names it.";
    CertificateExtensionsTooMany "certificate_extensions_too_many" Size Credential MalformedProof "own limit EXTENSIONS"
        "The certificate has too many extensions or names." "No real certificate has this many.";
    CertificateExtensionCritical "certificate_extension_critical" Path Credential NotTrusted "RFC 5280 section 4.2"
        "A critical extension is not understood." "The detail names it; certificates for workloads need none of this kind.";
    UnsupportedCertificateAlgorithm "unsupported_certificate_algorithm" Path Credential NotTrusted "RFC 5280 section 4.1.1.2"
        "The certificate is signed with an algorithm that is not accepted." "Sign with RSA or ECDSA and SHA-256 or stronger, or with Ed25519.";
    PathNotFound "path_not_found" Path Credential NotTrusted "RFC 5280 section 6.1"
        "No path leads from the certificate to a registered root." "Register the root, and send or register the intermediates.";
    CertificateNotRegistered "certificate_not_registered" Path Credential NotTrusted "`fingerprints` of the provider"
        "The provider registers certificates by their fingerprints, and not this one." "What was found is the fingerprint: add it to `fingerprints` when the certificate is meant.";
    PathSignatureInvalid "path_signature_invalid" Path Credential NotTrusted "RFC 5280 section 6.1.3 (a)(1)"
        "A certificate in the path is not signed by the key above it." "The detail names it; a root with the same name and another key gives this error.";
    CertificateExpired "certificate_expired" Path Credential NotTrusted "RFC 5280 section 6.1.3 (a)(2)"
        "A certificate in the path has expired." "Renew the certificate that the detail names.";
    CertificateNotYetValid "certificate_not_yet_valid" Path Credential NotTrusted "RFC 5280 section 6.1.3 (a)(2)"
        "A certificate in the path is not valid yet." "Check the clock of the authority.";
    CertificateNotCa "certificate_not_ca" Path Credential NotTrusted "RFC 5280 section 6.1.4 (k)"
        "A certificate that is not a certificate authority signed another." "The detail names it; it needs basicConstraints with cA.";
    CertificateKeyUsage "certificate_key_usage" Path Credential NotTrusted "RFC 5280 section 4.2.1.3"
        "The keyUsage of a certificate does not allow this use." "Authorities need keyCertSign, leaves digitalSignature.";
    CertificateExtendedKeyUsage "certificate_extended_key_usage" Path Credential NotTrusted "RFC 5280 section 4.2.1.12"
        "The extendedKeyUsage of a certificate does not allow this use." "Issue the certificate for clientAuth, or configure the usage at the provider.";
    CertificatePathLength "certificate_path_length" Path Credential NotTrusted "RFC 5280 section 6.1.4 (l)"
        "An authority has more authorities below it than its pathLenConstraint allows." "The detail names the authority.";
    CertificateIsCa "certificate_is_ca" Path Credential NotTrusted "own rule"
        "The leaf is itself a certificate authority." "Authorities do not sign tokens; issue an end-entity certificate.";
    CertificateNameConstraints "certificate_name_constraints" Path Credential NotTrusted "RFC 5280 section 4.2.1.10"
        "A name in the path violates the name constraints of an authority above it." "The detail names both.";
    NameConstraintsBudget "name_constraints_budget" Path Credential NotTrusted "own limit NAME_COMPARISONS"
        "Comparing names with name constraints was stopped at its limit." "The certificates have too many names or constraints; no real path has this many.";
    CertificatePolicies "certificate_policies" Path Credential NotTrusted "RFC 5280 section 6.1.5 (g)"
        "The path is valid for none of the certificate policies that are required." "The detail names the certificate at which none was left.";
    PolicyBudget "policy_budget" Path Credential NotTrusted "own limit PATH_POLICIES"
        "Following certificate policies through the path was stopped at its limit." "The certificates have too many policies or mappings; no real path has this many.";
    PathTooDeep "path_too_deep" Path Credential NotTrusted "own limit PATH_DEPTH"
        "The path is longer than is allowed." "Use fewer intermediates.";
    PathBudget "path_budget" Path Credential NotTrusted "own limit PATH_STEPS, SIGNATURES"
        "The search for a path was stopped at its limit." "The certificates sent allow too many paths; send the intermediates of one.";

    // ── revocation lists ──
    CrlTooLarge "crl_too_large" Size Keys TemporarilyUnavailable "own limit CRL_BYTES, CRL_ENTRIES, DISTRIBUTION_POINT_NAMES"
        "A revocation list is larger than the limit, or there are too many." "Publish it in parts, by distribution point, each of few names.";
    CrlMalformed "crl_malformed" Form Keys TemporarilyUnavailable "RFC 5280 section 5.1"
        "A revocation list is not strict DER of version 1 or 2 with nextUpdate." "The detail names the field.";
    CrlExtensionCritical "crl_extension_critical" Form Keys TemporarilyUnavailable "RFC 5280 section 5.2"
        "A critical extension of a revocation list or of one of its entries is not understood." "The found text names it; the whole list cannot be used.";
    UnsupportedCrlDelta "unsupported_crl_delta" Form Keys TemporarilyUnavailable "RFC 5280 section 5.2.4"
        "The revocation list is a delta list." "Give the complete list.";
    UnsupportedCrlIndirect "unsupported_crl_indirect" Form Keys TemporarilyUnavailable "RFC 5280 section 5.2.5"
        "The revocation list revokes certificates of authorities other than its signer." "Give a list that the authority signs itself.";
    CrlUnavailable "crl_unavailable" Path Environment TemporarilyUnavailable "own rule"
        "A revocation list that is required could not be fetched." "See the last fetch error; the list must be reachable from here.";
    CertificateRevoked "certificate_revoked" Path Credential NotTrusted "RFC 5280 section 6.3.3"
        "A certificate in the path has been revoked." "The detail names it; ask its authority for another one.";
    UnsupportedCrlAlgorithm "unsupported_crl_algorithm" Path Keys NotTrusted "RFC 5280 section 5.1.1.2"
        "A revocation list is signed with an algorithm that is not accepted." "Sign with RSA or ECDSA and SHA-256 or stronger.";
    CrlSignatureInvalid "crl_signature_invalid" Path Keys NotTrusted "RFC 5280 section 6.3.3 (g)"
        "A revocation list is not signed by a key of the authority that it names." "The list of another authority with the same name gives this error.";
    CrlKeyUsage "crl_key_usage" Path Keys NotTrusted "RFC 5280 section 6.3.3 (f)"
        "The keyUsage of an authority does not allow it to sign revocation lists." "Issue the authority's certificate with cRLSign.";
    CrlMissing "crl_missing" Path Policy NotTrusted "RFC 5280 section 6.3.3"
        "Revocation must be checked, and no revocation list covers a certificate of the path." "Register a list of each authority; its parts must cover the certificate's distribution point and all reasons. The found text names one that was seen, and why it does not tell.";
    CrlStale "crl_stale" Path Keys TemporarilyUnavailable "RFC 5280 section 6.3.3 (a)"
        "Revocation must be checked, and the revocation list is past its nextUpdate, or its authority has replaced it." "Have the authority publish a new list, and provide it here.";
    CrlNotYetValid "crl_not_yet_valid" Path Keys TemporarilyUnavailable "RFC 5280 section 5.1.2.4"
        "Revocation must be checked, and the thisUpdate of the revocation list is in the future." "Check the clock of both sides.";

    // ── CMS ──
    CmsTooLarge "cms_too_large" Size Credential MalformedProof "own limit CMS_BYTES"
        "The message is larger than the limit." "Identity documents are about 2 KiB.";
    CmsText "cms_text" Form Credential MalformedProof "RFC 7468 section 8"
        "The text is not base64 of a message, with or without armour." "Send what the metadata service answered.";
    BerMalformed "ber_malformed" Form Credential MalformedProof "X.690 section 8"
        "The message is not well-formed BER." "It was cut or altered on the way.";
    BerTooDeep "ber_too_deep" Size Credential MalformedProof "own limit BER_DEPTH"
        "Values are nested too deeply." "No real message nests this deeply.";
    BerTooMany "ber_too_many" Size Credential MalformedProof "own limit BER_VALUES, BER_SEGMENTS"
        "The message has too many values or segments." "No real message has this many.";
    CmsMalformed "cms_malformed" Form Credential MalformedProof "RFC 5652"
        "The message is not the SignedData structure." "The detail names the field.";
    CmsContentType "cms_content_type" Form Credential MalformedProof "RFC 5652 section 3"
        "The message is not signed data over id-data." "The detail names the type that it is.";
    CmsContentDetached "cms_content_detached" Form Credential MalformedProof "RFC 5652 section 5.2"
        "The content is not inside the message, and none was given beside it." "Ask for the attached form.";
    CmsContentDiffers "cms_content_differs" Form Credential MalformedProof "RFC 5652 section 5.2"
        "The content given beside the message differs from the one inside." "Give one of them.";
    CmsSignerCount "cms_signer_count" Form Credential MalformedProof "RFC 5652 section 5.1"
        "The message does not have exactly one signer." "Messages with none or several signers are not accepted.";
    CmsSignerUnknown "cms_signer_unknown" KeyLookup Credential NotTrusted "RFC 5652 section 5.3"
        "The signer of the message is not configured." "Register the signer's certificate; clouds have one signer per region.";
    CmsSignerExpired "cms_signer_expired" KeyLookup Policy NotTrusted "RFC 5280 section 4.1.2.5"
        "The certificate of the configured signer is not valid at this time." "Register the cloud's current certificate.";
    CmsSignerName "cms_signer_name" KeyLookup Credential NotTrusted "own rule"
        "The certificate of the signer is not for a name that signs documents of this kind." "Look at the subjectAltName of the certificate; a root alone vouches for every certificate below it.";
    UnsupportedCmsAlgorithm "unsupported_cms_algorithm" Algorithm Credential NotTrusted "RFC 5652 section 10.1"
        "The digest or signature algorithm is not one of the profile's." "SHA-1 and DSA are accepted only where the profile names them.";
    CmsAlgorithmMismatch "cms_algorithm_mismatch" Algorithm Credential NotTrusted "RFC 5652 section 5.1, RFC 6211"
        "The statements about the algorithm in the message contradict each other." "The message was tampered with.";
    CmsAttributes "cms_attributes" Form Credential NotTrusted "RFC 5652 section 5.3"
        "The signed attributes are missing, unexpected, repeated or not in DER." "The detail names the attribute.";
    CmsAttributesConfusion "cms_attributes_confusion" Form Credential NotTrusted "RFC 5652 section 5.4"
        "The content has the shape of signed attributes." "This is an attempt to pass one message's attributes off as another's content.";
    CmsDigestMismatch "cms_digest_mismatch" Signature Credential NotTrusted "RFC 5652 section 11.2"
        "The digest of the content is not the signed one." "The content was altered.";
    CmsSignatureInvalid "cms_signature_invalid" Signature Credential NotTrusted "RFC 5652 section 5.6"
        "The signature of the message does not verify." "The message was altered or signed by another key of the same name.";
    DocumentMalformed "document_malformed" Form Credential MalformedProof "own rule"
        "The signed content is not the JSON object of an identity document." "The detail names what is missing.";
    DocumentAudienceMissing "document_audience_missing" Audience Credential WrongAudience "own rule"
        "The document carries no audience." "Ask the metadata service with the audience parameter.";
    DocumentAudience "document_audience" Audience Credential WrongAudience "own rule"
        "The document is meant for another audience." "Ask the metadata service with this instance's audience.";
    DocumentTimeMissing "document_time_missing" Freshness Credential Stale "own rule"
        "The document carries no signed time." "Ask with an audience that has signingTime.";
    DocumentStale "document_stale" Freshness Credential Stale "own limit max_age"
        "The document is older than the provider allows." "Fetch a new one; EC2 documents age from the start of the instance.";
    DocumentFromFuture "document_from_future" Freshness Credential NotYetValid "own limit SKEW"
        "The document's time lies in the future." "Check the clock of the instance.";

    // ── policy ──
    IssuerUnknown "issuer_unknown" Binding Credential NotTrusted "own rule"
        "No provider with a credential that can be found without its name is for proofs of this kind and issuer." "Add a provider of this issuer, and a credential with discoverable: true; or name client and credential in the request.";
    ClientUnknown "client_unknown" Binding Credential NotTrusted "RFC 6749 section 5.2"
        "The client is not configured." "Compare client_id with the policy.";
    ClientDisabled "client_disabled" Binding Policy NotTrusted "own rule"
        "The client is disabled." "Enable it in the policy.";
    CredentialUnknown "credential_unknown" Binding Credential NotTrusted "own rule"
        "The client has no federated credential of this name." "Compare application_federated_credential_name with the policy.";
    CredentialDisabled "credential_disabled" Binding Policy NotTrusted "own rule"
        "The federated credential is disabled." "Enable it in the policy.";
    ProviderDisabled "provider_disabled" Binding Policy NotTrusted "own rule"
        "The federated credential provider is disabled." "Enable it in the policy.";
    ProviderKind "provider_kind" Binding Credential NotTrusted "own rule"
        "The assertion type does not fit the credential's provider." "Send the kind of proof that the credential names.";
    CredentialNotFound "credential_not_found" Credential Credential NotTrusted "own rule"
        "The conditions of no discoverable credential hold for this proof." "Compare what the proof states with the conditions of the credentials of its provider.";
    CredentialAmbiguous "credential_ambiguous" Credential Policy NotTrusted "own rule"
        "The conditions of more than one discoverable credential hold for this proof." "Name client and credential in the request, or make the conditions differ in a field.";
    SubjectTokenOwner "subject_token_owner" Credential Credential NotTrusted "RFC 8693 section 2.1"
        "The request names another client or credential than the subject token does." "Leave client_id out, or send that of the token.";
    TrustConditionFalse "trust_condition_false" TrustCondition Credential NotTrusted "own rule"
        "The provider's trust condition is false for this proof." "Compare the condition with what was found; change the one that is wrong.";
    TrustConditionError "trust_condition_error" TrustCondition Policy NotTrusted "own rule"
        "The provider's trust condition could not be evaluated." "A value that the condition needs is missing or of another type.";
    VerificationConditionFalse "verification_condition_false" VerificationCondition Credential NotTrusted "own rule"
        "The credential's condition is false for this proof." "Compare the condition with what was found; change the one that is wrong.";
    VerificationConditionError "verification_condition_error" VerificationCondition Policy NotTrusted "own rule"
        "The credential's condition could not be evaluated." "A value that the condition needs is missing or of another type.";
    MappingError "mapping_error" Mapping Policy NotTrusted "own rule"
        "An attribute of the token could not be computed." "A value that the mapping needs is missing, of another type or empty.";
    ScopeMalformed "scope_malformed" Form Credential InvalidScope "RFC 6749 section 3.3"
        "The scope parameter is not a list of audience|value items." "Write items as audience|value, separated by spaces.";
    ScopeAudiences "scope_audiences" Form Credential InvalidScope "RFC 8707 section 2"
        "The scope names more than one audience." "Ask for one audience in each request.";
    TargetNotGranted "target_not_granted" Scope Credential InvalidTarget "RFC 8707 section 2"
        "The credential has no scope on the resource asked for." "Grant the credential scopes on it, or ask for another resource.";
    TargetAmbiguous "target_ambiguous" Scope Credential InvalidTarget "RFC 8707 section 2"
        "The request names more than one resource." "Ask for one token for each resource.";
    TargetMissing "target_missing" Scope Credential InvalidTarget "RFC 8707 section 2"
        "The request names no resource, and the credential has none that it stands for." "Send resource or audience, or give the credential default_scopes on one resource.";
    TargetBeyondToken "target_beyond_token" Scope Credential InvalidTarget "RFC 8693 section 2.1"
        "The resource asked for is not that of the subject token." "Ask for the resource of the token, or let a client exchange it that lists the other in may_exchange.";
    ClientNotAuthorized "client_not_authorized" Scope Credential UnauthorizedClient "RFC 6749 section 5.2"
        "The client may not exchange tokens of others." "List the resource in may_exchange of the client.";
    ScopeNotGranted "scope_not_granted" Scope Credential InvalidScope "RFC 6749 section 5.2"
        "The scope is not granted to this credential." "The detail names the item; grant it in the policy or do not ask for it.";
    ScopeBeyondToken "scope_beyond_token" Scope Credential InvalidScope "RFC 8693 section 2.1"
        "The scope is not among that of the subject token." "An exchange narrows: ask for values that the token has, or leave scope out.";
    ScopeBeyondSubject "scope_beyond_subject" Scope Credential InvalidScope "RFC 8693 section 1.1"
        "The scope is granted to the client, and not to the subject for which it asks." "A client gets for a subject what both of them have: grant it to the credential of the subject too, or do not ask for it.";
    ProofReplayed "proof_replayed" Obligations Credential Replayed "RFC 7523 section 3"
        "The assertion has been used before." "Make a new assertion, with a new jti, for each request.";
    ClientNonceMissing "client_nonce_missing" Obligations Credential InvalidRequest "own rule"
        "Documents of this provider come with a client_nonce, and the request has none." "Make a random client_nonce at the first use, keep it, and send it with every document.";
    InstanceUnnamed "instance_unnamed" Obligations Credential NotTrusted "own rule"
        "The document does not name the account and the instance, of which a use is remembered." "Look at what the document states.";
    InstanceUsed "instance_used" Obligations Credential Replayed "own rule"
        "The instance has used a document before, and its provider lets each instance do so once." "If that was the instance itself and it may again: credmint bindings release.";
    InstanceBound "instance_bound" Obligations Credential NotTrusted "own rule"
        "The instance has used a document with another client_nonce before." "Send the client_nonce of the first use; if it is lost: credmint bindings release.";
    ReplayStoreBusy "replay_store_busy" Obligations Environment TemporarilyUnavailable "own rule"
        "More requests wait for the store than may." "Look at how long the store takes, or send less.";
    ReplayStoreForgot "replay_store_forgot" Obligations Environment TemporarilyUnavailable "own rule"
        "The store may have lost that the assertion was used: it took over, was restored, or its clock was ahead." "Make a new assertion: what is made a minute after that is taken.";
    ReplayStoreUnavailable "replay_store_unavailable" Obligations Environment TemporarilyUnavailable "own rule"
        "The store that remembers used assertions does not answer, so none can be accepted." "Look at the store.";
    AuditUnavailable "audit_unavailable" Obligations Environment TemporarilyUnavailable "own rule"
        "The decision cannot be recorded, so it is not made." "Look at the file or the output that `server.audit` names.";
    SigningUnavailable "signing_unavailable" Obligations Environment TemporarilyUnavailable "own rule"
        "The token could not be signed." "Look at the signing keys.";
    InternalError "internal_error" Form Bug ServerError "own rule"
        "Credmint reached a state that should be impossible." "Please report it with the request id.";
}
