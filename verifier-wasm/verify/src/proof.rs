//! `credmint proof verify`: one token request, judged by a trust policy as the issuer would.

use crate::Host;
use crate::answer::{Misuse, Proven, Refused, Verification};
use crate::input;
use crate::request::{self, Document, Members};
use crate::time::{self, Time};
use credmint_core::exchange::{Exchange, Explanation, Trace};
use credmint_core::jose::{JwkSet, KeyRules};
use credmint_core::keys::KeyRing;
use credmint_core::policy::TrustPolicy;
use credmint_core::x509::Crl;
use credmint_core::{
    ClientCertificate, Code, FirstUse, Grant, Obligation, Presented, Refusal, Source, Stop,
    UnixTime, Verdict, json, pem,
};
use serde::de::{Deserialize, Deserializer, Error as _};
use serde_json::json;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One request.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    policy: Document,
    now: Option<Time>,
    form: Form,
    tls: Option<Tls>,
    #[serde(default)]
    keys: Keys,
    #[serde(default, deserialize_with = "request::list")]
    crls: Vec<String>,
    #[serde(default, deserialize_with = "request::list")]
    consumed: Vec<String>,
}

/// The parameters of a token request. One that is sent twice is a fault of the request that is judged.
type Form = Members<String>;

/// What the client has shown in the handshake of TLS: its certificate, and the others in any order, PEM.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Tls {
    certificate: String,
    #[serde(default)]
    chain: String,
}

impl Tls {
    /// The handshake is taken for verified: who asks says so.
    fn certificate(&self) -> Result<ClientCertificate, Refusal> {
        let chain = match self.chain.is_empty() {
            true => Vec::new(),
            false => pem::certificates(&self.chain)?,
        };
        ClientCertificate::from_transport(pem::certificate(&self.certificate)?, chain)
    }
}

/// Key sets by issuer, or one JWK set for whichever issuer is asked for.
enum Keys {
    ByIssuer(BTreeMap<String, Document>),
    Plain(Document),
}

impl Default for Keys {
    fn default() -> Self {
        Self::ByIssuer(BTreeMap::new())
    }
}

impl<'de> Deserialize<'de> for Keys {
    /// A JWK set is an object whose member `keys` is a list (RFC 7517 section 5), which no key set of an issuer is.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Some(text) = Option::<Box<RawValue>>::deserialize(deserializer)? else {
            return Ok(Self::default());
        };
        let members: Members<&RawValue> =
            serde_json::from_str(text.get()).map_err(D::Error::custom)?;
        let is_list =
            |(name, value): &(String, &RawValue)| name == "keys" && value.get().starts_with('[');
        if members.0.iter().any(is_list) {
            return Ok(Self::Plain(Document(text.get().to_owned())));
        }
        let mut reader = serde_json::Deserializer::from_str(text.get());
        request::unique_members(&mut reader).map(Self::ByIssuer).map_err(D::Error::custom)
    }
}

impl Keys {
    fn of(&self, issuer: &str) -> Option<&Document> {
        match self {
            Self::ByIssuer(sets) => sets.get(issuer),
            Self::Plain(set) => Some(set),
        }
    }
}

impl Request {
    /// The verdict, or why the request is not understood.
    pub(crate) fn judge(
        self,
        host: &dyn Host,
        last: &mut LastPolicy,
    ) -> Result<Verification, Misuse> {
        self.with_judge(host, last, |judge, presented| judge.decide(&presented?))
    }

    /// The same with a trace of how it came about.
    pub(crate) fn explain(
        self,
        host: &dyn Host,
        last: &mut LastPolicy,
    ) -> Result<(Verification, Explanation), Misuse> {
        self.with_judge(host, last, |judge, presented| {
            let mut explanation = Explanation::default();
            let judgement = presented
                .map_err(Refused::from)
                .and_then(|presented| judge.explain(&presented, &mut explanation));
            if let Err(refusal) = &judgement {
                explanation.end_with(&refusal.refusal);
            }
            (judgement, explanation)
        })
    }

