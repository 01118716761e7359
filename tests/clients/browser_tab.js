// What runs in a tab: the official client, set up as its manual says, with the number of the last event to go on from.

import {CometD} from "./cometd.js";

const EVERYTHING = "/v2/me/*";
const cometd = new CometD();
let last = 0;

cometd.addListener("/meta/handshake", ({successful}) => {
    if (successful) {
        const ext = {replay: {[EVERYTHING]: last}};
        cometd.subscribe(EVERYTHING, hear, {ext}, (reply) => reply.successful && subscribed());
    }
});
cometd.addListener("/meta/connect", ({advice}) => advice && tell({meta: {advice}}));
let subscribed = () => {};

function hear(message) {
    last = Math.max(last, message.ext.replay);
    tell({message});
}

// The first tab signs in by name and password, the others by the cookie that it was given.
window.begin = async ({transports, authorization}) => {
    const headers = authorization ? {Authorization: authorization} : {};
    const answer = await fetch("/api/v2/me/interactions", {headers});
    last = Number(answer.headers.get("X-Frontdesk-Replay"));
    cometd.configure({
        url: `${location.origin}/api/v2/notifications`,
        maxNetworkDelay: 1000,
        backoffIncrement: 100,
        maxBackoff: 500,
    });
    for (const type of cometd.getTransportTypes().filter((each) => !transports.includes(each))) {
        cometd.unregisterTransport(type);
    }
    await new Promise((resolve) => {
        subscribed = resolve;
        cometd.handshake();
    });
    return {status: answer.status};
};

window.transport = () => ({type: cometd.getTransport().type});

window.leave = () => new Promise((resolve) => cometd.disconnect(({successful}) => resolve({successful})));
