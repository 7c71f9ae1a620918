//! What teams may use, as `organisation.yaml` says it.

use credmint_core::document::{self, Node, Problem, Problems};
use credmint_core::json::Value;
use credmint_core::limits::{
    ACCESS_TOKEN_LIFETIME, ACCESS_TOKEN_LIFETIME_MAX, ACCESS_TOKEN_LIFETIME_MIN,
};
use std::collections::{BTreeMap, BTreeSet};

/// Whether a member of `organisation.yaml` limits teams. What only begins like a limit is a misspelt one.
pub(super) fn is_limit(member: &str) -> bool {
    member == "teams" || member.starts_with("allowed_") || member.starts_with("max_token")
}

/// What one team may use, or every team. What is not listed is refused.
#[derive(Default)]
pub(super) struct Allowed {
    issuers: Option<BTreeSet<String>>,
    audiences: Option<BTreeSet<String>>,
    /// The scope values of an audience; all of one that is not here.
    scopes: Option<BTreeMap<String, BTreeSet<String>>>,
    /// Claims of access tokens that attributes may set, beside the subject.
    claims: Option<BTreeSet<String>>,
    clients: Option<Vec<ClientIds>>,
    /// Whether credentials may be discoverable: then a proof alone decides whose it is, among those of all teams.
    discoverable: Option<bool>,
    /// The longest lifetime of an access token, in seconds; that of the organisation when none is named.
    lifetime: Option<i64>,
}

/// A client id, or all that begin in one way.
#[derive(Clone)]
struct ClientIds {
    /// `{team}` stands for the name of the team.
    text: String,
    is_prefix: bool,
}

impl ClientIds {
    /// Whether `id` is one of these for `team`.
    fn include(&self, id: &str, team: &str) -> bool {
        let text = self.text.replace(TEAM, team);
        if self.is_prefix { id.starts_with(&text) && id != text } else { id == text }
    }
}

/// Stands for the name of a team, in client ids.
const TEAM: &str = "{team}";

/// What the organisation allows.
#[derive(Default)]
pub(super) struct Limits {
    every: Allowed,
    teams: BTreeMap<String, Allowed>,
    /// The lifetime of access tokens unless something else is said, in seconds.
    lifetime: i64,
}

impl Limits {
    /// Reads the members of `organisation.yaml` that limit teams, and its `token_lifetime`; `files` are the teams
    /// that have a file.
    ///
    /// # Errors
    /// Each problem, with its place.
    pub(super) fn read(
        members: &Value,
        lifetime: Option<&Value>,
        files: &BTreeSet<String>,
    ) -> Result<Self, Vec<Problem>> {
        document::read(members, |node, problems| {
            let mut around = node.members(problems)?;
            let teams = around.optional("teams");
            let every = Allowed::read(&mut around, problems);
            around.close(problems);
            let mut limits = Self { every, teams: BTreeMap::new(), lifetime: seconds(lifetime) };
            for (team, node) in
                teams.and_then(|teams| teams.entries(problems)).into_iter().flatten()
            {
                // A misspelt name would leave the team with the lists of every team.
                if !files.contains(team) {
                    let message = format!("there is no file of a team `{team}` in this folder");
                    let expected = "the name of a file beside this one, without its ending";
                    problems.report(&node, message, expected);
                }
                let Some(mut members) = node.members(problems) else { continue };
                let own = Allowed::read(&mut members, problems).or(&limits.every);
                limits.teams.insert(team.to_owned(), own);
                members.close(problems);
            }
            limits.report_shared_clients(node, files, problems);
            Some(limits)
        })
    }

    /// Reports where the client ids of one team take in those of another: `app_pay_*` has room for those of a team
    /// `pay_eu`. Ids in which no team is named are the organisation's to share.
    fn report_shared_clients(
        &self,
        node: &Node<'_>,
        files: &BTreeSet<String>,
        problems: &mut Problems,
    ) {
        let mut all: Vec<(String, bool, &str)> = Vec::new();
        for team in files {
            let own = self.of(team).clients.iter().flatten();
            let named = own.filter(|ids| ids.text.contains(TEAM));
            all.extend(
                named.map(|ids| (ids.text.replace(TEAM, team), ids.is_prefix, team.as_str())),
            );
        }
        all.sort();
        for (index, (text, _, team)) in
            all.iter().enumerate().filter(|(_, (_, is_prefix, _))| *is_prefix)
        {
            let mut behind =
                all.iter().skip(index + 1).take_while(|(other, ..)| other.starts_with(text));
            if let Some((other, _, owner)) = behind.find(|(.., owner)| owner != team) {
                let message =
                    format!("`{text}*` of the team `{team}` takes in `{other}` of `{owner}`");
                let expected =
                    "names of teams and beginnings of client ids that keep the teams apart";
                problems.report(node, message, expected);
            }
        }
    }

    /// What `team` may use.
    pub(super) fn of(&self, team: &str) -> &Allowed {
        self.teams.get(team).unwrap_or(&self.every)
    }

    /// The lifetime of access tokens where nothing else is said, in seconds.
    pub(super) const fn lifetime(&self) -> i64 {
        self.lifetime
    }
}

