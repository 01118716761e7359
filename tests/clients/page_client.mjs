// The official client with the program of docs/notifications.md, for a user who signs in with each request.
//
// node page_client.mjs URL USER:PASSWORD PROGRAM: writes one JSON line for each state that is read, {"read": n}, and for
// each message that is applied, {"applied": data}.

import {CometD} from "cometd";
import {adapt} from "cometd-nodejs-client";

console.log = console.error; // standard output is for our lines only

const [url, who, program] = process.argv.slice(2);
const authorization = `Basic ${Buffer.from(who).toString("base64")}`;

adapt();
window.WebSocket = class extends window.WebSocket {
    constructor(to, protocols) {
        super(to, protocols ?? [], {headers: {authorization}, perMessageDeflate: false});
    }
};
const cometd = new CometD();
cometd.configure({
    url: `${url}/api/v2/notifications`,
    requestHeaders: {authorization},
    backoffIncrement: 100,
    maxBackoff: 200,
});

async function readState() {
    const answer = await fetch(`${url}/api/v2/me/interactions?fields=*`, {headers: {authorization}});
    const number = Number(answer.headers.get("x-frontdesk-replay"));
    say({read: number});
    return number;
}

function apply(data) {
    say({applied: data});
}

function say(told) {
    process.stdout.write(`${JSON.stringify(told)}\n`);
}

new Function("cometd", "readState", "apply", program)(cometd, readState, apply);
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
