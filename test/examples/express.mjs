/** Express without a handler for signals: what is pending is flushed when SIGTERM ends the process. */
import express from 'express';
import { Tailrace } from 'tailrace';

const tailrace = new Tailrace();
const app = express();

app.use((request, response) => {
  tailrace.startActiveObservation('request', (span) => {
    span.update({ input: request.url });
    response.send('hello');
  });
});
const server = app.listen(Number(process.env.PORT ?? 0), () => console.log(server.address().port));
