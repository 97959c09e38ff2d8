//! Proxies as people write and share them: URLs of SOCKS5, and Telegram's links for both kinds.
//!
//! A link may come from anybody, so host and lengths are checked here and nothing of the text gets into an error. What holds a
//! password or a secret on the way is wiped.

use base64ct::{Base64UrlUnpadded, Encoding};
use form_urlencoded::parse;
use zeroize::Zeroizing;

use super::{Login, Proxy, ProxyFault, Secret};
use crate::mtproto::fake_tls::MAX_DOMAIN_LEN;

/// Where SOCKS5 proxies listen unless somebody says otherwise.
const SOCKS_PORT: u16 = 1080;
/// The longest host, user and password, bytes: what SOCKS5 can carry.
const MAX_TEXT: usize = 255;
/// Longer than any link that means something, bytes.
const MAX_LINK: usize = 4096;

/// The sites that Telegram's links stand under.
const SITES: [&str; 3] = ["t.me/", "telegram.me/", "telegram.dog/"];

const PADDED: u8 = 0xdd;
const TLS: u8 = 0xee;

pub fn read(link: &str) -> Result<Proxy, ProxyFault> {
    let link = link.trim();
    if link.len() > MAX_LINK {
        return Err(ProxyFault::Unknown);
    }
    if let Some(rest) = without_prefix(link, "tg:") {
        return read_query(rest.strip_prefix("//").unwrap_or(rest));
    }
    let (scheme, rest) = link.split_once("://").unwrap_or(("https", link));
    match scheme.to_ascii_lowercase().as_str() {
        "socks5" | "socks5h" => read_url(rest),
        "http" | "https" => match SITES.iter().find_map(|site| without_prefix(rest, site)) {
            Some(rest) => read_query(rest),
            None if link.contains("://") => Err(ProxyFault::Kind),
            None => Err(ProxyFault::Unknown),
        },
        _ => Err(ProxyFault::Kind),
    }
}

fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// `[user:password@]host[:port]`, percent-encoded.
fn read_url(rest: &str) -> Result<Proxy, ProxyFault> {
    let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (login, place) = match rest.rsplit_once('@') {
        Some((login, place)) => {
            let (user, password) = login.split_once(':').unwrap_or((login, ""));
            (login_of(&percent_decode(user)?, &percent_decode(password)?)?, place)
        }
        None => (None, rest),
    };
    let (host, port) = match place.strip_prefix('[').and_then(|place| place.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, port)) => (host, Some(port.strip_prefix(':').ok_or(ProxyFault::Address)?)),
        None => match place.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        },
    };
    let port = port.map_or(Ok(SOCKS_PORT), port_of)?;
    Ok(Proxy::Socks5 { host: host_of(host)?, port, login })
}

/// `socks?server=...&port=...&user=...&pass=...` or `proxy?server=...&port=...&secret=...`.
fn read_query(rest: &str) -> Result<Proxy, ProxyFault> {
    let (kind, query) = rest.split_once('?').ok_or(ProxyFault::Unknown)?;
    let fields: Vec<(_, Zeroizing<String>)> =
        parse(query.as_bytes()).map(|(name, value)| (name, Zeroizing::new(value.into_owned()))).collect();
    let field =
        |wanted: &str| fields.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value.as_str());
    let place = || Ok((host_of(field("server"))?, port_of(field("port"))?));
    match kind.trim_end_matches('/').to_ascii_lowercase().as_str() {
        "socks" => {
            let (host, port) = place()?;
            Ok(Proxy::Socks5 { host, port, login: login_of(field("user"), field("pass"))? })
        }
        "proxy" => {
            let (host, port) = place()?;
            Ok(Proxy::Mtproto { host, port, secret: secret_of(field("secret"))? })
        }
        _ => Err(ProxyFault::Unknown),
    }
}

fn login_of(user: &str, password: &str) -> Result<Option<Login>, ProxyFault> {
    if user.len() > MAX_TEXT || password.len() > MAX_TEXT || (user.is_empty() && !password.is_empty()) {
        return Err(ProxyFault::Login);
    }
    let login = || Login { user: user.to_owned(), password: Zeroizing::new(password.to_owned()) };
    Ok((!user.is_empty()).then(login))
}

