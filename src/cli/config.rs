//! What the user has set once and for all: `config.toml`, and the environment beside it.
//!
//! Three keys, all optional: `api_id` and `api_hash`, the application's numbers at Telegram, and `proxy`. What stands in a file
//! unnoticed for years must not be misread: an unknown key is an error that names its line. What is nearer to the user wins: an argument
//! over the environment, that over the file, and the file over what a packager has built in.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use super::args::{ProxyLink, Way};
use super::paths::{PathFault, Paths};
use super::prompt::{self, PromptFault};
use crate::engine::{Proxy, ProxyFault};
use crate::system::in_words;
use crate::tui::welcome::check;

/// The environment's application, and its proxy for this program.
pub const API_ID_VARIABLE: &str = "SUBROSA_API_ID";
pub const API_HASH_VARIABLE: &str = "SUBROSA_API_HASH";
pub const PROXY_VARIABLE: &str = "SUBROSA_PROXY";

/// The longest link of a proxy in bytes; what is longer is another file.
const MAX_LINK: usize = 4096;

/// Why what is set cannot be used; each names the place to mend. A proxy's link may hold a password and is never quoted.
#[derive(Debug, thiserror::Error)]
pub enum ConfigFault {
    #[error(transparent)]
    Path(#[from] PathFault),
    #[error(transparent)]
    Prompt(#[from] PromptFault),
    #[error("the configuration file {} cannot be read ({}): put it right, or move it away", path.display(), in_words(error))]
    File { path: PathBuf, error: io::Error },
    #[error("the file {} cannot be read ({}): --proxy-file wants one whose first line is the link of a proxy", path.display(), in_words(error))]
    ProxyFile { path: PathBuf, error: io::Error },
    #[error("the configuration file {}, line {line}: {reason}", path.display())]
    Form { path: PathBuf, line: usize, reason: String },
    #[error("{place}: {fault}")]
    Application { place: String, fault: check::Fault },
    #[error("{place}: only one of the two is set, and api_id and api_hash belong together")]
    Half { place: String },
    #[error("{place}: {fault}")]
    Proxy { place: String, fault: ProxyFault },
}

/// The configuration file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    api_id: Option<i64>,
    api_hash: Option<String>,
    #[serde(default, deserialize_with = "wiped")]
    proxy: Option<Zeroizing<String>>,
    #[serde(skip)]
    path: PathBuf,
}

impl Config {
    /// Reads it; nothing is set where there is none.
    ///
    /// # Errors
    /// It cannot be read, or something in it is not understood: the line is named.
    pub fn read() -> Result<Config, ConfigFault> {
        Config::read_from(&Paths::find()?.config())
    }

    fn read_from(path: &Path) -> Result<Config, ConfigFault> {
        match std::fs::read_to_string(path).map(Zeroizing::new) {
            Ok(text) => Config::parse(&text, path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Config::default()),
            Err(error) => Err(ConfigFault::File { path: path.to_owned(), error }),
        }
    }

    fn parse(text: &str, path: &Path) -> Result<Config, ConfigFault> {
        let config: Config = toml::from_str(text).map_err(|fault| {
            let before = fault.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            ConfigFault::Form { path: path.to_owned(), line, reason: reason(&fault) }
        })?;
        Ok(Config { path: path.to_owned(), ..config })
    }

    /// The application's number and hash, from the nearest place that has them.
    ///
    /// # Errors
    /// That place has only one of them, or something that cannot be meant.
    pub fn application(&self) -> Result<Option<(i32, String)>, ConfigFault> {
        self.application_of(&variable, (option_env!("SUBROSA_API_ID"), option_env!("SUBROSA_API_HASH")))
    }

    fn application_of(
        &self,
        variable: &impl Fn(&str) -> Option<Zeroizing<String>>,
        built_in: (Option<&str>, Option<&str>),
    ) -> Result<Option<(i32, String)>, ConfigFault> {
        let (id, hash) = (variable(API_ID_VARIABLE), variable(API_HASH_VARIABLE));
        let named = (id.as_ref().map(|it| it.as_str()), hash.as_ref().map(|it| it.as_str()));
        let filed = self.api_id.map(|id| id.to_string());
        let places = [
            (format!("{API_ID_VARIABLE} and {API_HASH_VARIABLE}"), named),
            (self.path.display().to_string(), (filed.as_deref(), self.api_hash.as_deref())),
            ("what was built into this program".to_owned(), built_in),
        ];
        for (place, (id, hash)) in places {
            match (id, hash) {
                (None, None) => {}
                (Some(id), Some(hash)) => {
                    let both = check::api_id(id).and_then(|id| Ok((id, check::api_hash(hash)?)));
                    return both.map(Some).map_err(|fault| ConfigFault::Application { place, fault });
                }
                _ => return Err(ConfigFault::Half { place }),
            }
        }
        Ok(None)
    }

