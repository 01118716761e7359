// The CometD project's server for Node: long-polling only.

const http = require('node:http');
const cometd = require('cometd-nodejs-server');
const { data, follow, listen } = require('./orders.cjs');

const bayeux = cometd.createCometDServer({ timeout: 55000, maxInterval: 60000 });

follow(channel => bayeux.createServerChannel(channel).publish(null, data));
listen(http.createServer((request, response) => {
    if (request.url.startsWith('/bayeux')) {
        bayeux.handle(request, response);
    } else {
        response.end();
    }
}));
