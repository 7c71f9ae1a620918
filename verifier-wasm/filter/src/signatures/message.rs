//! The messages of `verify_signature`, in the encoding of protocol buffers: `VerifySignatureArguments` and
//! `VerifySignatureResult` in Envoy's `source/extensions/common/wasm/ext/verify_signature.proto`.

use credmint_core::Hash;
use credmint_core::signature::PublicKey;

/// Fields of `VerifySignatureArguments`; all hold bytes.
mod field {
    pub(super) const HASH: u8 = 1;
    pub(super) const KEY: u8 = 2;
    pub(super) const SIGNATURE: u8 = 3;
    pub(super) const TEXT: u8 = 4;
}

/// The field of `VerifySignatureResult` that says whether the signature is good.
const RESULT: u64 = 1;

/// How the value of a field is encoded.
mod wire {
    pub(super) const VARINT: u64 = 0;
    pub(super) const BYTES: u64 = 2;
}

/// What the host is asked.
pub(super) struct Question<'a> {
    pub(super) hash: Hash,
    pub(super) key: &'a PublicKey,
    pub(super) message: &'a [u8],
    /// ECDSA signatures in DER.
    pub(super) signature: &'a [u8],
}

impl Question<'_> {
    /// The message. `None` for a hash that the host does not know by name.
    pub(super) fn encode(&self) -> Option<Vec<u8>> {
        let hash = match self.hash {
            Hash::Sha256 => "sha256",
            Hash::Sha384 => "sha384",
            Hash::Sha512 => "sha512",
            _ => return None,
        };
        let mut out = Vec::new();
        for (number, bytes) in [
            (field::HASH, hash.as_bytes()),
            (field::KEY, self.key.spki_der()),
            (field::SIGNATURE, self.signature),
            (field::TEXT, self.message),
        ] {
            out.push((number << 3) | 2);
            write_varint(bytes.len(), &mut out);
            out.extend_from_slice(bytes);
        }
        Some(out)
    }
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
fn write_varint(mut number: usize, out: &mut Vec<u8>) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            return out.push(low & 0x7f);
        }
        out.push(low | 0x80);
    }
}

/// Whether the signature is good. A result that is absent is false; `None` when this is no such message.
pub(super) fn read_answer(mut message: &[u8]) -> Option<bool> {
    let mut good = false;
    while !message.is_empty() {
        let tag = read_varint(&mut message)?;
        match (tag >> 3, tag & 7) {
            (RESULT, wire::VARINT) => good = read_varint(&mut message)? != 0,
            (_, wire::VARINT) => _ = read_varint(&mut message)?,
            (_, wire::BYTES) => {
                let length = usize::try_from(read_varint(&mut message)?).ok()?;
                message = message.get(length..)?;
            }
            _ => return None,
        }
    }
    Some(good)
}

fn read_varint(message: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (&byte, rest) = message.split_first()?;
        *message = rest;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers() {
        let check =
            |message: &[u8], expect| assert_eq!(read_answer(message), expect, "{message:?}");
        check(&[], Some(false));
        check(&[0x08, 1], Some(true));
        check(&[0x08, 0], Some(false));
        check(&[0x08, 0x81, 0x00], Some(true));
        check(b"\x08\x01\x12\x02ok", Some(true));
        check(b"\x12\x02no", Some(false));
        check(b"\x12\x02no\x08\x01", Some(true));
        check(b"\x12\x03no", None);
        check(&[0x08], None);
        check(&[0x08, 0x80], None);
        check(&[0xff; 11], None);
        check(&[0x09, 1, 0, 0, 0, 0, 0, 0, 0], None);
    }

    #[test]
    fn lengths() {
        let check = |number, expect: &[u8]| {
            let mut out = Vec::new();
            write_varint(number, &mut out);
            assert_eq!(out, expect, "{number}");
        };
        check(0, &[0]);
        check(127, &[0x7f]);
        check(128, &[0x80, 1]);
        check(300, &[0xac, 2]);
        check(16_384, &[0x80, 0x80, 1]);
    }
}
