//! The demo: every kind of proof exchanged, each token verified at two edges, three refusals explained.
//!
//! It runs the real command, the real filter in a real Envoy and the real package in Node; around them
//! stand the fixtures of the tests. It ends well only if all came out as it should, and leaves nothing
//! running, also when it is interrupted.

mod interrupt;
mod proofs;
mod refusals;
mod style;
mod table;

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::world::World;
use crate::world::edge::Edge;
use interrupt::{Interrupt, Interrupted};
use style::Style;

/// How a shell reports an end by SIGINT.
const INTERRUPTED: u8 = 130;

/// Runs the demo in the terminal.
#[must_use]
pub fn run() -> ExitCode {
    let style = Style::of_the_terminal();
    match show(style, &Interrupt::watch()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(Interrupted) => {
            println!("\nInterrupted. Everything that was started has been stopped.");
            ExitCode::from(INTERRUPTED)
        }
    }
}

/// Shows everything; whether all came out as it should.
fn show(style: Style, interrupt: &Interrupt) -> Result<bool, Interrupted> {
    let start = Instant::now();
    println!("\n{}\n", style.strong("Credmint: verify at the edge, mint at the core"));
    let world = World::started_in(&apart, &[]);
    style.done("a plant with a certificate authority: root, intermediate, and a client, press-7");
    style.done(&format!(
        "a forge whose jobs get OIDC tokens, with discovery and keys: {}",
        world.forge.url()
    ));
    style.done("a cluster that projects tokens into pods; two clouds that sign instance documents");
    style.done(&format!("credmint serve, over https: {}", world.issuer_url()));
    interrupt.check()?;
    let edge = Edge::start(&world, &apart);
    style.done(&format!("Envoy with the filter, before a service: http://{}", edge.address()));
    interrupt.check()?;

    let granted = proofs::show(&world, &edge, style, interrupt)?;
    let refused = refusals::show(&world, style, interrupt)?;

    let good = granted && refused;
    let seconds = start.elapsed().as_secs_f64();
    if good {
        println!("{} in {seconds:.1} s.\n", style.good("All came out as it should"));
    } else {
        println!("{}: see the marks above.\n", style.bad("Not all came out as it should"));
    }
    Ok(good)
}

/// A command in a process group of its own: what the terminal sends reaches the demo alone, which ends
/// the others in order.
fn apart(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.process_group(0);
    command
}
