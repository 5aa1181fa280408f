import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { start, stop } from './processes.mjs'

const CHILDREN = 4

/**
 * php-fpm behind nginx, both with nothing but what they need to answer every request by one script: as the current user, with all
 * their files in `folder`, on a free port.
 * @returns {Promise<{ port: number, children: ChildProcess[], stop(): Promise<void> }>}
 */
export async function startPhpFpm({ fpm, nginx, folder, script, sessions }) {
  const port = await freePort()
  const socket = join(folder, 'fpm.sock')
  const isRoot = userInfo().uid === 0
  writeFileSync(join(folder, 'fpm.conf'), fpmConfig({ folder, socket, sessions, isRoot }))
  writeFileSync(join(folder, 'nginx.conf'), nginxConfig({ folder, socket, script, port, isRoot }))
  const children = [
    start(fpm, ['-F', '-y', join(folder, 'fpm.conf'), ...(isRoot ? ['-R'] : [])], { cwd: folder }),
    start(nginx, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'nginx.log')], { cwd: folder }),
  ]
  const stopAll = () => Promise.all(children.map(stop))
  try {
    await untilAnswered(`http://127.0.0.1:${port}/`, children)
  } catch (error) {
    await stopAll()
    throw error
  }
  return { port, children, stop: stopAll }
}

const fpmConfig = ({ folder, socket, sessions, isRoot }) => `
[global]
error_log = ${folder}/fpm.log
pid = ${folder}/fpm.pid
[login]
${isRoot ? `user = ${userInfo().username}` : ''}
listen = ${socket}
pm = static
pm.max_children = ${CHILDREN}
php_admin_value[session.save_path] = ${sessions}
php_admin_value[session.gc_probability] = 0
php_admin_value[session.use_strict_mode] = 1
php_admin_value[display_errors] = 1
`

const nginxConfig = ({ folder, socket, script, port, isRoot }) => `
${isRoot ? `user ${userInfo().username};` : ''}
worker_processes 1;
daemon off;
pid ${folder}/nginx.pid;
events { worker_connections 256; }
http {
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port};
    location / {
      fastcgi_pass unix:${socket};
      fastcgi_param SCRIPT_FILENAME ${script};
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param REQUEST_URI $request_uri;
      fastcgi_param QUERY_STRING $query_string;
      fastcgi_param CONTENT_TYPE $content_type;
      fastcgi_param CONTENT_LENGTH $content_length;
      fastcgi_param SERVER_PROTOCOL $server_protocol;
    }
  }
}
`

async function untilAnswered(url, children) {
  let last
  for (let tries = 0; tries < 100 && children.every(({ exitCode }) => exitCode === null); tries++) {
    try {
      const response = await fetch(url)
      await response.text()
      if (response.ok) return
      last = `status ${response.status}`
    } catch (error) {
      last = error.cause?.message ?? error.message
    }
    await setTimeout(50)
  }
  throw new Error(`php-fpm behind nginx does not answer: ${last}\n${children.map(({ errors }) => errors).join('')}`)
}

async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}
