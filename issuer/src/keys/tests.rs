//! Keys of tests.

use super::set::KnownKey;
use super::software::{SoftwareKey, generate};
use super::*;

impl SigningKeys {
    /// A key that was made for a test and signs at any time.
    pub(crate) fn fresh(algorithm: SigningAlgorithm) -> Self {
        let private = generate(algorithm).unwrap();
        let signer = SoftwareKey::from_pkcs8(&private, algorithm).unwrap();
        Self::of(Arc::new(signer))
    }

    /// This key alone, at any time.
    pub(crate) fn of(signer: Arc<dyn Signer>) -> Self {
        let public = signer.public().clone();
        let beginning = UnixTime::from_seconds(i64::MIN);
        let life = KeyLife {
            kid: public.kid().to_owned(),
            number: 1,
            algorithm: public.algorithm(),
            home: life::KeyHome::Store,
            made: beginning,
            version: 1,
            urgent: false,
            sign_from: Some(beginning),
            sign_until: Some(UnixTime::from_seconds(i64::MAX)),
            started: true,
            retired: None,
            withdrawn: None,
        };
        let algorithm = public.algorithm();
        let key = KnownKey { life, public, signer: Some(signer) };
        Self::new(KeySet::new(1, vec![key]).unwrap(), algorithm)
    }

    /// What signs.
    pub(crate) fn current(&self) -> Arc<dyn Signer> {
        self.signer(None, UnixTime::from_seconds(0)).unwrap()
    }
}
