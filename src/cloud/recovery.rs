//! A forgotten password of two-step verification: a code to the account's mail address signs in without it.
//!
//! Only an account that was given such an address can do that; the server shows as much of it as helps to find the mail. The code is tried
//! before it is used, for using it takes the password away.

use grammers_tl_types::{enums, functions};
use zeroize::{Zeroize, Zeroizing};

use super::fault::CloudError;
use super::link::{CALL_LIMIT, Link};
use super::refusal::refused;
use super::sign_in::{SignedIn, account};

/// Has a code sent, and says where to: a pattern of the address, hostile text.
///
/// # Errors
/// [`Refusal::NoRecovery`](super::refusal::Refusal::NoRecovery) if the account has no address.
pub async fn request(link: &Link) -> Result<String, CloudError> {
    let call = functions::auth::RequestPasswordRecovery {};
    let enums::auth::PasswordRecovery::Recovery(sent) =
        link.invoke(&call, CALL_LIMIT).await.map_err(refused)?;
    Ok(sent.email_pattern)
}

/// Signs in by the code. The account has no password afterwards.
///
/// # Errors
/// [`CloudError::BadCode`]; [`Refusal::RecoveryExpired`](super::refusal::Refusal::RecoveryExpired).
pub async fn recover(link: &Link, code: Zeroizing<String>) -> Result<SignedIn, CloudError> {
    let typed = |code: &str| code.trim().to_owned();
    let mut call = functions::auth::CheckRecoveryPassword { code: typed(&code) };
    let checked = link.invoke(&call, CALL_LIMIT).await;
    call.code.zeroize();
    if !checked.map_err(refused)? {
        return Err(CloudError::BadCode);
    }
    let mut call = functions::auth::RecoverPassword { code: typed(&code), new_settings: None };
    let recovered = link.invoke(&call, CALL_LIMIT).await;
    call.code.zeroize();
    match recovered.map_err(refused)? {
        enums::auth::Authorization::Authorization(_) => account(link).await,
        enums::auth::Authorization::SignUpRequired(_) => {
            Err(CloudError::Unexpected("a password for no account"))
        }
    }
}
