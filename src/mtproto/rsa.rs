//! RSA keys of 2048 bits: the server's own pair, and the public half that a client trusts.
//!
//! A client pins a server by this key, which is why its PEM text is what a person copies from one to the other. Both usual forms of a
//! public key are read; the project itself writes PKCS#1. Only the bare RSA operations live here, their padding in [`super::padding`].

use crypto_bigint::U1024;
use crypto_primes::{Flavor, random_prime};
use grammers_tl_types::Serializable;
use num_bigint::BigUint;
use pkcs1::der::asn1::{AnyRef, BitStringRef, UintRef};
use pkcs1::der::{Document, Reader, SliceReader};
use pkcs1::{
    ALGORITHM_OID, DecodeRsaPrivateKey, DecodeRsaPublicKey, EncodeRsaPrivateKey, EncodeRsaPublicKey,
    LineEnding, ObjectIdentifier, RsaPrivateKey, RsaPrivateKeyOwned, RsaPublicKeyOwned, RsaPublicKeyRef,
};
use rand::CryptoRng;
use sha1::{Digest, Sha1};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::power::{self, NUMBER_LEN, Number};

/// The only size that the exchange's padding fits.
const MODULUS_BITS: u64 = 2048;
const PUBLIC_EXPONENT: u32 = 65_537;
/// A larger exponent is no key anyone made in earnest; it would only cost time.
const MAX_EXPONENT_BITS: u64 = 64;

/// A text that is no usable RSA key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    #[error(
        "this is not an RSA key in PEM form ({0}); copy everything from -----BEGIN to the end of the -----END line"
    )]
    Pem(String),
    #[error("this PEM text holds a {0}; an RSA public key is needed")]
    Label(String),
    #[error("the RSA key has {0} bits; only 2048-bit keys work with this protocol")]
    Size(u64),
    #[error("the RSA key's numbers do not fit together; the file is damaged, or no RSA key")]
    Numbers,
}

impl From<pkcs1::Error> for KeyFault {
    fn from(error: pkcs1::Error) -> KeyFault {
        KeyFault::Pem(error.to_string())
    }
}

impl From<pkcs1::der::Error> for KeyFault {
    fn from(error: pkcs1::der::Error) -> KeyFault {
        KeyFault::Pem(error.to_string())
    }
}

/// The public half: an odd modulus of 2048 bits and its exponent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    n: BigUint,
    e: BigUint,
}

impl PublicKey {
    /// From the two numbers; the modulus must be odd and have 2048 bits, the exponent be odd and above 1.
    pub fn new(n: BigUint, e: BigUint) -> Result<PublicKey, KeyFault> {
        if n.bits() != MODULUS_BITS {
            return Err(KeyFault::Size(n.bits()));
        }
        if !n.bit(0) || !e.bit(0) || e.bits() < 2 || e.bits() > MAX_EXPONENT_BITS {
            return Err(KeyFault::Numbers);
        }
        Ok(PublicKey { n, e })
    }

    /// Reads `RSA PUBLIC KEY` (PKCS#1) or `PUBLIC KEY` (SubjectPublicKeyInfo); white space around the text does not matter.
    pub fn from_pem(pem: &str) -> Result<PublicKey, KeyFault> {
        let (label, document) = Document::from_pem(pem.trim())?;
        let key = match label {
            "RSA PUBLIC KEY" => RsaPublicKeyOwned::from_pkcs1_der(document.as_bytes())?,
            "PUBLIC KEY" => RsaPublicKeyOwned::from_pkcs1_der(inner_of_spki(document.as_bytes())?)?,
            other => return Err(KeyFault::Label(other.to_string())),
        };
        let n = BigUint::from_bytes_be(key.modulus.as_bytes());
        PublicKey::new(n, BigUint::from_bytes_be(key.public_exponent.as_bytes()))
    }

    /// PKCS#1 PEM, ending with a line feed.
    pub fn to_pem(&self) -> Result<String, KeyFault> {
        let (n, e) = (self.n.to_bytes_be(), self.e.to_bytes_be());
        let key = RsaPublicKeyRef { modulus: UintRef::new(&n)?, public_exponent: UintRef::new(&e)? };
        Ok(key.to_pkcs1_pem(LineEnding::LF)?)
    }

    /// How the exchange names this key: the low 64 bits of SHA-1 over both numbers as TL bytes.
    pub fn fingerprint(&self) -> i64 {
        let mut numbers = self.n.to_bytes_be().to_bytes();
        self.e.to_bytes_be().serialize(&mut numbers);
        let digest: [u8; 20] = Sha1::digest(numbers).into();
        let mut low = [0; 8];
        low.copy_from_slice(&digest[12..]);
        i64::from_le_bytes(low)
    }

    pub fn n(&self) -> &BigUint {
        &self.n
    }

