//! Where Project Wycheproof leaves the answer to the implementation, or Credmint gives another one, and what
//! Credmint does not offer. An entry that no case needs fails the test.

use crate::suite::Case;
use std::fmt;

/// The answer to some cases, which the file itself calls `acceptable`, or `valid` under rules that are not ours.
pub(crate) struct Decision {
    /// How the names of the files begin.
    files: &'static str,
    cases: Cases,
    accept: bool,
    reason: &'static str,
}

#[derive(Debug)]
enum Cases {
    /// Those that are `acceptable` and have this flag.
    Flag(&'static str),
    /// The one of this number, which the file answers otherwise.
    Number(i64),
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { files, cases, accept, reason } = self;
        let answer = if *accept { "accepted" } else { "refused" };
        write!(f, "{files}*, {cases:?} is {answer}: {reason}")
    }
}

/// The first that fits decides.
pub(crate) const DECISIONS: [Decision; 5] = [
    Decision {
        files: "rsa_signature_",
        cases: Cases::Flag("MissingNull"),
        accept: false,
        reason: "the encoded message is rebuilt with its NULL and compared whole",
    },
    Decision {
        files: "rsa_pkcs1_",
        cases: Cases::Flag("WeakHash"),
        accept: true,
        reason: "the primitive verifies SHA-1; only a profile of signed messages asks for it",
    },
    Decision {
        files: "json_web_signature_",
        cases: Cases::Number(346),
        accept: false,
        reason: "the alg of the key is PS256, the token's is PS384",
    },
    Decision {
        files: "json_web_signature_",
        cases: Cases::Number(347),
        accept: false,
        reason: "the alg of the key is ES521, which is not registered; the token's is ES512",
    },
    Decision {
        files: "json_web_signature_",
        cases: Cases::Number(350),
        accept: false,
        reason: "the alg of the key is PS256, the token's is PS384",
    },
];

/// What is not offered, and why.
pub(crate) const NOT_OFFERED: [(&str, &str); 9] = [
    ("DSA with SHA-256", "one legacy signer of messages has DSA, with SHA-1"),
    ("Ed448", "no issuer has it, and no back end"),
    ("HMAC", "whoever verifies could sign"),
    ("JWE", "nothing is decrypted"),
    ("PSS with other parameters", "the salt is as long as the hash, and MGF1 has the same hash"),
    ("SHA-1 with PSS", "SHA-1 is for signed messages of old signers"),
    ("SHA-224", "no algorithm of JOSE or of an accepted certificate has it"),
    ("descriptions of curves", "parameters of curves are never read"),
    ("secp256k1", "no issuer of identities has it"),
];

/// What must be answered, and the place of the decision when there is one.
pub(crate) fn expected(case: &Case<'_>) -> (bool, Option<usize>) {
    let result = case.text("result");
    let decides = |decision: &Decision| {
        case.file.starts_with(decision.files)
            && match decision.cases {
                Cases::Flag(flag) => result == "acceptable" && case.has_flag(flag),
                Cases::Number(number) => {
                    case.id() == number && (result == "valid") != decision.accept
                }
            }
    };
    let place = DECISIONS.iter().position(decides);
    let accept = match (place, result) {
        (Some(place), _) => DECISIONS[place].accept,
        (None, "valid") => true,
        (None, "invalid") => false,
        (None, other) => panic!("undecided: {other} {case}"),
    };
    (accept, place)
}
