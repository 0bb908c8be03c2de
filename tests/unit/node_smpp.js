#!/usr/bin/env node
// SPDX-License-Identifier: BSD-2-Clause
// node-smpp reads every PDU of ours as we meant it, writes it again, and we read that as the same. By hand:
// it is in npm, not in Debian.
//
//     cd $(mktemp -d) && npm install smpp
//     NODE_PATH=$PWD/node_modules DK_BUILDDIR=.../build node .../tests/unit/node_smpp.js
"use strict";
const { spawn } = require("child_process");
const readline = require("readline");
const smpp = require("smpp");

const TIMES = /^(schedule_delivery_time|validity_period|final_date)$/; // a Date to them, a text to us
const OCTETS = /^(short_message|tlv_)/;
for (let tag = 0x1400; tag < 0x1404; tag++) // unknown ones are read by them, but not written
  smpp.addTLV(`vendor_${tag}`, { id: tag, type: smpp.types.tlv.buffer });

let bad = 0;
function same(what, got, want) {
  if (got === want) return;
  console.log(`FAIL ${what}: ${got} instead of ${want}`);
  bad++;
}

// Our line of a PDU: its command, and name => value.
function fields(line) {
  const command = line.match(/^\w+/)[0];
  const f = new Map();
  for (const [, name, text, bare] of line.matchAll(/ (\w+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))/g))
    f.set(name, text === undefined ? bare : name === "password" ? "secret08" : text.replace(/\\(.)/g, "$1"));
  return [command, f];
}

function asTheyRead(pdu, command, f) {
  same(`${command}: command`, pdu.command, command);
  same(`${command}: id`, pdu.command_id, Number(f.get("id")));
  same(`${command}: seq`, pdu.sequence_number, Number(f.get("seq")));
  same(`${command}: status`, pdu.command_status, Number(f.get("status")));
  for (const [name, value] of f) {
    if (/^(id|seq|status|sm_length|no_unsuccess|number_of_dests)$/.test(name) || OCTETS.test(name)) continue;
    if (TIMES.test(name) ? value === "" : pdu.command_status && value === "") continue;
    if (TIMES.test(name)) {
      same(`${command}: ${name} is a time`, pdu[name] instanceof Date && !isNaN(pdu[name]), true);
      const [, y, mo, d, h, mi, sec, quarters] = value.match(/^(..)(..)(..)(..)(..)(..).(..)(.)$/).map(Number);
      if (/[-+]$/.test(value)) {
        const away = quarters * 15 * (value.endsWith("-") ? -1 : 1);
        same(`${command}: ${name}`, +pdu[name], Date.UTC(2000 + y, mo - 1, d, h, mi - away, sec));
      }
      continue;
    }
    same(`${command}: ${name}`, String(pdu[name]), value);
  }
}

// In the order of tags, without what a time is relative to.
function plain(line) {
  const tlvs = [...line.matchAll(/ tlv_\S+/g)].map((m) => m[0]).sort();
  return line.replace(/ tlv_\S+/g, "").replace(/ (schedule_delivery_time|validity_period|final_date)="[^"]*"/g, "")
    .replace(/ message_id=""$/, "") + tlvs.join("");
}

async function main() {
  const speak = spawn((process.env.DK_BUILDDIR || ".") + "/tests/unit/smpp_speak", { stdio: ["pipe", "pipe", "inherit"] });
  const lines = readline.createInterface({ input: speak.stdout })[Symbol.asyncIterator]();
  const samples = [];
  for (let l; (l = (await lines.next()).value) !== "";) samples.push(l.split("\t"));
  for (const [hex, line] of samples) {
    const pdu = new smpp.PDU(Buffer.from(hex, "hex"));
    const [command, f] = fields(line);
    asTheyRead(pdu, command, f);
    const text = pdu.short_message;
    if (text && text.udh) // a list when it is read, octets when it is written
      text.udh = Buffer.concat([Buffer.from([Buffer.concat(text.udh).length]), ...text.udh]);
    speak.stdin.write(new smpp.PDU(command, pdu).toBuffer().toString("hex") + "\n");
    same(`${command}: as we read theirs`, plain((await lines.next()).value), plain(line));
  }
  speak.stdin.end();
  if (samples.length < 25) bad++;
  console.log(`${samples.length} PDUs, ${bad} differ`);
  process.exit(bad ? 1 : 0);
}
main();