    pub fn e(&self) -> &BigUint {
        &self.e
    }

    /// The bare RSA operation; `None` if the block is not below the modulus.
    pub fn raw_encrypt(&self, block: &Number) -> Option<Number> {
        let block = BigUint::from_bytes_be(block);
        if block >= self.n {
            return None;
        }
        power::pad(&block.modpow(&self.e, &self.n).to_bytes_be())
    }
}

/// The content of a SubjectPublicKeyInfo's bit string, if its algorithm is RSA.
fn inner_of_spki(der: &[u8]) -> Result<&[u8], KeyFault> {
    let mut reader = SliceReader::new(der)?;
    let (algorithm, key) = reader.sequence(|info| {
        let algorithm = info.sequence(|identifier| {
            let oid: ObjectIdentifier = identifier.decode()?;
            let _parameters: Option<AnyRef<'_>> = identifier.decode()?;
            Ok::<_, pkcs1::der::Error>(oid)
        })?;
        let key: BitStringRef<'_> = info.decode()?;
        Ok::<_, pkcs1::der::Error>((algorithm, key))
    })?;
    if algorithm != ALGORITHM_OID {
        return Err(KeyFault::Label("public key of another algorithm".to_string()));
    }
    key.as_bytes().ok_or(KeyFault::Numbers)
}

/// The server's key pair; wipes itself, prints nothing.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct PrivateKey {
    #[zeroize(skip)]
    public: PublicKey,
    n: Box<Number>,
    d: Box<Number>,
    p: Zeroizing<Vec<u8>>,
    q: Zeroizing<Vec<u8>>,
}

impl PrivateKey {
    /// Makes a new pair of 2048 bits. Takes from tenths of a second to seconds: run it where blocking is allowed.
    pub fn generate(rng: &mut dyn CryptoRng) -> PrivateKey {
        loop {
            let p: U1024 = random_prime(rng, Flavor::Any, NUMBER_LEN as u32 * 4);
            let q: U1024 = random_prime(rng, Flavor::Any, NUMBER_LEN as u32 * 4);
            let p = BigUint::from_bytes_be(p.to_be_bytes().as_slice());
            let q = BigUint::from_bytes_be(q.to_be_bytes().as_slice());
            if let Ok(key) = PrivateKey::from_primes(&p, &q, BigUint::from(PUBLIC_EXPONENT)) {
                return key;
            }
        }
    }

    /// Fails if the product has fewer than 2048 bits, the primes are equal, or the exponent has no inverse.
    fn from_primes(p: &BigUint, q: &BigUint, e: BigUint) -> Result<PrivateKey, KeyFault> {
        let one = BigUint::from(1u8);
        if p <= &one || q <= &one || p == q {
            return Err(KeyFault::Numbers);
        }
        let public = PublicKey::new(p * q, e)?;
        let totient = (p - &one) * (q - &one);
        let d = public.e.modinv(&totient).ok_or(KeyFault::Numbers)?;
        Ok(PrivateKey {
            n: Box::new(power::pad(&public.n.to_bytes_be()).ok_or(KeyFault::Numbers)?),
            d: Box::new(power::pad(&d.to_bytes_be()).ok_or(KeyFault::Numbers)?),
            p: Zeroizing::new(p.to_bytes_be()),
            q: Zeroizing::new(q.to_bytes_be()),
            public,
        })
    }

    /// Reads `RSA PRIVATE KEY` (PKCS#1).
    pub fn from_pem(pem: &str) -> Result<PrivateKey, KeyFault> {
        let key = RsaPrivateKeyOwned::from_pkcs1_pem(pem.trim())?;
        let number = |uint: &pkcs1::der::asn1::Uint| BigUint::from_bytes_be(uint.as_bytes());
        let pair = PrivateKey::from_primes(
            &number(&key.prime1),
            &number(&key.prime2),
            number(&key.public_exponent),
        )?;
        if pair.public.n != number(&key.modulus) {
            return Err(KeyFault::Numbers);
        }
        Ok(pair)
    }

