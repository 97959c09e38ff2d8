//! The core's calls, byte for byte as they leave, and what comes of their answers.

use grammers_tl_types::{Serializable, enums, functions, types};
use subrosa::cloud::calls;
use subrosa::secret::record::{ChatId, UserId};
use subrosa::secret::step::{Answer, Call, CallError, EncryptedChat};

use super::*;

/// Runs one of the core's calls; the peer answers with `result` and hands over what it was asked.
async fn performed(
    client: &Client,
    peer: &mut Peer,
    call: Call,
    result: &[u8],
) -> (Vec<u8>, Result<Answer, CallError>) {
    let link = client.link.clone();
    let running = tokio::spawn(async move { calls::perform(&link, call).await });
    let asked = peer.call().await.unwrap();
    peer.answer(asked.msg_id, result).await;
    (asked.body, running.await.unwrap())
}

#[tokio::test]
async fn the_cores_calls_are_translated() {
    let stub = Stub::start().await;
    let (client, mut peer) = online(&stub).await;
    let (chat, user) = (ChatId(-5), UserId(6));
    let peer_of_chat: enums::InputEncryptedChat =
        types::InputEncryptedChat { chat_id: -5, access_hash: 7 }.into();
    let yes = true.to_bytes();

    let config = types::messages::DhConfig { g: 3, p: vec![1; 256], version: 4, random: vec![2; 16] };
    let config = enums::messages::DhConfig::Config(config).to_bytes();
    let call = Call::GetDhConfig { version: 3, random_length: 16 };
    let (asked, answer) = performed(&client, &mut peer, call.clone(), &config).await;
    assert_eq!(asked, functions::messages::GetDhConfig { version: 3, random_length: 16 }.to_bytes());
    assert_eq!(answer, Ok(Answer::DhConfig { g: 3, p: vec![1; 256], version: 4, random: vec![2; 16] }));
    let same = types::messages::DhConfigNotModified { random: vec![2; 16] };
    let same = enums::messages::DhConfig::NotModified(same).to_bytes();
    let (_, answer) = performed(&client, &mut peer, call, &same).await;
    assert_eq!(answer, Ok(Answer::DhConfigNotModified { random: vec![2; 16] }));

    let waiting =
        types::EncryptedChatWaiting { id: -5, access_hash: 7, date: 8, admin_id: 9, participant_id: 6 };
    let waiting = enums::EncryptedChat::Waiting(waiting).to_bytes();
    let call = Call::RequestEncryption { user, user_hash: 10, chat, g_a: vec![3; 256] };
    let (asked, answer) = performed(&client, &mut peer, call, &waiting).await;
    let user_id = types::InputUser { user_id: 6, access_hash: 10 }.into();
    let expected = functions::messages::RequestEncryption { user_id, random_id: -5, g_a: vec![3; 256] };
    assert_eq!(asked, expected.to_bytes());
    let (admin, participant) = (UserId(9), UserId(6));
    let chat_waiting = EncryptedChat::Waiting { id: chat, access_hash: 7, date: 8, admin, participant };
    assert_eq!(answer, Ok(Answer::Chat(chat_waiting)));

    let gone =
        enums::EncryptedChat::Discarded(types::EncryptedChatDiscarded { history_deleted: true, id: -5 });
    let call = Call::AcceptEncryption { chat, access_hash: 7, g_b: vec![4; 256], key_fingerprint: 11 };
    let (asked, answer) = performed(&client, &mut peer, call, &gone.to_bytes()).await;
    let expected = functions::messages::AcceptEncryption {
        peer: peer_of_chat.clone(),
        g_b: vec![4; 256],
        key_fingerprint: 11,
    };
    assert_eq!(asked, expected.to_bytes());
    assert_eq!(answer, Ok(Answer::Chat(EncryptedChat::Discarded { id: chat, history_deleted: true })));

    let sent =
        enums::messages::SentEncryptedMessage::Message(types::messages::SentEncryptedMessage { date: 12 });
    for service in [false, true] {
        let data = vec![5; 64];
        let data_sent = data.clone();
        let call = Call::SendEncrypted {
            chat,
            access_hash: 7,
            random_id: 13,
            data: data_sent,
            service,
            silent: false,
            file: None,
        };
        let (asked, answer) = performed(&client, &mut peer, call, &sent.to_bytes()).await;
        let (peer, random_id) = (peer_of_chat.clone(), 13);
        let expected = if service {
            functions::messages::SendEncryptedService { peer, random_id, data }.to_bytes()
        } else {
            functions::messages::SendEncrypted { silent: false, peer, random_id, data }.to_bytes()
        };
        assert_eq!(asked, expected);
        assert_eq!(answer, Ok(Answer::Sent { date: 12, file: None }));
    }

    let call = Call::DiscardEncryption { chat, delete_history: true };
    let (asked, answer) = performed(&client, &mut peer, call, &yes).await;
    let expected = functions::messages::DiscardEncryption { delete_history: true, chat_id: -5 };
    assert_eq!((asked, answer), (expected.to_bytes(), Ok(Answer::Done)));
    let call = Call::ReadEncryptedHistory { chat, access_hash: 7, max_date: 14 };
    let (asked, answer) = performed(&client, &mut peer, call, &yes).await;
    let expected = functions::messages::ReadEncryptedHistory { peer: peer_of_chat.clone(), max_date: 14 };
    assert_eq!((asked, answer), (expected.to_bytes(), Ok(Answer::Done)));
    let call = Call::SetEncryptedTyping { chat, access_hash: 7, typing: true };
    let (asked, answer) = performed(&client, &mut peer, call, &yes).await;
    let expected = functions::messages::SetEncryptedTyping { peer: peer_of_chat, typing: true };
    assert_eq!((asked, answer), (expected.to_bytes(), Ok(Answer::Done)));

    let link = client.link.clone();
    let running = tokio::spawn(async move { calls::acknowledge(&link, 15).await });
    let asked = peer.call().await.unwrap();
    assert_eq!(asked.body, functions::messages::ReceivedQueue { max_qts: 15 }.to_bytes());
    peer.answer(asked.msg_id, &vec![1_i64].to_bytes()).await;
    assert_eq!(running.await.unwrap(), Ok(()));
}

#[tokio::test]
async fn a_refusal_or_an_unreadable_answer_is_told_as_such() {
    let stub = Stub::start().await;
    let (client, mut peer) = online(&stub).await;
    let link = client.link.clone();
    let call = Call::DiscardEncryption { chat: ChatId(5), delete_history: false };
    let running = tokio::spawn(async move { calls::perform(&link, call).await });
    let asked = peer.call().await.unwrap();
    peer.refuse(asked.msg_id, 400, "ENCRYPTION_ALREADY_DECLINED").await;
    let refused = CallError::Rpc { code: 400, name: "ENCRYPTION_ALREADY_DECLINED".into(), value: None };
    assert_eq!(running.await.unwrap(), Err(refused));

    let call = Call::SetEncryptedTyping { chat: ChatId(5), access_hash: 1, typing: true };
    let (_, answer) = performed(&client, &mut peer, call, &[9; 8]).await;
    assert_eq!(answer, Err(CallError::Lost));
    assert_eq!(client.link.state(), LinkState::Online);
}
