"use strict";
/*
 * The way into GramJS: loaded before a script (`node --require`), it has an unmodified package dial our server with our key.
 *
 * Two things have no option of theirs and are changed from outside, in memory:
 * - `_serverKeys` of crypto/RSA holds Telegram's keys and nobody else's: ours is put beside them.
 * - `TelegramClient.connect` dials port 80 whatever port the session names. The socket is told ours instead. (The option
 *   `networkSocket` would do the same, but scripts are to run as they are documented, with `{}` for options.)
 */

const { createHash, createPublicKey } = require("crypto");
const { readFileSync } = require("fs");
const bigInt = require("big-integer");
const { _serverKeys } = require("telegram/crypto/RSA");
const { PromisedNetSockets } = require("telegram/extensions");

/** A TL string: its length, itself, and zeros up to a multiple of four. */
function tlBytes(raw) {
  const length = Buffer.from(raw.length < 254 ? [raw.length] : [254, raw.length & 255, (raw.length >> 8) & 255, raw.length >> 16]);
  const whole = Buffer.concat([length, raw]);
  return Buffer.concat([whole, Buffer.alloc((4 - (whole.length % 4)) % 4)]);
}

function addKey(path) {
  const { n, e } = createPublicKey(readFileSync(path)).export({ format: "jwk" });
  const [modulus, exponent] = [n, e].map((part) => Buffer.from(part, "base64url"));
  const hash = createHash("sha1").update(tlBytes(modulus)).update(tlBytes(exponent)).digest();
  const key = { n: bigInt(modulus.toString("hex"), 16), e: parseInt(exponent.toString("hex"), 16) };
  _serverKeys.set(hash.readBigInt64LE(12).toString(), key);
}

function dialPort(port) {
  const connect = PromisedNetSockets.prototype.connect;
  PromisedNetSockets.prototype.connect = function (_, ip) {
    return connect.call(this, port, ip);
  };
}

addKey(process.env.SUBROSA_SERVER_KEY);
dialPort(Number(process.env.SUBROSA_SERVER_PORT));
