//! One team's bad file, where the organisation says that it concerns this team alone.

use std::fs;

use credmint_tests::world::World;
use credmint_tests::world::request::TokenRequest;

use super::{TOLD_ALONE, hang_up, replace, wait_for_version};

/// The world's policy as a folder: everything is the organisation's but two clients.
struct Teams {
    world: World,
}

const SHOP: &str = "\
clients:
  app_orders:
    scopes: { api.example.com: [\"read:file\"] }
    credentials:
      pod:
        provider: cluster
        condition: >-
          jwt.claims.'kubernetes.io'.namespace == \"shop\"
          && jwt.claims.'kubernetes.io'.serviceaccount.name == \"orders\"
";

const PLANT: &str = "\
clients:
  app_press:
    scopes: { api.example.com: [\"read:file\", write] }
    credentials:
      machine:
        provider: plant
        condition: cert.subject.CN == \"press-7\"
";

impl Teams {
    fn start() -> Self {
        let world = World::changed(&[TOLD_ALONE]);
        let path = world.file("credmint.yaml");
        let first = fs::read_to_string(&path).expect("a configuration");
        let (server, policy) = first.split_once("\npolicy:\n").expect("a policy");
        let lines =
            policy.lines().map(|line| format!("{}\n", line.strip_prefix("  ").unwrap_or(line)));
        let policy: String = lines.collect();
        let (organisation, _) = policy.split_once("\nclients:\n").expect("clients");
        let organisation = organisation.replace("{ file: ", "{ file: ../");
        fs::create_dir(world.file("policy")).expect("a folder");
        let teams = Self { world };
        teams.write(
            "organisation",
            &format!(
                "{organisation}\nisolate_teams: true\nallowed_audiences: [api.example.com]\n\
                 allowed_clients: [\"app_*\"]\n"
            ),
        );
        teams.write("shop", SHOP);
        teams.write("plant", PLANT);
        replace(&path, &format!("{server}\npolicy: {{ folder: policy }}\n"));
        hang_up(&teams.world);
        wait_for_version(&teams.world, 2);
        teams
    }

    fn write(&self, team: &str, text: &str) {
        replace(&self.world.file(&format!("policy/{team}.yaml")), text);
    }

    /// The status of an answer.
    fn ask(&self, request: &TokenRequest) -> u16 {
        self.world.exchange(request).status
    }

    fn orders(&self) -> u16 {
        self.ask(&self.world.kubernetes_request())
    }

    fn press(&self) -> u16 {
        self.ask(&self.world.pca_request())
    }
}

/// The bad file counts as what it was; the change of another team is taken up.
#[test]
fn b3_a_bad_file_of_one_team_leaves_the_others_alone() {
    let teams = Teams::start();
    assert_eq!((teams.orders(), teams.press()), (200, 200));
    teams.write("shop", &SHOP.replace("provider: cluster", "provider: nowhere"));
    teams.write("plant", &PLANT.replace("press-7", "press-8"));
    hang_up(&teams.world);
    wait_for_version(&teams.world, 3);
    let record = teams.world.record("what it was before is in use");
    assert!(record.text("file").ends_with("policy/shop.yaml"), "{record:?}");
    assert!(record.text("error").contains("nowhere"), "{record:?}");
    assert_eq!((teams.orders(), teams.press()), (200, 401));
    // Corrected, it is used again.
    teams.write("shop", &SHOP.replace("namespace == \"shop\"", "namespace == \"other\""));
    hang_up(&teams.world);
    wait_for_version(&teams.world, 4);
    assert_eq!(teams.orders(), 401);
}

/// What it was is judged by what the organisation says now.
#[test]
fn b3_what_a_bad_file_was_is_dropped_when_it_is_not_allowed_any_more() {
    let teams = Teams::start();
    let path = teams.world.file("policy/organisation.yaml");
    let organisation = fs::read_to_string(path).expect("a file");
    teams.write("shop", "clients: [");
    teams.write("organisation", &organisation.replace("\"app_*\"", "app_press"));
    hang_up(&teams.world);
    wait_for_version(&teams.world, 3);
    let record = teams.world.record("nothing of it is in use");
    assert!(record.text("file").ends_with("policy/shop.yaml"), "{record:?}");
    assert_eq!((teams.orders(), teams.press()), (401, 200));
}

/// After a start nothing is known of before.
#[test]
fn b3_after_a_restart_a_bad_file_counts_as_empty() {
    let mut teams = Teams::start();
    teams.write("shop", "clients: [");
    teams.world.restart();
    assert_eq!((teams.orders(), teams.press()), (401, 200));
    assert!(teams.world.log().contains("nothing of it is in use"));
}

/// Where the organisation does not say so, a bad file keeps everything as it was.
#[test]
fn a_bad_file_refuses_the_whole_unless_the_organisation_says_otherwise() {
    let teams = Teams::start();
    let path = teams.world.file("policy/organisation.yaml");
    let organisation = fs::read_to_string(path).expect("a file");
    teams.write("organisation", &organisation.replace("isolate_teams: true\n", ""));
    teams.write("shop", "clients: [");
    teams.write("plant", &PLANT.replace("press-7", "press-8"));
    hang_up(&teams.world);
    let _ = teams.world.record("a reload was refused");
    assert_eq!((teams.orders(), teams.press()), (200, 200));
}
