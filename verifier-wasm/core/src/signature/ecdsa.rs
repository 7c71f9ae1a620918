//! ECDSA signatures in their two encodings: r and s at full length (RFC 7518 section 3.4, IEEE P1363), and the DER
//! of certificates and CMS (RFC 3279 section 2.2.3).

use super::{Curve, pair};
use alloc::vec::Vec;

/// The order of P-256 (FIPS 186-5, SP 800-186 section 3.2.1.3).
const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, //
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];
/// The order of P-384 (SP 800-186 section 3.2.1.4).
const P384_ORDER: [u8; 48] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, //
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d,
    0xdf, //
    0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73,
];

/// The order of P-521 (SP 800-186 section 3.2.1.5): 521 bits, so the first byte is 1.
const P521_ORDER: [u8; 66] = [
    0x01, 0xff, //
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, //
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xfa, //
    0x51, 0x86, 0x87, 0x83, 0xbf, 0x2f, 0x96, 0x6b, 0x7f, 0xcc, 0x01, 0x48, 0xf7, 0x09, 0xa5,
    0xd0, //
    0x3b, 0xb5, 0xc9, 0xb8, 0x89, 0x9c, 0x47, 0xae, 0xbb, 0x6f, 0xb7, 0x1e, 0x91, 0x38, 0x64, 0x09,
];

/// Converts a DER signature into r and s at the full length of the curve.
///
/// Returns `None` for anything but strict DER of two integers that are not negative and fit. Whether they are
/// in range is [`super::verify_signature`]'s to say.
#[must_use]
pub fn fixed_from_der(curve: Curve, der: &[u8]) -> Option<Vec<u8>> {
    pair::fixed_from_der(curve.bytes(), der)
}

/// Converts r and s at the full length of a curve into DER, for back ends that want it.
///
/// Returns `None` for a length that no curve has.
#[must_use]
pub fn der_from_fixed(signature: &[u8]) -> Option<Vec<u8>> {
    let half = Curve::ALL
        .iter()
        .map(|curve| curve.bytes())
        .find(|bytes| bytes.checked_mul(2) == Some(signature.len()))?;
    pair::der_from_fixed(half, signature)
}

/// Whether a signature has the full length of the curve and 1 <= r, s < n (FIPS 186-5 section 6.4.2 step 1).
/// Zeros here are the signatures of CVE-2022-21449. Both s and n - s pass: RFC 7518 prefers neither.
pub(super) fn in_range(curve: Curve, fixed: &[u8]) -> bool {
    pair::in_range(order(curve), fixed)
}