    /// The proxy that a profile is to have for its own, from the arguments or the file; asks for it if that is wanted. Those of the
    /// environment are nobody's own: they are looked at for every connection and never stored.
    ///
    /// # Errors
    /// What was given names no proxy.
    pub fn proxy(&self, way: &Way) -> Result<Option<Proxy>, ConfigFault> {
        match (&way.proxy, &way.proxy_file) {
            (Some(ProxyLink::Given(proxy)), _) => Ok(Some(proxy.clone())),
            (Some(ProxyLink::Asked), _) => {
                let link = prompt::ask_secret("The link of the proxy (not shown; empty for none): ")?;
                proxy_in("what was typed", Some(link.expose()))
            }
            (None, Some(path)) => proxy_file(path).map(Some),
            (None, None) => self.proxy_of(&variable),
        }
    }

    fn proxy_of(
        &self,
        variable: &impl Fn(&str) -> Option<Zeroizing<String>>,
    ) -> Result<Option<Proxy>, ConfigFault> {
        if variable(PROXY_VARIABLE).is_some_and(|link| !link.trim().is_empty()) {
            return Ok(None);
        }
        proxy_in(&self.path.display().to_string(), self.proxy.as_ref().map(|link| link.as_str()))
    }
}

/// A text that wipes itself.
fn wiped<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Zeroizing<String>>, D::Error> {
    Option::deserialize(from).map(|text| text.map(Zeroizing::new))
}

/// The proxy that the first line of a file names.
fn proxy_file(path: &Path) -> Result<Proxy, ConfigFault> {
    let mut line = Zeroizing::new(String::with_capacity(MAX_LINK));
    let read =
        File::open(path).and_then(|file| BufReader::new(file.take(MAX_LINK as u64)).read_line(&mut line));
    read.map_err(|error| ConfigFault::ProxyFile { path: path.to_owned(), error })?;
    let place = || path.display().to_string();
    Proxy::from_link(line.trim()).map_err(|fault| ConfigFault::Proxy { place: place(), fault })
}

fn proxy_in(place: &str, link: Option<&str>) -> Result<Option<Proxy>, ConfigFault> {
    let Some(link) = link.map(str::trim).filter(|link| !link.is_empty()) else { return Ok(None) };
    Proxy::from_link(link).map(Some).map_err(|fault| ConfigFault::Proxy { place: place.to_owned(), fault })
}

/// A variable of the environment; one that is empty is none.
fn variable(name: &str) -> Option<Zeroizing<String>> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).map(Zeroizing::new)
}

