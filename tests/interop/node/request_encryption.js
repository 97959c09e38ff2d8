"use strict";
/* Asks for a secret chat as GramJS documents it, in JavaScript. With a proper half of a key it then waits to be accepted. */

const { Api, TelegramClient } = require("telegram");
const { StringSession } = require("telegram/sessions");

const { Half, accepted } = require("./half");

const client = new TelegramClient(new StringSession(process.env.STRING_SESSION), 1, "0".repeat(32), {});

(async function run() {
  await client.connect();

  const half = process.argv.includes("proper") ? await Half.make(client) : undefined;
  const answer = accepted(client, 43);

  const result = await client.invoke(
    new Api.messages.RequestEncryption({
      userId: "username",
      randomId: 43,
      gA: half ? half.gA : Buffer.from("arbitrary data here"),
    })
  );
  console.log(result);

  if (half) {
    const chat = await answer;
    const key = half.meet(chat.gAOrB);
    console.log(JSON.stringify({ accepted: chat.className, told: chat.keyFingerprint.toString(), ...key }));
  }
  process.exit(0);
})().catch((error) => {
  console.log(`refused: ${error.errorMessage || error.message}`);
  process.exit(1);
});
