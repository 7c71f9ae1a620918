//! From the names of clouds in a policy to their certificates.

use crate::{AUTHORITY, Row, rows};
use credmint_core::base64;
use credmint_core::document::Problem;
use credmint_core::json::{Object, Value};
use credmint_core::policy::Preset;
use std::slice;

/// Names that stand for all signers of a cloud, with the cloud and the profile of its documents. Of Amazon it is the
/// commercial partition: accounts of the others are other accounts.
fn known_names() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    Preset::ALL.iter().flat_map(|preset| {
        let (profile, cloud) = (preset.name(), preset.guide().cloud.as_ref());
        cloud.into_iter().flat_map(move |cloud| {
            let names = [profile].into_iter().chain(cloud.names.iter().copied());
            names.map(move |name| (name, cloud.key, profile))
        })
    })
}

/// Puts certificates in the place of the names of clouds in the PKCS#7 providers of a policy document.
///
/// - `anchors: alibaba_cloud` or `signers: alibaba_cloud`, and the other names of clouds, become `signers` with
///   every certificate of the cloud, and the `profile` where none is given.
/// - An element of `signers` may be such a name, or `{ cloud, region }`, `{ cloud, partition }` or
///   `{ cloud, kind: dsa }`. Elements that are certificates stay; of a region that one of them is for, a name
///   brings none.
/// - `intermediates: azure`, or such an element of it, becomes the certificates of the authorities between the roots of
///   that cloud and its signers. They are helpers, and trusted for nothing.
/// - A name stands only where its cloud's profile does, or no profile, and never where it would take the place of
///   certificates that the author chose.
///
/// What is not a name is left alone, whatever it is: the policy's own reader judges it.
///
/// # Errors
/// Names without a meaning, each with its place in the document.
pub fn resolve(policy: &mut Value) -> Result<(), Vec<Problem>> {
    let mut errors = Vec::new();
    let Value::Object(policy) = policy else { return Ok(()) };
    let Some(Value::Object(providers)) = policy.get("providers") else { return Ok(()) };
    let mut resolved = providers.clone();
    for (name, provider) in providers.iter() {
        let Value::Object(provider) = provider else { continue };
        if provider.get("type").and_then(Value::as_str) != Some("pkcs7") {
            continue;
        }
        let escaped = name.replace('~', "~0").replace('/', "~1");
        let pointer = format!("/providers/{escaped}");
        let with_authorities = |provider: Option<Object>, first: &Object| {
            let found = with_authorities(provider.as_ref().unwrap_or(first), &pointer)?;
            Ok(found.or(provider))
        };
        let found = resolved_provider(provider, &pointer);
        match found.and_then(|found| with_authorities(found, provider)) {
            Ok(None) => {}
            Ok(Some(provider)) => drop(resolved.insert(name, provider)),
            Err(found) => errors.extend(found),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    policy.insert("providers", resolved);
    Ok(())
}

/// The provider with certificates in the place of names; `None` when it has no names.
fn resolved_provider(provider: &Object, pointer: &str) -> Result<Option<Object>, Vec<Problem>> {
    for member in ["anchors", "signers"] {
        let Some(value) = provider.get(member) else { continue };
        let pointer = format!("{pointer}/{member}");
        let named = match value {
            Value::String(name) => vec![Selection::by_name(name, &pointer)?],
            Value::Array(elements) if member == "signers" => selections(elements, &pointer)?,
            _ => continue,
        };
        if named.iter().all(|selection| matches!(selection, Selection::Other(_))) {
            continue;
        }
        if member == "anchors" && provider.contains("signers") {
            let expected = "either the name or `signers`";
            return Err(wrong(
                &pointer,
                "the name stands for `signers`, which are there",
                expected,
            ));
        }
        let mut provider = provider.clone();
        if !provider.contains("profile")
            && let Some(profile) = named.iter().find_map(Selection::profile)
        {
            provider.insert("profile", profile);
        }
        check_profiles(&named, provider.get("profile"), &pointer)?;
        provider.remove(member);
        provider.insert("signers", signers(&named));
        return Ok(Some(provider));
    }
    Ok(None)
}

/// The provider with certificates in the place of names in `intermediates`; `None` when there are none.
fn with_authorities(provider: &Object, pointer: &str) -> Result<Option<Object>, Vec<Problem>> {
    let pointer = format!("{pointer}/intermediates");
    // An element may be a certificate as text: only a name that is known is one.
    let is_name = |element: &Value| {
        element.as_str().is_some_and(|name| known_names().any(|(known, ..)| known == name))
    };
    let elements = match provider.get("intermediates") {
        Some(name @ Value::String(_)) => slice::from_ref(name),
        Some(Value::Array(elements)) if elements.iter().any(is_name) => elements.as_slice(),
        _ => return Ok(None),
    };
    let is_alone = elements.len() == 1;
    let (mut all, mut named) = (Vec::new(), Vec::new());
    for element in elements {
        match element.as_str() {
            Some(name) if is_alone || is_name(element) => {
                let selection = Selection::authorities(name, &pointer)?;
                if let Selection::Rows(rows, _) = &selection {
                    all.extend(rows.iter().map(|row| signer(row)));
                }
                named.push(selection);
            }
            _ => all.push(element.clone()),
        }
    }
    let mut provider = provider.clone();
    if !provider.contains("profile")
        && let Some(profile) = named.iter().find_map(Selection::profile)
    {
        provider.insert("profile", profile);
    }
    check_profiles(&named, provider.get("profile"), &pointer)?;
    provider.remove("intermediates");
    provider.insert("intermediates", all);
    Ok(Some(provider))
}

/// Refuses the certificates of one cloud under the profile of another: what a profile takes from its own signers,
/// it would take from these (C17).
fn check_profiles(
    named: &[Selection<'_>],
    profile: Option<&Value>,
    pointer: &str,
) -> Result<(), Vec<Problem>> {
    // What is no text is no profile, which the policy's own reader says.
    let Some(profile) = profile.and_then(Value::as_str) else { return Ok(()) };
    match named.iter().filter_map(Selection::profile).find(|own| *own != profile) {
        None => Ok(()),
        Some(own) => Err(wrong(
            pointer,
            &format!("a cloud of `{own}` signs no documents of `{profile}`"),
            "a provider for each cloud",
        )),
    }
}

/// One element of `signers`.
enum Selection<'a> {
    /// Rows of the table, with the profile of their documents.
    Rows(Vec<&'static Row>, &'static str),
    /// Something else, which stays as it is.
    Other(&'a Value),
}

fn selections<'a>(
    elements: &'a [Value],
    pointer: &str,
) -> Result<Vec<Selection<'a>>, Vec<Problem>> {
    let mut selections = Vec::new();
    let mut errors = Vec::new();
    for (at, element) in elements.iter().enumerate() {
        let pointer = format!("{pointer}/{at}");
        let selection = match element {
            Value::String(name) => Selection::by_name(name, &pointer),
            Value::Object(members) if members.contains("cloud") => {
                Selection::by_members(members, &pointer)
            }
            other => Ok(Selection::Other(other)),
        };
        match selection {
            Ok(selection) => selections.push(selection),
            Err(found) => errors.extend(found),
        }
    }
    if errors.is_empty() { Ok(selections) } else { Err(errors) }
}

impl Selection<'_> {
    /// What a name stands for.
    fn by_name(name: &str, pointer: &str) -> Result<Self, Vec<Problem>> {
        let (cloud, profile) = cloud(name, pointer)?;
        let is_default =
            |row: &&Row| row.cloud == cloud && row.kind == "rsa2048" && row.partition == cloud;
        let chosen: Vec<&Row> = rows().iter().filter(is_default).collect();
        if chosen.is_empty() {
            let expected = "`anchors` with its roots; the name may stand in `intermediates`";
            return Err(wrong(pointer, "no signers of this cloud are known", expected));
        }
        Ok(Self::Rows(chosen, profile))
    }

    /// The authorities between the roots of a cloud and its signers.
    fn authorities(name: &str, pointer: &str) -> Result<Self, Vec<Problem>> {
        let (cloud, profile) = cloud(name, pointer)?;
        let is_one = |row: &&Row| row.cloud == cloud && row.kind == AUTHORITY;
        let chosen: Vec<&Row> = rows().iter().filter(is_one).collect();
        if chosen.is_empty() {
            let expected = "a list of certificates, each as { file: NAME }";
            return Err(wrong(pointer, "no authorities of this cloud are known", expected));
        }
        Ok(Self::Rows(chosen, profile))
    }

    /// What `{ cloud, region, partition, kind }` stands for.
    fn by_members(members: &Object, pointer: &str) -> Result<Self, Vec<Problem>> {
        const MEMBERS: [&str; 4] = ["cloud", "region", "partition", "kind"];
        for (name, value) in members.iter() {
            if !MEMBERS.contains(&name) || value.as_str().is_none() {
                let known = MEMBERS.join(", ");
                return Err(wrong(
                    &format!("{pointer}/{name}"),
                    "this chooses no certificate",
                    known,
                ));
            }
        }
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let (cloud, profile) =
            cloud(text("cloud").unwrap_or_default(), &format!("{pointer}/cloud"))?;
        let (region, kind) = (text("region"), text("kind").unwrap_or("rsa2048"));
        // A region says its partition.
        let partition = text("partition").or(if region.is_some() { None } else { Some(cloud) });
        let is_chosen = |row: &&Row| {
            row.cloud == cloud
                && row.kind == kind
                && partition.is_none_or(|partition| partition == row.partition)
                && region.is_none_or(|region| row.region.as_deref() == Some(region))
        };
        let chosen: Vec<&Row> = rows().iter().filter(is_chosen).collect();
        if chosen.is_empty() {
            return Err(wrong(
                pointer,
                "no certificate of this cloud is known for that",
                "the certificate itself: { certificate: { file: NAME }, region: REGION }",
            ));
        }
        Ok(Self::Rows(chosen, profile))
    }

    const fn profile(&self) -> Option<&'static str> {
        match self {
            Self::Rows(_, profile) => Some(profile),
            Self::Other(_) => None,
        }
    }
}

