//! AES-256 in infinite garble extension mode.
//!
//! Every block depends on the ones before it, so there is nothing to run in parallel: speed comes from keeping the whole loop
//! inside the cipher's backend, where the round keys stay in registers, instead of entering it once per block.

use aes::Aes256;
use aes::cipher::array::Array;
use aes::cipher::consts::U16;
use aes::cipher::{
    BlockCipherDecBackend, BlockCipherDecClosure, BlockCipherDecrypt, BlockCipherEncBackend,
    BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser, KeyInit,
};
use zeroize::Zeroizing;

/// Bytes of one block.
pub const BLOCK: usize = 16;

type Block = [u8; BLOCK];

/// Encrypts whole blocks in place: `c[i] = E(p[i] ^ c[i-1]) ^ p[i-1]`. The iv is `c[-1] || p[-1]`.
pub fn encrypt(key: &[u8; 32], iv: &[u8; 32], blocks: &mut [Block]) {
    Aes256::new(&Array::from(*key)).encrypt_with_backend(Encrypt { chain: Chain::new(iv), blocks });
}

/// Decrypts whole blocks in place: `p[i] = D(c[i] ^ p[i-1]) ^ c[i-1]`.
pub fn decrypt(key: &[u8; 32], iv: &[u8; 32], blocks: &mut [Block]) {
    Aes256::new(&Array::from(*key)).decrypt_with_backend(Decrypt { chain: Chain::new(iv), blocks });
}

/// The previous block in both forms.
struct Chain {
    cipher: Block,
    plain: Zeroizing<Block>,
}

impl Chain {
    fn new(iv: &[u8; 32]) -> Self {
        let (mut cipher, mut plain) = ([0; BLOCK], Zeroizing::new([0; BLOCK]));
        cipher.copy_from_slice(&iv[..BLOCK]);
        plain.copy_from_slice(&iv[BLOCK..]);
        Chain { cipher, plain }
    }
}

struct Encrypt<'a> {
    chain: Chain,
    blocks: &'a mut [Block],
}

impl BlockSizeUser for Encrypt<'_> {
    type BlockSize = U16;
}

impl BlockCipherEncClosure for Encrypt<'_> {
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(mut self, backend: &B) {
        for block in self.blocks {
            let plain = *block;
            xor(block, &self.chain.cipher);
            backend.encrypt_block_inplace(block.into());
            xor(block, &self.chain.plain);
            self.chain.cipher = *block;
            *self.chain.plain = plain;
        }
    }
}

struct Decrypt<'a> {
    chain: Chain,
    blocks: &'a mut [Block],
}

impl BlockSizeUser for Decrypt<'_> {
    type BlockSize = U16;
}

impl BlockCipherDecClosure for Decrypt<'_> {
    fn call<B: BlockCipherDecBackend<BlockSize = U16>>(mut self, backend: &B) {
        for block in self.blocks {
            let cipher = *block;
            xor(block, &self.chain.plain);
            backend.decrypt_block_inplace(block.into());
            xor(block, &self.chain.cipher);
            self.chain.cipher = cipher;
            *self.chain.plain = *block;
        }
    }
}

fn xor(block: &mut Block, other: &Block) {
    *block = (u128::from_ne_bytes(*block) ^ u128::from_ne_bytes(*other)).to_ne_bytes();
}
