//! Where records go, as bytes: standard output, or a file that is rotated.
//!
//! A write may end in the middle of a line: the disk is full, the process is killed. What is torn is never continued: the next
//! record begins on a line of its own.

use crate::config::Rotation;
use crate::limits::RECORD_BYTES;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Where records go.
pub(super) enum Output {
    /// Nowhere.
    Off,
    /// Something that only takes bytes, and what it took last of a line that is not whole.
    Stream(File, Vec<u8>),
    /// The end of a file.
    File(FileOutput),
}

/// A file, which somebody else may rotate as well.
pub(super) struct FileOutput {
    path: PathBuf,
    rotation: Option<Rotation>,
    /// What was seen of it after the last write.
    seen: Option<Seen>,
    open: Option<File>,
}

/// Which file it is, and how long.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Seen {
    device: u64,
    inode: u64,
    length: u64,
}

/// What is found before a write.
#[derive(Default, Debug, PartialEq, Eq)]
pub(super) struct Prepared {
    /// The end of the file or stream, where it is a line that is not whole.
    pub(super) torn: Vec<u8>,
    /// The file was full, and another one is begun.
    pub(super) is_rotated: bool,
}

/// A write that failed, after so many bytes.
pub(super) struct WriteFailed {
    pub(super) written: usize,
    pub(super) cause: io::Error,
}

impl Output {
    /// Standard output. It is written to directly: what is buffered is neither here nor there.
    pub(super) fn stdout() -> io::Result<Self> {
        let stdout = io::stdout().as_fd().try_clone_to_owned()?;
        Ok(Self::Stream(stdout.into(), Vec::new()))
    }

    /// The end of a file, which is made for its owner alone.
    pub(super) fn file(path: &Path, rotation: Option<Rotation>) -> io::Result<Self> {
        append(path)?;
        let (path, seen, open) = (path.to_owned(), None, None);
        Ok(Self::File(FileOutput { path, rotation, seen, open }))
    }

    /// Opens what is about to be written to, for so many bytes.
    pub(super) fn prepare(&mut self, bytes: usize) -> io::Result<Prepared> {
        match self {
            Self::Off => Ok(Prepared::default()),
            Self::Stream(_, torn) => Ok(Prepared { torn: torn.clone(), is_rotated: false }),
            Self::File(file) => file.prepare(bytes as u64),
        }
    }

    /// Writes whole lines.
    pub(super) fn write(&mut self, lines: &[u8]) -> Result<(), WriteFailed> {
        match self {
            Self::Off => Ok(()),
            Self::Stream(stream, torn) => {
                let written = write_all(stream, lines);
                let taken = written.as_ref().map_or_else(|failed| failed.written, |()| lines.len());
                let whole = &lines[..taken];
                let tail = whole.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
                if whole.contains(&b'\n') {
                    torn.clear();
                }
                torn.extend_from_slice(tail);
                written
            }
            Self::File(file) => file.write(lines),
        }
    }
}

impl FileOutput {
    fn prepare(&mut self, bytes: u64) -> io::Result<Prepared> {
        let mut file = append(&self.path)?;
        let mut seen = Seen::of(&file)?;
        let mut is_rotated = false;
        if let Some(rotation) = self.rotation
            && seen.length > 0
            && seen.length.saturating_add(bytes) > rotation.bytes
        {
            match rotate(&self.path, rotation.keep) {
                Ok(()) => {
                    file = append(&self.path)?;
                    seen = Seen::of(&file)?;
                    is_rotated = true;
                }
                // Better too long a file than no record.
                Err(error) => tracing::error!(%error, "the audit file cannot be rotated"),
            }
        }
        let torn = match self.seen {
            Some(known) if known == seen => Vec::new(),
            _ => torn_end(&self.path, seen.length)?,
        };
        (self.open, self.seen) = (Some(file), None);
        Ok(Prepared { torn, is_rotated })
    }

