//! Terms of service, which a newcomer agrees to before there is an account, or declines.

use subrosa::engine::entrance::{EntranceCommand, Stage, Terms};
use subrosa::engine::{SignIn, SignInStep};
use subrosa::server::rpc;

use crate::stage::{ADA, House, Visitor};

fn terms() -> rpc::Terms {
    rpc::Terms {
        text: "🌹 Be kind.\nThe rest is in our rules.".into(),
        links: vec![("rules".into(), "https://rosa.example/rules".into())],
        min_age: Some(16),
        popup: true,
    }
}

fn as_shown() -> Terms {
    let text = "🌹 Be kind.\nThe rest is in our rules (https://rosa.example/rules).".into();
    Terms { text, min_age: Some(16) }
}

async fn asked(house: &mut House, name: &str) -> Visitor {
    let mut visitor = house.visitor(name).await;
    visitor.gives(ADA).await;
    visitor.types(&house.code().await);
    visitor
}

fn name() -> EntranceCommand {
    EntranceCommand::Name { first: "Ada".into(), last: String::new() }
}

#[tokio::test]
async fn an_account_is_made_by_whoever_agrees() {
    let mut house = House::open().await;
    house.server.require_terms(Some(terms())).await.unwrap();
    let mut ada = asked(&mut house, "ada").await;
    assert_eq!(ada.stage().await, Stage::Terms(as_shown()));
    ada.say(name());
    assert!(ada.refused().await.contains("agreed to first"), "a name is no agreement");
    ada.say(EntranceCommand::Agree);
    assert_eq!(ada.stage().await, Stage::Name);
    ada.say(EntranceCommand::Agree);
    assert!(ada.refused().await.contains("name"), "once is enough");
    ada.say(name());
    assert_eq!(ada.done().await.first_name, "Ada");
    drop(ada.entrance.engine(None).unwrap());
    // Whoever has an account is not asked.
    let mut again = asked(&mut house, "again").await;
    assert_eq!(again.done().await.first_name, "Ada");
    drop(again.entrance.engine(None).unwrap());
}

#[tokio::test]
async fn whoever_declines_has_no_account() {
    let mut house = House::open().await;
    house.server.require_terms(Some(terms())).await.unwrap();
    let mut ada = asked(&mut house, "ada").await;
    assert_eq!(ada.stage().await, Stage::Terms(as_shown()));
    ada.say(EntranceCommand::Restart);
    assert_eq!(ada.stage().await, Stage::Phone);
    ada.say(EntranceCommand::Agree);
    assert!(ada.refused().await.contains("number first"));
    ada.say(name());
    assert!(ada.refused().await.contains("number first"));
    ada.leave().await;
    // The number is as new as before.
    let mut again = asked(&mut house, "again").await;
    assert_eq!(again.stage().await, Stage::Terms(as_shown()));
    again.leave().await;
    house.server.require_terms(None).await.unwrap();
    let mut unasked = asked(&mut house, "unasked").await;
    assert_eq!(unasked.stage().await, Stage::Name);
    unasked.leave().await;
}

#[tokio::test]
async fn the_short_conversation_asks_as_well() {
    let mut house = House::open().await;
    house.server.require_terms(Some(terms())).await.unwrap();
    let sign_in = SignIn::begin(house.vault("ada"), house.profile(), ADA, false).await.unwrap();
    let step = sign_in.try_code(&house.code().await).await.unwrap();
    let SignInStep::TermsWanted(sign_in, shown) = step else { panic!("no terms") };
    assert_eq!(shown, as_shown());
    let SignInStep::NameWanted(sign_in) = sign_in.agree() else { panic!("no name") };
    assert!(
        matches!(sign_in.sign_up("Ada", "").await.unwrap(), SignInStep::Done(me) if me.first_name == "Ada")
    );
}
