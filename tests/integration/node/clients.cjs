// Stock Node clients against the server that the environment names; prints "ok" or the assertion that failed.
// usage: node clients.cjs ioredis|ioredis-cluster|node-redis|node-redis-cluster
'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');

const port = Number(process.env.RINGHOLD_PORT);
const tls = {
  ca: fs.readFileSync(process.env.RINGHOLD_CA),
  cert: fs.readFileSync(process.env.RINGHOLD_CERT),
  key: fs.readFileSync(process.env.RINGHOLD_KEY),
};
const host = '127.0.0.1';

async function useIoredis(client) {
  assert.equal(await client.ping(), 'PONG');
  assert.equal(await client.set('k', 'v', 'EX', 100), 'OK');
  assert.equal(await client.get('k'), 'v');
  assert.ok((await client.ttl('k')) > 90);
  assert.equal(await client.set('k', 'w', 'NX'), null);
  assert.deepEqual(await client.mget('{m}1', '{m}2'), [null, null]);
  const binary = Buffer.from([...Array(256).keys()]);
  assert.equal(await client.set('binary', binary), 'OK');
  assert.deepEqual(await client.getBuffer('binary'), binary);
  assert.deepEqual(await Promise.all([...Array(1000).keys()].map((i) => client.incr('{n}' + (i % 10)))).then((all) => all.at(-1)), 100);
  await assert.rejects(client.incr('k'), /not an integer/);
  await assert.rejects(client.call('NOSUCH', 'x'), /unknown command/);
  await client.del('k', '{k}2');
  assert.equal(await client.exists('k'), 0);
}

async function useIoredisPipeline(client) {
  const pipeline = client.pipeline();
  for (let i = 0; i < 500; i++) pipeline.set(`p:${i}`, i).get(`p:${i}`);
  const replies = await pipeline.exec();
  replies.forEach(([error, value], i) => assert.deepEqual([error, value], [null, i % 2 ? String((i - 1) / 2) : 'OK']));
}

async function useNodeRedis(client) {
  assert.equal(await client.set('k', 'v', { EX: 100 }), 'OK');
  assert.equal(await client.get('k'), 'v');
  assert.ok((await client.ttl('k')) > 90);
  assert.equal(await client.set('k', 'w', { NX: true }), null);
  assert.deepEqual(await client.mGet(['{m}1', '{m}2']), [null, null]);
  const counts = await Promise.all([...Array(1000).keys()].map((i) => client.incr(`n:${i % 10}`)));
  assert.equal(Math.max(...counts), 100);
  await assert.rejects(client.incr('k'), /not an integer/);
  assert.equal(await client.del(['k', '{k}2']), 1);
  assert.equal(await client.exists('k'), 0);
}

const programs = {
  async ioredis() {
    const Redis = require('ioredis');
    const client = new Redis({ host, port, tls, maxRetriesPerRequest: 2 });
    await useIoredis(client);
    await useIoredisPipeline(client);
    assert.match(await client.info(), /redis_version/);
    await client.quit();
  },
  async 'ioredis-cluster'() {
    const { Cluster } = require('ioredis');
    const client = new Cluster([{ host, port }], { redisOptions: { tls }, dnsLookup: (name, done) => done(null, name) });
    await useIoredis(client);
    for (let i = 0; i < 200; i++) assert.equal(await client.set(`key:${i}`, i), 'OK');
    for (let i = 0; i < 200; i++) assert.equal(await client.get(`key:${i}`), String(i));
    await client.quit();
  },
  async 'node-redis'() {
    const { createClient } = require('redis');
    const client = createClient({ socket: { host, port, tls: true, ...tls, checkServerIdentity: () => undefined } });
    client.on('error', fail);
    await client.connect();
    assert.equal(await client.ping(), 'PONG');
    await useNodeRedis(client);
    let scanned = 0;
    for await (const key of client.scanIterator({ MATCH: 'n:*', COUNT: 10 })) scanned += key.length > 0;
    assert.ok(scanned > 0);
    await client.quit();
  },
  async 'node-redis-cluster'() {
    const { createCluster } = require('redis');
    const socket = { tls: true, ...tls, checkServerIdentity: () => undefined };
    const client = createCluster({ rootNodes: [{ url: `rediss://${host}:${port}` }], defaults: { socket } });
    client.on('error', fail);
    await client.connect();
    await useNodeRedis(client);
    for (let i = 0; i < 200; i++) assert.equal(await client.set(`key:${i}`, String(i)), 'OK');
    for (let i = 0; i < 200; i++) assert.equal(await client.get(`key:${i}`), String(i));
    await client.quit();
  },
};

function fail(error) {
  console.error(error);
  process.exit(1);
}

programs[process.argv[2]]().then(() => console.log('ok'), fail);