/// A name or an address, with nothing in it that could mean something else where it is shown or sent.
fn host_of(text: &str) -> Result<String, ProxyFault> {
    let text = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:".contains(&byte);
    let is_address = text.parse::<std::net::Ipv6Addr>().is_ok();
    if text.is_empty()
        || text.len() > MAX_TEXT
        || !text.bytes().all(fits)
        || (text.contains(':') && !is_address)
    {
        return Err(ProxyFault::Address);
    }
    Ok(text.to_owned())
}

fn port_of(text: &str) -> Result<u16, ProxyFault> {
    text.parse().ok().filter(|&port| port != 0).ok_or(ProxyFault::Address)
}

/// Hexadecimal or base64, of either alphabet.
fn secret_of(text: &str) -> Result<Secret, ProxyFault> {
    unhex(text)
        .and_then(|bytes| secret_from(&bytes))
        .or_else(|| secret_from(&unbase64(text)?))
        .ok_or(ProxyFault::Secret)
}

fn secret_from(bytes: &[u8]) -> Option<Secret> {
    let key = |bytes: &[u8]| bytes.try_into().ok().map(Zeroizing::new);
    match bytes {
        [PADDED, rest @ ..] if rest.len() == 16 => key(rest).map(Secret::Padded),
        [TLS, rest @ ..] if rest.len() > 16 => {
            let (secret, domain) = rest.split_at_checked(16)?;
            let domain = std::str::from_utf8(domain).ok()?;
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
            let fits = domain.len() <= MAX_DOMAIN_LEN && domain.bytes().all(fits);
            fits.then(|| Some(Secret::Tls { secret: key(secret)?, domain: domain.to_owned() }))?
        }
        bytes => key(bytes).map(Secret::Plain),
    }
}

fn unhex(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    let mut bytes = Zeroizing::new(Vec::with_capacity(pairs.len()));
    for &[high, low] in pairs {
        bytes.push(digit(high)? << 4 | digit(low)?);
    }
    Some(bytes)
}

/// A `+` of the older alphabet has become a space in the query.
fn unbase64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut urlsafe = Zeroizing::new(String::with_capacity(text.len()));
    urlsafe.extend(text.trim_end_matches('=').chars().map(|char| match char {
        '+' | ' ' => '-',
        '/' => '_',
        other => other,
    }));
    Base64UrlUnpadded::decode_vec(&urlsafe).ok().map(Zeroizing::new)
}

fn percent_decode(text: &str) -> Result<Zeroizing<String>, ProxyFault> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let (code, after) = after.split_at_checked(2).ok_or(ProxyFault::Login)?;
        bytes.extend_from_slice(&unhex(code).ok_or(ProxyFault::Login)?);
        rest = after;
    }
    bytes.extend_from_slice(rest.as_bytes());
    let text = std::str::from_utf8(&bytes).map_err(|_| ProxyFault::Login)?;
    Ok(Zeroizing::new(text.to_owned()))
}

pub fn write(proxy: &Proxy) -> Zeroizing<String> {
    // Room for the longest link, so that the text is never moved and left behind.
    let text = Zeroizing::new(String::with_capacity(MAX_LINK));
    let (kind, host, port) = match proxy {
        Proxy::Socks5 { host, port, .. } => ("tg://socks?", host, port),
        Proxy::Mtproto { host, port, .. } => ("tg://proxy?", host, port),
    };
    let mut query = Query { text };
    query.text.push_str(kind);
    query.append("server", host);
    query.append("port", &port.to_string());
    match proxy {
        Proxy::Socks5 { login: Some(login), .. } => {
            query.append("user", &login.user);
            query.append("pass", &login.password);
        }
        Proxy::Socks5 { login: None, .. } => {}
        Proxy::Mtproto { secret, .. } => query.append("secret", &secret_text(secret)),
    }
    query.text
}

/// A query under construction.
struct Query {
    text: Zeroizing<String>,
}

