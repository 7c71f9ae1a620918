//! A good signature for each algorithm of JOSE, against which the arithmetic of a host is probed.
//!
//! They are the cases of these names in `tests/vectors/signature/known-answers.json`, made by OpenSSL.

use super::Algorithm;
use crate::base64::decode_standard;
use crate::signature::{Answer, Backend, PublicKey, RsaLimit};
use alloc::vec::Vec;

/// What was signed.
pub const MESSAGE: &[u8] = b"The quick brown fox jumps over the lazy dog";

/// A key and its signature over [`MESSAGE`].
#[derive(Clone, Copy, Debug)]
pub struct KnownAnswer {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// SubjectPublicKeyInfo DER, in base64.
    pub key: &'static str,
    /// As in a JWS, in base64.
    pub signature: &'static str,
}

impl KnownAnswer {
    /// Key and signature, decoded. `None` never occurs, as a test of every entry shows.
    #[must_use]
    pub fn parts(&self) -> Option<(PublicKey, Vec<u8>)> {
        let key = decode_standard(self.key.as_bytes())?;
        let key = PublicKey::from_spki_der(&key, RsaLimit::Standard).ok()?;
        Some((key, decode_standard(self.signature.as_bytes())?))
    }
}

/// Whether a back end calls the known signature of this algorithm good, and bad over another message. One that
/// cannot do that is not to be asked about signatures of this algorithm.
#[must_use]
pub fn passes(backend: &dyn Backend, algorithm: Algorithm) -> bool {
    let known = KNOWN_ANSWERS.iter().find(|known| known.algorithm == algorithm);
    let Some((key, signature)) = known.and_then(KnownAnswer::parts) else { return false };
    let ask = |message: &[u8]| backend.verify(algorithm.scheme(), &key, message, &signature);
    ask(MESSAGE) == Answer::Good && ask(&[MESSAGE, b"."].concat()) == Answer::Bad
}

/// One for every algorithm.
pub const KNOWN_ANSWERS: &[KnownAnswer] = &[
    // 2048 bits, SHA-256
    KnownAnswer { algorithm: Algorithm::Rs256, key: RSA_2048, signature: RS256 },
    // 2048 bits, SHA-384
    KnownAnswer { algorithm: Algorithm::Rs384, key: RSA_2048, signature: RS384 },
    // 2048 bits, SHA-512
    KnownAnswer { algorithm: Algorithm::Rs512, key: RSA_2048, signature: RS512 },
    // PSS, 2048 bits, SHA-256
    KnownAnswer { algorithm: Algorithm::Ps256, key: RSA_2048_PSS, signature: PS256 },
    // PSS, 2048 bits, SHA-384
    KnownAnswer { algorithm: Algorithm::Ps384, key: RSA_2048_PSS, signature: PS384 },
    // PSS, 2048 bits, SHA-512
    KnownAnswer { algorithm: Algorithm::Ps512, key: RSA_2048_PSS, signature: PS512 },
    // P-256, SHA-256
    KnownAnswer { algorithm: Algorithm::Es256, key: P_256, signature: ES256 },
    // P-384, SHA-384
    KnownAnswer { algorithm: Algorithm::Es384, key: P_384, signature: ES384 },
    // P-521, SHA-512
    KnownAnswer { algorithm: Algorithm::Es512, key: P_521, signature: ES512 },
    // Ed25519, by OpenSSL
    KnownAnswer { algorithm: Algorithm::EdDsa, key: ED25519, signature: EDDSA },
];

const RSA_2048: &str = "\
    MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAshsFRGQ8hSN6ez/omJ/s87V4C0hI36jisPqNRIXcng4I\
    4qIQsm1fffa/lnaC8kV49uhQNnbhNr5EdD/Mz4DRKuMsybsawcT16QvAeEYkjOnJmZuMHfoY2wwEvoXyVw1BA5wP\
    7RAPiY36PWzzDS5eg7yUHksfiXh9avoq2ezlcIlPRCB9MauqY4NGHELInT1SGZsrYKkYJzkoHrXZyGOj/r6yeovW\
    UQWn3nChGM1hj23k3x36VIXizZtXZooxGDdhIjNNI4RlrwBEyP3rGi1rDaB8sb/G9+AEJW0SkkAT3GoFuUNW61U+\
    PONsKLV6j38w2dXWvstBk+NdTk90t4xmaQIDAQAB";

const RSA_2048_PSS: &str = "\
    MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAt+kIJdExOpBkIGQGPU70Bm1uQa5FIvox2VCjcOAkJXQV\
    yvT476gJhg99BysOpmw7a+Y2P2bU27mlwzB30ILOGWCjBdMJgfTQ6VUaiuUQe+3g+bux4a/Js3/o3lyeF/j1iCzS\
    1atWR4TYLm7pwRhhQD0UYYL1Ay1k2ZjLQSZPslCBbTED/ZUTi0cGgzsWm/qdzTRWw9jbGhOlyH8xifPjdkUW/LeT\
    wHJ0VEP0EtWQWlYr6pba3Pyh6X7tzxD3yF7LXQ/IZrAKbgQLdXLhKZRHBc7d/xzHaEs/FLEic2OMO0+XCwjfEvuT\
    8TJZpAm72j+a2EX8lbFLsHW3hIgLVWrf9QIDAQAB";

