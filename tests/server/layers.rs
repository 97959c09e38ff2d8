//! A client that names an older layer gets that one, in answers and updates, on later connections too.

use grammers_tl_types::{Identifiable, Serializable, enums, functions, types};

use crate::client::{Client, Received};
use crate::requests::{contact, init, signed_up};
use crate::stage::Stage;

/// `user` of layers 198 and 199.
const OLD_USER: u32 = 0x4b46_c37e;

fn contains(body: &[u8], id: u32) -> bool {
    body.chunks(4).any(|word| word == id.to_le_bytes())
}

/// Updates with an `updateEncryption` in it.
fn tells_of_a_chat(received: &Received) -> bool {
    received.id() == types::Updates::CONSTRUCTOR_ID
        && contains(&received.body, types::UpdateEncryption::CONSTRUCTOR_ID)
}

async fn ask_for_a_chat(client: &mut Client, phone: &str, random_id: i32) {
    let enums::contacts::ImportedContacts::Contacts(found) = client.call(&contact(phone)).await.unwrap();
    let enums::User::User(user) = &found.users[0] else { panic!("an empty user") };
    let user_id = types::InputUser { user_id: user.id, access_hash: user.access_hash.unwrap() }.into();
    let request = functions::messages::RequestEncryption { user_id, random_id, g_a: vec![0x5a; 256] };
    client.call(&request).await.unwrap();
}

/// A new session after a restart: what it says first is refused with the salt that is good now.
async fn again(client: &Client, stage: &Stage) -> Client {
    let mut again = client.reconnected(stage.address()).await;
    again.session_id ^= 1;
    again.send(&functions::updates::GetState {}.to_bytes()).await;
    let refusal = again.next_that(|received| received.id() == types::BadServerSalt::CONSTRUCTOR_ID).await;
    let enums::BadMsgNotification::BadServerSalt(refusal) = refusal.read() else { panic!("no salt") };
    again.salt = refusal.new_server_salt;
    again.call(&functions::updates::GetState {}).await.unwrap();
    again
}

#[tokio::test]
async fn an_old_client_stays_one_across_connections_and_restarts() {
    let stage = Stage::new().await;
    let (mut boole, _) = signed_up(&stage, "+1 555 0002").await;
    let (mut ada, _) = signed_up(&stage, "+1 555 0001").await;
    let me = functions::users::GetUsers { id: vec![enums::InputUser::UserSelf] }.to_bytes();
    assert!(!contains(&boole.call_raw(&me).await.unwrap(), OLD_USER));
    let mut old = init(functions::users::GetUsers { id: vec![enums::InputUser::UserSelf] });
    old.layer = 198;
    assert!(contains(&boole.call_raw(&old.to_bytes()).await.unwrap(), OLD_USER));
    assert!(contains(&boole.call_raw(&me).await.unwrap(), OLD_USER), "named once, it holds");
    assert!(!contains(&ada.call_raw(&me).await.unwrap(), OLD_USER));
    ask_for_a_chat(&mut ada, "+1 555 0002", 7).await;
    assert!(contains(&boole.next_that(tells_of_a_chat).await.body, OLD_USER));

    let stage = stage.restart().await;
    let (mut boole, mut ada) = (again(&boole, &stage).await, again(&ada, &stage).await);
    ask_for_a_chat(&mut ada, "+1 555 0002", 8).await;
    assert!(
        contains(&boole.next_that(tells_of_a_chat).await.body, OLD_USER),
        "without having named it again"
    );
    stage.server.stop().await;
}
