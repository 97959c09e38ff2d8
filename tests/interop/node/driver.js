"use strict";
/*
 * A client on a lead, as python/base.py has it: one request per line (`{"do": verb, ...}`), one answer for each (`{"answer": ...}` or
 * `{"error": ...}`), and what the client sees as it comes (`{"event": ...}`).
 */

const readline = require("readline");

function tell(what) {
  process.stdout.write(JSON.stringify(what) + "\n");
}

function event(name, fields = {}) {
  tell({ event: name, ...fields });
}

function complain(error) {
  event("complaint", { text: String((error && error.stack) || error) });
}

/** Makes requests one after the other; a verb `x` is the method `do_x`, its argument the request's fields. */
async function serve(driver) {
  // The library prints where our lines go.
  console.log = console.info = console.error;
  process.on("unhandledRejection", complain);
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { do: verb, ...fields } = JSON.parse(line);
    try {
      tell({ answer: (await driver["do_" + verb](fields)) ?? null });
    } catch (error) {
      tell({ error: `${error.errorMessage || ""} ${error.message || error}`, traceback: error.stack });
    }
  }
  process.exit(0);
}

module.exports = { complain, event, serve };
