//! verify_name_match_unittest: one name in several spellings, and names that are others.
//!
//! A case is a pair of files: `a = b`.

use anyhow::{Context, Result};
use credmint_core::x509::Name;
use credmint_core::{Code, Refusal};
use credmint_tests::shared_data;
use credmint_tests::suites::{Suite, pem_blocks};
use std::path::PathBuf;

const TYPES: &[&str] = &["PRINTABLESTRING", "T61STRING", "UTF8", "BMPSTRING", "UNIVERSALSTRING"];
const MANGLED: &[&str] = &["unmangled", "case_swap", "extra_whitespace"];

/// A run over the folder of names.
struct Names {
    folder: PathBuf,
    suite: Suite,
}

#[test]
fn names_match() -> Result<()> {
    let Some(folder) = shared_data::folder("boringssl-pki/verify_name_match_unittest/names") else {
        return Ok(());
    };
    let suite = Suite::open("boringssl-pki/verify_name_match_unittest");
    let mut names = Names { folder, suite };
    for kind in TYPES {
        names.of_one_type(kind)?;
        for other in TYPES {
            let comparable = kind == other || (*kind != "T61STRING" && *other != "T61STRING");
            names.pair(&ascii(kind, "unmangled"), &ascii(other, "unmangled"), comparable)?;
        }
    }
    for (prefix, kinds) in [
        ("unicode_bmp", &["UTF8", "BMPSTRING", "UNIVERSALSTRING"][..]),
        ("unicode_supplementary", &["UTF8", "UNIVERSALSTRING"]),
    ] {
        for (kind, other) in kinds.iter().flat_map(|kind| kinds.iter().map(move |o| (kind, o))) {
            let name = |kind| format!("{prefix}-{kind}-unmangled");
            names.pair(&name(kind), &name(other), true)?;
        }
    }
    // The order within a set does not matter; types that have no normal form are compared as bytes.
    names.pair(
        "ascii-PRINTABLESTRING-rdn_sorting_1",
        "ascii-PRINTABLESTRING-rdn_sorting_2",
        true,
    )?;
    names.pair("ascii-mixed-rdn_dupetype_sorting_1", "ascii-mixed-rdn_dupetype_sorting_2", true)?;
    names.pair("custom-custom-normalized", "custom-custom-normalized", true)?;
    names.pair("unicode-mixed-normalized", "unicode-mixed-unnormalized", true)?;
    names.pair("valid-Name-empty", "valid-Name-empty", true)?;
    names.pair("valid-minimal", "valid-minimal", true)?;
    names.pair("valid-Name-empty", "valid-minimal", false)?;
    names.malformed()?;
    names.suite.finish(153);
    Ok(())
}

fn ascii(kind: &str, suffix: &str) -> String {
    format!("ascii-{kind}-{suffix}")
}

impl Names {
    fn of_one_type(&mut self, kind: &str) -> Result<()> {
        // A TeletexString has no character set that readers agree on.
        let folds = kind != "T61STRING";
        for mangled in ["case_swap", "extra_whitespace"] {
            self.pair(&ascii(kind, mangled), &ascii(kind, "unmangled"), folds)?;
        }
        for mangled in MANGLED {
            let name = ascii(kind, mangled);
            let variant = |suffix: &str| format!("{name}-{suffix}");
            for suffix in ["extra_attr", "extra_rdn", "dupe_attr"] {
                self.pair(&variant(suffix), &variant(suffix), true)?;
            }
            self.pair(&name, &variant("extra_attr"), false)?;
            self.pair(&name, &variant("extra_rdn"), false)?;
            self.pair(&variant("dupe_attr"), &variant("extra_attr"), false)?;
        }
        Ok(())
    }

    /// A pair that matches or not, either way round.
    fn pair(&mut self, one: &str, other: &str, matches: bool) -> Result<()> {
        let (left, right) = (self.read(one)?, self.read(other)?);
        let found = left.and_then(|left| {
            let right = right?;
            assert_eq!(left.matches(&right), right.matches(&left), "{one} {other}");
            if left.matches(&right) { Ok(()) } else { Err(Refusal::new(Code::PathNotFound)) }
        });
        self.suite.judge(&format!("{one} = {other}"), matches, &found);
        Ok(())
    }

    /// The names that are none.
    fn malformed(&mut self) -> Result<()> {
        for file in crate::files(&self.folder, "pem")? {
            let name = crate::name(&self.folder, &file)?;
            if name.starts_with("invalid-") {
                let found = self.read(&name)?.map(drop);
                self.suite.judge(&name, false, &found);
            }
        }
        Ok(())
    }

    fn read(&self, name: &str) -> Result<Result<Name, Refusal>> {
        let text = crate::text(&self.folder.join(format!("{name}.pem")))?;
        Ok(Name::from_der(&pem_blocks::first(&text, "NAME").context("a name")?))
    }
}
