import { z } from "zod";

export interface GitHubOptions {
  /** The base URL of GitHub's REST API, such as `https://api.github.com`. */
  readonly apiUrl: string;
  /** `<owner>/<name>`. */
  readonly repository: string;
  readonly token: string;
  /** @default 30 */
  readonly timeoutSeconds?: number;
}

/** GitHub answered with an error or with an undocumented response, or it did not answer. */
class GitHubError extends Error {}

/** The login of a job's token. GitHub answers such a token with 403 when it asks for its own user. */
const ACTIONS = "github-actions[bot]";

const NEXT_PAGE = /<(?<url>[^>]+)>;\s*rel="next"/;

/** A client of GitHub's REST API for one repository. Its paths are relative to `/repos/<owner>/<name>`. */
export class GitHub {
  constructor(private readonly options: GitHubOptions) {}

  /** Reads the variables that GitHub Actions sets for a job, and that a user on a laptop must set. */
  static fromEnv(env: NodeJS.ProcessEnv) {
    const { GITHUB_REPOSITORY: repository = "", GITHUB_TOKEN: token = "" } = env;
    if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) {
      throw new Error(`GITHUB_REPOSITORY is "${repository}", expected <owner>/<name>`);
    }
    if (token === "") {
      throw new Error(`GITHUB_TOKEN is not set: set it to a token that may write to ${repository}`);
    }
    const apiUrl = env.GITHUB_API_URL ?? "https://api.github.com";
    return new GitHub({ apiUrl, repository, token });
  }

  /** The login of the user that the token belongs to. */
  async login() {
    const url = `${this.options.apiUrl}/user`;
    const response = await this.fetch("GET", url);
    if (response.status === 403) return ACTIONS;
    return parsed(z.object({ login: z.string() }), await bodyOf("GET", url, response), url).login;
  }

  /** Returns the items of all pages of a list. */
  async list<T>(path: string, item: z.ZodType<T>): Promise<T[]> {
    const items: T[] = [];
    const separator = path.includes("?") ? "&" : "?";
    let url: string | undefined = `${this.url(path)}${separator}per_page=100`;
    while (url !== undefined) {
      const response = await this.fetch("GET", url);
      items.push(...parsed(z.array(item), await bodyOf("GET", url, response), url));
      url = this.nextPage(response);
    }
    return items;
  }

  async send<T>(method: "POST" | "PATCH", path: string, body: object, answer: z.ZodType<T>) {
    const url = this.url(path);
    const response = await this.fetch(method, url, body);
    return parsed(answer, await bodyOf(method, url, response), url);
  }

  private url(path: string) {
    return `${this.options.apiUrl}/repos/${this.options.repository}${path}`;
  }

  private nextPage(response: Response) {
    const next = NEXT_PAGE.exec(response.headers.get("link") ?? "")?.groups?.url;
    // The token must not be sent to another server.
    if (next !== undefined && new URL(next).origin !== new URL(this.options.apiUrl).origin) {
      throw new GitHubError(`the next page is at ${next}, expected one of ${this.options.apiUrl}`);
    }
    return next;
  }

  private async fetch(method: string, url: string, body?: object) {
    const { token, timeoutSeconds = 30 } = this.options;
    try {
      return await fetch(url, {
        method,
        headers: {
          accept: "application/vnd.github+json",
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          "x-github-api-version": "2022-11-28",
        },
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutSeconds * 1000),
      });
    } catch (error) {
      const { cause, message } = error as Error;
      const reason = cause instanceof Error ? cause.message : message;
      throw new GitHubError(`${method} ${url} got no answer: ${reason}`);
    }
  }
}

async function bodyOf(method: string, url: string, response: Response) {
  const text = await response.text();
  if (!response.ok) {
    throw new GitHubError(
      `${method} ${url} was answered with ${response.status} ${response.statusText}: ${messageIn(text)}`,
    );
  }
  return text;
}

/** Returns the `message` of GitHub's JSON error, or the first 200 characters of any other body. */
function messageIn(text: string) {
  try {
    return z.object({ message: z.string() }).parse(JSON.parse(text)).message;
  } catch {
    return text.slice(0, 200);
  }
}

function parsed<T>(schema: z.ZodType<T>, text: string, url: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new GitHubError(`${url} was answered with something unexpected: ${reason}`);
  }
}
