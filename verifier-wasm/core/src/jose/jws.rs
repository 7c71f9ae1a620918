//! The compact serialisation of a JWS, before and after its signature was verified (RFC 7515).

use crate::base64;
use crate::jose::{Algorithm, JwkSet, VerificationKey};
use crate::json::{self, Object, Value};
use crate::limits;
use crate::refusal::{Code, Refusal};
use crate::signature::{NotVerified, Session, SignatureFailure, SignatureProvider};
use crate::verdict::{Open, Stop};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// A token that is well formed and of which nothing is proven.
///
/// Its payload is not parsed. What can be read of it serves to look up a configured key, nothing else.
pub struct UnverifiedJws<'a> {
    header: Header,
    /// How long the token is.
    bytes: usize,
    /// The bytes that are signed: header and payload as they came, and the dot (RFC 7515 section 5.2).
    signing_input: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

/// A token whose signature was verified with a key from configuration.
///
/// [`UnverifiedJws::verify`] and [`UnverifiedJws::verify_with`] alone can make one, from a good answer:
///
/// ```compile_fail,E0451
/// use credmint_core::jose::VerifiedJws;
/// fn forge(genuine: VerifiedJws) -> VerifiedJws {
///     VerifiedJws { payload: b"{\"sub\":\"admin\"}".to_vec(), ..genuine }
/// }
/// ```
pub struct VerifiedJws {
    header: Header,
    algorithm: Algorithm,
    payload: Vec<u8>,
}

/// The members of a JOSE header that mean something here, and the names of all.
struct Header {
    members: Object,
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
}

/// Members that would name a key of the token's own choice; they are never a source of keys.
const KEY_SOURCES: &[&str] = &["jku", "jwk", "x5c", "x5u"];

/// How large a token and its header may be.
#[derive(Clone, Copy)]
struct Sizes {
    token: usize,
    /// Characters of base64url, six bits each.
    header: usize,
}

/// What every token may be.
const USUAL: Sizes =
    Sizes { token: limits::TOKEN_BYTES, header: (limits::JOSE_HEADER_BYTES * 8).div_ceil(6) };
/// What a token may be that brings certificates.
const WITH_CERTIFICATES: Sizes =
    Sizes { token: limits::X5C_TOKEN_BYTES, header: (limits::JOSE_X5C_BYTES * 8).div_ceil(6) };

impl Sizes {
    fn check_token(self, bytes: usize) -> Result<(), Refusal> {
        match bytes > self.token {
            true => Err(Refusal::new(Code::TokenTooLarge).found(format!("{bytes} bytes"))),
            false => Ok(()),
        }
    }

    fn check_header(self, characters: usize) -> Result<(), Refusal> {
        match characters > self.header {
            true => {
                Err(Refusal::new(Code::JwsHeaderTooLarge).found(format!("{characters} characters")))
            }
            false => Ok(()),
        }
    }
}

impl<'a> UnverifiedJws<'a> {
    /// Reads a token in compact serialisation. Payload and claims are not looked at.
    ///
    /// # Errors
    /// [`Code::TokenTooLarge`] and [`Code::JwsHeaderTooLarge`] by size. [`Code::JwsMalformed`] unless there are
    /// three parts of canonical base64url, with a header and a signature; [`Code::JwsEncrypted`] for a JWE. For the header: the
    /// codes of [`json::parse_object`]; [`Code::JwsHeaderInvalid`] for a missing `alg` or a member of a wrong
    /// type; [`Code::JwsCritical`] for `crit` or `b64`; [`Code::JwsNested`] for a token in a token.
    pub fn parse(token: &'a str) -> Result<Self, Refusal> {
        Self::parse_within(token, USUAL)
    }

    /// As [`UnverifiedJws::parse`], of a token that may bring certificates in its header and then be larger.
    /// [`UnverifiedJws::refuse_large`] is for a caller that does not take them.
    pub(crate) fn parse_with_certificates(token: &'a str) -> Result<Self, Refusal> {
        let jws = Self::parse_within(token, WITH_CERTIFICATES)?;
        if !jws.header_has("x5c") {
            jws.check_size()?;
        }
        Ok(jws)
    }

