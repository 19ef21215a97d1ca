import { createServer } from 'node:http'

// A Node process that can say that it is there, and nothing else: the floor of what any service costs. Plain JavaScript, as
// services are when they run: taking the types out of a file costs 25 MB.
createServer((_request, response) => response.end('ready\n')).listen(Number(process.env['METRICS_PORT']), '127.0.0.1')