impl Query {
    fn append(&mut self, name: &str, value: &str) {
        if !self.text.ends_with('?') {
            self.text.push('&');
        }
        self.text.push_str(name);
        self.text.push('=');
        form_urlencoded::byte_serialize(value.as_bytes()).for_each(|piece| self.text.push_str(piece));
    }
}

fn secret_text(secret: &Secret) -> Zeroizing<String> {
    let (prefix, domain): (&[u8], &str) = match secret {
        Secret::Plain(_) => (&[], ""),
        Secret::Padded(_) => (&[PADDED], ""),
        Secret::Tls { domain, .. } => (&[TLS], domain),
    };
    let mut text = Zeroizing::new(String::with_capacity(MAX_LINK));
    for &byte in prefix.iter().chain(secret.key()).chain(domain.as_bytes()) {
        text.extend(
            [byte >> 4, byte & 15].into_iter().filter_map(|digit| char::from_digit(digit.into(), 16)),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn socks(host: &str, port: u16, login: Option<(&str, &str)>) -> Proxy {
        let login = login
            .map(|(user, password)| Login { user: user.into(), password: Zeroizing::new(password.into()) });
        Proxy::Socks5 { host: host.into(), port, login }
    }

    const KEY: [u8; 16] = *b"\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff";

    fn mtproto(secret: Secret) -> Proxy {
        Proxy::Mtproto { host: "proxy.example".into(), port: 443, secret }
    }

    #[test]
    fn socks_urls_are_read() {
        for (link, proxy) in [
            ("socks5://localhost:9050", socks("localhost", 9050, None)),
            ("  SOCKS5H://10.0.0.1:1\n", socks("10.0.0.1", 1, None)),
            ("socks5://proxy.example", socks("proxy.example", 1080, None)),
            ("socks5://proxy.example:1080/", socks("proxy.example", 1080, None)),
            ("socks5://[2001:db8::1]:9", socks("2001:db8::1", 9, None)),
            ("socks5://[::1]", socks("::1", 1080, None)),
            ("socks5://ada:pass@h:5", socks("h", 5, Some(("ada", "pass")))),
            ("socks5://a%40b:p%3a%25%2F%C3%A4@h:5", socks("h", 5, Some(("a@b", "p:%/ä")))),
            ("socks5://ada@h:5", socks("h", 5, Some(("ada", "")))),
            ("tg://socks?server=h&port=5", socks("h", 5, None)),
            ("tg://socks?server=h&port=5&user=a%26b&pass=c+d", socks("h", 5, Some(("a&b", "c d")))),
            ("https://t.me/socks?server=%5B::1%5D&port=5&user=a&pass=b", socks("::1", 5, Some(("a", "b")))),
        ] {
            assert!(read(link) == Ok(proxy), "{link}: {:?}", read(link));
        }
    }

    #[test]
    fn mtproxy_links_are_read() {
        let hex = "00112233445566778899aabbccddeeff";
        let plain = || mtproto(Secret::Plain(Zeroizing::new(KEY)));
        let padded = || mtproto(Secret::Padded(Zeroizing::new(KEY)));
        let domain = "www.example.org".to_owned();
        let tls = || mtproto(Secret::Tls { secret: Zeroizing::new(KEY), domain: domain.clone() });
        for (secret, proxy) in [
            (hex.to_owned(), plain()),
            (hex.to_uppercase(), plain()),
            ("ABEiM0RVZneImaq7zN3u/w==".into(), plain()),
            ("ABEiM0RVZneImaq7zN3u_w".into(), plain()),
            (format!("dd{hex}"), padded()),
            ("3QARIjNEVWZ3iJmqu8zd7v8".into(), padded()),
            (format!("ee{hex}7777772e6578616d706c652e6f7267"), tls()),
            ("7gARIjNEVWZ3iJmqu8zd7v93d3cuZXhhbXBsZS5vcmc".into(), tls()),
        ] {
            for site in
                ["tg://proxy", "tg:proxy", "https://t.me/proxy", "t.me/proxy", "http://Telegram.me/proxy"]
            {
                let link = format!("{site}?server=proxy.example&port=443&secret={secret}");
                assert!(read(&link).as_ref() == Ok(&proxy), "{link}");
            }
        }
    }

    #[test]
    fn what_is_no_proxy_is_refused_without_repeating_it() {
        let hex = "00112233445566778899aabbccddeeff";
        let proxy = |secret: &str| format!("tg://proxy?server=h&port=1&secret={secret}");
        let long = "x".repeat(256);
        for (link, fault) in [
            ("", ProxyFault::Unknown),
            ("hello", ProxyFault::Unknown),
            ("tg://resolve?domain=x", ProxyFault::Unknown),
            ("tg://proxy", ProxyFault::Unknown),
            ("https://t.me/ada", ProxyFault::Unknown),
            (&"x".repeat(5000), ProxyFault::Unknown),
            ("http://proxy:3128", ProxyFault::Kind),
            ("https://proxy.example/proxy?server=h&port=1", ProxyFault::Kind),
            ("socks4://h:1", ProxyFault::Kind),
            ("socks5://", ProxyFault::Address),
            ("socks5://h:0", ProxyFault::Address),
            ("socks5://h:65536", ProxyFault::Address),
            ("socks5://h:1:2", ProxyFault::Address),
            ("socks5://[::1]9", ProxyFault::Address),
            ("socks5://h\u{202e}x:1", ProxyFault::Address),
            ("socks5://a b:1", ProxyFault::Address),
            (&format!("socks5://{long}:1"), ProxyFault::Address),
            ("tg://socks?port=1", ProxyFault::Address),
            ("tg://socks?server=h", ProxyFault::Address),
            ("tg://socks?server=h&port=1&pass=secret", ProxyFault::Login),
            ("socks5://:secret@h:1", ProxyFault::Login),
            ("socks5://a:se%cret@h:1", ProxyFault::Login),
            ("socks5://a:%ff@h:1", ProxyFault::Login),
            (&format!("socks5://a:{long}@h:1"), ProxyFault::Login),
            (&proxy(""), ProxyFault::Secret),
            (&proxy("0011"), ProxyFault::Secret),
            (&proxy(&format!("ee{hex}")), ProxyFault::Secret),
            (&proxy(&format!("ee{hex}0a0a")), ProxyFault::Secret),
            (&proxy(&format!("ee{hex}{}", "61".repeat(183))), ProxyFault::Secret),
            (&proxy(&format!("aa{hex}")), ProxyFault::Secret),
        ] {
            assert_eq!(read(link).err(), Some(fault), "{link}");
            assert!(!fault.to_string().contains("secret@") && !fault.to_string().contains(hex));
        }
    }

    #[test]
    fn a_stored_proxy_is_read_again() {
        for proxy in [
            socks("proxy.example", 9050, None),
            socks("::1", 9, Some(("ada & co", "p+ä=%&?#"))),
            socks("h", 1, Some((&"ä".repeat(127), &"&".repeat(255)))),
            mtproto(Secret::Plain(Zeroizing::new(KEY))),
            mtproto(Secret::Padded(Zeroizing::new([0xdd; 16]))),
            mtproto(Secret::Plain(Zeroizing::new([0xee; 16]))),
            mtproto(Secret::Tls { secret: Zeroizing::new(KEY), domain: "x".repeat(MAX_DOMAIN_LEN) }),
        ] {
            let link = write(&proxy);
            assert!(link.len() <= MAX_LINK, "{}", link.len());
            assert!(read(&link) == Ok(proxy), "{}", link.as_str());
        }
        let link = write(&mtproto(Secret::Padded(Zeroizing::new(KEY))));
        let expected = "tg://proxy?server=proxy.example&port=443&secret=dd00112233445566778899aabbccddeeff";
        assert_eq!(link.as_str(), expected);
    }

    #[test]
    fn what_is_shown_of_a_proxy_is_kind_and_place() {
        let proxy = socks("::1", 9, Some(("ada", "hidden")));
        assert_eq!(
            (proxy.to_string(), format!("{proxy:?}")),
            ("SOCKS5 [::1]:9".into(), "SOCKS5 [::1]:9".into())
        );
        let proxy = mtproto(Secret::Plain(Zeroizing::new(KEY)));
        assert_eq!(format!("{proxy:#?}"), "MTProxy proxy.example:443");
    }
}
