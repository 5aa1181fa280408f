import { Agent, get } from 'node:http'

/** Many browsers at once, each on a connection that it keeps. */
export interface Crowd {
  /**
   * Asks for a page that shows a number, so many times, with each of the cookies in turn; → the numbers by the cookie.
   * Rejects at an answer that is not a 200.
   */
  ask(path: string, times: number): Promise<Map<string, number[]>>
  /** How many connections were made so far. */
  readonly connections: number
  close(): void
}

export function crowd(port: number, size: number, cookies: readonly string[]): Crowd {
  const agent = new Agent({ keepAlive: true, maxSockets: size })
  let connections = 0

  const askOnce = (path: string, Cookie: string) =>
    new Promise<number>((resolve, reject) => {
      const request = get({ port, path, agent, headers: { Cookie } })
      request.once('error', reject)
      request.once('response', async (response) => {
        if (!request.reusedSocket) connections++
        try {
          const body = Buffer.concat(await response.toArray()).toString()
          if (response.statusCode === 200) resolve(Number(body))
          else reject(new Error(`${path} answered ${response.statusCode}: ${body}`))
        } catch (error) {
          reject(error)
        }
      })
    })

  return {
    async ask(path, times) {
      const numbers = new Map(cookies.map((cookie): [string, number[]] => [cookie, []]))
      let asked = 0
      const browser = async () => {
        while (asked < times) {
          const cookie = cookies[asked++ % cookies.length]!
          numbers.get(cookie)!.push(await askOnce(path, cookie))
        }
      }
      await Promise.all(Array.from({ length: size }, browser))
      return numbers
    },
    get connections() {
      return connections
    },
    close: () => agent.destroy(),
  }
}