/// The cloud of a name, and the profile of its documents.
fn cloud(name: &str, pointer: &str) -> Result<(&'static str, &'static str), Vec<Problem>> {
    let known = known_names().find(|(known, ..)| *known == name);
    known.map(|(_, cloud, profile)| (cloud, profile)).ok_or_else(|| {
        let names: Vec<&str> = known_names().map(|(name, ..)| name).collect();
        wrong(pointer, "this is not the name of a cloud", names.join(", "))
    })
}

fn wrong(pointer: &str, message: &str, expected: impl Into<String>) -> Vec<Problem> {
    vec![Problem::new(pointer, message, expected)]
}

/// The elements of `signers`: each certificate once, and for a region what the author gave before what the table
/// has.
fn signers(selections: &[Selection<'_>]) -> Vec<Value> {
    let given = |region: &str| {
        selections.iter().any(|selection| match selection {
            Selection::Other(value) => value.get("region").is_some_and(|own| names(own, region)),
            Selection::Rows(..) => false,
        })
    };
    let mut all: Vec<Value> = Vec::new();
    for selection in selections {
        match selection {
            Selection::Other(value) => all.push((*value).clone()),
            Selection::Rows(rows, _) => {
                let wanted = rows.iter().filter(|row| !row.region.as_deref().is_some_and(given));
                for signer in wanted.map(|row| signer(row)) {
                    if !all.contains(&signer) {
                        all.push(signer);
                    }
                }
            }
        }
    }
    all
}

/// Whether the `region` of a signer, one or a list of them, has this one.
fn names(own: &Value, region: &str) -> bool {
    let is_it = |own: &Value| own.as_str() == Some(region);
    is_it(own) || own.as_array().is_some_and(|list| list.iter().any(is_it))
}

fn signer(row: &Row) -> Value {
    let mut signer = Object::new();
    signer.insert("pem", base64::encode_standard(&row.certificate));
    if let Some(region) = &row.region {
        signer.insert("region", region.as_str());
    }
    Value::from(signer)
}

#[cfg(test)]
mod tests;
