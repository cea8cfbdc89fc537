import { errors } from "../../../../protocol/errors.ts";
import type { WorkOptions } from "../../../../services/ports/snapshots.ts";
import { gitEnvironment, type Variables } from "../git/git-environment.ts";
import { runGit } from "../git/run-git.ts";
import type { Login } from "../remote-address.ts";
import { exchange, type HttpRequest, type HttpResponse } from "./http-client.ts";

/** Requests to one server, as somebody: named in the address, or known to the user's git. */
export class HttpSession {
  readonly #shown: string;
  readonly #url: string;
  readonly #git: string | undefined;
  readonly #variables: Variables;
  #login: Login | undefined;
  #asked: boolean;
  #proven = false;

  /** `git`: the program that credential helpers are asked through. */
  constructor(
    remote: { readonly shown: string; readonly url: string; readonly login?: Login },
    git: string | undefined,
    variables: Variables,
  ) {
    this.#shown = remote.shown;
    this.#url = remote.url;
    this.#login = remote.login;
    this.#asked = remote.login !== undefined;
    this.#git = git;
    this.#variables = variables;
  }

  /** Throws REMOTE_REFUSED when nobody is known whom the server lets in. A body that is a stream is sent once. */
  async request(request: HttpRequest, options: WorkOptions): Promise<HttpResponse> {
    const response = await this.#send(request, options);
    // What another server says, where big files may lie, tells nothing about the login of this one.
    if (!this.#isHome(request)) return response;
    if (response.status !== 401) return this.#accepted(response, options);
    response.body.destroy();
    if (!this.#asked) {
      this.#asked = true;
      this.#login = await this.#fill(options);
      if (this.#login) {
        const again = await this.#send(request, options);
        if (again.status !== 401) return this.#accepted(again, options);
        again.body.destroy();
        await this.#tell("reject", options);
      }
    }
    const reason = this.#login ? "Authentication failed" : "it asks for a user and a password";
    throw errors.REMOTE_REFUSED({ remote: this.#shown, reason });
  }

  #send(request: HttpRequest, options: WorkOptions): Promise<HttpResponse> {
    const headers = { ...(this.#isHome(request) ? this.#authorization() : {}), ...request.headers };
    return exchange({ ...request, headers, ...(options.signal ? { signal: options.signal } : {}) });
  }

  #isHome({ url }: HttpRequest): boolean {
    return new URL(url).origin === new URL(this.#url).origin;
  }

  #authorization(): Record<string, string> {
    if (!this.#login) return {};
    const text = `${this.#login.user}:${this.#login.password}`;
    return { authorization: `Basic ${Buffer.from(text).toString("base64")}` };
  }

  async #accepted(response: HttpResponse, options: WorkOptions): Promise<HttpResponse> {
    if (this.#login && !this.#proven && response.status < 400) {
      this.#proven = true;
      await this.#tell("approve", options);
    }
    return response;
  }

  /** What the user's credential helpers know; nobody is asked anything. */
  async #fill(options: WorkOptions): Promise<Login | undefined> {
    const answer = await this.#credential("fill", "", options);
    const user = /^username=(.*)$/m.exec(answer)?.[1];
    const password = /^password=(.*)$/m.exec(answer)?.[1];
    return user !== undefined && password !== undefined ? { user, password } : undefined;
  }

  async #tell(what: "approve" | "reject", options: WorkOptions): Promise<void> {
    const { user, password } = this.#login ?? {};
    if (user === undefined || /[\n\0]/.test(`${user}${password}`)) return;
    await this.#credential(what, `username=${user}\npassword=${password}\n`, options);
  }

  async #credential(what: string, more: string, options: WorkOptions): Promise<string> {
    if (!this.#git) return "";
    const { protocol, host, pathname } = new URL(this.#url);
    const place = `protocol=${protocol.slice(0, -1)}\nhost=${host}\npath=${decodeURI(pathname).slice(1)}\n`;
    const environment = { ...gitEnvironment(this.#variables), GIT_DIR: "/dev/null" };
    const { signal } = options;
    const input = `${place}${more}\n`;
    try {
      const run = { program: this.#git, args: ["credential", what], environment, input };
      return (await runGit({ ...run, ...(signal ? { options: { signal } } : {}) })).stdout;
    } catch (error) {
      if (signal?.aborted) throw error;
      return "";
    }
  }
}
