//! The account itself: what others find it by.

use grammers_tl_types::{enums, functions};

use super::fault::CloudError;
use super::link::{CALL_LIMIT, Link};
use super::people::person;
use crate::secret::record::Person;
use crate::secret::step::CallError;

/// Takes a public username (without `@`; empty gives it up) and returns who we are now.
pub async fn set_username(link: &Link, username: &str) -> Result<Person, CloudError> {
    let username = username.trim().trim_start_matches('@').to_owned();
    let call = functions::account::UpdateUsername { username };
    let me: enums::User = match link.invoke(&call, CALL_LIMIT).await {
        Ok(me) => me,
        Err(CallError::Rpc { name, .. }) => return Err(refused(&name)),
        Err(error) => return Err(error.into()),
    };
    person(me).ok_or(CloudError::Unexpected("it does not say who we are"))
}

/// Shows us as online, or as gone.
pub async fn set_online(link: &Link, online: bool) -> Result<(), CloudError> {
    link.invoke(&functions::account::UpdateStatus { offline: !online }, CALL_LIMIT).await?;
    Ok(())
}

fn refused(name: &str) -> CloudError {
    CloudError::BadName(match name {
        "USERNAME_OCCUPIED" => "somebody else has this username",
        "USERNAME_NOT_MODIFIED" => "this is your username already",
        _ => "a username has 5 to 32 letters, digits and underscores, and begins with a letter",
    })
}
