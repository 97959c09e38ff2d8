//! The real link through proxies that really relay, to the project's own server; and every way in which they can refuse.

use subrosa::cloud::proxy::{Environment, Proxy, resolve};
use subrosa::cloud::sign_in;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::home::Home;
use super::mtproxy::{self, Guest, Kind, Manners, MtProxy};
use super::socks::{KNOWN_NAME, Socks};
use super::*;

const KINDS: [Kind; 3] = [Kind::Plain, Kind::Padded, Kind::Disguised];

fn through(home: &Home, link: &str) -> LinkConfig {
    LinkConfig { proxy: Some(Proxy::from_link(link).unwrap()), dc_id: 4, ..home.config() }
}

/// Why this way does not lead to the server.
async fn fails(config: LinkConfig) -> CloudError {
    Client::start(config).failure().await
}

#[tokio::test]
async fn signing_in_through_a_socks_proxy() {
    for login in [None, Some(("ada", "p:ä@ss"))] {
        let mut home = Home::in_memory().await;
        let socks = Socks::start(login, home.server.address()).await;
        let prefix = if login.is_some() { "ada:p%3a%C3%A4%40ss@" } else { "" };
        let link = format!("socks5h://{prefix}{}", socks.address);
        // Only the proxy can resolve the name.
        home.reached_by(LinkConfig { address: format!("{KNOWN_NAME}:443"), ..through(&home, &link) });
        let (client, ada) = home.newcomer("491701", "Ada").await;
        assert_eq!(sign_in::account(&client.link).await.unwrap().me.id, ada.me.id);
        assert_eq!(socks.asked(), [format!("{KNOWN_NAME}:443")]);
    }
}

#[tokio::test]
async fn a_socks_proxy_carries_addresses_too() {
    let home = Home::in_memory().await;
    let socks = Socks::start(None, home.server.address()).await;
    let mut client = Client::start(through(&home, &format!("socks5://{}", socks.address)));
    client.online().await;
    assert_eq!(socks.asked(), [home.server.address().to_string()]);
    // A login is given to nobody who does not want it.
    let mut client = Client::start(through(&home, &format!("socks5://ada:secret@{}", socks.address)));
    client.online().await;
}

#[tokio::test]
async fn what_a_socks_proxy_refuses_is_said_of_whom_it_is() {
    let home = Home::in_memory().await;
    let open = Socks::start(None, home.server.address()).await;
    let closed = Socks::start(Some(("ada", "right")), home.server.address()).await;
    let (open, closed) = (open.address.to_string(), closed.address.to_string());

    let fault = fails(through(&home, &format!("socks5://{closed}"))).await;
    assert_eq!(fault, CloudError::ProxyLoginWanted { proxy: closed.clone() });
    let fault = fails(through(&home, &format!("socks5://ada:wrong@{closed}"))).await;
    assert_eq!(fault, CloudError::ProxyLoginRefused { proxy: closed.clone() });
    assert!(fault.needs_a_person() && !fault.to_string().contains("wrong@"));

    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    let beyond = |address: &str, reason: &str| CloudError::BeyondProxy {
        proxy: open.clone(),
        address: address.into(),
        reason: reason.into(),
    };
    let way =
        |address: &str| LinkConfig { address: address.into(), ..through(&home, &format!("socks5://{open}")) };
    assert_eq!(fails(way(&nobody)).await, beyond(&nobody, "connection refused"));
    assert_eq!(
        fails(way("elsewhere.invalid:1")).await,
        beyond("elsewhere.invalid:1", "the host is unreachable")
    );
    assert!(!beyond("", "").needs_a_person());

    let fault = fails(through(&home, &format!("socks5://{nobody}"))).await;
    assert!(matches!(&fault, CloudError::NoProxy { proxy, .. } if *proxy == nobody), "{fault:?}");
}

/// Answers each connection so, and then leaves it open or not.
async fn answers(bytes: &'static [u8], stays: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.write_all(bytes).await;
            if stays {
                kept.push(stream);
            }
        }
    });
    address
}

#[tokio::test]
async fn what_is_no_socks_proxy_is_named() {
    let home = Home::in_memory().await;
    for (bytes, stays, detail) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], true, "it answers as a web server"),
        (b"", false, "it closes the connection"),
        (b"", true, "it says nothing"),
        (&[4, 0], true, "its first answer is none"),
        (&[5, 0, 9, 9, 9, 9], true, "its second answer is none"),
    ] {
        let proxy = answers(bytes, stays).await;
        let timing = Timing { dial: Duration::from_millis(300), ..Timing::default() };
        let config = LinkConfig { timing, ..through(&home, &format!("socks5://{proxy}")) };
        assert_eq!(fails(config).await, CloudError::NotAProxy { proxy, detail });
    }
}

#[tokio::test]
async fn signing_in_through_an_mtproxy() {
    for kind in KINDS {
        let mut home = Home::in_memory().await;
        let proxy = MtProxy::start(kind, Manners::HangsUp, home.server.address()).await;
        // The proxy knows where its data centres are; the address is not asked.
        home.reached_by(LinkConfig { address: "192.0.2.1:443".into(), ..through(&home, &proxy.link()) });
        let (client, ada) = home.newcomer("491701", "Ada").await;
        assert_eq!(sign_in::account(&client.link).await.unwrap().me.id, ada.me.id, "{kind:?}");
        assert_eq!(proxy.guests(), [Guest { tag: [0xdd; 4], dc_id: 4 }]);
    }
}

