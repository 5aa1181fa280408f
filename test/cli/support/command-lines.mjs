import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { run } from '../../../dist/cli/program.js'

/** Runs one command line after the other, as run-cli.ts sends them: Node takes longer to start than most of them do. */

for (;;) {
  const [{ args, input, cwd, env }] = await once(process, 'message')
  process.chdir(cwd)
  for (const name of Object.keys(process.env)) delete process.env[name]
  for (const [name, value] of Object.entries(env)) if (value !== undefined) process.env[name] = value
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const printed = Promise.all([buffer(stdout), buffer(stderr)])
  const stdin = Readable.from(input === undefined ? [] : [Buffer.from(input)])
  const status = await run(args, { stdin, stdout, stderr, env: process.env })
  stdout.end()
  stderr.end()
  process.send([status, ...(await printed)])
}
