//! What is wrong while the runs of a scene go on, and how it is put right again.

mod clock;
mod disk;
mod network;

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::Failure;
use super::plan::{Fault, RemoteFault, Scene};
use super::stage::Stage;
use crate::cli::SoakOptions;
pub(super) use clock::Steps;
use disk::FullDisk;
use network::{Corruption, Daemon, Hanging};

/// Why a fault cannot be had on this machine.
pub(super) enum Unavailable {
    /// Something is missing or not permitted here.
    Skipped(String),
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for Unavailable {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// A fault that is in effect; it ends with this value.
pub(super) enum Active {
    None,
    /// The clones have an address other than that of the remote.
    Address {
        _behind: Behind,
    },
    /// Files of the remote are in the way of every push.
    Obstacle(Vec<PathBuf>),
    /// `refs/heads` of the remote is a file.
    NoReferences(PathBuf),
    Disk(FullDisk),
    Clock(Steps),
}

/// What answers at the address, as long as this value lives.
pub(super) enum Behind {
    Nobody,
    Hanging { _listener: Hanging },
    Corrupting { _proxy: Corruption, _daemon: Daemon },
}

/// Puts the fault of `scene` into effect.
pub(super) fn begin(
    stage: &Stage,
    scene: &Scene,
    options: &SoakOptions,
) -> Result<Active, Unavailable> {
    match scene.fault {
        Fault::None => Ok(Active::None),
        Fault::Remote(fault) => remote(stage, scene, fault),
        Fault::Full(store) => {
            FullDisk::begin(stage, &stage.clone_at(0), store, scene.numbers).map(Active::Disk)
        }
        Fault::Clock => Steps::begin(stage.root(), options.faketime.as_deref(), scene.numbers)
            .map(Active::Clock),
    }
}

fn remote(stage: &Stage, scene: &Scene, fault: RemoteFault) -> Result<Active, Unavailable> {
    let repository = stage.remote_repository();
    match fault {
        RemoteFault::Refusing => {
            // Free a moment ago, and nobody else's: addresses are not given out again at once.
            let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
            readdress(stage, port)?;
            Ok(Active::Address { _behind: Behind::Nobody })
        }
        RemoteFault::Hanging => {
            let hanging = Hanging::listen()?;
            readdress(stage, hanging.port())?;
            Ok(Active::Address { _behind: Behind::Hanging { _listener: hanging } })
        }
        RemoteFault::Corrupting => {
            let daemon = Daemon::start(stage)?;
            let proxy = Corruption::listen(daemon.port(), scene.numbers)?;
            readdress(stage, proxy.port())?;
            let behind = Behind::Corrupting { _proxy: proxy, _daemon: daemon };
            Ok(Active::Address { _behind: behind })
        }
        RemoteFault::Rejecting => {
            let hook =
                hook(&repository, "pre-receive", "cat >/dev/null; echo refused >&2; exit 1")?;
            Ok(Active::Obstacle(vec![hook]))
        }
        RemoteFault::Slow => Ok(Active::Obstacle(vec![hook(
            &repository,
            "pre-receive",
            "cat >/dev/null; sleep 0.7",
        )?])),
        RemoteFault::ReadOnly => {
            let heads = repository.join("refs/heads");
            fs::remove_dir(&heads)?;
            fs::write(&heads, "")?;
            Ok(Active::NoReferences(heads))
        }
    }
}

/// Leads the clones of `stage` to a port on loopback.
fn readdress(stage: &Stage, port: u16) -> Result<(), Failure> {
    address(stage, &format!("git://127.0.0.1:{port}/remote.git"))
}

fn address(stage: &Stage, url: &str) -> Result<(), Failure> {
    for index in 0..stage.clones {
        stage.git(&stage.clone_at(index), &["remote", "set-url", "origin", url])?;
    }
    Ok(())
}

fn hook(repository: &Path, name: &str, script: &str) -> Result<PathBuf, Failure> {
    let path = repository.join("hooks").join(name);
    fs::create_dir_all(repository.join("hooks"))?;
    fs::write(&path, format!("#!/bin/sh\n{script}\n"))?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    Ok(path)
}

impl Active {
    /// Puts everything right; what was written meanwhile stays, for as long as the value returned
    /// lives.
    pub(super) fn heal(mut self, stage: &Stage) -> Result<Self, Failure> {
        match &mut self {
            Self::None => {}
            Self::Address { .. } => address(stage, &stage.remote_repository().to_string_lossy())?,
            Self::Obstacle(files) => {
                for file in files {
                    fs::remove_file(file)?;
                }
            }
            Self::NoReferences(heads) => {
                fs::remove_file(&*heads)?;
                fs::create_dir(&*heads)?;
            }
            Self::Disk(disk) => disk.free()?,
            Self::Clock(steps) => steps.stop(),
        }
        Ok(self)
    }
}
