use super::*;
use alloc::vec;
use p256::elliptic_curve::sec1::ToSec1Point as _;

/// An odd integer of so many bits; form is all that is checked, so it need not be a product of primes.
fn modulus(bits: usize) -> Vec<u8> {
    let mut modulus = vec![0x5a; bits.div_ceil(8)];
    modulus[0] = 1 << ((bits - 1) % 8);
    *modulus.last_mut().unwrap() = 0x5b;
    modulus
}

/// The base point, which is as good a key as any.
fn point(curve: Curve) -> Vec<u8> {
    match curve {
        Curve::P256 => p256::AffinePoint::GENERATOR.to_sec1_point(false).as_bytes().to_vec(),
        Curve::P384 => p384::AffinePoint::GENERATOR.to_sec1_point(false).as_bytes().to_vec(),
        Curve::P521 => p521::AffinePoint::GENERATOR.to_sec1_point(false).as_bytes().to_vec(),
    }
}

fn ec_spki(curve: Curve, point: &[u8]) -> Vec<u8> {
    let oid = curve.oid();
    let parameters = Some(AnyRef::from(&oid));
    encode_spki(AlgorithmIdentifierRef { oid: EC_PUBLIC_KEY, parameters }, point).unwrap()
}

fn read(der: &[u8]) -> Result<PublicKey, Code> {
    PublicKey::from_spki_der(der, RsaLimit::Standard).map_err(|refusal| refusal.code())
}

const F4: &[u8] = &[1, 0, 1];

#[test]
fn keys_keep_what_they_are_made_of() {
    let rsa = PublicKey::from_rsa(&modulus(2048), F4, RsaLimit::Standard).unwrap();
    assert_eq!(rsa.kind(), KeyKind::Rsa { bits: 2048 });
    assert_eq!(rsa.rsa(), Some((&modulus(2048)[..], F4)));
    assert_eq!(rsa.ec_point(), None);
    assert_eq!(read(rsa.spki_der()), Ok(rsa));
    for curve in Curve::ALL.iter().copied() {
        let point = point(curve);
        let (x, y) = point[1..].split_at(curve.bytes());
        let key = PublicKey::from_ec(curve, x, y).unwrap();
        assert_eq!(key.kind(), KeyKind::Ec(curve));
        assert_eq!(key.ec_point(), Some(&point[..]));
        assert_eq!(key.rsa(), None);
        assert_eq!(key.spki_der(), ec_spki(curve, &point));
        assert_eq!(read(key.spki_der()), Ok(key));
    }
}

#[test]
fn j18_size_and_shape_of_the_modulus() {
    let check = |modulus: &[u8], limit: RsaLimit, expect: Option<Code>| {
        let made = PublicKey::from_rsa(modulus, F4, limit);
        assert_eq!(made.err().map(|refusal| refusal.code()), expect, "{} bytes", modulus.len());
    };
    for bits in [2048, 2049, 2050, 2056, 3072, 4095, 4096] {
        check(&modulus(bits), RsaLimit::Standard, None);
        let key = PublicKey::from_rsa(&modulus(bits), F4, RsaLimit::Standard).unwrap();
        assert_eq!(key.kind(), KeyKind::Rsa { bits });
    }
    for bits in [1, 512, 1024, 2040, 2047, 4097, 8192, 16384, 100_000] {
        check(&modulus(bits), RsaLimit::Standard, Some(Code::KeyWeak));
    }
    check(&modulus(8192), RsaLimit::Allow8192, None);
    check(&modulus(8193), RsaLimit::Allow8192, Some(Code::KeyWeak));
    check(&modulus(2047), RsaLimit::Allow8192, Some(Code::KeyWeak));
    let mut even = modulus(2048);
    *even.last_mut().unwrap() = 0x5a;
    check(&even, RsaLimit::Standard, Some(Code::KeyWeak));
    check(&[], RsaLimit::Standard, Some(Code::KeyMalformed));
    check(&[&[0], &modulus(2048)[..]].concat(), RsaLimit::Standard, Some(Code::KeyMalformed));
}