/// What the parser means. It quotes what it found, which may be what nobody is to see, in the wrong place: so of a value only what was
/// expected is said, and of a line that is none only how lines are written.
fn reason(fault: &toml::de::Error) -> String {
    let said = fault.message().lines().next().unwrap_or_default();
    if let Some((key, _)) = said.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`')) {
        return format!("there is no key {key}; the keys are api_id, api_hash and proxy");
    }
    let is_value = said.starts_with("invalid type") || said.starts_with("invalid value");
    match said.rsplit_once("expected ") {
        Some((_, "i64")) if is_value => "expected a number, without quotes".into(),
        Some(_) if is_value => "expected a text in quotes".into(),
        _ if said.starts_with("duplicate key") => "this key was set before".into(),
        _ => "this is no TOML; a line goes KEY = VALUE, with quotes around a text".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "0123456789abcdef0123456789abcdef";

    fn parse(text: &str) -> Result<Config, ConfigFault> {
        Config::parse(text, Path::new("/c/config.toml"))
    }

    fn nothing(_: &str) -> Option<Zeroizing<String>> {
        None
    }

    #[test]
    fn a_value_in_the_wrong_place_is_not_quoted() {
        let fault = parse(&format!("api_id = \"{HASH}\"\n")).err().unwrap().to_string();
        assert!(
            fault.contains("line 1") && fault.contains("expected a number") && !fault.contains(HASH),
            "{fault}"
        );
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_its_line() {
        let fault = parse("api_id = 5\n\napi_hush = \"x\"\n").err().unwrap().to_string();
        assert!(
            fault.starts_with("the configuration file /c/config.toml, line 3: ")
                && fault.contains("api_hush"),
            "{fault}"
        );
        let fault = parse("api_id = \"five\"").err().unwrap().to_string();
        assert!(fault.contains("line 1"), "{fault}");
    }

    #[test]
    fn a_mistake_is_said_in_words() {
        let said = |text: &str| parse(text).err().unwrap().to_string();
        for (text, words) in [
            ("api_id = ", "line 1: this is no TOML; a line goes KEY = VALUE"),
            ("\n[[[", "line 2: this is no TOML"),
            ("proxy = \"unclosed", "line 1: this is no TOML"),
            ("api_id = 5\napi_hash = 12", "line 2: expected a text in quotes"),
            ("api_id = 5\napi_id = 6", "line 2: this key was set before"),
            ("api_id = 99999999999999999999", "line 1: expected a number"),
        ] {
            assert!(said(text).contains(words), "{text:?}: {}", said(text));
        }
    }

    #[test]
    fn there_need_not_be_one() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::read_from(&folder.path().join("config.toml")).unwrap();
        assert_eq!(config.application_of(&nothing, (None, None)).unwrap(), None);
        assert!(config.proxy_of(&nothing).unwrap().is_none());
    }

    #[test]
    fn the_nearest_place_with_an_application_wins() {
        let config = parse(&format!("api_id = 2\napi_hash = \"{HASH}\"")).unwrap();
        let variable = |name: &str| {
            let value = if name == API_ID_VARIABLE { "1" } else { HASH };
            Some(Zeroizing::new(value.to_owned()))
        };
        let built_in = (Some("3"), Some(HASH));
        let id = |config: &Config, variable: &dyn Fn(&str) -> Option<Zeroizing<String>>| {
            config.application_of(&variable, built_in).unwrap().map(|(id, _)| id)
        };
        assert_eq!(id(&config, &variable), Some(1));
        assert_eq!(id(&config, &nothing), Some(2));
        assert_eq!(id(&Config::default(), &nothing), Some(3));
    }

    #[test]
    fn half_an_application_is_named_by_its_place() {
        let config = parse("api_id = 2").unwrap();
        let fault = config.application_of(&nothing, (None, None)).unwrap_err().to_string();
        assert!(fault.contains("/c/config.toml") && fault.contains("belong together"), "{fault}");
        let config = parse("api_id = 2\napi_hash = \"short\"").unwrap();
        let fault = config.application_of(&nothing, (None, None)).unwrap_err().to_string();
        assert!(fault.contains("/c/config.toml") && fault.contains("32 characters"), "{fault}");
    }

    #[test]
    fn a_proxy_of_the_environment_is_never_a_profiles_own() {
        let config = parse("proxy = \"socks5://file:1080\"").unwrap();
        let set = |names: &'static [&str]| {
            move |name: &str| {
                let known = names.contains(&name);
                known.then(|| Zeroizing::new("socks5://ada:sesame@elsewhere:1080".to_owned()))
            }
        };
        let own = |config: &Config, names: &'static [&str]| {
            config.proxy_of(&set(names)).unwrap().map(|proxy| proxy.to_string())
        };
        assert_eq!(own(&config, &[]).as_deref(), Some("SOCKS5 file:1080"));
        assert_eq!(own(&config, &["ALL_PROXY"]).as_deref(), Some("SOCKS5 file:1080"));
        // It comes before the file.
        assert_eq!(own(&config, &["SUBROSA_PROXY"]), None);
        assert_eq!(own(&Config::default(), &["SUBROSA_PROXY", "ALL_PROXY", "all_proxy"]), None);
    }

    #[test]
    fn a_file_may_hold_any_link_in_its_first_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("proxy");
        let way = Way { proxy: None, proxy_file: Some(path.clone()) };
        let proxy = || Config::default().proxy(&way).map(|proxy| proxy.map(|it| it.to_string()));
        let missing = proxy().unwrap_err().to_string();
        assert!(missing.contains("no such file") && missing.contains("--proxy-file"), "{missing}");
        let secret = "ab".repeat(16);
        std::fs::write(&path, format!(" tg://proxy?server=p.example&port=443&secret={secret} \nnote\n"))
            .unwrap();
        assert_eq!(proxy().unwrap().as_deref(), Some("MTProxy p.example:443"));
        for wrong in ["", "http://ada:sesame@host\n"] {
            std::fs::write(&path, wrong).unwrap();
            let fault = proxy().unwrap_err().to_string();
            assert!(fault.contains(&path.display().to_string()) && !fault.contains("sesame"), "{fault}");
        }
    }

    #[test]
    fn a_link_that_is_not_understood_is_not_quoted() {
        let config = parse("proxy = \"http://ada:sesame@host\"").unwrap();
        let fault = config.proxy_of(&nothing).unwrap_err().to_string();
        assert!(fault.contains("/c/config.toml") && !fault.contains("sesame"), "{fault}");
    }
}
