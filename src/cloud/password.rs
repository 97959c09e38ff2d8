//! The password of two-step verification: what the server says about it, and proving that we know it.
//!
//! The password never leaves this device. The server's numbers are not believed: a group that is not safe would give the password away
//! to whoever chose it, so it is vetted like that of a secret chat, and the exponent is our own randomness alone. The arithmetic takes
//! most of a second by design and runs beside everything else.

use grammers_tl_types::{enums, functions, types};
use rand::Rng;
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use super::authorize::vetted;
use super::fault::CloudError;
use super::link::{CALL_LIMIT, Link};
use super::refusal::{Refusal, refused};
use super::sign_in::{SignedIn, account};
use crate::mtproto::srp::{Algo, Proof, SrpFault, client_proof};

/// How often another exponent is drawn; one that does not fit comes up once in 2^63 times.
const DRAWS: usize = 3;

/// How the account's password is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// What the user once wrote to be reminded; hostile text, may be empty.
    pub hint: String,
    /// Whether a code to a mail address can stand in for it.
    pub has_recovery: bool,
    algo: Algo,
    srp_b: Vec<u8>,
    srp_id: i64,
}

/// Asks how the password is to be proved; `None` if the account has none.
pub async fn challenge(link: &Link) -> Result<Option<Challenge>, CloudError> {
    let enums::account::Password::Password(password) =
        link.invoke(&functions::account::GetPassword {}, CALL_LIMIT).await.map_err(refused)?;
    if !password.has_password {
        return Ok(None);
    }
    let hint = password.hint.unwrap_or_default();
    let (Some(algo), Some(srp_b), Some(srp_id)) = (password.current_algo, password.srp_b, password.srp_id)
    else {
        return Err(CloudError::Unexpected("a password without a way to check it"));
    };
    let enums::PasswordKdfAlgo::Sha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow(algo) = algo else {
        return Err(Refusal::UnknownPassword.into());
    };
    let algo = Algo { salt1: algo.salt1, salt2: algo.salt2, g: algo.g, p: algo.p };
    Ok(Some(Challenge { hint, has_recovery: password.has_recovery, algo, srp_b, srp_id }))
}

/// Proves the password and so completes the sign-in.
///
/// # Errors
/// [`Refusal::WrongPassword`]; [`Refusal::StaleOffer`] if the challenge has to be fetched anew.
pub async fn check_password(
    link: &Link,
    challenge: Challenge,
    password: Zeroizing<String>,
) -> Result<SignedIn, CloudError> {
    let srp_id = challenge.srp_id;
    let proof = prove(challenge, password).await?;
    let password = types::InputCheckPasswordSrp { srp_id, a: proof.a.to_vec(), m1: proof.m1.to_vec() }.into();
    match link.invoke(&functions::auth::CheckPassword { password }, CALL_LIMIT).await.map_err(refused)? {
        enums::auth::Authorization::Authorization(_) => account(link).await,
        enums::auth::Authorization::SignUpRequired(_) => {
            Err(CloudError::Unexpected("a password for no account"))
        }
    }
}

async fn prove(challenge: Challenge, password: Zeroizing<String>) -> Result<Proof, CloudError> {
    let Challenge { algo, srp_b, .. } = challenge;
    vetted(algo.g, algo.p.clone()).await.map_err(Refusal::UnsafePassword)?;
    let proof = spawn_blocking(move || draw_and_prove(&password, &algo, &srp_b));
    let proof = proof.await.map_err(|_| CloudError::Crashed)?;
    proof.map_err(|fault| CloudError::from(unsafe_by(fault)))
}

fn draw_and_prove(password: &str, algo: &Algo, srp_b: &[u8]) -> Result<Proof, SrpFault> {
    let mut outcome = Err(SrpFault::Exponent);
    for _ in 0..DRAWS {
        let mut exponent = Zeroizing::new([0; 256]);
        rand::rng().fill_bytes(&mut exponent[..]);
        outcome = client_proof(password.as_bytes(), algo, srp_b, &exponent);
        if outcome != Err(SrpFault::Exponent) {
            break;
        }
    }
    outcome
}

fn unsafe_by(fault: SrpFault) -> Refusal {
    Refusal::UnsafePassword(match fault {
        SrpFault::Prime => "its prime",
        SrpFault::Generator(_) => "its generator",
        SrpFault::ServerValue => "its public value",
        SrpFault::ClientValue | SrpFault::Verifier | SrpFault::Exponent => "its numbers",
    })
}
