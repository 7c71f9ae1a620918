//! `server.proxy_protocol:` and `server.trusted_forwarders:`: who may say from where others come.

use crate::fetch::AddressRange;
use crate::forwarded::SourceField;
use crate::limits::FORWARDERS;
use crate::serve::Intermediaries;

/// Balancers that begin each connection with a header of the PROXY protocol.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxyProtocol {
    /// Their networks.
    pub from: Vec<AddressRange>,
}

/// Proxies that say in each request from where it comes.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedForwarders {
    /// Their networks. A proxy that is known by its certificate, or comes through its socket, needs none.
    #[serde(default)]
    pub from: Vec<AddressRange>,
    /// The field that they set.
    #[serde(default)]
    pub field: SourceField,
}

/// What the types do not say. An error is a sentence and what was expected.
pub(super) fn check(
    balancers: Option<&ProxyProtocol>,
    forwarders: Option<&TrustedForwarders>,
    has_proven_proxies: bool,
) -> Result<(), (String, &'static str)> {
    let too_many = |name: &str| Err((format!("{name}: there are too many networks"), "at most 64"));
    if let Some(balancers) = balancers {
        if balancers.from.is_empty() {
            return Err((
                "proxy_protocol: `from` is empty".to_owned(),
                "the networks of balancers",
            ));
        }
        if balancers.from.len() > FORWARDERS {
            return too_many("proxy_protocol");
        }
    }
    match forwarders {
        Some(forwarders) if forwarders.from.is_empty() && !has_proven_proxies => Err((
            "trusted_forwarders: nobody is trusted".to_owned(),
            "`from` with the networks of proxies, or `mtls.forwarded`",
        )),
        Some(forwarders) if forwarders.from.len() > FORWARDERS => too_many("trusted_forwarders"),
        _ => Ok(()),
    }
}

/// Both together.
pub(super) fn joined(
    balancers: Option<&ProxyProtocol>,
    forwarders: Option<&TrustedForwarders>,
) -> Intermediaries {
    Intermediaries {
        balancers: balancers.map(|balancers| balancers.from.clone()).unwrap_or_default(),
        forwarders: forwarders.map(|forwarders| forwarders.from.clone()).unwrap_or_default(),
        field: forwarders.map(|forwarders| forwarders.field),
    }
}
