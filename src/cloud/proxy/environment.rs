//! Which proxy counts: the profile's, else what the environment names.
//!
//! `SUBROSA_PROXY` is meant for this program, `ALL_PROXY` for whatever goes out to the Internet and not to what `NO_PROXY` names. Neither
//! stands before a server on this machine, which a proxy elsewhere could not reach; a profile's own proxy always counts.

use std::net::IpAddr;

use zeroize::Zeroizing;

use super::{Proxy, ProxyFault, exception};
use crate::cloud::dial::split_address;
use crate::cloud::fault::CloudError;

const OURS: &str = "SUBROSA_PROXY";
const EVERYBODYS: [&str; 2] = ["ALL_PROXY", "all_proxy"];
const EXCEPT: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// What the environment says about proxies. Links may hold passwords, so they are wiped and not shown.
#[derive(Clone, Default)]
pub struct Environment {
    ours: Option<Zeroizing<String>>,
    everybodys: Option<(&'static str, Zeroizing<String>)>,
    except: Option<String>,
}

impl Environment {
    /// From a function that yields the variables' values; empty ones count as not set.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Environment {
        let set = |name: &str| variable(name).map(Zeroizing::new).filter(|value| !value.trim().is_empty());
        Environment {
            ours: set(OURS),
            everybodys: EVERYBODYS.into_iter().find_map(|name| Some((name, set(name)?))),
            except: EXCEPT.into_iter().find_map(|name| set(name).map(|value| value.to_string())),
        }
    }

    fn excepts(&self, address: &str) -> bool {
        self.except.as_ref().is_some_and(|list| exception::names(list, address))
    }
}

/// The proxy on the way to `address` (`host:port`): the profile's, else `SUBROSA_PROXY`, else `ALL_PROXY` or `all_proxy`. To a server on
/// this machine the environment names none: no proxy elsewhere could reach it.
///
/// # Errors
/// [`CloudError::ProxyVariable`] for a variable that would count and names no proxy that can carry the connection: going straight
/// instead would be what its owner did not want.
pub fn resolve(
    profile: Option<&Proxy>,
    environment: &Environment,
    address: &str,
) -> Result<Option<Proxy>, CloudError> {
    if let Some(proxy) = profile {
        return Ok(Some(proxy.clone()));
    }
    if is_near(address) {
        return Ok(None);
    }
    if let Some(link) = &environment.ours {
        return read(OURS, link).map(Some);
    }
    match &environment.everybodys {
        Some((name, link)) if !environment.excepts(address) => read(name, link).map(Some),
        _ => Ok(None),
    }
}

/// Which proxy is on the way, for whoever goes to several addresses: a profile's own, and the environment as it was at the start.
#[derive(Clone, Default)]
pub struct Detours {
    pub profile: Option<Proxy>,
    pub environment: Environment,
}

impl Detours {
    /// As [`resolve`].
    ///
    /// # Errors
    /// Those of [`resolve`].
    pub fn to(&self, address: &str) -> Result<Option<Proxy>, CloudError> {
        resolve(self.profile.as_ref(), &self.environment, address)
    }
}

fn read(variable: &'static str, link: &str) -> Result<Proxy, CloudError> {
    // In the wild ALL_PROXY is also written without a scheme; it is not guessed what is meant.
    Proxy::from_link(link).map_err(|fault: ProxyFault| CloudError::ProxyVariable { variable, fault })
}

/// Whether a server is on this machine.
fn is_near(address: &str) -> bool {
    let Some((host, _)) = split_address(address) else { return false };
    let is_local_name = host.eq_ignore_ascii_case("localhost");
    is_local_name || host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        Environment::read(|wanted| {
            variables.iter().find(|(name, _)| *name == wanted).map(|(_, value)| (*value).to_owned())
        })
    }

    fn way(profile: Option<&str>, variables: &[(&str, &str)], address: &str) -> Result<String, CloudError> {
        let profile = profile.map(|link| Proxy::from_link(link).unwrap());
        let resolved = resolve(profile.as_ref(), &environment(variables), address)?;
        Ok(resolved.map_or("straight".into(), |proxy| proxy.to_string()))
    }

    const FAR: &str = "149.154.167.51:443";

    #[test]
    fn the_profile_counts_before_the_environment_and_ours_before_everybodys() {
        let ours = ("SUBROSA_PROXY", "socks5://ours:1");
        let all = ("ALL_PROXY", "socks5h://all:2");
        let lower = ("all_proxy", "socks5://lower:3");
        let all_three = [lower, all, ours];
        assert_eq!(way(Some("socks5://own:9"), &all_three, FAR), Ok("SOCKS5 own:9".into()));
        assert_eq!(way(None, &all_three, FAR), Ok("SOCKS5 ours:1".into()));
        assert_eq!(way(None, &[lower, all], FAR), Ok("SOCKS5 all:2".into()));
        assert_eq!(way(None, &[("ALL_PROXY", " "), lower], FAR), Ok("SOCKS5 lower:3".into()));
        assert_eq!(way(None, &[("SUBROSA_PROXY", ""), all], FAR), Ok("SOCKS5 all:2".into()));
        assert_eq!(way(None, &[], FAR), Ok("straight".into()));
    }

    #[test]
    fn this_machine_is_reached_straight() {
        let all = [("ALL_PROXY", "socks5://all:2")];
        for near in [
            "127.0.0.1:80",
            "127.8.8.8:80",
            "[::1]:80",
            "localhost:80",
            "LOCALHOST:1",
            "[::ffff:127.0.0.1]:80",
        ] {
            assert_eq!(way(None, &all, near), Ok("straight".into()), "{near}");
            assert_eq!(
                way(None, &[("SUBROSA_PROXY", "socks5://o:1")], near),
                Ok("straight".into()),
                "{near}"
            );
            assert_eq!(way(Some("socks5://own:9"), &all, near), Ok("SOCKS5 own:9".into()), "{near}");
        }
        for far in ["128.0.0.1:80", "[2001:db8::1]:80", "localhost.example:80", FAR] {
            assert_eq!(way(None, &all, far), Ok("SOCKS5 all:2".into()), "{far}");
        }
    }

    #[test]
    fn exceptions_are_kept_from_everybodys_proxy_and_not_from_ours() {
        let except = |ours, list| {
            let variables = [("ALL_PROXY", "socks5://all:2"), ("SUBROSA_PROXY", ours), ("NO_PROXY", list)];
            way(None, &variables, FAR)
        };
        for list in ["149.154.167.51", "x.example,149.154.160.0/20"] {
            assert_eq!(except("", list), Ok("straight".into()), "{list}");
            assert_eq!(except("socks5://ours:1", list), Ok("SOCKS5 ours:1".into()), "{list}");
        }
        assert_eq!(except("", "10.0.0.0/8"), Ok("SOCKS5 all:2".into()));
    }

    #[test]
    fn what_cannot_be_used_is_said_with_the_name_of_the_variable() {
        let error = way(None, &[("all_proxy", "http://user:hidden@proxy:3128")], FAR).unwrap_err();
        assert_eq!(error, CloudError::ProxyVariable { variable: "all_proxy", fault: ProxyFault::Kind });
        assert!(error.to_string().contains("all_proxy") && !error.to_string().contains("hidden"), "{error}");
        assert!(way(None, &[("all_proxy", "http://proxy:3128")], "localhost:80").is_ok());
    }
}