const P_256: &str = "\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEUhWuO4cKAKfOCrT/+jh64S/aiKu6Uu4tgHX3rnI5TDDz44jEbrt6\
    /Blutnprm6Y6RFAL3VSTgytZhodVQFNkwQ==";

const P_384: &str = "\
    MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEszUhzaZXs3NGx+9UEl8K2/X3FUiyW33Zt7q0im79NBfxh7rElELBt6FV\
    pdkYFrZ56XN5uw2p3hTgTHbL9HS8N+lJBcE6lhxIQ3Wojz8p7EmRj7jbBb0NRwbUI+U/7tR1";

const P_521: &str = "\
    MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQBOmNSElEZbSHGwFijE9I3LVygKp58aLx6cwOFVNogC/Do8FaHPsnh\
    SSSV90CB2cKXaospORRspKCEGmu0Py5+7pgBtOVqvaUJvbtyGQeZweQnEzHyS/Bv57Is/OQ2NCVRRCUonRfb5RaQ\
    rbJQfQfImtp+qiBBLTHBc09QlB8khxFLASA=";

const ED25519: &str = "\
    MCowBQYDK2VwAyEAQnBui4MNPID1bKA/LDWoDPH0E1VCQknKZ8ono6kMIqc=";

const RS256: &str = "\
    RI13ETs5ldw2TE5h9161jkqhTtc913Tkd5l4sRhdLN4MuezFa2PToZCQg++49TK9tLwvr9TYAzxWBnwC/yX4lqA2\
    Clk+Pea1U1sv/mIheZlvd2NXu73wIdm0Ar7MwbDE+uP9Fqezh8sxv1lenzlxYKT3JXw3xFGZhR9NMlzdOmtgNU6K\
    gLQhikwjBa0ukHA42mtdS6AAdKMz0JNlLB/byu2ntaZkMiO8PsjyGNdMTqwIOafV7He1CC9aYpAz/kaPzApdYeRC\
    oDVcPYkA4X8jR1wKmOugR0i8NrIMjXgnmcphk6DUdJTvXJDJIkopdry6yiMoeWiE3S67MuP5mHzpig==";

const RS384: &str = "\
    AffPrsJuz/0ftMglV0B04zhDj99vp/u6LXixfcE6sT3mnCgJU3odo6RokzQym9vmbu45S3Jx8lnPqSiDdYZmQa1b\
    0Thdr3+AU9stokbU6Kw0zj9Bpa9W4E7rW0ot3TtMy8XVj28B3TbjM5Z0gAGtXl+UGyCkdRaP+Z4W39s5TGG/3hxu\
    f8HVgfbrNMZ7ErLtiIJTnUd3CGIoUdmxaSkrvfX7ZAj7UwWAzkeHEoc/Mv1a9jk3I664ZB16JHF18YjPRHl+1NXk\
    MBk/JBnl1EaHZFNIP6xdP3i1PNhvSMeChzBrsVRTadxuhLCELpAYGTj+VThRABjgBMnaKnBOgc53KQ==";

const RS512: &str = "\
    hMSkqJg52Zd32/rKoCyL6ET2MDmPpc3iJI9pfvu9VSWSFZLsJto7d4lZZasqEj3/xn/UCBKkriGGrtGThik5iMXD\
    UqR+I2LIIojovoJKiMt7OQ/aOOYzbiVNs9E9g8LeyLwvrxn7XwKyApk41Jgd/BU4UJJJR26UHVOljlQUIKX4rvVi\
    O01ytIeDmlNpPt3ORE+XJ1bbKuYswPhLfaAT3O5QE8yByPu+YYSrx4vJPdmvR9A4GUHrixb/MpzgxuhDBqxt9EP/\
    zfA0NlvL0QTWkUuB0rXiYUhAnaKmTjsvCVGBM1fzX7p+6pVB0U2DiOoKAL4apCrvRW7RSZToo+DVAw==";

const PS256: &str = "\
    AHHEBf+UGAUZN0+MWjAJhvpFVgnmLLmWyGH9mfNtUwMhG+DL7+bVmkP7KUsdkR1IMtdLO5zAzVgPoWl5MWHPgBiY\
    kSlfZ9MMlUUIGyHBM/PLpuIAVpTJj+sMeuzlu+iRaOdw5DFvykLKcmUR8oWnP03LxzbICK3kg8V830r83x+ew9ON\
    XST+8B/AmM8b6TK8DOCufcdrEqrPvO3GgFJAFJj2vGO7kA+HYcF/QoZHjdaq8rnqomKTIrumiqQIT0tTPVLhGqEw\
    1pQDuYVJ2wT0gzhvbza+Xy7L4J6xBX4ES/VtceWNL9Ppax++yNRwiNTi7+7D+c2mu5X0lHYkvWUlAA==";