    fn with_judge<T>(
        self,
        host: &dyn Host,
        last: &mut LastPolicy,
        judge: impl FnOnce(&Judged<'_>, Result<Presented, Refusal>) -> T,
    ) -> Result<T, Misuse> {
        let policy = last.open(&self.policy, host)?;
        let now = time::or_now(self.now, host);
        let Self { form, tls, keys, crls, consumed, .. } = self;
        // A list that cannot be read is a fault of what is judged, like any other hostile input.
        let crls = input::revocation_lists(&crls);
        let (crls, presented) = match crls {
            Ok(crls) => {
                let certificate = tls.map(|tls| tls.certificate()).transpose();
                let presented =
                    certificate.and_then(|certificate| Presented::over_tls(form.0, certificate));
                (crls, presented)
            }
            Err(refusal) => (Vec::new(), Err(refusal)),
        };
        let (keys, consumed) = (&keys, consumed.as_slice());
        let judged = Judged { host, policy: &policy, now, keys, crls: &crls, consumed };
        Ok(judge(&judged, presented))
    }
}

/// The policy of the request before: requests of a batch mostly share one, and compiling it takes longer
/// than judging by it.
#[derive(Default)]
pub(crate) struct LastPolicy(Option<(Document, Arc<TrustPolicy>)>);

impl LastPolicy {
    fn open(&mut self, document: &Document, host: &dyn Host) -> Result<Arc<TrustPolicy>, Misuse> {
        if let Some((last, policy)) = &self.0
            && last == document
        {
            return Ok(Arc::clone(policy));
        }
        let policy = Arc::new(compile(document, host)?);
        self.0 = Some((document.clone(), Arc::clone(&policy)));
        Ok(policy)
    }
}

/// The policy of a request: a document, or the path of a file.
fn compile(policy: &Document, host: &dyn Host) -> Result<TrustPolicy, Misuse> {
    if !policy.is_object() {
        return host.open_policy(&policy.0).map_err(Misuse::new);
    }
    let mut document = json::parse_with(policy.0.as_bytes(), json::Limits::DOCUMENT)
        .map_err(|refusal| Misuse::new(format_args!("policy: {refusal}")))?;
    credmint_clouds::resolve(&mut document).map_err(|errors| lines(&errors))?;
    TrustPolicy::from_document(&document).map_err(|errors| lines(&errors))
}

fn lines<E: ToString>(errors: &[E]) -> Misuse {
    Misuse::new(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

/// What a token request is judged by.
struct Judged<'a> {
    host: &'a dyn Host,
    policy: &'a TrustPolicy,
    now: UnixTime,
    keys: &'a Keys,
    crls: &'a [Crl],
    consumed: &'a [String],
}

impl Judged<'_> {
    /// The verdict of the exchange.
    fn decide(&self, presented: &Presented) -> Verification {
        let own = self.own_keys(presented)?;
        let grant =
            self.settle(own.as_ref(), |exchange| exchange.decide(presented, &mut Trace::none()))?;
        self.discharge(presented, &grant)
    }

    /// The verdict of the exchange, with its trace.
    fn explain(&self, presented: &Presented, explanation: &mut Explanation) -> Verification {
        let own = self.own_keys(presented)?;
        let grant = self.settle(own.as_ref(), |exchange| {
            let (verdict, explained) = exchange.explain(presented);
            *explanation = explained;
            verdict
        })?;
        self.discharge(presented, &grant)
    }

    /// Repeats the decision until it is final. What is wanted is taken from the request, as if it had just been fetched.
    fn settle<T>(
        &self,
        own: Option<&JwkSet>,
        mut ask: impl FnMut(&Exchange<'_>) -> Verdict<T>,
    ) -> Result<T, Refusal> {
        let Self { host, policy, now, .. } = *self;
        let mut ring = KeyRing::default();
        for list in self.crls {
            ring.give_crl(list.clone());
        }
        let mut ask = |keys: &KeyRing| {
            crate::settle(host, |signatures| {
                ask(&Exchange { policy, keys, signatures, now, own }).into_result()
            })
        };
        match ask(&ring) {
            Err(Stop::Wanting(source)) => {
                self.bring(&source, &mut ring)?;
                ask(&ring).map_err(Stop::into_refusal)
            }
            decided => decided.map_err(Stop::into_refusal),
        }
    }

    /// The signing keys of the issuer of the policy, of which the request brings the public half, where it exchanges an
    /// access token of that issuer.
    fn own_keys(&self, presented: &Presented) -> Result<Option<JwkSet>, Refusal> {
        let issuer = self.policy.issuer();
        let keys = presented.exchanged_of(issuer).and_then(|_| self.keys.of(issuer));
        keys.map(|set| JwkSet::parse_with(set.0.as_bytes(), &KeyRules::default())).transpose()
    }

    fn bring(&self, source: &Source, ring: &mut KeyRing) -> Result<(), Refusal> {
        let issuer = match source {
            Source::Discovery { issuer, .. } | Source::KeySet { issuer, .. } => issuer,
            // What the request brings is in the ring already, and nothing else can be had.
            Source::Crls { urls } => {
                urls.iter().for_each(|url| ring.failed_crl(url, self.now));
                return Ok(());
            }
            _ => return Err(Refusal::new(Code::InternalError).detail("a source of another host")),
        };
        let set = self.keys.of(issuer).ok_or_else(|| {
            Refusal::new(Code::KeysUnavailable)
                .detail("the request brings no `keys` of this issuer (--keys FILE)")
                .found(issuer)
        })?;
        let mut holders = self.policy.key_holders();
        let rules = holders
            .find(|(name, _)| name == issuer)
            .map_or_else(KeyRules::default, |(_, rules)| rules.clone());
        ring.fetched(issuer, &rules, set.0.as_bytes(), self.now)
    }

    /// The obligations against the keys that the request says are used up.
    fn discharge(&self, presented: &Presented, grant: &Grant) -> Verification {
        let terms = grant.terms();
        let mut keys = Vec::new();
        let mut instances = Vec::new();
        for obligation in grant.obligations() {
            match obligation {
                Obligation::Consume { key, former, until, .. } => {
                    if self.consumed.contains(key) || self.consumed.contains(former) {
                        return Err(Refusal::new(Code::ProofReplayed).into());
                    }
                    keys.push(json!({ "key": key, "until": until.to_string() }));
                }
                Obligation::FirstUse(first) => instances.push(self.first_use(first)?),
                _ => {
                    return Err(Refusal::new(Code::InternalError)
                        .detail("an obligation of another kind")
                        .into());
                }
            }
        }
        let mut proven = Proven::new();
        proven.insert("form".into(), presented.form.as_str().into());
        proven.insert("subject".into(), terms.subject().into());
        proven.insert("client_id".into(), terms.client_id().into());
        proven.insert("credential".into(), terms.credential().into());
        proven.insert("audience".into(), terms.audience().into());
        proven.insert("scope".into(), terms.scope().join(" ").into());
        proven.insert("lifetime".into(), terms.lifetime().into());
        if let Some(actor) = terms.actor() {
            proven.insert("actor".into(), actor.into());
        }
        if !terms.claims().is_empty() {
            let claims = terms.shown_claims().to_string();
            proven.insert("claims".into(), serde_json::from_str(&claims).unwrap_or_default());
        }
        proven.insert("consume".into(), keys.into());
        if !instances.is_empty() {
            proven.insert("first_use".into(), instances.into());
        }
        Ok(proven)
    }

    /// The use of an instance against those that the request says were: what this answers as `key`.
    fn first_use(&self, first: &FirstUse) -> Result<serde_json::Value, Refusal> {
        let FirstUse { key, instance, nonce, .. } = first;
        let key = match nonce {
            None => key.clone(),
            Some(nonce) => format!("{key}.{nonce}"),
        };
        let is_of_it = |used: &&String| used.split('.').next() == key.split('.').next();
        match self.consumed.iter().find(is_of_it) {
            Some(_) if nonce.is_none() => return Err(Code::InstanceUsed.into()),
            Some(used) if *used != key => return Err(Code::InstanceBound.into()),
            _ => {}
        }
        Ok(json!({
            "key": key,
            "cloud": instance.cloud,
            "partition": instance.partition,
            "account": instance.account,
            "instance": instance.instance,
        }))
    }
}