    /// Refuses a token that is larger than one without certificates may be, for bringing them: who does not take them is known
    /// from a look-up, and a refusal of the size would tell a sender what it came to.
    pub(crate) fn refuse_large(&self) -> Result<(), Refusal> {
        let for_certificates = |refusal: Refusal| {
            let refused = Refusal::new(Code::JwsEmbeddedKey);
            refused.detail(refusal.code().sentence()).found(refusal.found_text().unwrap_or("x5c"))
        };
        self.check_size().map_err(for_certificates)
    }

    /// Whether a token is no larger than one without certificates may be.
    fn check_size(&self) -> Result<(), Refusal> {
        USUAL.check_token(self.bytes)?;
        USUAL.check_header(self.signing_input.split('.').next().unwrap_or_default().len())
    }

    fn parse_within(token: &'a str, sizes: Sizes) -> Result<Self, Refusal> {
        sizes.check_token(token.len())?;
        check_dots(token)?;
        let (signing_input, signature) = token.rsplit_once('.').ok_or(Code::JwsMalformed)?;
        let (header, payload) = signing_input.split_once('.').ok_or(Code::JwsMalformed)?;
        sizes.check_header(header.len())?;
        let header = Header::parse(header)?;
        let payload = bytes("payload", payload)?;
        let signature = bytes("signature", signature)?;
        Ok(Self { header, bytes: token.len(), signing_input, payload, signature })
    }

    /// The `alg` of the header, as it came.
    #[must_use]
    pub fn algorithm_text(&self) -> &str {
        &self.header.alg
    }

    /// The algorithm, when it is one that Credmint offers. A caller that has to fetch keys asks this first:
    /// no key could serve a token with another algorithm.
    ///
    /// # Errors
    /// [`Code::UnsupportedAlgorithm`] for every other name, `none` and HMAC among them.
    pub fn algorithm(&self) -> Result<Algorithm, Refusal> {
        let name = self.algorithm_text();
        Algorithm::from_name(name)
            .ok_or_else(|| Refusal::new(Code::UnsupportedAlgorithm).found(format!("{name:?}")))
    }

