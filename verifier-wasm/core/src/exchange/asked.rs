//! What was asked for, against what the credential has: the resource and its scope values.

use crate::policy::{Binding, Credential, TrustPolicy};
use crate::presented::{ScopeDialect, ScopeRequest};
use crate::refusal::{Code, Refusal};
use crate::scope::ALL_SCOPES;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// What a token is for.
pub(super) struct Asked {
    /// `aud`: the text by which the request names the resource, or else its name.
    pub(super) audience: String,
    /// The name of the resource.
    pub(super) resource: String,
    /// The scope values that are granted.
    pub(super) values: Vec<String>,
}

/// Never more than the credential has, narrowed to what the request asks for.
///
/// # Errors
/// What is not there or not granted; more than one resource, or none where it is not clear which is meant.
pub(super) fn narrow(binding: &Binding<'_>, request: &ScopeRequest) -> Result<Asked, Refusal> {
    let credential = binding.credential;
    let resource = resource(binding, request)?;
    let Some(available) = credential.scopes.get(resource) else {
        return Err(not_granted(request, resource));
    };
    let is_granted = |value: &String| value == ALL_SCOPES || available.contains(value);
    let values = match request.values.iter().find(|value| !is_granted(value)) {
        Some(value) => {
            return Err(unfit(Code::ScopeNotGranted, request, resource, value, available));
        }
        None if request.values.is_empty() => unasked(credential, resource, available),
        None if request.wants_all() => available.clone(),
        None => request.values.clone(),
    };
    let audience = request.target().unwrap_or(resource).to_string();
    Ok(Asked { audience, resource: resource.to_string(), values })
}

/// The name of the one resource that is meant.
fn resource<'a>(binding: &Binding<'a>, request: &ScopeRequest) -> Result<&'a str, Refusal> {
    let meant = named(binding.policy, request)?;
    meant.or_else(|| binding.credential.default_resource()).ok_or_else(|| {
        let known: Vec<&str> = binding.credential.audiences().collect();
        Refusal::new(Code::TargetMissing).expected(known.join(" or "))
    })
}

/// The name of the one resource that a request names, where it names any.
///
/// # Errors
/// What is not there; more than one resource.
pub(super) fn named<'p>(
    policy: &'p TrustPolicy,
    request: &ScopeRequest,
) -> Result<Option<&'p str>, Refusal> {
    let mut meant: Option<&str> = None;
    for target in &request.targets {
        let Some(name) = policy.resource_named(target) else {
            return Err(not_granted(request, target));
        };
        match meant {
            Some(other) if other != name => {
                return Err(
                    Refusal::new(Code::TargetAmbiguous).found(format!("{other} and {name}"))
                );
            }
            _ => meant = Some(name),
        }
    }
    Ok(meant)
}

/// The refusal of a resource on which the credential has nothing. Who names it in the scope alone asks for a scope.
fn not_granted(request: &ScopeRequest, resource: &str) -> Refusal {
    let code = match (request.dialect, request.targets.len()) {
        (ScopeDialect::Qualified, 1) => Code::ScopeNotGranted,
        _ => Code::TargetNotGranted,
    };
    Refusal::new(code).found(resource)
}

/// The refusal of a value that is not among those that may be had.
pub(super) fn unfit(
    code: Code,
    request: &ScopeRequest,
    resource: &str,
    value: &str,
    available: &[String],
) -> Refusal {
    let found = match request.dialect {
        ScopeDialect::Qualified => format!("{resource}|{value}"),
        ScopeDialect::Plain => value.to_string(),
    };
    Refusal::new(code).expected(available.join(" ")).found(found)
}

/// What a request gets that asks for no scope.
fn unasked(credential: &Credential, resource: &str, available: &[String]) -> Vec<String> {
    credential.default_scopes.get(resource).map_or(available, Vec::as_slice).to_vec()
}
