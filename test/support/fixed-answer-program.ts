import { createServer } from 'node:http';

/** An endpoint that answers every request alike: `node fixed-answer-program.ts PORT STATUS TEXT`. */
const [port, status, text] = process.argv.slice(2);

createServer((_request, response) => {
  response.writeHead(Number(status)).end(text);
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));
