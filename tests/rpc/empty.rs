//! What does not exist here is said to be empty, and nothing is granted that would not happen.

use grammers_tl_types::{RemoteCall, enums, functions, types};

use crate::world::*;

/// The answer to whoever has this key.
fn ask<F: RemoteCall>(world: &mut World, key: i64, request: &F) -> F::Return {
    whole(&world.raw_as_it_is(key, &request.to_bytes()).unwrap())
}

#[test]
fn before_anybody_has_signed_in() {
    let mut world = World::new();
    let enums::help::AppConfig::Config(config) =
        ask(&mut world, CURIE, &functions::help::GetAppConfig { hash: 0 })
    else {
        panic!("it cannot be what the client has")
    };
    assert_eq!(config.config, types::JsonObject { value: Vec::new() }.into());
    let update = functions::help::GetAppUpdate { source: String::new() };
    assert_eq!(ask(&mut world, CURIE, &update), enums::help::AppUpdate::NoAppUpdate);
    let later = START + 24 * 60 * 60;
    assert_eq!(
        ask(&mut world, CURIE, &functions::help::GetTermsOfServiceUpdate {}),
        types::help::TermsOfServiceUpdateEmpty { expires: later }.into()
    );
    assert_eq!(
        ask(&mut world, CURIE, &functions::help::GetPromoData {}),
        types::help::PromoDataEmpty { expires: later }.into()
    );
    let words = functions::langpack::GetDifference {
        lang_pack: "any".into(),
        lang_code: "eo".into(),
        from_version: 7,
    };
    let (lang_code, strings) = ("eo".to_owned(), Vec::new());
    assert_eq!(
        ask(&mut world, CURIE, &words),
        types::LangPackDifference { lang_code, from_version: 7, version: 7, strings }.into()
    );
    let state = functions::account::GetContentSettings {};
    assert_eq!(world.call(CURIE, &state).unwrap_err(), "401 AUTH_KEY_UNREGISTERED");
}

#[test]
fn of_an_account() {
    let mut world = World::with_cast();
    let filters = ask(&mut world, ADA, &functions::messages::GetDialogFilters {});
    assert_eq!(filters, types::messages::DialogFilters { tags_enabled: false, filters: Vec::new() }.into());
    let sets = ask(&mut world, ADA, &functions::messages::GetAllStickers { hash: 0 });
    assert_eq!(sets, types::messages::AllStickers { hash: 0, sets: Vec::new() }.into());
    let enums::messages::PeerDialogs::Dialogs(pinned) =
        ask(&mut world, ADA, &functions::messages::GetPinnedDialogs { folder_id: 0 });
    assert!(pinned.dialogs.is_empty());
    assert_eq!(pinned.state, ask(&mut world, ADA, &functions::updates::GetState {}));
}
