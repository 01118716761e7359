// The lines of bench/push/what.py, for the servers that are written in JavaScript.

const readline = require('node:readline');

exports.data = JSON.parse(process.argv[2]);

exports.follow = publish => {
    const lines = readline.createInterface({ input: process.stdin });
    lines.on('close', () => process.exit());
    lines.on('line', line => {
        const [order, kind, number] = line.split(' ');
        if (order === 'settle') {
            global.gc();
            console.log('settled');
        } else {
            publish(order === 'all' ? `/bench/all/${kind}` : `/bench/one/${kind}/${number}`);
        }
    });
};

exports.listen = server => {
    server.keepAliveTimeout = 65000;
    server.listen({ port: 0, host: '127.0.0.1', backlog: 2048 }, () => console.log(`ready ${server.address().port}`));
};
