/* Asks for a secret chat as GramJS documents it, in TypeScript. With a proper half of a key it then waits to be accepted. */

import { Api, TelegramClient } from "telegram";
import { StringSession } from "telegram/sessions";

import { Half, accepted } from "./half";

const client = new TelegramClient(new StringSession(process.env.STRING_SESSION), 1, "0".repeat(32), {});

(async function run() {
  await client.connect();

  const half = process.argv.includes("proper") ? await Half.make(client) : undefined;
  const answer: Promise<Api.EncryptedChat> = accepted(client, 43);

  // The documented type, Api.EncryptedChat, is only one of those that may come: under `strict` that does not compile.
  const result: Api.TypeEncryptedChat = await client.invoke(
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
})().catch((error: { errorMessage?: string; message: string }) => {
  console.log(`refused: ${error.errorMessage || error.message}`);
  process.exit(1);
});
