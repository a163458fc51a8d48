import { createServer } from 'node:http';

// The endpoints of the cluster that pages take for granted: each answers with its name.
for (const number of [1, 2, 3])
  createServer((_, response) => response.end(`shop-${number}\n`)).listen(8080, `10.0.0.${number}`);