/// The order of the base point, at the full length of the curve.
const fn order(curve: Curve) -> &'static [u8] {
    match curve {
        Curve::P256 => &P256_ORDER,
        Curve::P384 => &P384_ORDER,
        Curve::P521 => &P521_ORDER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use p256::elliptic_curve::Curve as _;
    use proptest::prelude::*;

    /// An integer of the curve's length that is `value`.
    fn small(curve: Curve, value: u8) -> Vec<u8> {
        let mut integer = vec![0; curve.bytes()];
        *integer.last_mut().unwrap() = value;
        integer
    }

    #[test]
    fn orders_are_those_of_the_arithmetic() {
        assert_eq!(p256::NistP256::ORDER.to_be_bytes().as_ref(), P256_ORDER);
        assert_eq!(p384::NistP384::ORDER.to_be_bytes().as_ref(), P384_ORDER);
        assert_eq!(p521::NistP521::ORDER.to_be_bytes().as_ref()[6..], P521_ORDER);
    }

    #[test]
    fn j14_r_and_s_from_1_to_below_the_order() {
        for curve in Curve::ALL.iter().copied() {
            let zero = small(curve, 0);
            let one = small(curve, 1);
            let n = order(curve).to_vec();
            let mut below = n.clone();
            *below.last_mut().unwrap() -= 1;
            let mut above = n.clone();
            *above.last_mut().unwrap() += 1;
            let max = vec![0xff; curve.bytes()];
            for good in [&one, &below] {
                assert!(in_range(curve, &[good.as_slice(), &one].concat()));
                assert!(in_range(curve, &[one.as_slice(), good].concat()));
            }
            for bad in [&zero, &n, &above, &max] {
                assert!(!in_range(curve, &[bad.as_slice(), &one].concat()));
                assert!(!in_range(curve, &[one.as_slice(), bad].concat()));
            }
        }
    }

    #[test]
    fn j15_exactly_the_length_of_the_curve() {
        for curve in Curve::ALL.iter().copied() {
            let good = vec![1; curve.bytes() * 2];
            assert!(in_range(curve, &good));
            for length in 0..=2 * good.len() {
                let bad = vec![1; length];
                assert_eq!(in_range(curve, &bad), length == good.len(), "{length}");
            }
            assert!(!in_range(curve, &der_from_fixed(&good).unwrap()));
        }
    }

    #[test]
    fn strict_der_and_nothing_else() {
        let fixed = |r: u8, s: u8| Some([small(Curve::P256, r), small(Curve::P256, s)].concat());
        let check = |der: &[u8], expect: Option<Vec<u8>>| {
            assert_eq!(fixed_from_der(Curve::P256, der), expect, "{der:02x?}");
        };
        check(&[0x30, 6, 2, 1, 1, 2, 1, 2], fixed(1, 2));
        check(&[0x30, 6, 2, 1, 0, 2, 1, 0], fixed(0, 0));
        check(&[0x30, 7, 2, 2, 0, 0x80, 2, 1, 2], fixed(0x80, 2));
        check(&[], None);
        check(&[0x30, 0], None);
        check(&[0x30, 3, 2, 1, 1], None);
        check(&[0x30, 9, 2, 1, 1, 2, 1, 2, 2, 1, 3], None);
        check(&[0x30, 6, 2, 1, 1, 2, 1, 2, 0], None);
        check(&[0x30, 8, 2, 1, 1, 2, 1, 2, 5, 0], None);
        check(&[0x30, 0x81, 6, 2, 1, 1, 2, 1, 2], None);
        check(&[0x30, 0x80, 2, 1, 1, 2, 1, 2, 0, 0], None);
        check(&[0x31, 6, 2, 1, 1, 2, 1, 2], None);
        check(&[0x30, 7, 2, 2, 0, 1, 2, 1, 2], None);
        check(&[0x30, 6, 2, 1, 0x81, 2, 1, 2], None);
        check(&[0x30, 5, 2, 0, 2, 1, 2], None);
        check(&[0x30, 7, 2, 0x81, 1, 1, 2, 1, 2], None);
        check(&[0x30, 6, 4, 1, 1, 2, 1, 2], None);
    }

    #[test]
    fn integers_that_do_not_fit_are_refused() {
        let long = der_from_fixed(&[0x7f; 96]).unwrap();
        assert!(fixed_from_der(Curve::P384, &long).is_some());
        assert_eq!(fixed_from_der(Curve::P256, &long), None);
        for length in [0, 1, 63, 65, 95, 97, 130, 131, 133] {
            assert_eq!(der_from_fixed(&vec![1; length]), None, "{length}");
        }
    }

    proptest! {
        #[test]
        fn the_encodings_correspond(bytes in proptest::collection::vec(any::<u8>(), 132), zeros in 0usize..67, curve in proptest::sample::select(Curve::ALL)) {
            let mut fixed = bytes[..curve.bytes() * 2].to_vec();
            let zeros = zeros.min(curve.bytes());
            fixed[..zeros].fill(0);
            let der = der_from_fixed(&fixed).unwrap();
            prop_assert_eq!(fixed_from_der(curve, &der), Some(fixed));
        }

        #[test]
        fn a_signature_has_one_der(at in 0usize..72, flip in 1u8.., bytes in proptest::collection::vec(any::<u8>(), 64)) {
            let mut der = der_from_fixed(&bytes).unwrap();
            let at = at % der.len();
            der[at] ^= flip;
            if let Some(fixed) = fixed_from_der(Curve::P256, &der) {
                prop_assert_eq!(der_from_fixed(&fixed), Some(der));
            }
        }
    }
}