const PS384: &str = "\
    SBxoETScE97TJ4R/ZGRFSoFguuDwKLgBSnd1YW1npUQ2f3uZABCqopzzgWHcbz7m/tUiiuFl7nY99vCn2tZwIsGq\
    BR73JxYgJ9OynV9hiddHxP+WnQ9YV87mcyqfialJODatE62++067gI4Tir+GkIJBqwLAPKhxGXddjnueea2hnYCB\
    FLROMeE/YVDGifjpjkEyhW6K0Au+SJW54nurBaQIiq33XGtX6TriFXMnL5FfA7FRmB6VEG1CnxeDqXRgHXTE8hqY\
    Pilkpbt1+jvMveFew2I9CH6l7ZZxJbd9Y5Wz4AoyxLs0JE1+2IYRSMMCans9VJ68qukFSfh1ILW1eA==";

const PS512: &str = "\
    nUk/luSSbK3IyIJ1SCGg+qujynPIDPlzGYxiOLXH2EbyC9WB5nRbhHRW1VU9Gv5DNz5JfVT/8dHuQcLZ1DLNNQc1\
    pgQlePUKdRt6s/9gwbk6ZymCIqlD3AKzcQ0cnDYgR8Y+w6/qSp8npL7vx1ZkDGKkRFtlJGEApHdECQZuEtlkrqQD\
    hNEbS5cQ0RpynDVJbZJ80tLut8gzHhib3JJiijPEnmdCEXsJJrGBx3S08nuT686VfzT82Pr3i1jrCN2xWlDQwYA+\
    tJzY8GYtP20gaPvhORLTwbloGp6pgM87XNwordvBFb8BRp8meCROu/gnYvik07dG7ktbURJZzIo4/Q==";

const ES256: &str = "\
    feb03IH7rgze0x9QMwwUVWwPh37TQVd+bzhFLYxoCWxTLjrfddo5U/A+pNKp20Yb8PGDhZGoc1gHNLkTLIC4oQ==";

const ES384: &str = "\
    NqQp8loAAMfVOOxgu2fQZicP5Z9eEYI02HQHOBqWe0G7fHfjh80OfaUywRK4NhosnFkemLr3805vga9Raf+JDxl/\
    sv9PnOhEzbjaXpnwhZ1cI3zxoGMWIphN74+Cs1YP";

const ES512: &str = "\
    AI6w44pTO+go1GtFYQcZJNs12AHPgolG4ehMIcsGclVHjVLlIj4T2hUnxrrGyYxwV4AthfO32WpXy80VsPh8bCYx\
    AWY+RDFjtuptpkc1Rg+BYYM1olC+JbSyVL7U6yTdaaSJH2qlxN9ZsgeMhT5OGTIsqnk+Ayj0L2oH0/ipYtk3CHRj";

const EDDSA: &str = "\
    Fn/FTuISydeNh3JOz41JtOANdUpqJUyzpcZFRIREuTEtDDuNHizDG3ecMAs2b6ov0jIBSfwPatUFy7Dp4hrABw==";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{self, Limits, Value};
    use crate::signature::{Scheme, well_formed};

    #[test]
    fn every_algorithm_has_one_in_good_form() {
        let algorithms: Vec<Algorithm> =
            KNOWN_ANSWERS.iter().map(|known| known.algorithm).collect();
        assert_eq!(algorithms, Algorithm::ALL);
        for known in KNOWN_ANSWERS {
            let (key, signature) = known.parts().unwrap();
            let scheme = known.algorithm.scheme();
            assert!(well_formed(scheme, &key, &signature), "{}", known.algorithm);
        }
    }

    #[test]
    fn they_are_those_of_the_vectors() {
        let text = include_bytes!("../../../../tests/vectors/signature/known-answers.json");
        let vectors = json::parse_with(text, Limits::DOCUMENT).unwrap();
        for known in KNOWN_ANSWERS {
            let is_known = |case: &Value| {
                let text = |member| case.get(member).and_then(Value::as_str);
                text("key") == Some(known.key)
                    && text("signature") == Some(known.signature)
                    && text("verdict") == Some("good")
            };
            assert!(vectors.as_array().unwrap().iter().any(is_known), "{}", known.algorithm);
        }
    }

    /// Answers the same, whatever it is asked.
    struct Constant(Answer);

    impl Backend for Constant {
        fn verify(&self, _: Scheme, _: &PublicKey, _: &[u8], _: &[u8]) -> Answer {
            self.0
        }
    }

    #[test]
    fn one_that_does_not_tell_good_from_bad_does_not_pass() {
        for answer in [Answer::Good, Answer::Bad, Answer::Unsupported, Answer::Deferred] {
            for algorithm in Algorithm::ALL {
                assert!(!passes(&Constant(answer), *algorithm), "{answer:?}");
            }
        }
    }
}
