//! `match:`, conditions without an expression: members with a value each, which compile to the language.

use super::preset::Preset;
use crate::document::{Node, Problems};
use crate::expr::Expression;
use crate::json::Value;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// One member of `match:`.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name in the policy.
    pub name: &'static str,
    path: &'static [&'static str],
    test: Test,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    /// The field is this text, or one of these.
    Text,
    /// The field is this integer, or one of these.
    Integer,
    /// The field begins with this text.
    Prefix,
    /// A part of the resource id of an Azure machine.
    Machine,
}

const fn text(name: &'static str, path: &'static [&'static str]) -> Field {
    Field { name, path, test: Test::Text }
}

macro_rules! claims {
    ($($name:literal),* $(,)?) => { const { &[$(text($name, &["jwt", "claims", $name])),*] } };
}

/// The members of `match:` for a preset.
#[must_use]
pub const fn fields(preset: Preset) -> &'static [Field] {
    match preset {
        Preset::Generic => const { &[text("subject", &["jwt", "claims", "sub"])] },
        Preset::SpiffeJwt => const { &[text("id", &["jwt", "claims", "sub"])] },
        Preset::SpiffeX509 => const { &[text("id", &["cert", "san", "uri", "[0]"])] },
        Preset::Kubernetes | Preset::AckRrsa => {
            const {
                &[
                    text("namespace", &["jwt", "claims", "kubernetes.io", "namespace"]),
                    text(
                        "service_account",
                        &["jwt", "claims", "kubernetes.io", "serviceaccount", "name"],
                    ),
                    text(
                        "service_account_uid",
                        &["jwt", "claims", "kubernetes.io", "serviceaccount", "uid"],
                    ),
                    Field {
                        name: "pod_prefix",
                        path: &["jwt", "claims", "kubernetes.io", "pod", "name"],
                        test: Test::Prefix,
                    },
                ]
            }
        }
        Preset::GithubActions => claims![
            "repository_id",
            "repository",
            "repository_owner_id",
            "repository_owner",
            "ref",
            "environment",
            "event_name",
            "workflow_ref",
            "job_workflow_ref",
        ],
        Preset::GitlabCi => claims![
            "project_id",
            "project_path",
            "namespace_id",
            "namespace_path",
            "ref",
            "ref_type",
            "ref_protected",
            "environment",
            "environment_protected",
            "pipeline_source",
        ],
        Preset::AzureVm => {
            const {
                &[
                    Field { name: "subscription_id", path: MACHINE, test: Test::Machine },
                    Field { name: "resource_group", path: MACHINE, test: Test::Machine },
                    Field { name: "vm_name", path: MACHINE, test: Test::Machine },
                    text("principal_id", &["jwt", "claims", "oid"]),
                    text("tenant_id", &["jwt", "claims", "tid"]),
                ]
            }
        }
        Preset::GceVm => {
            const {
                &[
                    text(
                        "project_id",
                        &["jwt", "claims", "google", "compute_engine", "project_id"],
                    ),
                    Field {
                        name: "project_number",
                        path: &["jwt", "claims", "google", "compute_engine", "project_number"],
                        test: Test::Integer,
                    },
                    text("zone", &["jwt", "claims", "google", "compute_engine", "zone"]),
                    text(
                        "instance_id",
                        &["jwt", "claims", "google", "compute_engine", "instance_id"],
                    ),
                    text("service_account_id", &["jwt", "claims", "sub"]),
                ]
            }
        }
        Preset::Pca => {
            const {
                &[
                    text("common_name", &["cert", "subject", "CN"]),
                    text("organization", &["cert", "subject", "O"]),
                    text("organizational_unit", &["cert", "subject", "OU"]),
                    text("issuer_common_name", &["cert", "issuer", "CN"]),
                    text("serial_number", &["cert", "serialNumber"]),
                    text("fingerprint", &["cert", "fingerprint"]),
                ]
            }
        }
        Preset::AlibabaEcs => {
            const {
                &[
                    text("account_id", &["pkcs7", "payload", "jsonData", "owner-account-id"]),
                    text("instance_id", &["pkcs7", "payload", "jsonData", "instance-id"]),
                    text("region", &["pkcs7", "payload", "jsonData", "region-id"]),
                ]
            }
        }
        Preset::AmazonEc2 => {
            const {
                &[
                    text("account_id", &["pkcs7", "payload", "jsonData", "accountId"]),
                    text("instance_id", &["pkcs7", "payload", "jsonData", "instanceId"]),
                    text("region", &["pkcs7", "payload", "jsonData", "region"]),
                ]
            }
        }
        Preset::AzureAttested => {
            const {
                &[
                    text("account_id", &["pkcs7", "payload", "jsonData", "subscriptionId"]),
                    text("instance_id", &["pkcs7", "payload", "jsonData", "vmId"]),
                ]
            }
        }
    }
}

const MACHINE: &[&str] = &["jwt", "claims", "xms_mirid"];

