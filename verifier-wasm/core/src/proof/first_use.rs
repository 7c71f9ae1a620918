//! Which instance a document is of, and what is remembered of its first use.

use crate::cms::Profile;
use crate::grant::{FirstUse, Instance, Obligation};
use crate::hex::digest_of_parts;
use crate::json::{Object, Value};
use crate::policy::{FirstUses, Instances};
use crate::presented::ClientNonce;
use crate::refusal::{Code, Refusal};
use crate::time::UnixTime;
use alloc::string::ToString;

/// What is to be remembered of a use with this nonce.
///
/// # Errors
/// [`Code::ClientNonceMissing`] where an instance is known again by its nonce.
pub(super) fn due(
    (instance, since): (Instance, UnixTime),
    uses: FirstUses,
    nonce: Option<&ClientNonce>,
) -> Result<Obligation, Refusal> {
    let key = instance.key();
    let nonce = match (uses, nonce) {
        (FirstUses::Once, _) => None,
        // With the key, so that one nonce of two instances is not seen to be one.
        (FirstUses::WithNonce, Some(nonce)) => {
            Some(digest_of_parts(&["nonce", &key, nonce.reveal()]))
        }
        (FirstUses::WithNonce, None) => return Err(Code::ClientNonceMissing.into()),
    };
    Ok(Obligation::FirstUse(FirstUse { key, instance, since, nonce }))
}

/// The instance of a document with these members.
///
/// # Errors
/// [`Code::InstanceUnnamed`] when it does not say whose it is.
pub(super) fn instance(
    members: &Object,
    profile: Profile,
    names: &Instances,
) -> Result<Instance, Refusal> {
    let text = |path: &[&str]| {
        let (first, rest) = path.split_first()?;
        let found = rest.iter().try_fold(members.get(first)?, |value, name| value.get(name))?;
        let text = match found {
            Value::String(text) => text.clone(),
            number => number.as_integer()?.to_string(),
        };
        Some(text).filter(|text| !text.is_empty())
    };
    let named = |path: &'static [&'static str]| {
        text(path).ok_or_else(|| {
            Refusal::new(Code::InstanceUnnamed).detail(path.last().copied().unwrap_or_default())
        })
    };
    let region = members.get("region").and_then(Value::as_str).unwrap_or_default();
    Ok(Instance {
        cloud: names.cloud.to_string(),
        partition: partition(profile, region).to_string(),
        account: named(names.account)?,
        instance: named(names.instance)?,
    })
}

/// Amazon's partitions have accounts of their own; a region is in one of them, and its name begins accordingly. The other
/// clouds give out their ids for all of their parts together.
fn partition(profile: Profile, region: &str) -> &'static str {
    const AMAZON: [(&str, &str); 6] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-iso-", "aws-iso"),
    ];
    let of_region = AMAZON.iter().find(|(prefix, _)| region.starts_with(prefix));
    match (profile, of_region) {
        (Profile::AmazonEc2, Some((_, partition))) => partition,
        (Profile::AmazonEc2, None) => "aws",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grant::FirstUse;
    use alloc::string::String;

    fn key(cloud: &str, partition: &str, account: &str, instance: &str) -> String {
        let instance = Instance {
            cloud: cloud.into(),
            partition: partition.into(),
            account: account.into(),
            instance: instance.into(),
        };
        match due((instance, UnixTime::from_seconds(0)), FirstUses::Once, None) {
            Ok(Obligation::FirstUse(FirstUse { key, nonce: None, .. })) => key,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn b08_an_instance_is_of_its_cloud_partition_and_account() {
        let keys = [
            key("amazon_ec2", "aws", "1", "i-1"),
            key("amazon_ec2", "aws", "1", "i-2"),
            key("amazon_ec2", "aws", "2", "i-1"),
            key("amazon_ec2", "aws-cn", "1", "i-1"),
            key("alibaba_ecs", "aws", "1", "i-1"),
            key("amazon_ec2", "aws", "1i", "-1"),
        ];
        for (index, key) in keys.iter().enumerate() {
            assert_eq!(key.len(), 64);
            assert!(keys.iter().skip(index + 1).all(|other| other != key), "{key}");
        }
        let check = |region: &str, expect: &str| {
            assert_eq!(partition(Profile::AmazonEc2, region), expect, "{region}");
        };
        check("eu-west-1", "aws");
        check("cn-north-1", "aws-cn");
        check("us-gov-west-1", "aws-us-gov");
        check("us-iso-east-1", "aws-iso");
        check("us-isob-east-1", "aws-iso-b");
        check("", "aws");
        assert_eq!(partition(Profile::AlibabaEcs, "cn-north-1"), "");
    }
}