    /// The `kid` of the header: which key the token claims. Opaque.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// The `typ` of the header, as it came.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.header.typ.as_deref()
    }

    /// Whether the header has a member of this name, whatever its value.
    #[must_use]
    pub fn header_has(&self, member: &str) -> bool {
        self.header.members.contains(member)
    }

    /// The value of a header member.
    pub(crate) fn header_member(&self, name: &str) -> Option<&Value> {
        self.header.members.get(name)
    }

    /// Refuses a token that carries a key, or says where to fetch one. Such members are never heeded; a caller
    /// whose issuer does not write them may want to know that somebody did.
    ///
    /// # Errors
    /// [`Code::JwsEmbeddedKey`].
    pub fn refuse_embedded_keys(&self) -> Result<(), Refusal> {
        let present = self.embedded_keys();
        if present.is_empty() {
            return Ok(());
        }
        Err(Refusal::new(Code::JwsEmbeddedKey).found(present.join(", ")))
    }

    /// The members of the header that would be a source of keys.
    fn embedded_keys(&self) -> Vec<&'static str> {
        KEY_SOURCES.iter().copied().filter(|member| self.header_has(member)).collect()
    }

    /// Verifies the signature with the keys of an issuer.
    ///
    /// # Errors
    /// [`Code::UnsupportedAlgorithm`]; the codes of [`JwkSet::candidates`]; then, when no candidate verifies,
    /// [`Code::JwsSignatureInvalid`], [`Code::SignatureMalformed`], [`Code::UnsupportedSignature`] or
    /// [`Code::SignatureBudget`]. The checks of all candidates, where a back end defers.
    pub fn verify(
        self,
        keys: &JwkSet,
        signatures: SignatureProvider<'_>,
    ) -> Result<VerifiedJws, Stop> {
        self.proven_by(keys, &Session::new(signatures))
    }

    /// As [`UnverifiedJws::verify`], in the session of a request.
    pub(crate) fn proven_by(
        self,
        keys: &JwkSet,
        session: &Session<'_>,
    ) -> Result<VerifiedJws, Stop> {
        let algorithm = self.algorithm()?;
        let candidates = keys
            .candidates(self.kid(), algorithm)
            .map_err(|refusal| self.naming_sources(refusal))?;
        self.proven_by_any(&candidates, algorithm, session)
    }

    /// Verifies the signature with the one key that the caller chose, whatever `kid` the token has.
    ///
    /// # Errors
    /// As [`UnverifiedJws::verify`], but for those of the look-up.
    pub fn verify_with(
        self,
        key: &VerificationKey,
        signatures: SignatureProvider<'_>,
    ) -> Result<VerifiedJws, Stop> {
        self.proven_by_key(key, &Session::new(signatures))
    }

    /// As [`UnverifiedJws::verify_with`], in the session of a request.
    pub(crate) fn proven_by_key(
        self,
        key: &VerificationKey,
        session: &Session<'_>,
    ) -> Result<VerifiedJws, Stop> {
        let algorithm = self.algorithm()?;
        if !key.algorithms().contains(algorithm) {
            return Err(Refusal::new(Code::AlgorithmNotAllowed)
                .expected(key.algorithms())
                .found(algorithm)
                .into());
        }
        self.proven_by_any(&[key], algorithm, session)
    }

    /// Tries each key; all of them carry the algorithm. What a key behind an open check proves stays unsaid until that
    /// is answered, so that a request costs the same wherever its signatures are checked.
    fn proven_by_any(
        self,
        keys: &[&VerificationKey],
        algorithm: Algorithm,
        session: &Session<'_>,
    ) -> Result<VerifiedJws, Stop> {
        let message = self.signing_input.as_bytes();
        let (mut open, mut failure) = (Open::default(), None);
        for key in keys {
            match session.verify(algorithm.scheme(), key.key(), message, &self.signature) {
                Ok(()) => {
                    open.settled()?;
                    return Ok(VerifiedJws {
                        header: self.header,
                        algorithm,
                        payload: self.payload,
                    });
                }
                Err(NotVerified::Deferred(check)) => open.add(*check),
                Err(NotVerified::Failed(SignatureFailure::Budget)) => {
                    return Err(open.before(Code::SignatureBudget.into()));
                }
                // A key for which the signature is simply wrong says more than one that it cannot fit.
                Err(NotVerified::Failed(SignatureFailure::Invalid)) => {
                    failure = Some(SignatureFailure::Invalid);
                }
                Err(NotVerified::Failed(other)) => failure = failure.or(Some(other)),
            }
        }
        open.settled()?;
        let failure = failure.unwrap_or(SignatureFailure::Invalid);
        Err(self.naming_sources(failure.refusal(Code::JwsSignatureInvalid)).into())
    }

    /// Tells the operator that the token offered a key of its own, which was ignored.
    fn naming_sources(&self, refusal: Refusal) -> Refusal {
        let present = self.embedded_keys();
        if present.is_empty() {
            return refusal;
        }
        let ignored = format!("ignored in the header: {}", present.join(", "));
        match refusal.detail_text().map(ToString::to_string) {
            Some(detail) => refusal.detail(format!("{detail}; {ignored}")),
            None => refusal.detail(ignored),
        }
    }
}

impl VerifiedJws {
    /// The algorithm of the signature.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The `kid` of the header.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// The `typ` of the header, as it came.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.header.typ.as_deref()
    }

    /// Whether the header has a member of this name, whatever its value.
    #[must_use]
    pub fn header_has(&self, member: &str) -> bool {
        self.header.members.contains(member)
    }

    /// The value of a header member.
    pub(crate) fn header_member(&self, name: &str) -> Option<&Value> {
        self.header.members.get(name)
    }

    /// The signed payload.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The signed payload as a JWT claims set (RFC 7519 section 7.2), read within [`json::Limits::CLAIMS`].
    ///
    /// # Errors
    /// The codes of [`json::parse_object`].
    pub fn claims(&self) -> Result<Object, Refusal> {
        claims(&self.payload)
    }
}

/// A token is a secret while it lives: of either form only the header shows.
impl fmt::Debug for UnverifiedJws<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedJws").field("header", &self.header).finish_non_exhaustive()
    }
}

