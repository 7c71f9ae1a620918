//! A certificate of TLS (RFC 8705 section 2.1): the handshake has proven its key, so there is no assertion, and nothing that could
//! be used twice.

use super::pca::{certified, state};
use super::{Context, Evidence};
use crate::policy::PcaProvider;
use crate::presented::ClientCertificate;
use crate::recorded::{Recorded, Stated};
use crate::refusal::{Code, Refusal, Step};
use crate::trace::Seen;
use crate::verdict::Stop;
use crate::x509::Certificate;
use alloc::string::String;
use alloc::vec::Vec;

/// The certificates of a handshake, their form read.
pub(crate) struct Form {
    leaf: Certificate,
    intermediates: Vec<Certificate>,
}

impl Form {
    pub(super) fn read(certificate: &ClientCertificate) -> Result<Self, Refusal> {
        let leaf = Certificate::from_der(certificate.leaf())?;
        let read = |der: &Vec<u8>| Certificate::from_der(der);
        let intermediates = certificate.chain().iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { leaf, intermediates })
    }

    pub(super) fn verify(
        self,
        provider: &PcaProvider,
        context: Context<'_>,
    ) -> Result<Evidence, Stop> {
        let Context { to, client_id, ring, now, session, trace } = context;
        // RFC 8705 section 2: the client is named.
        client_id.ok_or(Code::ClientUnknown)?;
        let Self { leaf, intermediates } = self;
        let certificate = certified(&leaf, intermediates, provider, (ring, now), session, trace)?;
        // The transport has verified with this key; whether it is one that is trusted here is for the provider.
        leaf.public_key(provider.rsa)?;
        trace.passed(Step::Signature, || Seen::found("by the handshake of TLS"));
        trace.state(|| Recorded::new(Stated::Certificate(certificate.clone())));
        Ok(Evidence { stated: state(certificate, to.provider), owed: None })
    }

    pub(super) fn in_words(&self) -> String {
        alloc::format!("the certificate {} of TLS", self.leaf)
    }
}