#[test]
fn j18_exponents() {
    let check = |exponent: &[u8], expect: Option<Code>| {
        let made = PublicKey::from_rsa(&modulus(2048), exponent, RsaLimit::Standard);
        assert_eq!(made.err().map(|refusal| refusal.code()), expect, "{exponent:?}");
    };
    check(F4, None);
    check(&[1, 0, 3], None);
    check(&[0x80, 0, 1], None);
    check(&[0xff, 0xff, 0xff, 0xff], None);
    for weak in [
        &[1][..],
        &[3],
        &[17],
        &[0xff, 0xff],
        &[1, 0, 0],
        &[1, 0, 2],
        &[0xff, 0xff, 0xff, 0xfe],
        &[1, 0, 0, 0, 1],
        &[1, 0, 0, 0, 0, 0, 0, 0, 1],
    ] {
        check(weak, Some(Code::KeyWeak));
    }
    for malformed in [&[][..], &[0], &[0, 3], &[0, 1, 0, 1]] {
        check(malformed, Some(Code::KeyMalformed));
    }
}

#[test]
fn j17_points() {
    for curve in Curve::ALL.iter().copied() {
        let good = point(curve);
        let refuses = |point: &[u8], expect: Code| {
            assert_eq!(read(&ec_spki(curve, point)), Err(expect), "{point:?}");
        };
        for at in 1..good.len() {
            let mut off = good.clone();
            off[at] ^= 1;
            refuses(&off, Code::KeyMalformed);
        }
        let (x, y) = good[1..].split_at(curve.bytes());
        let sign = 2 + (y[y.len() - 1] & 1);
        refuses(&[&[sign], x].concat(), Code::UnsupportedKey);
        refuses(&[&[sign + 4], x, y].concat(), Code::KeyMalformed);
        refuses(&[0], Code::KeyMalformed);
        refuses(&[], Code::KeyMalformed);
        refuses(&vec![4; good.len()], Code::KeyMalformed);
        refuses(&[&[4][..], &vec![0; good.len() - 1]].concat(), Code::KeyMalformed);
        refuses(&[&[4][..], &vec![0xff; good.len() - 1]].concat(), Code::KeyMalformed);
        refuses(&good[..good.len() - 1], Code::KeyMalformed);
        refuses(&[&good[..], &[0]].concat(), Code::KeyMalformed);
        for other in Curve::ALL.iter().copied().filter(|other| *other != curve) {
            assert_eq!(read(&ec_spki(other, &good)), Err(Code::KeyMalformed));
        }
        for (x, y) in [(&x[1..], y), (x, &y[1..]), (&[&[0], x].concat()[..], y), (&[], &[])] {
            let made = PublicKey::from_ec(curve, x, y);
            assert_eq!(made.unwrap_err().code(), Code::KeyMalformed);
        }
        assert_eq!(
            PublicKey::from_ec(curve, y, x).err().map(|refusal| refusal.code()),
            Some(Code::KeyMalformed)
        );
    }
}

#[test]
fn j17_coordinates_from_the_prime_on_are_not_reduced() {
    // x = 5 has a point on P-256; p + 5 still fits into 32 bytes and means the same number modulo p.
    let point = p256::PublicKey::from_sec1_bytes(&[&[2][..], &[0; 31], &[5]].concat()).unwrap();
    let point = point.to_sec1_point(false).as_bytes().to_vec();
    let (x, y) = point[1..].split_at(32);
    assert!(PublicKey::from_ec(Curve::P256, x, y).is_ok());
    // p = 2^256 - 2^224 + 2^192 + 2^96 - 1
    let mut x = [0; 32];
    x[..4].fill(0xff);
    x[7] = 1;
    x[19] = 1;
    x[31] = 4;
    assert_eq!(
        PublicKey::from_ec(Curve::P256, &x, y).err().map(|refusal| refusal.code()),
        Some(Code::KeyMalformed)
    );
}