impl fmt::Debug for VerifiedJws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedJws").field("header", &self.header).finish_non_exhaustive()
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { alg, kid, typ, .. } = self;
        write!(f, "alg {alg:?}, kid {kid:?}, typ {typ:?}")
    }
}

impl Header {
    fn parse(text: &str) -> Result<Self, Refusal> {
        let members = json::parse_object(&bytes("header", text)?)
            .map_err(|refusal| within("JOSE header", refusal))?;
        if let Some(member) = ["enc", "zip", "p2c"].into_iter().find(|name| members.contains(name))
        {
            return Err(Refusal::new(Code::JwsEncrypted).detail(member));
        }
        if let Some(member) = ["crit", "b64"].into_iter().find(|name| members.contains(name)) {
            return Err(Refusal::new(Code::JwsCritical).detail(member));
        }
        let alg = text_of(&members, "alg")?
            .ok_or_else(|| Refusal::new(Code::JwsHeaderInvalid).detail("alg: missing"))?;
        let kid = text_of(&members, "kid")?;
        if kid.as_ref().is_some_and(|kid| kid.len() > limits::KID_BYTES) {
            return Err(Refusal::new(Code::JwsHeaderInvalid).detail("kid: too long"));
        }
        let typ = text_of(&members, "typ")?;
        if text_of(&members, "cty")?.is_some_and(|cty| is_media_type(&cty, "JWT")) {
            return Err(Refusal::new(Code::JwsNested).detail("cty: JWT"));
        }
        Ok(Self { members, alg, kid, typ })
    }
}

/// Whether a `typ` or `cty` is this media type. Media types are compared without regard to case, and
/// `application/` may be left out (RFC 7515 section 4.1.9).
pub(super) fn is_media_type(value: &str, media_type: &str) -> bool {
    without_prefix(value).eq_ignore_ascii_case(without_prefix(media_type))
}

fn without_prefix(media_type: &str) -> &str {
    const PREFIX: &str = "application/";
    match media_type.split_at_checked(PREFIX.len()) {
        Some((prefix, subtype)) if prefix.eq_ignore_ascii_case(PREFIX) => subtype,
        _ => media_type,
    }
}

/// Exactly two dots. The scan stops at the fifth, and no list of parts is made.
fn check_dots(token: &str) -> Result<(), Refusal> {
    let malformed = |what: &str| Err(Refusal::new(Code::JwsMalformed).detail(what));
    if token.starts_with('{') {
        return malformed("the JSON serialisation");
    }
    match token.bytes().filter(|byte| *byte == b'.').take(5).count() {
        2 => Ok(()),
        3 | 4 => {
            Err(Refusal::new(Code::JwsEncrypted).detail("more than three parts, as a JWE has"))
        }
        _ => malformed("not three parts"),
    }
}

/// The bytes of one part. Only a payload may be empty: what is signed is then the empty text, so content that
/// travels beside the token (RFC 7515 appendix F) is never taken for signed.
fn bytes(name: &str, text: &str) -> Result<Vec<u8>, Refusal> {
    let malformed = |what: &str| Refusal::new(Code::JwsMalformed).detail(format!("{name}: {what}"));
    if text.is_empty() && name != "payload" {
        return Err(malformed("empty"));
    }
    base64::decode_url(text.as_bytes()).ok_or_else(|| malformed("not unpadded base64url"))
}

/// A header member that must be a string when it is there.
fn text_of(members: &Object, name: &str) -> Result<Option<String>, Refusal> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => {
            Err(Refusal::new(Code::JwsHeaderInvalid).detail(format!("{name}: not a string")))
        }
    }
}

fn claims(payload: &[u8]) -> Result<Object, Refusal> {
    json::parse_object_with(payload, json::Limits::CLAIMS)
        .map_err(|refusal| within("claims", refusal))
}

/// Says in which part of the token a JSON text was refused.
fn within(place: &str, refusal: Refusal) -> Refusal {
    let detail = refusal.detail_text().unwrap_or_default().to_string();
    refusal.detail(format!("{place}: {detail}"))
}

#[cfg(test)]
mod tests;