/// The organisation's lifetime of access tokens. One that is malformed is reported when the policy is compiled.
fn seconds(value: Option<&Value>) -> i64 {
    let range = ACCESS_TOKEN_LIFETIME_MIN..=ACCESS_TOKEN_LIFETIME_MAX;
    value
        .and_then(|value| {
            document::read(value, |node, problems| node.seconds(range, problems)).ok()
        })
        .unwrap_or(ACCESS_TOKEN_LIFETIME)
}

impl Allowed {
    /// Takes its members from `members`. What has a problem allows nothing.
    fn read(members: &mut document::Members<'_>, problems: &mut Problems) -> Self {
        let issuers = names(members.optional("allowed_issuers"), problems);
        let audiences = names(members.optional("allowed_audiences"), problems);
        let scopes = members.optional("allowed_scopes");
        let claims = names(members.optional("allowed_claims"), problems);
        let clients = members.optional("allowed_clients");
        let discoverable = members.optional("allowed_discoverable");
        let lifetime = members.optional("max_token_lifetime");
        let range = ACCESS_TOKEN_LIFETIME_MIN..=ACCESS_TOKEN_LIFETIME_MAX;
        let scopes = scopes.map(|node| read_scopes(&node, audiences.as_ref(), problems));
        let clients = clients.map(|node| read_clients(&node, problems).unwrap_or_default());
        let discoverable = discoverable.and_then(|node| node.boolean(problems));
        let lifetime = lifetime.and_then(|node| node.seconds(range, problems));
        Self { issuers, audiences, scopes, claims, clients, discoverable, lifetime }
    }

    /// These limits of one team, and those of `every` team where it has none of its own: one takes the place of that limit
    /// and frees it of no other.
    fn or(self, every: &Self) -> Self {
        Self {
            issuers: self.issuers.or_else(|| every.issuers.clone()),
            audiences: self.audiences.or_else(|| every.audiences.clone()),
            scopes: self.scopes.or_else(|| every.scopes.clone()),
            claims: self.claims.or_else(|| every.claims.clone()),
            clients: self.clients.or_else(|| every.clients.clone()),
            discoverable: self.discoverable.or(every.discoverable),
            lifetime: self.lifetime.or(every.lifetime),
        }
    }

    /// Whether providers may have this issuer.
    pub(super) fn issuer(&self, issuer: &str) -> bool {
        self.issuers.as_ref().is_some_and(|issuers| issuers.contains(issuer))
    }

    /// Whether resources and clients may have this audience.
    pub(super) fn audience(&self, audience: &str) -> bool {
        self.audiences.as_ref().is_some_and(|audiences| audiences.contains(audience))
    }

    /// Whether they may have this scope value of an audience that they may have.
    pub(super) fn scope(&self, audience: &str, value: &str) -> bool {
        let listed = self.scopes.as_ref().and_then(|scopes| scopes.get(audience));
        listed.is_none_or(|listed| listed.contains(value))
    }

    /// Whether attributes may set this claim.
    pub(super) fn claim(&self, claim: &str) -> bool {
        self.claims.as_ref().is_some_and(|claims| claims.contains(claim))
    }

    /// Whether `team` may have the client `id`.
    pub(super) fn client(&self, id: &str, team: &str) -> bool {
        self.clients.iter().flatten().any(|ids| ids.include(id, team))
    }

    /// Whether its credentials may be discoverable.
    pub(super) fn discoverable(&self) -> bool {
        self.discoverable.unwrap_or(false)
    }

    /// The longest lifetime of its access tokens, in seconds.
    pub(super) const fn lifetime(&self) -> Option<i64> {
        self.lifetime
    }
}

/// A list of names. One that cannot be read allows nothing.
fn names(node: Option<Node<'_>>, problems: &mut Problems) -> Option<BTreeSet<String>> {
    node.map(|node| node.names(problems).into_iter().flatten().collect())
}

fn read_scopes(
    node: &Node<'_>,
    audiences: Option<&BTreeSet<String>>,
    problems: &mut Problems,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut scopes = BTreeMap::new();
    for (audience, node) in node.entries(problems).into_iter().flatten() {
        if audiences.is_some_and(|audiences| !audiences.contains(audience)) {
            let message = format!("`{audience}` is not in `allowed_audiences`");
            problems.report(&node, message, "an audience of `allowed_audiences` beside this");
        }
        let values = node.names(problems).into_iter().flatten().collect();
        scopes.insert(audience.to_owned(), values);
    }
    scopes
}

fn read_clients(node: &Node<'_>, problems: &mut Problems) -> Option<Vec<ClientIds>> {
    let mut clients = Vec::new();
    for text in node.names(problems)? {
        let bare = text.strip_suffix('*');
        let is_prefix = bare.is_some();
        let id = bare.unwrap_or(&text).to_owned();
        if id.contains('*') {
            problems.report(
                node,
                format!("`{text}` has a `*` that is not its end"),
                EXPECTED_CLIENTS,
            );
        }
        if id.replace(TEAM, "").contains(['{', '}']) {
            problems.report(
                node,
                format!("`{text}` has a placeholder that is not known"),
                EXPECTED_CLIENTS,
            );
        }
        clients.push(ClientIds { text: id, is_prefix });
    }
    Some(clients)
}

const EXPECTED_CLIENTS: &str =
    "client ids, as \"app_orders\", \"app_{team}\" or, for all that begin so, \"app_{team}_*\"";
