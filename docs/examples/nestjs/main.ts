/** PHP's sessions in NestJS on Express: visits are counted, and who logs in here or in PHP is logged in there too. */
import 'reflect-metadata'
import { Controller, Get, Header, Module, Post, Redirect } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { SessionManager } from 'session-start'
import { phpSession } from 'session-start/express'

const { SAVE_PATH = '/var/lib/php/sessions', PORT = '8080' } = process.env

/** What PHP and this application keep in `$_SESSION`. */
interface Vars {
  user?: string
  visits?: number
}

@Controller()
class VisitsController {
  constructor(private readonly sessions: SessionManager<Vars>) {}

  @Get()
  @Header('Content-Type', 'text/plain; charset=utf-8')
  visit(): string {
    const { $_SESSION } = this.sessions
    $_SESSION.visits = ($_SESSION.visits ?? 0) + 1
    return `Hello ${$_SESSION.user ?? 'stranger'}, visit ${$_SESSION.visits}`
  }

  @Post('login')
  @Redirect('/', 303)
  async logIn(): Promise<void> {
    await this.sessions.regenerate(true) // the id from before the login is worth nothing now
    this.sessions.$_SESSION.user = 'Alice' // whoever the name and the password belong to
  }

  @Post('logout')
  @Redirect('/', 303)
  async logOut(): Promise<void> {
    this.sessions.current?.cookie.expire()
    await this.sessions.destroy()
  }
}

@Module({
  controllers: [VisitsController],
  providers: [{ provide: SessionManager, useValue: new SessionManager({ save_path: SAVE_PATH }) }],
})
class AppModule {}

async function bootstrap(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] })
  app.use(phpSession(app.get(SessionManager)))
  await app.listen(Number(PORT), '127.0.0.1')
  console.log(await app.getUrl())
  process.once('SIGTERM', () => app.close())
}

bootstrap()
