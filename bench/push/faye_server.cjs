// Faye for Node, with its engine in memory.

const http = require('node:http');
const faye = require('faye');
const { data, follow, listen } = require('./orders.cjs');

const bayeux = new faye.NodeAdapter({ mount: '/bayeux', timeout: 55 });
const server = http.createServer((request, response) => response.end());
bayeux.attach(server);
const client = bayeux.getClient();

follow(channel => client.publish(channel, data));
listen(server);