    fn write(&mut self, lines: &[u8]) -> Result<(), WriteFailed> {
        let failed = |cause| WriteFailed { written: 0, cause };
        let Some(mut file) = self.open.take() else {
            return Err(failed(io::Error::other("the file is not open")));
        };
        write_all(&mut file, lines)?;
        // What is not seen is looked at before the next write.
        self.seen = Seen::of(&file).ok();
        Ok(())
    }
}

impl Seen {
    fn of(file: &File) -> io::Result<Self> {
        let found = file.metadata()?;
        Ok(Self { device: found.dev(), inode: found.ino(), length: found.len() })
    }
}

/// Opened for each write, so that the file may be renamed at any time.
fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

fn write_all(output: &mut impl Write, bytes: &[u8]) -> Result<(), WriteFailed> {
    let mut written = 0;
    while written < bytes.len() {
        match output.write(&bytes[written..]) {
            Ok(0) => {
                return Err(WriteFailed { written, cause: ErrorKind::WriteZero.into() });
            }
            Ok(count) => written += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Who shares the pipe made it so; there is no event to wait for here.
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                std::thread::sleep(crate::limits::PIPE_RETRY);
            }
            Err(cause) => return Err(WriteFailed { written, cause }),
        }
    }
    Ok(())
}

/// What stands behind the last line end of a file.
fn torn_end(path: &Path, length: u64) -> io::Result<Vec<u8>> {
    let last = last_bytes(path, length)?;
    let tail = last.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    Ok(tail.to_vec())
}

/// The end of a file, in which two records have room.
pub(super) fn last_bytes(path: &Path, length: u64) -> io::Result<Vec<u8>> {
    let most = 2 * RECORD_BYTES as u64;
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(length.saturating_sub(most)))?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Moves `file` to `file.1`, that to `file.2`, and so on. What would be more than are kept is replaced.
fn rotate(path: &Path, keep: usize) -> io::Result<()> {
    let numbered = |number: usize| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{number}"));
        PathBuf::from(name)
    };
    for number in (1..keep).rev() {
        match fs::rename(numbered(number), numbered(number + 1)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(path, numbered(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn append_line(output: &mut Output, line: &str) -> Prepared {
        let prepared = output.prepare(line.len()).unwrap();
        output.write(line.as_bytes()).map_err(|failed| failed.cause).unwrap();
        prepared
    }

    #[test]
    fn a_full_file_is_rotated_and_the_newest_are_kept() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("audit.jsonl");
        let rotation = Rotation { bytes: 10, keep: 2 };
        let mut output = Output::file(&path, Some(rotation)).unwrap();
        let rotated: Vec<bool> = ["1aaaa\n", "2bb\n", "3cccc\n", "4dddd\n", "5eeee\n"]
            .iter()
            .map(|line| append_line(&mut output, line).is_rotated)
            .collect();
        assert_eq!(rotated, [false, false, true, true, true]);
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).ok();
        assert_eq!(read("audit.jsonl").as_deref(), Some("5eeee\n"));
        assert_eq!(read("audit.jsonl.1").as_deref(), Some("4dddd\n"));
        assert_eq!(read("audit.jsonl.2").as_deref(), Some("3cccc\n"));
        assert_eq!(read("audit.jsonl.3"), None);
    }

    #[test]
    fn i21_a_torn_end_is_found_however_it_came_there() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("audit.jsonl");
        fs::write(&path, "{\"a\":1}\n{\"b").unwrap();
        let mut output = Output::file(&path, None).unwrap();
        assert_eq!(append_line(&mut output, "\n{}\n").torn, b"{\"b");
        assert_eq!(append_line(&mut output, "{}\n").torn, b"");
        // Another process wrote, or the file was copied and truncated.
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"c").unwrap();
        assert_eq!(append_line(&mut output, "\n{}\n").torn, b"{\"c");
        fs::write(&path, "").unwrap();
        assert_eq!(append_line(&mut output, "{}\n").torn, b"");
        // Renamed away: a file that begins.
        fs::rename(&path, folder.path().join("old")).unwrap();
        assert_eq!(append_line(&mut output, "{}\n").torn, b"");
        assert_eq!(fs::read_to_string(&path).unwrap(), "{}\n");
    }
}