#[tokio::test]
async fn the_proof_of_a_disguised_door_has_the_servers_time() {
    let home = Home::in_memory().await;
    let proxy = MtProxy::start(Kind::Disguised, Manners::HangsUp, home.server.address()).await;
    let mut client = Client::start(through(&home, &proxy.link()));
    let session = client.online().await.unwrap();
    // Said to be an hour ahead of us, the server is believed, and this proxy is not in that hour.
    let session = Session { time_offset: 3600, ..session };
    let fault = fails(LinkConfig { session: Some(session), ..through(&home, &proxy.link()) }).await;
    assert!(matches!(fault, CloudError::ProxySecret { .. }), "{fault:?}");
}

#[tokio::test]
async fn a_wrong_secret_is_said_to_be_one() {
    let home = Home::in_memory().await;
    let timing = Timing { exchange: Duration::from_millis(500), ..Timing::default() };
    for kind in [Kind::Plain, Kind::Padded] {
        for manners in [Manners::HangsUp, Manners::FallsSilent, Manners::Talks] {
            let proxy = MtProxy::start(kind, manners, home.server.address()).await;
            let link = proxy.link_with(&[9; 16]);
            let fault = fails(LinkConfig { timing, ..through(&home, &link) }).await;
            let place = proxy.address.to_string();
            match (manners, &fault) {
                (Manners::HangsUp, CloudError::ProxyMute { proxy, behaviour }) => {
                    assert_eq!((proxy, behaviour.as_str()), (&place, "closed the connection without a word"));
                }
                (Manners::FallsSilent, CloudError::ProxyMute { proxy, behaviour }) => {
                    assert_eq!((proxy, behaviour.as_str()), (&place, "said nothing for 0 s"));
                }
                (Manners::Talks, CloudError::ProxySecret { proxy, .. }) => assert_eq!(*proxy, place),
                _ => panic!("{kind:?} {manners:?}: {fault:?}"),
            }
            assert!(fault.to_string().contains("secret") && proxy.guests().is_empty(), "{fault}");
        }
    }
    let proxy = MtProxy::start(Kind::Disguised, Manners::HangsUp, home.server.address()).await;
    let fault = fails(through(&home, &proxy.link_with(&[9; 16]))).await;
    let detail = "the answer is TLS, but without the proof of the secret".to_owned();
    assert_eq!(fault, CloudError::ProxySecret { proxy: proxy.address.to_string(), detail });
    assert!(fault.needs_a_person());
}

#[tokio::test]
async fn what_is_no_mtproxy_is_named() {
    let home = Home::in_memory().await;
    let secret: String = mtproxy::SECRET.iter().map(|byte| format!("{byte:02x}")).collect();
    let disguised = format!("ee{secret}612e62");
    let link = |proxy: &str, secret: &str| {
        let (host, port) = proxy.split_once(':').unwrap();
        let timing = Timing { dial: Duration::from_millis(500), ..Timing::default() };
        let link = format!("tg://proxy?server={host}&port={port}&secret={secret}");
        LinkConfig { timing, ..through(&home, &link) }
    };
    let http =
        answers(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n and a page to fill a packet", true)
            .await;
    for secret in [&secret, &disguised] {
        let fault = fails(link(&http, secret)).await;
        assert!(matches!(&fault, CloudError::ProxySecret { proxy, .. } if *proxy == http), "{fault:?}");
    }
    for stays in [true, false] {
        let fault = fails(link(&answers(b"", stays).await, &disguised)).await;
        assert!(matches!(&fault, CloudError::ProxyMute { .. }), "{fault:?}");
    }
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    assert!(matches!(fails(link(&nobody, &secret)).await, CloudError::NoProxy { .. }));
}

/// Somebody enters the address of an MTProxy where a server's belongs.
#[tokio::test]
async fn an_mtproxy_is_no_server() {
    let home = Home::in_memory().await;
    for kind in KINDS {
        for manners in [Manners::HangsUp, Manners::FallsSilent] {
            if kind == Kind::Disguised {
                continue;
            }
            let proxy = MtProxy::start(kind, manners, home.server.address()).await;
            let timing = Timing { exchange: Duration::from_millis(500), ..Timing::default() };
            let fault =
                fails(LinkConfig { address: proxy.address.to_string(), timing, ..home.config() }).await;
            assert!(matches!(fault, CloudError::Mute { .. }), "{fault:?}");
            assert!(
                fault.to_string().contains("if it is an MTProxy, enter its link as the proxy"),
                "{fault}"
            );
        }
    }
}

#[tokio::test]
async fn no_secret_is_in_what_is_printed() {
    let home = Home::in_memory().await;
    for link in [
        "socks5://ada:hidden@127.0.0.1:1",
        "tg://proxy?server=127.0.0.1&port=1&secret=68696464656e68696464656e68696464",
    ] {
        let config = through(&home, link);
        let printed = format!("{config:?}");
        assert!(printed.contains("127.0.0.1:1"), "{printed}");
        let fault = fails(config).await;
        for text in [printed, format!("{fault:?} {fault}")] {
            assert!(
                !text.contains("hidden") && !text.contains("68696464") && !text.contains("104, 105"),
                "{text}"
            );
        }
    }
}

#[tokio::test]
async fn the_environments_proxy_carries_the_link() {
    let home = Home::in_memory().await;
    let socks = Socks::start(None, home.server.address()).await;
    let variable = format!("socks5h://{}", socks.address);
    let environment = Environment::read(|name| (name == "ALL_PROXY").then(|| variable.clone()));
    let address = format!("{KNOWN_NAME}:443");
    let proxy = resolve(None, &environment, &address).unwrap();
    let mut client = Client::start(LinkConfig { address, proxy, ..home.config() });
    client.online().await;
    assert_eq!(socks.asked().len(), 1);
    // Our own server on this machine is reached straight.
    assert_eq!(resolve(None, &environment, &home.server.address().to_string()), Ok(None));
}
