//! The values in a structure of less than 64 KiB, for data that is known to be well-formed so far.

/// What a value contains.
pub(crate) fn contents(value: &[u8]) -> &[u8] {
    &value[head(value)..]
}

/// The values that follow each other in `bytes`; what is not whole at the end is one more.
pub(crate) fn values(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut all = Vec::new();
    while bytes.len() > 1 {
        let (value, rest) = bytes.split_at(length(bytes).min(bytes.len()));
        all.push(value);
        bytes = rest;
    }
    all
}

/// The SubjectPublicKeyInfo of a certificate: the field after the subject, or after an empty one.
pub(crate) fn spki_of(certificate: &[u8]) -> &[u8] {
    let tbs = values(contents(certificate))[0];
    let fields = values(contents(tbs));
    let sequences = fields.iter().filter(|field| field[0] == 0x30);
    // signature, issuer, validity, subject, subjectPublicKeyInfo.
    sequences.copied().nth(4).expect("a key")
}

/// The RSAPublicKey of a certificate.
pub(crate) fn key_of(certificate: &[u8]) -> Vec<u8> {
    let bits = values(contents(spki_of(certificate)))[1];
    contents(bits)[1..].to_vec()
}

fn head(value: &[u8]) -> usize {
    match value[1] {
        0x81 => 3,
        0x82 => 4,
        _ => 2,
    }
}

fn length(value: &[u8]) -> usize {
    match value[1] {
        0x81 => 3 + usize::from(value[2]),
        0x82 => 4 + usize::from(u16::from_be_bytes([value[2], value[3]])),
        short => 2 + usize::from(short),
    }
}
