//! Signing in by a QR code: a token that another device of the account is to accept.
//!
//! The server gives out a token, this device shows it as a link, and a device that is signed in scans it and lets it in. Whoever has the
//! token can do that, so it is short-lived and never kept. The same question, asked again, is answered with the next token, with
//! another data centre that the account lives in, or with the account.

use base64ct::{Base64UrlUnpadded, Encoding};
use grammers_tl_types::{enums, functions};
use zeroize::{Zeroize, Zeroizing};

use super::fault::CloudError;
use super::link::{CALL_LIMIT, Link};
use super::refusal::refused;
use super::sign_in::{Application, SignedIn, account};

/// What stands before a token in its link.
const LINK: &str = "tg://login?token=";

/// What became of a token.
#[derive(Clone, PartialEq, Eq)]
pub enum Token {
    /// To be shown; it is good until `expires`, Unix seconds by the server's clock.
    Shown { link: Zeroizing<String>, expires: i32 },
    /// It was accepted by an account of another data centre: [`import`] it there.
    Elsewhere { dc: i32, token: Zeroizing<Vec<u8>> },
    /// It was accepted.
    SignedIn(SignedIn),
}

/// Asks for a token, or what became of the last one. [`CloudError::PasswordNeeded`]: it was accepted, and the password is wanted on top.
pub async fn export(link: &Link, application: &Application) -> Result<Token, CloudError> {
    let call = functions::auth::ExportLoginToken {
        api_id: application.api_id,
        api_hash: application.api_hash.clone(),
        except_ids: Vec::new(),
    };
    read(link, link.invoke(&call, CALL_LIMIT).await.map_err(refused)?).await
}

/// Takes an accepted token to the data centre where its account lives.
pub async fn import(link: &Link, token: &[u8]) -> Result<Token, CloudError> {
    let mut call = functions::auth::ImportLoginToken { token: token.to_vec() };
    let answer = link.invoke(&call, CALL_LIMIT).await;
    call.token.zeroize();
    read(link, answer.map_err(refused)?).await
}

async fn read(link: &Link, answer: enums::auth::LoginToken) -> Result<Token, CloudError> {
    Ok(match answer {
        enums::auth::LoginToken::Token(shown) => {
            Token::Shown { link: link_of(&Zeroizing::new(shown.token)), expires: shown.expires }
        }
        enums::auth::LoginToken::MigrateTo(elsewhere) => {
            Token::Elsewhere { dc: elsewhere.dc_id, token: Zeroizing::new(elsewhere.token) }
        }
        enums::auth::LoginToken::Success(_) => Token::SignedIn(account(link).await?),
    })
}

/// What a scanning app understands.
fn link_of(token: &[u8]) -> Zeroizing<String> {
    let encoded = Zeroizing::new(Base64UrlUnpadded::encode_string(token));
    // Made as long as it gets: what growing leaves behind could not be wiped.
    let mut link = Zeroizing::new(String::with_capacity(LINK.len() + encoded.len()));
    link.push_str(LINK);
    link.push_str(&encoded);
    link
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_written_for_urls_and_without_padding() {
        assert_eq!(*link_of(&[0xfb, 0xff, 0xfe, 0x01]), "tg://login?token=-__-AQ");
    }
}
