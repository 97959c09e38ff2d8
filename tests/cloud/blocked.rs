//! The list of those who are blocked, by a server that gives it in small pages and changes it on the way.

use subrosa::cloud::blocked::{Blocked, blocked};
use subrosa::secret::record::UserId;

use super::*;

/// A page of a list of so many.
fn page(count: i32, ids: &[i64]) -> Vec<u8> {
    let blocked = ids
        .iter()
        .map(|&user_id| types::PeerBlocked { peer_id: types::PeerUser { user_id }.into(), date: 1 }.into());
    let (blocked, chats, users) = (blocked.collect(), Vec::new(), Vec::new());
    enums::contacts::Blocked::Slice(types::contacts::BlockedSlice { count, blocked, chats, users }).to_bytes()
}

/// What comes of these answers to the questions for these places.
async fn read(answers: Vec<(i32, Vec<u8>)>) -> Result<Blocked, CloudError> {
    let stub = Stub::start().await;
    let (client, mut peer) = online(&stub).await;
    let link = client.link.clone();
    let asked = tokio::spawn(async move { blocked(&link).await });
    for (offset, answer) in answers {
        let call = timeout(PATIENCE, peer.call()).await.expect("a question in time").unwrap();
        let wanted = functions::contacts::GetBlocked { my_stories_from: false, offset, limit: 100 };
        assert_eq!(call.body, wanted.to_bytes(), "the place {offset} is asked for");
        peer.answer(call.msg_id, &answer).await;
    }
    timeout(PATIENCE, asked).await.expect("the list in time").unwrap()
}

fn list(ids: &[i64], whole: bool) -> Result<Blocked, CloudError> {
    Ok(Blocked { ids: ids.iter().copied().map(UserId).collect(), people: Vec::new(), whole })
}

#[tokio::test]
async fn pages_are_counted_as_they_come() {
    assert_eq!(read(vec![(0, page(0, &[]))]).await, list(&[], true));
    let three = read(vec![(0, page(3, &[1, 2])), (2, page(3, &[3]))]).await;
    assert_eq!(three, list(&[1, 2, 3], true));
    // A server that has counted too many is believed that there are no more.
    assert_eq!(read(vec![(0, page(9, &[1])), (1, page(9, &[]))]).await, list(&[1], true));
}

#[tokio::test]
async fn a_list_that_changes_is_read_anew() {
    // The first is unblocked, and the third takes the place of the second.
    let answers = vec![(0, page(4, &[1, 2])), (2, page(3, &[4])), (0, page(3, &[2, 3])), (2, page(3, &[4]))];
    assert_eq!(read(answers).await, list(&[2, 3, 4], true));
    let restless = (0..3).flat_map(|turn| [(0, page(10 + turn, &[1])), (1, page(20 + turn, &[2]))]);
    assert_eq!(read(restless.collect()).await, list(&[1], false), "nothing follows from who is missing");
}

#[tokio::test]
async fn a_list_without_an_end_is_given_up() {
    let many: Vec<i64> = (1..=20_000).collect();
    let answers = (0..5).map(|turn| (turn * 20_000, page(i32::MAX, &many)));
    let read = read(answers.collect()).await.unwrap();
    assert_eq!((read.ids.len(), read.whole), (100_000, false));
}
