"use strict";
/* Our half of a secret chat's key, and what two people would compare once both halves are there. */

const { createHash, randomBytes } = require("crypto");
const { Api } = require("telegram");

/** An unsigned number of 256 bytes, and back. */
const number = (bytes) => BigInt("0x" + bytes.toString("hex"));
const bytes = (value) => Buffer.from(value.toString(16).padStart(512, "0"), "hex");

function power(base, exponent, modulus) {
  let result = 1n;
  for (base %= modulus; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % modulus;
    base = (base * base) % modulus;
  }
  return result;
}

class Half {
  /** Asks the server for p and g, and makes a and g^a mod p. */
  static async make(client) {
    const config = await client.invoke(new Api.messages.GetDhConfig({ version: 0, randomLength: 256 }));
    const [p, a] = [number(config.p), number(randomBytes(256))];
    return new Half(p, a, bytes(power(BigInt(config.g), a, p)));
  }

  constructor(p, a, gA) {
    this.p = p;
    this.a = a;
    this.gA = gA;
  }

  /** The key with the other half: its fingerprint (the last eight bytes of its SHA-1), and what its picture is made of. */
  meet(gB) {
    const key = bytes(power(number(gB), this.a, this.p));
    const sha1 = createHash("sha1").update(key).digest();
    const sha256 = createHash("sha256").update(key).digest();
    const picture = Buffer.concat([sha1.subarray(0, 16), sha256.subarray(0, 20)]).toString("hex");
    return { fingerprint: sha1.readBigInt64LE(12).toString(), picture };
  }
}

/** Waits until the chat of this id is accepted. */
function accepted(client, id) {
  return new Promise((resolve) =>
    client.addEventHandler((update) => {
      if (update instanceof Api.UpdateEncryption && update.chat instanceof Api.EncryptedChat && update.chat.id === id) {
        resolve(update.chat);
      }
    })
  );
}

module.exports = { Half, accepted };
