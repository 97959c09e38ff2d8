//! Where a server's other data centres are.
//!
//! An account lives in one of them, and the others send it there. The addresses come from the server itself; for Telegram there is a
//! list to fall back on, which a server of one's own never leads to: whoever runs that one decides alone where its clients go.

use std::net::{IpAddr, SocketAddr};

use grammers_tl_types::{enums, functions, types};

use super::fault::CloudError;
use super::link::{CALL_LIMIT, Link};
use crate::secret::step::CallError;

/// Telegram's data centres since long: number, IPv4, IPv6.
const TELEGRAM: [(i32, &str, &str); 5] = [
    (1, "149.154.175.50:443", "[2001:b28:f23d:f001::a]:443"),
    (2, "149.154.167.51:443", "[2001:67c:4e8:f002::a]:443"),
    (3, "149.154.175.100:443", "[2001:b28:f23d:f003::a]:443"),
    (4, "149.154.167.91:443", "[2001:67c:4e8:f004::a]:443"),
    (5, "149.154.171.5:443", "[2001:b28:f23f:f005::a]:443"),
];

/// Addresses by data centre, the better ones first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataCentres(Vec<(i32, SocketAddr)>);

impl DataCentres {
    /// Asks the server at the other end.
    pub async fn ask(link: &Link) -> Result<DataCentres, CloudError> {
        let enums::Config::Config(config) = link.invoke(&functions::help::GetConfig {}, CALL_LIMIT).await?;
        Ok(DataCentres::read(config.dc_options))
    }

    /// Asks for where files can be fetched, and for the number of the data centre that answers. Servers that have nothing but files
    /// come last.
    pub(super) async fn ask_for_files(link: &Link) -> Result<(i32, DataCentres), CallError> {
        let enums::Config::Config(config) = link.invoke(&functions::help::GetConfig {}, CALL_LIMIT).await?;
        Ok((config.this_dc, DataCentres::read_for_files(config.dc_options)))
    }

    /// Telegram's own, by heart.
    pub fn telegram() -> DataCentres {
        let parsed = |(dc, v4, v6): &(i32, &str, &str)| {
            [v4, v6].into_iter().filter_map(|text| Some((*dc, text.parse().ok()?))).collect::<Vec<_>>()
        };
        DataCentres(TELEGRAM.iter().flat_map(parsed).collect())
    }

    /// Those that this program can reach: not those for files alone, nor those that speak otherwise.
    fn read(options: Vec<enums::DcOption>) -> DataCentres {
        DataCentres::pick(&options, |option| !option.media_only)
    }

    fn read_for_files(options: Vec<enums::DcOption>) -> DataCentres {
        let mut all = DataCentres::pick(&options, |option| !option.media_only);
        all.0.extend(DataCentres::pick(&options, |option| option.media_only).0);
        all
    }

    fn pick(options: &[enums::DcOption], wanted: impl Fn(&types::DcOption) -> bool) -> DataCentres {
        let usable = |option: &&types::DcOption| wanted(option) && !(option.cdn || option.tcpo_only);
        let options = options.iter().map(|enums::DcOption::Option(option)| option).filter(usable);
        DataCentres(options.filter_map(|option| Some((option.id, address(option)?))).collect())
    }

    /// `host:port` of a data centre, of the family that the connection has if there is one.
    pub fn address(&self, dc: i32, ipv6: bool) -> Option<String> {
        let known = || self.0.iter().filter(|(id, _)| *id == dc).map(|(_, address)| address);
        let wanted = known().find(|address| address.is_ipv6() == ipv6);
        wanted.or_else(|| known().next()).map(SocketAddr::to_string)
    }
}

/// The text is the server's: what is no address is left out.
fn address(option: &types::DcOption) -> Option<SocketAddr> {
    let ip: IpAddr = option.ip_address.parse().ok()?;
    let port = u16::try_from(option.port).ok().filter(|&port| port != 0)?;
    Some(SocketAddr::new(ip, port)).filter(|_| !ip.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn option(id: i32, ip: &str, port: i32) -> types::DcOption {
        types::DcOption {
            ipv6: false,
            media_only: false,
            tcpo_only: false,
            cdn: false,
            r#static: false,
            this_port_only: false,
            id,
            ip_address: ip.into(),
            port,
            secret: None,
        }
    }

    #[test]
    fn what_cannot_be_used_is_left_out() {
        let read = |options: Vec<types::DcOption>| {
            DataCentres::read(options.into_iter().map(enums::DcOption::Option).collect())
        };
        let bad = vec![
            types::DcOption { media_only: true, ..option(4, "10.0.0.1", 443) },
            types::DcOption { cdn: true, ..option(4, "10.0.0.2", 443) },
            types::DcOption { tcpo_only: true, ..option(4, "10.0.0.3", 443) },
            option(4, "localhost", 443),
            option(4, "0.0.0.0", 443),
            option(4, "10.0.0.4", 65_979),
            option(4, "10.0.0.4", -1),
            option(4, "10.0.0.4", 0),
        ];
        let for_files = DataCentres::read_for_files(
            bad.iter().cloned().chain([option(4, "10.0.0.9", 443)]).map(enums::DcOption::Option).collect(),
        );
        let parsed = |text: &str| (4, text.parse().unwrap());
        assert_eq!(for_files.0, [parsed("10.0.0.9:443"), parsed("10.0.0.1:443")]);
        assert_eq!(read(bad), DataCentres::default());
        let good =
            read(vec![option(4, "2001:db8::4", 443), option(4, "10.0.0.5", 80), option(2, "10.0.0.2", 1)]);
        assert_eq!(good.address(4, false).as_deref(), Some("10.0.0.5:80"));
        assert_eq!(good.address(4, true).as_deref(), Some("[2001:db8::4]:443"));
        assert_eq!(good.address(2, true).as_deref(), Some("10.0.0.2:1"));
        assert_eq!(good.address(3, false), None);
    }

    #[test]
    fn telegrams_five_are_known_by_heart() {
        let known = DataCentres::telegram();
        assert_eq!(known.0.len(), 10);
        assert_eq!(known.address(4, false).as_deref(), Some("149.154.167.91:443"));
        assert_eq!(known.address(6, false), None);
    }
}
