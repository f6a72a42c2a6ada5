import assert from 'node:assert/strict';

assert.equal(process.versions.node, process.env['EM_NODE_VERSION']);
