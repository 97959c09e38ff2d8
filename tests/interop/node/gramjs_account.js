"use strict";
/* An account on GramJS as it was published: signing in by every way, the address book, and coming back. */

const bigInt = require("big-integer");
const { Api, TelegramClient } = require("telegram");
const { StringSession } = require("telegram/sessions");
const { LogLevel } = require("telegram/extensions/Logger");
const network = require("telegram/network");

const { complain, event, serve } = require("./driver");

// Any number does: the server asks for none in particular.
const [API_ID, API_HASH] = [1, "0".repeat(32)];
const DC_ID = 1;
// What the library dials whatever is said; at_home.js turns it into the server's.
const PORT = 80;

/** The questions that signing in asks, one after the other, and the answers to them. */
class Questions {
  constructor() {
    this.asked = [];
    this.waiting = [];
  }

  /** For the library's callbacks: asks, and gives the answer. */
  ask(step, more = {}) {
    return new Promise((answer) => this.put({ step, ...more, answer }));
  }

  /** What has come next. */
  put(question) {
    const waiting = this.waiting.shift();
    waiting ? waiting(question) : this.asked.push(question);
  }

  next() {
    return this.asked.length ? Promise.resolve(this.asked.shift()) : new Promise((take) => this.waiting.push(take));
  }
}

/**
 * One key in 256 begins with a zero byte. The library leaves it out of the key (`getByteArray` in its Authenticator), so the two ends
 * hash different bytes; it says so and makes another key by itself. Nothing a server answers could spare it that.
 */
function complain_of_all_but_short_keys(error) {
  if (!String(error && error.message).includes("Step 3 invalid new nonce hash")) complain(error);
}

class GramJsAccount {
  /** The secret chats that somebody has asked for, by id. */
  requested = new Map();

  async do_connect({ address, framing = "TCPFull" }) {
    this.session = new StringSession("");
    this.session.setDC(DC_ID, address, PORT);
    this.framing = framing;
    return this.open();
  }

  /** A client on the session; whether somebody is signed in there. */
  async open() {
    const connection = network["Connection" + this.framing];
    this.client = new TelegramClient(this.session, API_ID, API_HASH, { connection });
    this.client.setLogLevel(LogLevel.ERROR);
    this.client.onError = complain_of_all_but_short_keys;
    this.client.addEventHandler((update) => this.on_update(update));
    await this.client.connect();
    return { signed_in: await this.client.isUserAuthorized() };
  }

  on_update(update) {
    if (update instanceof Api.UpdateEncryption) {
      const { chat } = update;
      if (chat instanceof Api.EncryptedChatRequested) this.requested.set(chat.id, chat);
      event("encryption", { chat: chat.id, state: chat.className, admin: chat.adminId ? Number(chat.adminId) : null });
    }
  }

  // Signing in.

  /** What the library asks for while it signs in; an error makes it ask again. */
  callbacks() {
    const questions = new Questions();
    this.questions = questions;
    return {
      phoneCode: () => questions.ask("code"),
      password: (hint) => questions.ask("password", { hint }),
      firstAndLastNames: async () => [await questions.ask("name"), ""],
      onError: async (error) => {
        questions.put({ error });
        return false;
      },
    };
  }

  async step() {
    const question = await this.questions.next();
    if (question.error) {
      this.question = await this.questions.next();
      throw question.error;
    }
    this.question = question;
    const { answer: _, ...told } = question;
    return told;
  }

  async done() {
    await this.look();
    this.questions.put({ step: "done", user: Number((await this.client.getMe()).id) });
  }

  async do_ask_code({ phone }) {
    const signIn = this.client.start({ phoneNumber: phone, ...this.callbacks() });
    signIn.then(() => this.done()).catch((error) => this.questions.put({ error }));
    return this.step();
  }

  do_enter_code({ code }) {
    this.question.answer(code);
    return this.step();
  }

  do_enter_name({ name }) {
    this.question.answer(name);
    return this.step();
  }

  do_enter_password({ password }) {
    this.question.answer(password);
    return this.step();
  }

  do_set_password({ new: newPassword, current: currentPassword, hint }) {
    return this.client.updateTwoFaSettings({ newPassword, currentPassword: currentPassword ?? undefined, hint });
  }

  async do_show_token() {
    const shown = new Promise((show) => {
      // It shows a token until it is accepted, for half a minute each.
      const qrCode = async ({ token }) => show({ url: "tg://login?token=" + token.toString("base64url") });
      const credentials = { apiId: API_ID, apiHash: API_HASH };
      const signIn = this.client.signInUserWithQrCode(credentials, { qrCode, ...this.callbacks() });
      signIn.then(() => this.done()).catch(complain);
    });
    this.step().then((step) => event("token_accepted", step)).catch(complain);
    return shown;
  }

