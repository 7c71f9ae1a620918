//! Reading what is secret from a file.

use std::io::{self, Read};
use zeroize::Zeroizing;

/// The first `most` bytes of a file, which are overwritten when they are done with.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn read(file: impl Read, most: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    // With the capacity at hand from the start, no half-filled buffer is moved and left behind.
    let mut content = Zeroizing::new(Vec::with_capacity(most + 1));
    file.take(most as u64).read_to_end(&mut content)?;
    Ok(content)
}
