// The official CometD client as a listener that scripts can watch.
//
// node official_client.mjs URL TRANSPORTS ACK: handshakes as ada over the first of the comma-separated transports that
// works, subscribes to /chat/* after every handshake, and writes one JSON line for each thing that happens.

import {CometD} from "cometd";
import {AckExtension} from "cometd/AckExtension.js";
import {TimeSyncExtension} from "cometd/TimeSyncExtension.js";
import {adapt} from "cometd-nodejs-client";

console.log = console.error; // standard output is for our lines only

const [url, transports, ack] = process.argv.slice(2);
const cookie = "user=ada";

adapt({
    cookies: {
        storeCookie: (_uri, _header, done) => done(),
        retrieveCookies: (_context, _uri, done) => done(null, [cookie]),
    },
});
window.WebSocket = class extends window.WebSocket {
    constructor(to, protocols) {
        super(to, protocols ?? [], {headers: {Cookie: cookie}, perMessageDeflate: false});
    }
};

const cometd = new CometD();
cometd.configure({url, backoffIncrement: 100, maxBackoff: 200});
for (const type of cometd.getTransportTypes()) {
    if (!transports.split(",").includes(type)) {
        cometd.unregisterTransport(type);
    }
}
cometd.registerExtension("timesync", new TimeSyncExtension());
if (ack === "ack") {
    cometd.registerExtension("ack", new AckExtension());
}
cometd.addListener("/meta/handshake", (reply) => {
    if (reply.successful) {
        cometd.subscribe(
            "/chat/*",
            (message) => say({data: message.data}),
            (answer) => say({subscribed: answer.successful, transport: cometd.getTransport().type}),
        );
    }
});
cometd.addListener("/meta/unsuccessful", (reply) => {
    say({failed: reply.channel, error: reply.error});
    setImmediate(() => cometd.isDisconnected() && say({stopped: reply.error})); // it decides after it has told us
});
cometd.handshake();
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));

function say(told) {
    process.stdout.write(`${JSON.stringify(told)}\n`);
}
