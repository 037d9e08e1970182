//! A file system that is full, and again is not, while runs write to it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::super::Failure;
use super::super::child::Call;
use super::super::plan::Store;
use super::super::random::Random;
use super::super::stage::Stage;
use super::Unavailable;

/// Of the file system.
const SIZE: &str = "size=8m";

/// What it gives out space in.
const PAGE: usize = 4096;

/// A small file system with a directory of a clone on it, and a file that takes what is free.
pub(crate) struct FullDisk {
    filler: Filler,
    _mounts: [Mount; 2],
}

impl FullDisk {
    pub(super) fn begin(
        stage: &Stage,
        clone: &Path,
        store: Store,
        numbers: u64,
    ) -> Result<Self, Unavailable> {
        let directory = clone.join(store.directory());
        let disk = stage.root().join("disk");
        fs::create_dir_all(&directory)?;
        fs::create_dir_all(&disk)?;
        let whole = Mount::begin(stage, &["-t", "tmpfs", "-o", SIZE, "tmpfs"], disk.clone())
            .map_err(Unavailable::Skipped)?;
        // The directory is one of that file system, beside the file that fills it: nobody who looks
        // at the directory sees a file that does not belong there.
        let copy = disk.join("directory");
        copy_all(&directory, &copy)?;
        let source = copy.to_string_lossy().into_owned();
        let part =
            Mount::begin(stage, &["--bind", &source], directory).map_err(Unavailable::Skipped)?;
        let filler = Filler::start(disk.join("filler"), Random::of(numbers, "disk"))?;
        // In this order they go: what is mounted last goes first.
        Ok(Self { filler, _mounts: [part, whole] })
    }

    /// Makes room for good.
    pub(super) fn free(&mut self) -> Result<(), Failure> {
        Ok(self.filler.stop()?)
    }
}

fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_all(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target).map(drop)?;
        }
    }
    Ok(())
}

/// Something mounted at a directory, until this value goes.
struct Mount(PathBuf);

impl Mount {
    /// The reason, when it may not be mounted.
    fn begin(stage: &Stage, options: &[&str], at: PathBuf) -> Result<Self, String> {
        let directory = at.to_string_lossy().into_owned();
        let arguments: Vec<&str> = options.iter().copied().chain([directory.as_str()]).collect();
        let call = mount_call(stage.root(), "mount", &arguments);
        call.answer().map_err(|error| format!("nothing can be mounted here: {error}"))?;
        Ok(Self(at))
    }
}

fn mount_call<'a>(directory: &'a Path, program: &'a str, arguments: &'a [&'a str]) -> Call<'a> {
    let variables = &[];
    let output = Path::new("/dev/null");
    Call { program: program.as_ref(), arguments, directory, variables, output }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let directory = self.0.to_string_lossy().into_owned();
        // Lazily: what somebody still looks at goes when he looks away.
        if let Err(error) = mount_call(Path::new("/"), "umount", &["-l", &directory]).answer() {
            anstream::eprintln!("warning: {directory} stays mounted: {error}");
        }
    }
}

/// Takes the free space, and gives it back, in turns.
struct Filler {
    path: PathBuf,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Filler {
    fn start(path: PathBuf, mut random: Random) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                fill(&file, random.below(7));
                std::thread::sleep(Duration::from_millis(random.between(20, 300)));
                // What cannot be given back now is when the next turn comes.
                let _ = file.set_len(0);
                std::thread::sleep(Duration::from_millis(random.between(1, 100)));
            }
        });
        Ok(Self { path, stop, thread: Some(thread) })
    }

    fn stop(&mut self) -> io::Result<()> {
        self.stop.store(true, Ordering::Relaxed);
        // A thread that panicked has ended, too.
        let _ = self.thread.take().map(JoinHandle::join);
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        // What lies on it goes with it.
        let _ = self.stop();
    }
}

/// Takes all space but for `left` pages.
fn fill(mut file: &File, left: u64) {
    let block = [b'#'; PAGE];
    while file.write_all(&block).is_ok() {}
    let left = left * u64::try_from(PAGE).unwrap_or(0);
    let length = file.metadata().map_or(0, |data| data.len());
    let _ = file.set_len(length.saturating_sub(left));
}
