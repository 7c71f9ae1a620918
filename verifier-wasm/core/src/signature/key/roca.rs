//! Recognises RSA moduli of the generator of CVE-2017-15361 (ROCA), which can be factored.
//!
//! Its primes have the form k·M + (65537^a mod M), M being a product of small primes. So the modulus is
//! a power of 65537 modulo each of these primes; for a modulus of another origin that has a chance of
//! less than one in a hundred million.

/// The odd primes that divide M for every size of key.
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Whether a modulus, big-endian, bears the mark.
pub(super) fn fingerprint(modulus: &[u8]) -> bool {
    // The product of four of these primes fits 32 bits, so one division of the modulus serves four.
    PRIMES.chunks(4).all(|primes| {
        let product = primes.iter().fold(1_u32, |product, prime| product.wrapping_mul(*prime));
        let residue = remainder(modulus, product);
        primes
            .iter()
            .all(|prime| is_power_of_65537(residue.checked_rem(*prime).unwrap_or(0), *prime))
    })
}

/// The remainder of a big-endian integer, four bytes at a time.
fn remainder(integer: &[u8], divisor: u32) -> u32 {
    let divisor = u64::from(divisor);
    let (first, rest) = integer.split_at(integer.len() % 4);
    let digits = core::iter::once(first).chain(rest.chunks(4));
    let remainder = digits.fold(0_u64, |remainder, bytes| {
        // The remainder is below 2^32, and so is a digit: nothing overflows.
        let digit = bytes.iter().fold(0, |digit, byte| (digit << 8) | u64::from(*byte));
        ((remainder << 32) | digit).checked_rem(divisor).unwrap_or(0)
    });
    u32::try_from(remainder).unwrap_or(0)
}

fn is_power_of_65537(residue: u32, prime: u32) -> bool {
    let mut power: u32 = 1;
    for _ in 1..prime {
        if power == residue {
            return true;
        }
        power = power.wrapping_mul(65_537).checked_rem(prime).unwrap_or(0);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    /// Multiplies a big-endian integer by 65537 and adds `plus`.
    fn step(integer: &[u8], plus: u64) -> Vec<u8> {
        let mut carry = plus;
        let mut out: Vec<u8> = integer
            .iter()
            .rev()
            .map(|byte| {
                carry += u64::from(*byte) * 65_537;
                let low = carry as u8;
                carry >>= 8;
                low
            })
            .collect();
        while carry > 0 {
            out.push(carry as u8);
            carry >>= 8;
        }
        out.reverse();
        out
    }

    #[test]
    fn j18_powers_of_65537_bear_the_mark() {
        let mut power = alloc::vec![1];
        for _ in 0..128 {
            power = step(&power, 0);
            assert!(fingerprint(&power));
            let neighbour = step(&power, 2);
            assert!(!fingerprint(&neighbour));
        }
    }
    /// The definition, a prime at a time and a byte at a time.
    fn by_definition(modulus: &[u8]) -> bool {
        PRIMES.iter().all(|prime| {
            let residue =
                modulus.iter().fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime);
            let powers = core::iter::successors(Some(1), |power| Some(power * 65_537 % prime));
            powers.take(*prime as usize).any(|power| power == residue)
        })
    }

    #[test]
    fn four_primes_together_fit_32_bits() {
        for primes in PRIMES.chunks(4) {
            let product =
                primes.iter().try_fold(1_u32, |product, prime| product.checked_mul(*prime));
            assert!(product.is_some(), "{primes:?}");
        }
    }

    proptest! {
        #[test]
        fn the_remainder_is_that_of_the_definition(integer in proptest::collection::vec(any::<u8>(), 0..80), divisor in 1u32..) {
            let expect = integer
                .iter()
                .fold(0, |rest, byte| (rest * 256 + u64::from(*byte)) % u64::from(divisor));
            prop_assert_eq!(u64::from(remainder(&integer, divisor)), expect);
        }

        /// With the mark and nearly with it, and others.
        #[test]
        fn the_mark_is_that_of_the_definition(start in proptest::collection::vec(any::<u8>(), 1..9), steps in 0usize..40, marked in any::<bool>(), plus in 0u64..3) {
            let mut integer = if marked { alloc::vec![1] } else { start };
            for _ in 0..steps {
                integer = step(&integer, 0);
            }
            integer = step(&integer, plus);
            prop_assert_eq!(fingerprint(&integer), by_definition(&integer));
        }
    }
}
