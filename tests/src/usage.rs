//! What a process uses of its machine, as `/proc` says. Linux alone.

use std::fs;
use std::path::Path;
use std::time::Duration;

/// Ticks a second of the times in `/proc`, on every Linux.
const TICKS: f64 = 100.0;

/// The time of a processor that the process `id` has used, all its threads together.
///
/// # Panics
///
/// When there is no such process.
#[must_use]
pub fn processor_time(id: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).expect("a process that runs");
    // What stands before the last parenthesis is the name, which may be anything.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    // utime and stime, proc(5).
    let ticks: f64 = fields[11..13].iter().filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    Duration::from_secs_f64(ticks / TICKS)
}

/// The resident memory of the process `id`, in KiB.
#[must_use]
pub fn memory(id: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// How many descriptors the process `id` has open.
#[must_use]
pub fn descriptors(id: u32) -> Option<usize> {
    Some(fs::read_dir(format!("/proc/{id}/fd")).ok()?.count())
}

/// The bytes of the files in a folder.
///
/// # Panics
///
/// When there is no such folder.
#[must_use]
pub fn bytes_in(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).expect("a folder").flatten();
    // One that goes meanwhile has none.
    files.filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::process;
    use std::time::Instant;

    #[test]
    fn this_process() {
        let id = process::id();
        let (before, start) = (processor_time(id), Instant::now());
        while processor_time(id) == before {
            assert!(start.elapsed() < Duration::from_secs(60), "no time passes");
        }
        assert!(memory(id).is_some_and(|kib| kib > 100));
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), [0; 1000]).unwrap();
        assert_eq!(bytes_in(folder.path()), 1000);
        let open: Vec<_> =
            (0..500).map(|_| File::open(folder.path().join("file")).unwrap()).collect();
        assert!(descriptors(id).is_some_and(|count| count >= open.len()));
    }
}
