use super::*;
use alloc::vec::Vec;
use curve25519_dalek::constants::{ED25519_BASEPOINT_COMPRESSED, EIGHT_TORSION};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity as _;
use curve25519_dalek::{EdwardsPoint, constants};

/// The bytes of `y`, with the sign of x.
fn encoded(y: u8, sign: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = y;
    bytes[31] |= sign;
    bytes
}

/// The bytes of the prime plus `y`, with the sign of x.
fn above_the_prime(y: u8, sign: u8) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    bytes[0] = 0xed + y;
    bytes[31] = 0x7f | sign;
    bytes
}

fn signature(r: [u8; 32], s: [u8; 32]) -> Vec<u8> {
    [r, s].concat()
}

#[test]
fn the_order_is_that_of_the_arithmetic() {
    let mut below = ORDER;
    below[31] -= 1;
    below.reverse();
    let below = Option::<Scalar>::from(Scalar::from_canonical_bytes(below)).unwrap();
    assert_eq!(below + Scalar::ONE, Scalar::ZERO);
}

#[test]
fn points() {
    let check = |bytes: [u8; 32], expect: Result<(), Defect>| {
        assert_eq!(check_point(&bytes), expect, "{bytes:02x?}");
    };
    let base = ED25519_BASEPOINT_COMPRESSED.to_bytes();
    check(base, Ok(()));
    check((-constants::ED25519_BASEPOINT_POINT).compress().to_bytes(), Ok(()));
    // The part of small order that a point may have beside its large one changes nothing in its form.
    check((constants::ED25519_BASEPOINT_POINT + EIGHT_TORSION[1]).compress().to_bytes(), Ok(()));
    for point in EIGHT_TORSION {
        check(point.compress().to_bytes(), Err(Defect::SmallOrder));
    }
    check(EdwardsPoint::identity().compress().to_bytes(), Err(Defect::SmallOrder));
    check(encoded(1, SIGN), Err(Defect::SmallOrder));
    check(encoded(2, 0), Err(Defect::NotAPoint));
    check(encoded(3, 0), Ok(()));
    check(encoded(3, SIGN), Ok(()));
    for y in 0..19 {
        for sign in [0, SIGN] {
            check(above_the_prime(y, sign), Err(Defect::NotCanonical));
        }
    }
    // The largest y: the prime less 1, whose point has order 2.
    let mut largest = above_the_prime(0, 0);
    largest[0] -= 1;
    check(largest, Err(Defect::SmallOrder));
}

#[test]
fn s_is_below_the_order() {
    let base = ED25519_BASEPOINT_COMPRESSED.to_bytes();
    let check = |s: [u8; 32], expect: bool| {
        let mut little = s;
        little.reverse();
        assert_eq!(well_formed(&signature(base, little)), expect, "{s:02x?}");
    };
    let plus = |change: i16| {
        let mut s = ORDER;
        s[31] = u8::try_from(i16::from(s[31]) + change).unwrap();
        s
    };
    check([0; 32], true);
    check(plus(-1), true);
    check(plus(0), false);
    check(plus(1), false);
    check([0xff; 32], false);
    for bit in [0x20, 0x40, 0x80] {
        let mut s = [0; 32];
        s[0] = bit;
        check(s, false);
    }
}

#[test]
fn r_is_a_point_as_the_key_is() {
    let check = |r: [u8; 32], expect: bool| {
        assert_eq!(well_formed(&signature(r, [1; 32])), expect, "{r:02x?}");
    };
    let s = [1; 32];
    assert!(s < ORDER);
    check(ED25519_BASEPOINT_COMPRESSED.to_bytes(), true);
    check(encoded(1, 0), false);
    check(encoded(2, 0), false);
    check(above_the_prime(3, 0), false);
}

#[test]
fn exactly_64_bytes() {
    let good = signature(ED25519_BASEPOINT_COMPRESSED.to_bytes(), [1; 32]);
    for length in 0..=2 * good.len() {
        let bytes: Vec<u8> = good.iter().copied().cycle().take(length).collect();
        assert_eq!(well_formed(&bytes), length == 64, "{length}");
    }
}
