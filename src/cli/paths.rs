//! Where things lie: one folder per profile, one for the embedded server, all in one data folder.
//!
//! The data folder is the system's usual one (`$XDG_DATA_HOME/subrosa`, that is `~/.local/share/subrosa`); the environment
//! variable `SUBROSA_HOME` names another one, for tests and for carrying everything along on a stick: the configuration lies there too then.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use super::args::ProfileName;
use crate::system::in_words;

/// The environment variable that names another data folder.
pub const HOME_VARIABLE: &str = "SUBROSA_HOME";

/// The configuration's name in its folder.
const CONFIG_FILE: &str = "config.toml";

/// The data folder, the one for what may be thrown away, and the one for what the user has set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    root: PathBuf,
    state: PathBuf,
    config: PathBuf,
}

/// The system's folders for data, state and configuration.
struct Usual {
    data: PathBuf,
    state: PathBuf,
    config: PathBuf,
}

/// Why there is no folder to keep things in.
#[derive(Debug, thiserror::Error)]
pub enum PathFault {
    #[error("your home folder is not known: set HOME, or name a folder in {HOME_VARIABLE}")]
    NoHome,
    #[error("the folder {HOME_VARIABLE}={path:?} cannot be found from here ({})", in_words(error))]
    Unreachable { path: PathBuf, error: io::Error },
    #[error(
        "the folder {} cannot be made ({}): check who owns the folder above it, and that the disk is not full",
        path.display(), in_words(error)
    )]
    CannotMake { path: PathBuf, error: io::Error },
}

impl Paths {
    /// The data folder of this process: from `SUBROSA_HOME` if that is set, else the system's.
    pub fn find() -> Result<Paths, PathFault> {
        Self::choose(std::env::var_os(HOME_VARIABLE), || {
            let dirs = etcetera::choose_base_strategy().ok()?;
            let data = dirs.data_dir();
            Some(Usual { state: dirs.state_dir().unwrap_or(data.clone()), data, config: dirs.config_dir() })
        })
    }

    fn choose(named: Option<OsString>, usual: impl FnOnce() -> Option<Usual>) -> Result<Paths, PathFault> {
        let named = named.filter(|path| !path.is_empty()).map(PathBuf::from);
        Ok(match named {
            Some(path) => {
                let root =
                    std::path::absolute(&path).map_err(|error| PathFault::Unreachable { path, error })?;
                Paths { state: root.join("state"), config: root.clone(), root }
            }
            None => {
                let Usual { data, state, config } = usual().ok_or(PathFault::NoHome)?;
                let [root, state, config] = [data, state, config].map(|folder| folder.join("subrosa"));
                Paths { root, state, config }
            }
        })
    }

    /// The folder of all profiles.
    pub fn profiles(&self) -> PathBuf {
        self.root.join("profiles")
    }

    /// What belongs to one profile: its database, its key and its lock.
    pub fn profile(&self, name: &ProfileName) -> PathBuf {
        self.profiles().join(name.as_str())
    }

    /// What the user has set, if anything.
    pub fn config(&self) -> PathBuf {
        self.config.join(CONFIG_FILE)
    }

    /// What belongs to the embedded server, unless `serve` is told otherwise.
    pub fn server(&self) -> PathBuf {
        self.root.join("server")
    }

    /// Where the log goes, if one is wanted.
    pub fn state(&self) -> &Path {
        &self.state
    }
}

/// Where the user looks for what was fetched: `subrosa` in the folder for downloads (`$XDG_DOWNLOAD_DIR`, else `~/Downloads`), if there
/// is one and nothing says where everything of ours is to lie.
pub fn downloads() -> Option<PathBuf> {
    downloads_of(|name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from))
}

fn downloads_of(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    if variable(HOME_VARIABLE).is_some() {
        return None;
    }
    let usual = || variable("HOME").map(|home| home.join("Downloads"));
    let folder = variable("XDG_DOWNLOAD_DIR").or_else(usual).filter(|folder| folder.is_dir())?;
    Some(folder.join("subrosa"))
}

/// Makes a folder, and those above it that are missing, for nobody else to read. One that is there is left as it is.
pub fn make_private(path: &Path) -> Result<(), PathFault> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| PathFault::CannotMake { path: path.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usual() -> Option<Usual> {
        let [data, state, config] =
            ["share", "state", "config"].map(|name| format!("/home/ada/.local/{name}").into());
        Some(Usual { data, state, config })
    }

    #[test]
    fn profiles_and_server_lie_in_the_data_folder() {
        let paths = Paths::choose(None, usual).unwrap();
        let name = "work".parse().unwrap();
        assert_eq!(paths.profile(&name), Path::new("/home/ada/.local/share/subrosa/profiles/work"));
        assert_eq!(paths.server(), Path::new("/home/ada/.local/share/subrosa/server"));
        assert_eq!(paths.state(), Path::new("/home/ada/.local/state/subrosa"));
        assert_eq!(paths.config(), Path::new("/home/ada/.local/config/subrosa/config.toml"));
    }

    #[test]
    fn the_variable_names_another_folder_and_an_empty_one_does_not() {
        let paths = Paths::choose(Some("/tmp/elsewhere".into()), || None).unwrap();
        assert_eq!(paths.server(), Path::new("/tmp/elsewhere/server"));
        assert_eq!(paths.state(), Path::new("/tmp/elsewhere/state"));
        assert_eq!(paths.config(), Path::new("/tmp/elsewhere/config.toml"));
        assert_eq!(Paths::choose(Some("".into()), usual).unwrap(), Paths::choose(None, usual).unwrap());
        assert!(Paths::choose(Some("relative".into()), || None).unwrap().root.is_absolute());
    }

    #[test]
    fn without_a_home_the_next_step_is_said() {
        let fault = Paths::choose(None, || None).unwrap_err();
        assert!(fault.to_string().contains(HOME_VARIABLE), "{fault}");
    }

    #[test]
    fn fetched_files_lie_where_downloads_do() {
        let home = tempfile::tempdir().unwrap();
        let of = |variables: &[(&str, &Path)]| {
            let known: Vec<_> =
                variables.iter().map(|(name, path)| (name.to_string(), path.to_path_buf())).collect();
            downloads_of(|name| known.iter().find(|(known, _)| known == name).map(|(_, path)| path.clone()))
        };
        let downloads = home.path().join("Downloads");
        assert_eq!(of(&[("HOME", home.path())]), None, "there is no such folder");
        std::fs::create_dir(&downloads).unwrap();
        assert_eq!(of(&[("HOME", home.path())]), Some(downloads.join("subrosa")));
        let named = [("HOME", Path::new("/nowhere")), ("XDG_DOWNLOAD_DIR", home.path())];
        assert_eq!(of(&named), Some(home.path().join("subrosa")));
        assert_eq!(of(&[("HOME", home.path()), (HOME_VARIABLE, home.path())]), None, "all in one place");
    }

    #[cfg(unix)]
    #[test]
    fn folders_are_made_for_nobody_else() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("profiles/ada");
        make_private(&path).unwrap();
        make_private(&path).unwrap();
        for made in [path.as_path(), path.parent().unwrap()] {
            assert_eq!(std::fs::metadata(made).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::write(&path, "").unwrap();
        let fault = make_private(&path.join("below")).unwrap_err();
        assert!(fault.to_string().contains("file/below"), "{fault}");
    }
}