#[test]
fn j17_coordinates_of_p521_have_521_bits() {
    // 2^521 - 1 is the prime: x and the prime plus x differ, and both fit into 66 bytes.
    let point = point(Curve::P521);
    let (x, y) = point[1..].split_at(66);
    assert!(PublicKey::from_ec(Curve::P521, x, y).is_ok());
    for bit in [0x02, 0x04, 0x80] {
        for at in [0, 66] {
            let mut coordinates = [x, y].concat();
            coordinates[at] |= bit;
            let (x, y) = coordinates.split_at(66);
            assert_eq!(
                PublicKey::from_ec(Curve::P521, x, y).err().map(|refusal| refusal.code()),
                Some(Code::KeyMalformed),
                "{bit} {at}"
            );
        }
    }
    // x + p = x - 1 + 2^521, for the base point that of an odd x with bit 521 set.
    let mut above = x.to_vec();
    above[0] |= 0x02;
    *above.last_mut().unwrap() -= 1;
    assert_eq!(
        PublicKey::from_ec(Curve::P521, &above, y).err().map(|refusal| refusal.code()),
        Some(Code::KeyMalformed)
    );
}

#[test]
fn j17_a_point_above_the_prime_of_p521_is_not_reduced() {
    // The smallest x that has a point; the prime plus x still fits into 521 bits only for x = 0.
    let mut prime = [0xff; 66];
    prime[0] = 1;
    let zero = [0; 66];
    let compressed = [&[2][..], &zero].concat();
    let point = p521::PublicKey::from_sec1_bytes(&compressed).unwrap();
    let point = point.to_sec1_point(false).as_bytes().to_vec();
    let y = &point[67..];
    assert!(PublicKey::from_ec(Curve::P521, &zero, y).is_ok());
    assert_eq!(
        PublicKey::from_ec(Curve::P521, &prime, y).err().map(|refusal| refusal.code()),
        Some(Code::KeyMalformed)
    );
}

/// y = 4/5, as RFC 8032 section 5.1 has the base point.
fn ed25519() -> [u8; 32] {
    let mut point = [0x66; 32];
    point[0] = 0x58;
    point
}

fn ed25519_spki(parameters: Option<AnyRef<'_>>, key: &[u8]) -> Vec<u8> {
    encode_spki(AlgorithmIdentifierRef { oid: ED25519, parameters }, key).unwrap()
}

#[test]
fn j17_ed25519_is_one_point_in_its_one_encoding() {
    let good = PublicKey::from_ed25519(&ed25519()).unwrap();
    assert_eq!(good.kind(), KeyKind::Ed25519);
    assert_eq!(good.ed25519(), Some(&ed25519()));
    assert_eq!((good.rsa(), good.ec_point(), good.dsa()), (None, None, None));
    assert_eq!(good.spki_der(), ed25519_spki(None, &ed25519()));
    assert_eq!(read(good.spki_der()), Ok(good));
    let check = |bytes: &[u8], code: Code| {
        let made = PublicKey::from_ed25519(bytes).map_err(|refusal| refusal.code());
        assert_eq!(made, Err(code), "{bytes:02x?}");
        assert_eq!(read(&ed25519_spki(None, bytes)), Err(code), "{bytes:02x?}");
    };
    let mut one = [0; 32];
    check(&one, Code::KeyWeak);
    one[0] = 1;
    check(&one, Code::KeyWeak);
    one[31] = 0x80;
    check(&one, Code::KeyWeak);
    one[0] = 2;
    check(&one, Code::KeyMalformed);
    check(&[0xff; 32], Code::KeyMalformed);
    for length in [0, 31, 33, 57] {
        check(&vec![0x66; length], Code::KeyMalformed);
    }
}

#[test]
fn x15_ed25519_has_no_parameters() {
    // RFC 8410 section 3.
    let oid = ED25519;
    for parameters in [AnyRef::NULL, AnyRef::from(&oid)] {
        let der = ed25519_spki(Some(parameters), &ed25519());
        assert_eq!(read(&der), Err(Code::KeyMalformed));
    }
    for (oid, name) in [("1.3.101.113", "Ed448"), ("1.3.101.110", "X25519")] {
        let oid = ObjectIdentifier::new_unwrap(oid);
        let der = encode_spki(AlgorithmIdentifierRef { oid, parameters: None }, &ed25519());
        assert_eq!(read(&der.unwrap()), Err(Code::UnsupportedKey), "{name}");
    }
}

