//! Reaching a host over TCP, whichever of its addresses works.
//!
//! A name may stand for addresses of both families, and the way to one of them may be dead: packets vanish, nobody refuses. So
//! the families take turns, and no address but the last gets more than its share of the time.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout_at};

use crate::system::{in_words, unresolved};

/// How long one address may take while others wait for their turn. A living one answers within a second.
const TURN: Duration = Duration::from_secs(3);

/// Connects to `address` (`host:port`) before `deadline`; otherwise why not, to be put into a sentence.
pub async fn dial(address: &str, deadline: Instant) -> Result<TcpStream, String> {
    let late = |_| "no answer in time".to_owned();
    let found = timeout_at(deadline, lookup_host(address)).await.map_err(late)?;
    let found = found.map_err(|error| unresolved(&error))?;
    try_each(by_turns(found.collect()), deadline).await
}

async fn try_each(addresses: Vec<SocketAddr>, deadline: Instant) -> Result<TcpStream, String> {
    let mut last = "the name stands for no address".to_owned();
    let count = addresses.len();
    for (place, address) in addresses.into_iter().enumerate() {
        let turn = if place + 1 == count { deadline } else { deadline.min(Instant::now() + TURN) };
        match timeout_at(turn, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Without it a short request waits for the answer to the one before; a socket that cannot is still good.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(error)) => last = in_words(&error),
            Err(_) => last = "no answer in time".to_owned(),
        }
    }
    Err(last)
}

/// One of either family in turn, beginning with the family that the system would prefer.
fn by_turns(found: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v4 = found.first().is_some_and(SocketAddr::is_ipv4);
    let (mut these, mut others): (VecDeque<_>, VecDeque<_>) =
        found.into_iter().partition(|address| address.is_ipv4() == first_is_v4);
    let mut ordered = Vec::with_capacity(these.len() + others.len());
    while !these.is_empty() || !others.is_empty() {
        ordered.extend(these.pop_front());
        ordered.extend(others.pop_front());
    }
    ordered
}

/// Host and port of `host:port` or `[host]:port`.
pub fn split_address(address: &str) -> Option<(&str, u16)> {
    let (host, port) = address.rsplit_once(':')?;
    let host = match host.strip_prefix('[') {
        Some(host) => host.strip_suffix(']')?,
        None if host.contains(':') => return None,
        None => host,
    };
    Some((host, port.parse().ok()?)).filter(|(host, _)| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    #[test]
    fn the_families_take_turns() {
        let parse =
            |list: &[&str]| list.iter().map(|text| text.parse().unwrap()).collect::<Vec<SocketAddr>>();
        let found = parse(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"]);
        assert_eq!(by_turns(found), parse(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"]));
        assert_eq!(by_turns(parse(&["1.1.1.1:1", "[::1]:1"])), parse(&["1.1.1.1:1", "[::1]:1"]));
        assert!(by_turns(Vec::new()).is_empty());
    }

    #[test]
    fn addresses_are_taken_apart() {
        for (address, parts) in [
            ("h:1", Some(("h", 1))),
            ("[::1]:65535", Some(("::1", 65535))),
            ("1.2.3.4:5", Some(("1.2.3.4", 5))),
            ("::1:5", None),
            ("h", None),
            (":1", None),
            ("h:65536", None),
            ("[::1:5", None),
        ] {
            assert_eq!(split_address(address), parts, "{address}");
        }
    }

    /// A listener that takes no connection any more: who dials it hears nothing. With it, what fills its queue.
    async fn silent() -> (TcpListener, Vec<TcpStream>) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut queued = Vec::new();
        while let Ok(Ok(stream)) =
            tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await
        {
            queued.push(stream);
        }
        (listener, queued)
    }

    #[tokio::test]
    async fn a_dead_address_does_not_eat_the_whole_time() {
        let (dead, _queued) = silent().await;
        let alive = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let refusing = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let addresses = vec![refusing, dead.local_addr().unwrap(), alive.local_addr().unwrap()];
        let began = Instant::now();
        let stream = try_each(addresses, began + Duration::from_secs(60)).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), alive.local_addr().unwrap());
        assert!(began.elapsed() < TURN + Duration::from_secs(5));

        let alone =
            try_each(vec![dead.local_addr().unwrap()], Instant::now() + Duration::from_millis(100)).await;
        assert_eq!(alone.err().as_deref(), Some("no answer in time"));
        let refused = try_each(vec![refusing], Instant::now() + Duration::from_secs(5)).await;
        assert_eq!(refused.err().as_deref(), Some("connection refused"));
        assert!(try_each(Vec::new(), Instant::now()).await.is_err());
    }
}
