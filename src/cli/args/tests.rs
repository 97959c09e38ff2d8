//! What is typed on the command line, understood or refused.
//!
//! Beside its subject rather than inside it, so that all arguments stay in one place.

use super::*;
use crate::engine::Proxy;
use clap::CommandFactory;

fn parse(line: &str) -> Result<Command, ErrorKind> {
    Cli::try_parse_from(line.split(' ')).map(Cli::wanted).map_err(|error| error.kind())
}

#[test]
fn the_definitions_are_consistent() {
    <Cli as CommandFactory>::command().debug_assert();
}

#[test]
fn without_a_command_the_messenger_opens() {
    for line in ["subrosa --profile ada --theme light", "subrosa tui --profile ada --theme light"] {
        let Ok(Command::Tui(tui)) = parse(line) else { panic!("not the messenger: {line}") };
        assert_eq!(tui.profile.name.as_str(), "ada");
        assert_eq!(tui.looks.wish(), Wish { palette: Some(Palette::Light), ascii: false });
    }
    let Ok(Command::Tui(tui)) = parse("subrosa") else { panic!("not the messenger") };
    assert_eq!(tui.profile.name.as_str(), "main");
    assert_eq!(tui.looks.wish(), Wish::default());
}

#[test]
fn the_demo_takes_looks_and_no_profile() {
    let Ok(Command::Demo(demo)) = parse("subrosa demo --ascii --theme mono") else { panic!("not the demo") };
    assert_eq!(demo.looks.wish(), Wish { palette: Some(Palette::Mono), ascii: true });
    assert_eq!(parse("subrosa demo --profile ada").err(), Some(ErrorKind::UnknownArgument));
    assert_eq!(parse("subrosa demo --theme pink").err(), Some(ErrorKind::ValueValidation));
}

#[test]
fn a_flag_before_a_command_is_no_flag_of_the_command() {
    assert_eq!(parse("subrosa --profile ada lines").err(), Some(ErrorKind::ArgumentConflict));
}

#[test]
fn serve_has_defaults() {
    let Ok(Command::Serve(serve)) = parse("subrosa serve") else { panic!("not serve") };
    assert_eq!(serve.listen.0.to_string(), DEFAULT_LISTEN);
    assert!(serve.listen.0.ip().is_loopback());
    assert_eq!(serve.data, None);
}

#[test]
fn sign_in_to_a_server_of_ones_own() {
    let line = "subrosa sign-in --profile ada --server 127.0.0.1:4443 --key server.pem --phone +99966-10001";
    let Ok(Command::SignIn(it)) = parse(line) else { panic!("not sign-in") };
    assert_eq!(it.profile.name.as_str(), "ada");
    assert_eq!(it.server, Some(HostPort("127.0.0.1:4443".into())));
    assert_eq!(it.key, Some(PathBuf::from("server.pem")));
    assert_eq!(it.phone.map(|phone| phone.as_str().to_owned()).as_deref(), Some("9996610001"));
    assert_eq!((it.key_file, it.dc, it.qr), (false, 1, false));
}

#[test]
fn what_belongs_together_is_given_together_and_the_rest_is_asked_for() {
    let missing = Some(ErrorKind::MissingRequiredArgument);
    let fault = |line: &str| parse(line).err();
    assert_eq!(fault("subrosa sign-in --phone 12345 --server 127.0.0.1:1"), missing);
    assert_eq!(fault("subrosa sign-in --key k.pem"), missing);
    assert_eq!(fault("subrosa sign-in"), None);
    assert_eq!(fault("subrosa sign-in --qr"), None);
    assert_eq!(fault("subrosa sign-in --qr --phone 12345"), Some(ErrorKind::ArgumentConflict));
    let wrong = fault("subrosa sign-in --server a:1 --key k --dc 0");
    assert_eq!(wrong, Some(ErrorKind::ValueValidation));
}

#[test]
fn a_proxy_with_a_password_is_no_argument() {
    let proxy = |link: &str| link.parse::<ProxyLink>();
    assert_eq!(proxy("-"), Ok(ProxyLink::Asked));
    assert!(matches!(
        proxy("socks5://127.0.0.1:1080"),
        Ok(ProxyLink::Given(Proxy::Socks5 { port: 1080, .. }))
    ));
    let fault = proxy("socks5://ada:sesame@127.0.0.1:1080").unwrap_err();
    assert_eq!(fault, ProxyLinkFault::Password);
    assert!(!fault.to_string().contains("sesame"));
    let mtproxy = format!("tg://proxy?server=p.example&port=443&secret={}", "ab".repeat(16));
    assert_eq!(proxy(&mtproxy), Err(ProxyLinkFault::Secret));
    assert_eq!(parse("subrosa --proxy - --proxy-file f").err(), Some(ErrorKind::ArgumentConflict));
    assert_eq!(parse("subrosa --proxy nonsense").err(), Some(ErrorKind::ValueValidation));
}

#[test]
fn addresses_have_a_host_and_a_port() {
    for good in ["127.0.0.1:4443", "localhost:1", "[::1]:443", "a.example:65535"] {
        assert_eq!(good.parse::<HostPort>().unwrap().to_string(), good);
    }
    for bad in ["", "here", "here:", ":443", "here:0", "here:65536", "here:port"] {
        assert_eq!(bad.parse::<HostPort>(), Err(check::Fault::Address), "{bad:?}");
    }
    assert!("localhost:4443".parse::<Listen>().unwrap().0.ip().is_loopback());
    assert_eq!("here".parse::<Listen>(), Err(check::Fault::Address));
}

#[test]
fn a_key_file_needs_no_passphrase() {
    let line = "subrosa sign-in --phone 12345 --server 127.0.0.1:1 --key k --key-file --passphrase-command x";
    assert_eq!(parse(line).err(), Some(ErrorKind::ArgumentConflict));
}

#[test]
fn profile_names_are_safe_for_folders() {
    for good in ["a", "main", "work_2", "x-y", &"n".repeat(32)] {
        assert_eq!(good.parse::<ProfileName>().unwrap().to_string(), good);
    }
    for bad in ["", "Ada", "..", "a/b", "a b", "ä", "a.b", &"n".repeat(33)] {
        assert_eq!(bad.parse::<ProfileName>(), Err(check::Fault::ProfileName), "{bad:?}");
    }
    assert_eq!(parse("subrosa lines --profile ../x").err(), Some(ErrorKind::ValueValidation));
}

#[test]
fn phone_numbers_are_digits() {
    assert_eq!("+49 (30) 123-456".parse::<Phone>().unwrap().as_str(), "4930123456");
    for bad in ["", "+", "1234", "1234567890123456", "12a45", "++12345", "１２３４５"] {
        assert_eq!(bad.parse::<Phone>(), Err(check::Fault::Phone), "{bad:?}");
    }
}