    /// PKCS#1 PEM, for a file that only its owner may read.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, KeyFault> {
        let (p, q) = (BigUint::from_bytes_be(&self.p), BigUint::from_bytes_be(&self.q));
        let d = BigUint::from_bytes_be(self.d.as_slice());
        let one = BigUint::from(1u8);
        let coefficient = q.modinv(&p).ok_or(KeyFault::Numbers)?;
        let numbers = [
            self.public.n.clone(),
            self.public.e.clone(),
            d.clone(),
            p.clone(),
            q.clone(),
            &d % (&p - &one),
            &d % (&q - &one),
            coefficient,
        ];
        let bytes = numbers.map(|number| Zeroizing::new(number.to_bytes_be()));
        let [n, e, d, p, q, exponent1, exponent2, coefficient] = &bytes;
        let key = RsaPrivateKey {
            modulus: UintRef::new(n)?,
            public_exponent: UintRef::new(e)?,
            private_exponent: UintRef::new(d)?,
            prime1: UintRef::new(p)?,
            prime2: UintRef::new(q)?,
            exponent1: UintRef::new(exponent1)?,
            exponent2: UintRef::new(exponent2)?,
            coefficient: UintRef::new(coefficient)?,
            other_prime_infos: None,
        };
        Ok(key.to_pkcs1_pem(LineEnding::LF)?)
    }

    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The bare RSA operation; `None` if the block is not below the modulus.
    pub fn raw_decrypt(&self, block: &Number) -> Option<Zeroizing<Number>> {
        (block < &*self.n).then(|| power::power(block, &self.d, &self.n)).flatten().map(Zeroizing::new)
    }
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PrivateKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    #[test]
    fn a_generated_key_survives_its_pem_and_undoes_its_public_half() {
        let key = PrivateKey::generate(&mut StdRng::seed_from_u64(7));
        let again = PrivateKey::from_pem(&key.to_pem().unwrap()).unwrap();
        assert_eq!(again.public(), key.public());
        let mut block = [0x42; NUMBER_LEN];
        block[0] = 0;
        let cipher = key.public().raw_encrypt(&block).unwrap();
        assert_ne!(cipher, block);
        assert_eq!(*again.raw_decrypt(&cipher).unwrap(), block);
        assert!(key.raw_decrypt(&[0xff; NUMBER_LEN]).is_none());
        assert_eq!(format!("{key:?}"), "PrivateKey(..)");

        let public = key.public().to_pem().unwrap();
        assert!(public.starts_with("-----BEGIN RSA PUBLIC KEY-----\n"));
        let read = PublicKey::from_pem(&format!("\n {public}\n")).unwrap();
        assert_eq!(read.fingerprint(), key.public().fingerprint());
    }

    /// One key in both forms, as another program wrote them; the fingerprint was computed there too.
    const SPKI: &str = "\
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0Z/driJzdslctQxG9KMo
eqpf6RkmtqSXqI1hO2qHny62bs8degK0vHrpyH/C7btW7C+1MRzLUGFpZ5bXhPNb
XYYKSGEwpqDSTGHAugfO3Qb6U7zCexABh09v6zgjoaf1xzWKFake2PAHkcjJuZ+O
xeVpLAKrhTDOXl+Rkx07Ccqe0K/3HSG/8xx8OcL5yat6uVJVt0XFFRMbFdjz6jJD
67X4IF4iehoxG6Rn8EuC3ST9nvyWRACJHPwI6i0Qisl8EJrLXzZCMWQfxy3jgwi6
EzXhyVsgH9HKjFDsrGAsERd3uMP46tai7nRvfKx3vhOssMH8/80z1T+ht3by9Zam
AwIDAQAB
-----END PUBLIC KEY-----
";
    const PKCS1: &str = "\
-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEA0Z/driJzdslctQxG9KMoeqpf6RkmtqSXqI1hO2qHny62bs8degK0
vHrpyH/C7btW7C+1MRzLUGFpZ5bXhPNbXYYKSGEwpqDSTGHAugfO3Qb6U7zCexAB
h09v6zgjoaf1xzWKFake2PAHkcjJuZ+OxeVpLAKrhTDOXl+Rkx07Ccqe0K/3HSG/
8xx8OcL5yat6uVJVt0XFFRMbFdjz6jJD67X4IF4iehoxG6Rn8EuC3ST9nvyWRACJ
HPwI6i0Qisl8EJrLXzZCMWQfxy3jgwi6EzXhyVsgH9HKjFDsrGAsERd3uMP46tai
7nRvfKx3vhOssMH8/80z1T+ht3by9ZamAwIDAQAB
-----END RSA PUBLIC KEY-----
";
    const FINGERPRINT: i64 = 3_027_987_663_578_299_790;

    #[test]
    fn reads_both_public_forms() {
        let key = PublicKey::from_pem(SPKI).unwrap();
        assert_eq!(PublicKey::from_pem(PKCS1), Ok(key.clone()));
        assert_eq!(key.to_pem().unwrap(), PKCS1);
        assert_eq!(key.fingerprint(), FINGERPRINT);
    }

    #[test]
    fn says_what_is_wrong_with_a_text() {
        assert!(matches!(PublicKey::from_pem("hello"), Err(KeyFault::Pem(_))));
        let private = PrivateKey::generate(&mut StdRng::seed_from_u64(8)).to_pem().unwrap();
        assert_eq!(PublicKey::from_pem(&private), Err(KeyFault::Label("RSA PRIVATE KEY".to_string())));
        assert_eq!(PublicKey::new(BigUint::from(15u8), BigUint::from(3u8)), Err(KeyFault::Size(4)));
    }
}
