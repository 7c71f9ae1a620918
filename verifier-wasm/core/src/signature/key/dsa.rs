//! DSA keys in their legacy form (FIPS 186-4 section 4, RFC 3279 section 2.3.2).

use super::rsa::{bits, is_odd};
use super::{DSA, encode_spki, malformed};
use crate::refusal::{Code, Refusal};
use alloc::vec::Vec;
use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use der::asn1::{AnyRef, UintRef};
use der::{Decode, Encode, Sequence};
use spki::AlgorithmIdentifierRef;

/// Bits of p and q. The first is what the certificate of the legacy signer has; FIPS 186-3 added the second.
const SIZES: [(usize, usize); 2] = [(1024, 160), (2048, 256)];

/// The integers of a DSA key, big-endian without leading zeros.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DsaKey {
    p: Vec<u8>,
    q: Vec<u8>,
    g: Vec<u8>,
    y: Vec<u8>,
}

/// `Dss-Parms` (RFC 3279 section 2.3.2).
#[derive(Sequence)]
struct Parameters<'a> {
    p: UintRef<'a>,
    q: UintRef<'a>,
    g: UintRef<'a>,
}

impl DsaKey {
    /// The prime of the field.
    #[must_use]
    pub fn p(&self) -> &[u8] {
        &self.p
    }

    /// The order of the subgroup; r and s are as long.
    #[must_use]
    pub fn q(&self) -> &[u8] {
        &self.q
    }

    /// The generator of the subgroup.
    #[must_use]
    pub fn g(&self) -> &[u8] {
        &self.g
    }

    /// The key proper.
    #[must_use]
    pub fn y(&self) -> &[u8] {
        &self.y
    }

    /// Reads the parameters of the algorithm and the key; absent parameters, which a certificate may inherit
    /// from its issuer, are refused.
    pub(super) fn read(parameters: Option<AnyRef<'_>>, key: &[u8]) -> Result<Self, Refusal> {
        let parameters = parameters.ok_or_else(|| malformed("the parameters are missing"))?;
        let parameters: Parameters<'_> =
            parameters.decode_as().map_err(|_| malformed("Dss-Parms is not DER"))?;
        let y = UintRef::from_der(key).map_err(|_| malformed("DSAPublicKey is not DER"))?;
        let key = Self {
            p: parameters.p.as_bytes().to_vec(),
            q: parameters.q.as_bytes().to_vec(),
            g: parameters.g.as_bytes().to_vec(),
            y: y.as_bytes().to_vec(),
        };
        key.check().map(|()| key)
    }

    /// The `SubjectPublicKeyInfo`.
    pub(super) fn encode(&self) -> der::Result<Vec<u8>> {
        let parameters = Parameters {
            p: UintRef::new(&self.p)?,
            q: UintRef::new(&self.q)?,
            g: UintRef::new(&self.g)?,
        }
        .to_der()?;
        let parameters = Some(AnyRef::from_der(&parameters)?);
        let key = UintRef::new(&self.y)?.to_der()?;
        encode_spki(AlgorithmIdentifierRef { oid: DSA, parameters }, &key)
    }

    fn check(&self) -> Result<(), Refusal> {
        let sizes = (bits(&self.p).unwrap_or(0), bits(&self.q).unwrap_or(0));
        if !SIZES.contains(&sizes) {
            return Err(Refusal::new(Code::UnsupportedKey)
                .detail("sizes of p and q")
                .expected("1024 and 160 bits, or 2048 and 256")
                .found(format_args!("{} and {} bits", sizes.0, sizes.1)));
        }
        if !is_odd(&self.q) {
            return Err(malformed("q is even"));
        }
        let p = BoxedUint::from_be_slice_vartime(&self.p);
        let modulus = Odd::new(p.clone()).into_option().ok_or_else(|| malformed("p is even"))?;
        let field = BoxedMontyParams::new_vartime(modulus);
        let q = BoxedUint::from_be_slice_vartime(&self.q);
        for (name, bytes) in [("g", &self.g), ("y", &self.y)] {
            let element = BoxedUint::from_be_slice_truncated(bytes, p.bits_precision());
            // The length comes first: a longer integer would be cut.
            if bytes.len() > self.p.len() || element <= BoxedUint::one() || element >= p {
                return Err(malformed("an element is not from 2 to p - 1").found(name));
            }
            // x^q = 1: the element is in the subgroup of order q (FIPS 186-4 section 4.1).
            let power = BoxedMontyForm::new(element, &field).pow(&q).retrieve();
            if power != BoxedUint::one() {
                return Err(Refusal::new(Code::KeyWeak)
                    .detail("an element is outside of the subgroup")
                    .found(name));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
