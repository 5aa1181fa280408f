import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { freemem, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** What benchmarks start and make outside this process. All of it goes when this process ends, in whatever way. */

const folders = new Set()
const processes = new Set()

process.on('exit', () => {
  for (const child of processes) kill(child, 'SIGKILL')
  for (const folder of folders) removeFolder(folder)
})
for (const [signal, number] of Object.entries({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 })) {
  process.on(signal, () => process.exit(128 + number))
}

export function temporaryFolder(name, parent = tmpdir()) {
  const folder = mkdtempSync(join(parent, `session-start-bench-${name}-`))
  folders.add(folder)
  return folder
}

/**
 * Where many files can be made and removed: in memory, if there is room. ext4 needs many times as long
 * to make a file for minutes after many were removed (it passes over inodes that were freed lately): one turn would slow down the next.
 */
export function roomForManyFiles() {
  const memory = '/dev/shm'
  const enough = 2 ** 31
  if (process.platform !== 'linux' || !existsSync(memory) || freemem() < 2 * enough) return tmpdir()
  const { bavail, bsize } = statfsSync(memory)
  return bavail * bsize < enough ? tmpdir() : memory
}

export function removeFolder(folder) {
  folders.delete(folder)
  // A process that is being killed may make one more file.
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
}

/** Where a program is, by the beginning of its name: 'php-fpm' is also php-fpm8.2. Undefined when it is not installed. */
export function findProgram(name) {
  // Servers live where only root's PATH looks.
  const places = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  const isIt = new RegExp(`^${name}[0-9.]*(\\.exe)?$`)
  for (const folder of places.filter((place) => place !== '' && existsSync(place))) {
    const found = readdirSync(folder).find((each) => isIt.test(each))
    if (found !== undefined) return join(folder, found)
  }
  return undefined
}

/** Starts a program, with all that it starts in turn in one process group. */
export function start(program, args, options = {}) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options, detached: process.platform !== 'win32' })
  processes.add(child)
  child.on('exit', () => processes.delete(child))
  child.on('error', () => processes.delete(child))
  child.stdin?.on('error', () => {})
  child.errors = ''
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    child.errors = (child.errors + text).slice(-4000)
  })
  return child
}

export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  kill(child, 'SIGTERM')
  const timer = setTimeout(() => kill(child, 'SIGKILL'), 3000)
  await gone
  clearTimeout(timer)
}

function kill(child, signal) {
  try {
    if (process.platform === 'win32') child.kill(signal)
    else process.kill(-child.pid, signal)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

/** The processor time in seconds of a process that was started here and of all that it started; undefined where /proc is missing. */
export function processorTime(child) {
  if (!existsSync('/proc/self/stat')) return undefined
  let ticks = 0
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    // What stands behind the program's name, which may hold anything: state, parent, process group, …
    const [, , group, ...fields] = statOf(pid)
    if (Number(group) === child.pid) ticks += Number(fields[8]) + Number(fields[9])
  }
  return ticks / 100
}

function statOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
  } catch {
    // It ended meanwhile.
    return []
  }
}

/**
 * A process that answers each line of JSON with a line of JSON: `ask` gives it one and waits for the answer.
 * Scripts are named as they stand in contestants/; those that end in .php are run by PHP.
 */
export function contestant(script, ...args) {
  const path = fileURLToPath(new URL(`contestants/${script}`, import.meta.url))
  const child = script.endsWith('.php') ? start(findProgram('php'), [path, ...args]) : start(process.execPath, [path, ...args])
  const waiting = []
  let failure
  const fail = (reason) => {
    failure ??= new Error(`${script} ${reason}\n${child.errors}`)
    for (const { reject } of waiting.splice(0)) reject(failure)
  }
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(line))
  child.on('error', (error) => fail(`does not start: ${error.message}`))
  child.on('close', () => fail('has ended'))
  return {
    async ask(question) {
      if (failure !== undefined) throw failure
      const answer = new Promise((resolve, reject) => waiting.push({ resolve, reject }))
      child.stdin.write(`${JSON.stringify(question)}\n`)
      const line = await answer
      try {
        return JSON.parse(line)
      } catch {
        throw new Error(`${script} answered: ${line}\n${child.errors}`)
      }
    },
    stop: () => stop(child),
  }
}
