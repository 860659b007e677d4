// The pages for signing in and out: plain HTML with its own style and without scripts.
import { type Html, html, pageHead } from '../pages/html.ts';

/** `next` is the path of this service to go to afterwards. */
export function signInPage(next: string, trouble?: string): string {
  return page(
    'Sign in',
    html`<p>Paste your API key. It is exchanged for a session of eight hours, and not kept.</p>
      <form method="post" action="sign-in">
        <input type="hidden" name="next" value="${next}" />
        <input type="hidden" name="username" value="neptune-ops" autocomplete="username" />
        <label for="key">API key</label>
        <input
          id="key"
          name="key"
          type="password"
          required
          autofocus
          autocomplete="current-password"
          spellcheck="false"
          ${trouble !== undefined && html`aria-invalid="true" aria-describedby="trouble"`}
        />
        ${trouble !== undefined && html`<p id="trouble" role="alert">${trouble}</p>`}
        <button>Sign in</button>
      </form>
      <p class="hint">No key? Whoever runs this service makes one with <code>neptune-ops keys create</code>.</p>`,
  );
}

/** `name` is the session's key. `board`: whether the page links back to the board. */
export function signOutPage(name: string, board: boolean): string {
  return page(
    'Sign out',
    html`<p>You are signed in with the key <strong>${name}</strong>.</p>
      <form method="post" action="sign-out"><button>Sign out</button></form>
      <p class="hint">
        Back to the ${board && html`<a href="board">board</a> or the `}<a href="schedules">schedules</a>
      </p>`,
  );
}

function page(title: string, body: Html): string {
  return html`<!doctype html>
    <html lang="en">
      ${pageHead(title, 'sign-in.css')}
      <body>
        <main>
          <h1>neptune-ops</h1>
          ${body}
        </main>
      </body>
    </html> `.text;
}

export const signInStyle = `:root {
  color-scheme: light dark;
  --paper: #f3f5f8; --card: #fff; --ink: #1b2430; --faint: #5b6878; --line: #c6ced8; --accent: #1f5fbf; --on-accent: #fff;
  --bad: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #11161d; --card: #1a212b; --ink: #e6ebf2; --faint: #9aa7b7; --line: #3a4656; --accent: #7fb0ff;
    --on-accent: #0d1520; --bad: #ff9d94;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
  background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif;
}
main {
  width: 100%; max-width: 26rem; padding: 1.75rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 0.75rem;
}
h1 { margin: 0 0 0.75rem; font-size: 1.35rem; }
label { display: block; margin-bottom: 0.25rem; font-weight: 600; }
input, button { width: 100%; padding: 0.65rem 0.75rem; font: inherit; border-radius: 0.4rem; }
input { background: var(--paper); color: inherit; border: 1px solid var(--line); }
input[aria-invalid] { border-color: var(--bad); }
button { margin-top: 1rem; border: 0; background: var(--accent); color: var(--on-accent); font-weight: 600; cursor: pointer; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
[role='alert'] { margin: 0.5rem 0 0; color: var(--bad); }
.hint { margin: 1.25rem 0 0; color: var(--faint); font-size: 0.9rem; }
a { color: var(--accent); }
code { overflow-wrap: anywhere; }
`;
