//! A pod of a Kubernetes cluster, by its projected service account token.

use crate::expr::{Model, Requirement, Shape, ValueForm};
use crate::policy::guide::{Guide, Init, Question};
use crate::policy::models::token;
use crate::policy::preset::{Definition, Field, Group, Proofs};

pub(super) static PRESET: Definition = Definition {
    type_name: "kubernetes",
    proofs: Proofs::Tokens { issuer: None },
    identity: IDENTITY,
    group: GROUP,
    model: MODEL,
    matches: MATCHES,
    ..Definition::EMPTY
};

/// A service account's name means something within its namespace only.
pub(super) const IDENTITY: Requirement = Requirement::new(&[
    &[&["jwt", "claims", "sub"]],
    &[&["jwt", "claims", "kubernetes.io", "serviceaccount", "uid"]],
    &[
        &["jwt", "claims", "kubernetes.io", "namespace"],
        &["jwt", "claims", "kubernetes.io", "serviceaccount", "name"],
    ],
]);

/// A cluster is one owner's; an account that is made again under its name has another uid.
pub(super) const GROUP: Option<Group> = Some(Group {
    owner: None,
    individual: Requirement::new(&[&[&[
        "jwt",
        "claims",
        "kubernetes.io",
        "serviceaccount",
        "uid",
    ]]]),
    within_owner: false,
});

const NAMED: Shape = Shape::Open(&[("name", Shape::String), ("uid", Shape::Text(ValueForm::Uuid))]);

pub(super) const MODEL: Model = token![
    ("sub", Shape::Text(ValueForm::ServiceAccount)),
    (
        "kubernetes.io",
        Shape::Open(&[
            ("namespace", Shape::String),
            ("node", NAMED),
            ("pod", NAMED),
            ("secret", NAMED),
            ("serviceaccount", NAMED),
            ("warnafter", Shape::Integer),
        ]),
    ),
];

pub(super) const MATCHES: &[Field] = &[
    Field::text("namespace", &["jwt", "claims", "kubernetes.io", "namespace"]),
    Field::text("service_account", &["jwt", "claims", "kubernetes.io", "serviceaccount", "name"]),
    Field::text(
        "service_account_uid",
        &["jwt", "claims", "kubernetes.io", "serviceaccount", "uid"],
    ),
    Field::prefix("pod_prefix", &["jwt", "claims", "kubernetes.io", "pod", "name"]),
];

pub(super) static GUIDE: Guide = Guide {
    page: "kubernetes",
    about: "Tokens of service accounts of a Kubernetes cluster.",
    matches: WORDS,
    foreign_audiences: &[
        "https://kubernetes.default",
        "https://kubernetes.default.svc",
        "https://kubernetes.default.svc.cluster.local",
        "kubernetes",
        "kubernetes.default.svc",
    ],
    init: Some(Init {
        questions: QUESTIONS,
        values: &[],
        provider: "cluster",
        settings: "type: kubernetes\n\
                   issuer: '{token-issuer}'\n\
                   audiences: ['{issuer}'] # the audience of the projected volume\n\
                   keys: { discovery: true }\n\
                   max_lifetime: 3600s\n",
        binding: BINDING,
        subject: SUBJECT,
        left: &[
            LEFT,
            "When nobody outside can reach the cluster: in place of `discovery`, \
             `keys: { jwks: { file: cluster-jwks.json } }`, from `kubectl get --raw /openid/v1/jwks`.",
        ],
        given: GIVEN,
        accepted: ACCEPTED,
        refused: REFUSED,
        changed: CHANGED,
    }),
    ..Guide::EMPTY
};

pub(super) const WORDS: &[(&str, &str)] = &[
    ("service_account", "the name of the service account"),
    ("service_account_uid", "its uid, which no other account gets"),
    ("pod_prefix", "how the name of the pod begins"),
];

pub(super) const QUESTIONS: &[Question] = &[
    Question::required("token-issuer", "The issuer of the cluster's service account tokens"),
    Question::required("namespace", "The namespace of the workload"),
    Question::required("service-account", "Its service account"),
];

pub(super) const BINDING: &str =
    "match: { namespace: '{namespace}', service_account: '{service-account}' }";

/// It stands between the single quotes of YAML: the spelling with brackets needs none itself.
pub(super) const SUBJECT: &str = "Append(\"urn:k8s:\", jwt.claims[\"kubernetes.io\"].namespace, \
                                  \":\", jwt.claims[\"kubernetes.io\"].serviceaccount.name)";

pub(super) const LEFT: &str =
    "In the pod: a projected service account token for the audience {issuer}.";

pub(super) const GIVEN: &str = "claims:\n  \
                                sub: 'system:serviceaccount:{namespace}:{service-account}'\n  \
                                kubernetes.io:\n    \
                                namespace: '{namespace}'\n    \
                                serviceaccount: { name: '{service-account}' }\n";

pub(super) const ACCEPTED: (&str, &str) =
    ("the service account gets a token", "urn:k8s:{namespace}:{service-account}");

pub(super) const REFUSED: &str = "another service account gets none";

pub(super) const CHANGED: (&str, &str) = ("service-account", "-other");