/// The condition that `match:` stands for, as text.
pub(super) fn compile(node: &Node<'_>, preset: Preset, problems: &mut Problems) -> Option<String> {
    let mut members = node.members(problems)?;
    let mut clauses = Vec::new();
    let mut machine = Machine::default();
    let mut good = true;
    for field in fields(preset) {
        let Some(value) = members.optional(field.name) else { continue };
        let Some(values) = read_values(&value, field.test, problems) else {
            good = false;
            continue;
        };
        match field.test {
            Test::Text | Test::Integer => clauses.push(is_one_of(field.path, &values)),
            Test::Prefix => clauses.push(begins_with_one_of(field.path, &values)),
            Test::Machine => machine.set(field.name, values),
        }
    }
    members.close(problems);
    if let Some(clause) = machine.compile(node, problems) {
        clauses.push(clause);
    }
    if node.value.as_object().is_some_and(crate::json::Object::is_empty) {
        problems.report(node, "this matches every proof", "one member at least");
    }
    (good && !clauses.is_empty()).then(|| clauses.join(" && "))
}

/// The literals of a member: one value or a list of them.
fn read_values(node: &Node<'_>, test: Test, problems: &mut Problems) -> Option<Vec<String>> {
    let values = match node.value {
        Value::Array(_) => node.elements(problems)?,
        _ => alloc::vec![node.clone()],
    };
    values.iter().map(|value| read_value(value, test, problems)).collect()
}

fn read_value(node: &Node<'_>, test: Test, problems: &mut Problems) -> Option<String> {
    if test == Test::Integer {
        return match node.value {
            Value::Integer(number) => Some(number.to_string()),
            other => {
                let message = format!("this is {}", other.kind());
                problems.report(node, message, "an integer, without quotes");
                None
            }
        };
    }
    if let Value::Integer(_) = node.value {
        problems.report(node, "this is integer", "a string: put the number in quotes");
        return None;
    }
    let value = node.name(problems)?;
    if value.contains('*') {
        problems.report(
            node,
            "a star stands for itself here",
            "a whole value, or a list of them; patterns go into `condition`, as glob(…)",
        );
        return None;
    }
    if test == Test::Machine && value.contains(['/', '"', '\\']) {
        problems.report(node, "this is no name of Azure", "a name without `/`");
        return None;
    }
    Some(literal(value))
}

/// A string literal of the language.
fn literal(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A path in the spelling of the compatible service.
fn spelled(path: &[&str]) -> String {
    let mut text = String::new();
    for name in path {
        let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        match name {
            _ if text.is_empty() || name.starts_with('[') => text.push_str(name),
            _ if is_plain => text.push_str(&format!(".{name}")),
            _ => text.push_str(&format!(".'{name}'")),
        }
    }
    text
}

fn is_one_of(path: &[&str], values: &[String]) -> String {
    match values {
        [value] => format!("{} == {value}", spelled(path)),
        _ => format!("{} in [{}]", spelled(path), values.join(", ")),
    }
}

fn begins_with_one_of(path: &[&str], prefixes: &[String]) -> String {
    let tests: Vec<String> =
        prefixes.iter().map(|prefix| format!("{}.startsWith({prefix})", spelled(path))).collect();
    match tests.as_slice() {
        [test] => test.clone(),
        _ => format!("({})", tests.join(" || ")),
    }
}

/// The parts of `/subscriptions/S/resourcegroups/G/providers/Microsoft.Compute/virtualMachines/M`, quoted.
#[derive(Default)]
struct Machine {
    subscriptions: Vec<String>,
    groups: Vec<String>,
    names: Vec<String>,
}

impl Machine {
    fn set(&mut self, name: &str, values: Vec<String>) {
        match name {
            "subscription_id" => self.subscriptions = values,
            "resource_group" => self.groups = values,
            _ => self.names = values,
        }
    }

    fn is_empty(&self) -> bool {
        self.subscriptions.is_empty() && self.groups.is_empty() && self.names.is_empty()
    }

    fn compile(&self, node: &Node<'_>, problems: &mut Problems) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        let ([subscription], [group]) = (self.subscriptions.as_slice(), self.groups.as_slice())
        else {
            problems.report(
                node,
                "a machine of Azure is named within its subscription and resource group",
                "one `subscription_id` and one `resource_group`",
            );
            return None;
        };
        let bare = |quoted: &str| quoted.trim_matches('"').to_string();
        let folder = format!(
            "/subscriptions/{}/resourcegroups/{}/providers/Microsoft.Compute/virtualMachines/",
            bare(subscription),
            bare(group)
        );
        if self.names.is_empty() {
            return Some(begins_with_one_of(MACHINE, &[literal(&folder)]));
        }
        let ids: Vec<String> =
            self.names.iter().map(|name| literal(&format!("{folder}{}", bare(name)))).collect();
        Some(is_one_of(MACHINE, &ids))
    }
}

/// The conjunction of conditions, as text: each is put in parentheses when it needs them.
pub(super) fn conjunction(parts: &[&Expression]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| match part.is_disjunction() {
            true => format!("({})", part.text()),
            false => part.text().to_string(),
        })
        .collect();
    parts.join(" && ")
}