  async do_accept_token({ token }) {
    const accepted = await this.client.invoke(new Api.auth.AcceptLoginToken({ token: Buffer.from(token, "base64url") }));
    return { hash: Number(accepted.hash), current: Boolean(accepted.current) };
  }

  async do_log_out() {
    await this.client.invoke(new Api.auth.LogOut());
    return true;
  }

  async do_devices() {
    const { authorizations } = await this.client.invoke(new Api.account.GetAuthorizations());
    return authorizations.map((device) => Boolean(device.current));
  }

  // People.

  async do_me() {
    return Number((await this.client.getMe()).id);
  }

  async do_import({ phone, name }) {
    const contact = new Api.InputPhoneContact({ clientId: bigInt.zero, phone, firstName: name, lastName: "" });
    const { users } = await this.client.invoke(new Api.contacts.ImportContacts({ contacts: [contact] }));
    return Number(users[0].id);
  }

  async do_contacts() {
    const { users } = await this.client.invoke(new Api.contacts.GetContacts({ hash: bigInt.zero }));
    return users.map((user) => ({ user: Number(user.id), name: user.firstName, phone: user.phone }));
  }

  async do_take_username({ username }) {
    return (await this.client.invoke(new Api.account.UpdateUsername({ username }))).username;
  }

  async do_resolve({ username }) {
    const found = await this.client.getEntity(username);
    return { user: Number(found.id), name: found.firstName };
  }

  async do_dialogs() {
    return (await this.client.getDialogs()).length;
  }

  /** What is asked for at the start though it does not exist on our server, and the type of each answer. */
  async do_small_questions() {
    const questions = [
      new Api.help.GetAppConfig({ hash: 0 }),
      new Api.help.GetAppUpdate({ source: "" }),
      new Api.help.GetTermsOfServiceUpdate(),
      new Api.help.GetPromoData(),
      new Api.help.GetCountriesList({ langCode: "en", hash: 0 }),
      new Api.langpack.GetLangPack({ langPack: "", langCode: "en" }),
      new Api.account.GetNotifySettings({ peer: new Api.InputNotifyUsers() }),
      new Api.account.GetPrivacy({ key: new Api.InputPrivacyKeyPhoneCall() }),
      new Api.messages.GetDialogFilters(),
      new Api.messages.GetPinnedDialogs({ folderId: 0 }),
      new Api.messages.GetAllStickers({ hash: bigInt.zero }),
      new Api.messages.GetFeaturedStickers({ hash: bigInt.zero }),
      new Api.messages.GetAvailableReactions({ hash: 0 }),
    ];
    const answers = [];
    for (const question of questions) answers.push((await this.client.invoke(question)).className.split(".").pop());
    return answers;
  }

  // Secret chats, as far as they go without a key.

  async do_request_encryption({ user, access_hash, g_a }) {
    const userId = new Api.InputUser({ userId: bigInt(user), accessHash: bigInt(access_hash) });
    const request = new Api.messages.RequestEncryption({ userId, randomId: 44, gA: Buffer.from(g_a, "hex") });
    return (await this.client.invoke(request)).className;
  }

  async do_ask_chat({ username, chat, g_a }) {
    const request = { userId: username, randomId: chat, gA: Buffer.from(g_a, "hex") };
    return (await this.client.invoke(new Api.messages.RequestEncryption(request))).className;
  }

  async do_accept_chat({ chat, g_b }) {
    const peer = new Api.InputEncryptedChat({ chatId: chat, accessHash: this.requested.get(chat).accessHash });
    const gB = Buffer.from(g_b, "hex");
    const request = new Api.messages.AcceptEncryption({ peer, gB, keyFingerprint: bigInt.one });
    return (await this.client.invoke(request)).className;
  }

  // Going and coming back. The library's own `catchUp` does nothing: what it missed is asked for here.

  async look() {
    this.state = await this.client.invoke(new Api.updates.GetState());
  }

  async do_catch_up() {
    const { pts, date, qts } = this.state;
    const difference = await this.client.invoke(new Api.updates.GetDifference({ pts, date, qts }));
    (difference.otherUpdates ?? []).forEach((update) => this.on_update(update));
    this.state = difference.state ?? difference.intermediateState ?? this.state;
  }

  async do_leave() {
    await this.client.destroy();
  }

  async do_come_back() {
    this.session = new StringSession(this.session.save());
    const opened = await this.open();
    await this.do_catch_up();
    return opened;
  }

  do_session() {
    return this.session.save();
  }
}

serve(new GramJsAccount());
