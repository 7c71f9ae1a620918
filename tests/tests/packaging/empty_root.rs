//! The command alone in a folder that is its root, as in the image: beside it lie the shared libraries that it names, none
//! where it was linked statically, and what an engine writes there. It runs, finds names, and speaks TLS.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use credmint_tests::environment;
use credmint_tests::fixtures::oidc_issuer::OidcIssuer;
use credmint_tests::fixtures::seed::Seed;
use credmint_tests::fixtures::tls::ServerCa;
use credmint_tests::http_client::HttpsClient;
use credmint_tests::process::{Process, free_address, run};
use credmint_tests::world::request::TokenRequest;
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

const CONFIGURATION: &str = include_str!("empty_root.yaml");

/// The user of the image.
const USER: &str = "65532:65532";

#[test]
fn names_come_from_the_hosts_file() {
    let root = Root::new();
    root.write("etc/hosts", "127.0.0.1 keys.test localhost\n");
    root.write("etc/resolv.conf", "");
    root.serves();
}

/// The same without the file: the name server is asked.
#[test]
fn names_come_from_the_name_server() {
    let Some(server) = NameServer::start() else {
        println!("port 53 cannot be bound here: only the hosts file is tested");
        return;
    };
    let root = Root::new();
    root.write("etc/resolv.conf", &format!("nameserver {}\n", server.address));
    root.serves();
}

/// A folder with the command in it.
struct Root {
    folder: TempDir,
}

impl Root {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = Self { folder };
        root.copy(&environment::credmint(), "usr/bin/credmint");
        for library in libraries(&environment::credmint()) {
            let name = library.to_str().expect("a path in UTF-8").trim_start_matches('/');
            root.copy(&library, name);
        }
        root
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a writable folder");
        fs::write(path, text).expect("a writable folder");
    }

    fn copy(&self, from: &Path, name: &str) {
        let to = self.path(name);
        fs::create_dir_all(to.parent().expect("a folder")).expect("a writable folder");
        fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    }

    /// Starts the issuer in here and has it fetch keys over TLS from a host whose name it must find.
    fn serves(&self) {
        let runtime = Runtime::new().expect("a runtime");
        let seed = Seed::open(&self.path("seed"));
        let any = "127.0.0.1:0".parse().expect("an address");
        let keys = runtime.block_on(OidcIssuer::from_seed(any, &seed));
        let authority = ServerCa::from_seed(&seed);
        fs::create_dir_all(self.path("etc/credmint")).expect("a writable folder");
        let _ = authority.write(&self.path("etc/credmint"));
        let listen = free_address();
        let port = keys.url().rsplit_once(':').expect("a port").1;
        let text = CONFIGURATION
            .replace("ADDRESS", &listen.to_string())
            .replace("ISSUER", keys.url())
            .replace("PORT", port);
        self.write("etc/credmint/credmint.yaml", &text);
        fs::create_dir_all(self.path("var/lib/credmint")).expect("a writable folder");

        let mut command = self.inside();
        command.args(["/usr/bin/credmint", "serve", "--config", "/etc/credmint/credmint.yaml"]);
        let mut issuer = Process::start("credmint in a root of its own", &mut command);
        let _ = issuer.wait_for_line("\"serving\"");

        let token = keys.token(&json!({
            "sub": "orders",
            "aud": "https://sts.example.com",
            "iat": credmint_tests::fixtures::clock::now(),
            "exp": credmint_tests::fixtures::clock::now() + 300,
        }));
        let request = TokenRequest::new("app_orders", "main", "id-token-bearer", &token);
        let client = HttpsClient::trusting(authority.der());
        let form = [("Content-Type", "application/x-www-form-urlencoded")];
        let body = request.with("scope", "api.example.com|read").body();
        let answer = client.request(listen, "POST", "/oauth2/token", &form, body.as_bytes());
        assert_eq!(answer.status, 200, "{answer:?}\n{}", issuer.log());
        let ended = issuer.stop();
        assert!(ended.success(), "{ended}");
    }

    /// A command whose root is this folder: as the user of the image where root may choose one.
    fn inside(&self) -> Command {
        let root = self.folder.path();
        if run("id", Command::new("id").arg("-u")).trim() == "0" {
            let _ = run("chown", Command::new("chown").args(["-R", USER]).arg(root));
            let mut command = Command::new("chroot");
            command.arg(format!("--userspec={USER}")).arg(root);
            command
        } else {
            let mut command = Command::new("unshare");
            command.args(["--map-root-user", "chroot"]).arg(root);
            command
        }
    }
}

/// The files that a program needs on this machine to start, by `ldd`.
fn libraries(program: &Path) -> Vec<PathBuf> {
    let output = Command::new("ldd").arg(program).output().expect("ldd");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let path =
        |line: &str| line.split_whitespace().find(|word| word.starts_with('/')).map(PathBuf::from);
    told.lines().filter_map(path).collect()
}

/// Answers each question for an address with 127.0.0.1.
struct NameServer {
    address: Ipv4Addr,
}

impl NameServer {
    /// At an address of its own on loopback; `None` where nobody may listen at port 53.
    fn start() -> Option<Self> {
        let address = Ipv4Addr::new(127, 53, 53, 53);
        let socket = UdpSocket::bind(SocketAddr::from((address, 53))).ok()?;
        thread::spawn(move || {
            let mut question = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut question) {
                let _ = socket.send_to(&answer(&question[..length]), from);
            }
        });
        Some(Self { address })
    }
}

/// RFC 1035 section 4: the question again, and one address for the name in it, or none of the newer kind.
fn answer(question: &[u8]) -> Vec<u8> {
    let name = question[12..].iter().position(|byte| *byte == 0).expect("a name") + 12;
    let is_ipv4 = question[name + 1..name + 3] == [0, 1];
    let mut answer = question[..name + 5].to_vec();
    // A response, recursion available, no error; one question and as many answers; nothing else.
    answer[2..4].copy_from_slice(&[0x81, 0x80]);
    answer[4..12].copy_from_slice(&[0, 1, 0, u8::from(is_ipv4), 0, 0, 0, 0]);
    if is_ipv4 {
        // The name above, A, IN, one minute, four bytes.
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
    }
    answer
}
