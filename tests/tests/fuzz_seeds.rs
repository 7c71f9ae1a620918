//! The short form of fuzzing: every function that is fuzzed, with its seeds, cut at each place and changed at each byte, and
//! with what the vectors hold for it.

#[path = "../../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "it is a library, of which this is another copy")]
mod targets;

use credmint_tests::corpus::Corpus;
use std::fs;
use std::path::Path;

/// Changes of one seed; of a long one every so-manieth byte.
const CHANGES: usize = 128;
/// Inputs of one target; of more every so-manieth.
const INPUTS: usize = 128;

#[test]
fn seeds_and_their_neighbours() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds");
    for (name, target) in targets::TARGETS {
        let mut tried = 0;
        for entry in fs::read_dir(seeds.join(name)).expect("the seeds of a target") {
            let seed = fs::read(entry.expect("an entry").path()).expect("a seed");
            // A key or a policy that fits no seed would let the function pass in vain.
            assert!(target(&seed), "{name} does not take its seed");
            for at in (0..seed.len()).step_by(seed.len().div_ceil(CHANGES)) {
                let _ = target(&seed[..at]);
                let mut changed = seed.clone();
                changed[at] ^= 1 << (at % 8);
                let _ = target(&changed);
            }
            tried += 1;
        }
        assert!(tried > 0, "{name} has no seeds");
    }
}

#[test]
fn inputs_of_the_vectors() {
    let corpus = Corpus::gather().expect("the vectors");
    for (name, target) in targets::TARGETS {
        let inputs = corpus.of(name);
        assert!(inputs.len() > 0, "the vectors have nothing for {name}");
        let step = inputs.len().div_ceil(INPUTS);
        for input in inputs.step_by(step) {
            let _ = target(input);
        }
    }
}

/// Each target is a binary of the fuzzer, and each binary a target.
#[test]
fn every_target_has_its_binary() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/fuzz_targets");
    let files = fs::read_dir(folder).expect("the binaries").map(|entry| entry.expect("a file"));
    let mut binaries: Vec<_> =
        files.filter_map(|file| Some(file.path().file_stem()?.to_str()?.to_owned())).collect();
    binaries.sort();
    assert_eq!(binaries, targets::TARGETS.map(|(name, _)| name));
}
