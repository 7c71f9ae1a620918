//! Other programs: run and shown, run and read, run and watched.

use std::env;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;

use anyhow::{Context, bail};

/// Runs `command` with its output shown.
///
/// # Errors
/// When it cannot be started or does not succeed.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = show(command).status().with_context(|| format!("start {}", name(command)))?;
    succeeded(command, status)
}

/// Runs `command` and returns what it wrote to its standard output.
///
/// # Errors
/// When it cannot be started or does not succeed; the error holds what it wrote to standard error.
pub(crate) fn read(command: &mut Command) -> anyhow::Result<Vec<u8>> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("start {}", name(command)))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("{} failed: {}", name(command), complaint.trim());
    }
    Ok(output.stdout)
}

/// [`read`], as text without the white space around it.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_text(command: &mut Command) -> anyhow::Result<String> {
    Ok(String::from_utf8_lossy(&read(command)?).trim().to_owned())
}

/// Runs `command` with its output shown and returns that output too, so that its closing lines can
/// be counted, whether it succeeded or not.
///
/// # Errors
/// When it cannot be started or its output cannot be read.
pub(crate) fn watch(command: &mut Command) -> anyhow::Result<(ExitStatus, String)> {
    let mut child = show(command)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("start {}", name(command)))?;
    let output = child.stdout.take().map(|pipe| thread::spawn(|| pass_on(pipe, io::stdout())));
    let errors = child.stderr.take().map(|pipe| thread::spawn(|| pass_on(pipe, io::stderr())));
    let mut text = Vec::new();
    for reader in [output, errors].into_iter().flatten() {
        match reader.join() {
            Ok(bytes) => text.extend(bytes?),
            Err(_) => bail!("reading from {} stopped", name(command)),
        }
    }
    Ok((child.wait()?, String::from_utf8_lossy(&text).into_owned()))
}

/// # Errors
/// When `status` is not success.
pub(crate) fn succeeded(command: &Command, status: ExitStatus) -> anyhow::Result<()> {
    if !status.success() {
        bail!("{} ended with {status}", name(command));
    }
    Ok(())
}

/// The first of the folders in `PATH` that holds `program`, joined with it.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn show(command: &mut Command) -> &mut Command {
    let mut line = name(command);
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    println!("   $ {line}");
    command
}

fn name(command: &Command) -> String {
    let program = Path::new(command.get_program());
    program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned()
}

fn pass_on(mut from: impl Read, mut to: impl Write) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            return Ok(all);
        }
        to.write_all(&buffer[..read])?;
        to.flush()?;
        all.extend_from_slice(&buffer[..read]);
    }
}
