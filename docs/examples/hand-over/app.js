import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { createClient } from 'redis';

const { PORT = '3001', REDIS_URL = 'redis://127.0.0.1:6379', SESSION_SECRET = 'change me' } = process.env;

const redis = createClient({ url: REDIS_URL });
redis.on('error', ({ message }) => console.error(`redis: ${message}`));
await redis.connect();

const app = express();
// Only Holdfast reaches this port, and it says who the client is and whether it came over TLS.
app.set('trust proxy', true);
app.use(express.urlencoded());

// The session is in Redis, where every endpoint finds it.
app.use(
  session({
    name: 'SID',
    secret: SESSION_SECRET,
    store: new RedisStore({ client: redis, prefix: 'shop:session:' }),
    resave: false,
    saveUninitialized: false,
    cookie: { sameSite: 'lax', secure: 'auto' },
  }),
);

// A list is at hand in memory, and is written to Redis with every change. The session says which revision is the latest,
// so that what is left of an earlier stay of the session is never taken for it.
const lists = new Map();
const LISTS_MAX = 10_000;
const DAY_S = 86_400;

async function listOf({ sessionID, session: { revision = 0 } }) {
  const known = lists.get(sessionID);
  if (known?.revision === revision) return known;
  const written = await redis.get(`shop:list:${sessionID}`);
  const list = written === null ? { revision, lines: [] } : JSON.parse(written);
  if (lists.size >= LISTS_MAX) lists.delete(lists.keys().next().value);
  lists.set(sessionID, list);
  return list;
}

async function addLine(request, line) {
  const list = await listOf(request);
  list.lines.push(line);
  list.revision += 1;
  await redis.set(`shop:list:${request.sessionID}`, JSON.stringify(list), {
    expiration: { type: 'EX', value: DAY_S },
  });
  request.session.revision = list.revision;
}

// The first request after a move says where the session was, and why it has left.
const MOVED = /^from=(.+); reason=(.+)$/;

app.use((request, _response, next) => {
  const [, from, reason] = MOVED.exec(request.get('Holdfast-Session-Moved') ?? '') ?? [];
  if (from !== undefined) {
    lists.delete(request.sessionID);
    console.log(JSON.stringify({ moved: { from, reason, user: request.session.user } }));
  }
  next();
});

app.get('/', async (request, response) => {
  const { lines } = await listOf(request);
  response.json({ port: PORT, user: request.session.user, lines });
});

app.post('/login', (request, response, next) => {
  // A new id, so that nobody is logged in under one that somebody else has given him.
  request.session.regenerate((error) => {
    if (error) return next(error);
    request.session.user = request.body.user;
    response.json({ port: PORT, user: request.session.user });
  });
});

app.post('/list', async (request, response) => {
  if (request.session.user === undefined) return response.sendStatus(403);
  await addLine(request, request.body.line);
  response.sendStatus(204);
});

app.listen(Number(PORT), '127.0.0.1', () => console.log(`listening on ${PORT}`));