#[test]
fn x15_parameters() {
    let rsa = PublicKey::from_rsa(&modulus(2048), F4, RsaLimit::Standard).unwrap();
    let bits = SubjectPublicKeyInfoRef::from_der(rsa.spki_der()).unwrap();
    let key = bits.subject_public_key.raw_bytes();
    let with =
        |oid, parameters| encode_spki(AlgorithmIdentifierRef { oid, parameters }, key).unwrap();
    let bytes = AnyRef::new(der::Tag::OctetString, &[]).unwrap();
    assert!(read(&with(RSA_ENCRYPTION, Some(AnyRef::NULL))).is_ok());
    assert_eq!(read(&with(RSA_ENCRYPTION, None)), Err(Code::KeyMalformed));
    assert_eq!(read(&with(RSA_ENCRYPTION, Some(bytes))), Err(Code::KeyMalformed));
    let pss = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
    for parameters in [None, Some(AnyRef::NULL), AnyRef::new(der::Tag::Sequence, &[]).ok()] {
        assert_eq!(read(&with(pss, parameters)), Err(Code::UnsupportedKey));
    }

    let ec = |parameters| {
        let algorithm = AlgorithmIdentifierRef { oid: EC_PUBLIC_KEY, parameters };
        read(&encode_spki(algorithm, &point(Curve::P256)).unwrap())
    };
    assert_eq!(ec(None), Err(Code::KeyMalformed));
    assert_eq!(ec(Some(AnyRef::NULL)), Err(Code::UnsupportedKey));
    let secp256k1 = ObjectIdentifier::new_unwrap("1.3.132.0.10");
    assert_eq!(ec(Some(AnyRef::from(&secp256k1))), Err(Code::UnsupportedKey));
}

#[test]
fn x17_curves_that_are_written_out() {
    // What X9.62 calls ECParameters, from version on; the numbers do not matter, the form does.
    let written_out = AnyRef::new(der::Tag::Sequence, &[2, 1, 1]).unwrap();
    let algorithm = AlgorithmIdentifierRef { oid: EC_PUBLIC_KEY, parameters: Some(written_out) };
    let der = encode_spki(algorithm, &point(Curve::P256)).unwrap();
    assert_eq!(read(&der), Err(Code::UnsupportedKey));
}

#[test]
fn one_encoding_for_each_key() {
    let rsa = PublicKey::from_rsa(&modulus(2048), F4, RsaLimit::Standard).unwrap();
    let ec = ec_spki(Curve::P256, &point(Curve::P256));
    let edwards = ed25519_spki(None, &ed25519());
    for der in [rsa.spki_der(), &ec, &edwards] {
        let key = read(der).unwrap();
        assert_eq!(read(&[der, &[0]].concat()).err(), Some(Code::KeyMalformed));
        assert_eq!(read(&der[..der.len() - 1]).err(), Some(Code::KeyMalformed));
        // No change to a byte leaves the same key.
        for at in 0..der.len() {
            for bit in 0..8 {
                let mut altered = der.to_vec();
                altered[at] ^= 1 << bit;
                assert_ne!(read(&altered).as_ref(), Ok(&key), "byte {at}");
            }
        }
    }
    // A longer length byte, and an unused bit in the bit string.
    let mut long = vec![0x30, 0x81];
    long.extend_from_slice(&ec[1..]);
    assert_eq!(read(&long), Err(Code::KeyMalformed));
    let mut unused = ec.clone();
    let at = ec.len() - 66;
    assert_eq!(unused[at], 0);
    unused[at] = 1;
    assert_eq!(read(&unused), Err(Code::KeyMalformed));
}

#[test]
fn garbage_is_refused() {
    for der in
        [&b""[..], b"\x30\x00", b"\x30\x80\x00\x00", b"-----BEGIN PUBLIC KEY-----", &[0x30; 64]]
    {
        assert_eq!(read(der), Err(Code::KeyMalformed));
    }
}
