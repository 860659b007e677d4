// Sends outgoing requests through the proxy that the environment names: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and
// NO_PROXY, in either case. Addresses of this machine and link-local ones (the emulator, the credentials of instances
// and containers) are always reached directly.
import type { Agent as HttpAgent, ClientRequest } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { ProxyAgent } from 'proxy-agent';
import { getProxyForUrl } from 'proxy-from-env';

const variable = /^(https?|all)_proxy$/i;
const near = /^(localhost|127(\.\d{1,3}){3}|169\.254(\.\d{1,3}){2}|\[::1\]|\[fe80:.*\])$/;

/** Both agents for a client, which closes them; none if no proxy is named. */
export function proxyAgents(): { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent } | undefined {
  const named = Object.entries(process.env).some(([name, value]) => variable.test(name) && value);
  if (!named) return undefined;
  const agent = new ProxyAgent({
    keepAlive: true,
    maxSockets: 50,
    getProxyForUrl: (url, request) => chooseProxy(url, request),
  });
  return { httpAgent: agent, httpsAgent: agent as unknown as HttpsAgent };
}

function chooseProxy(url: string, request: ClientRequest): string {
  if (near.test(new URL(url).hostname)) return '';
  const proxy = getProxyForUrl(url);
  // Without TLS there is no tunnel: the proxy's answer is the answer.
  if (proxy !== '' && url.startsWith('https:')) tellRefusal(request, new URL(proxy).host);
  return proxy;
}

/** A proxy that refuses the tunnel answers itself, and that must not count as the answer of the wanted host. */
function tellRefusal(request: ClientRequest, proxy: string): void {
  request.once('proxyConnect', ({ statusCode }: { readonly statusCode: number }) => {
    if (statusCode === 200) return;
    const message = `The proxy ${proxy} answered ${statusCode} instead of opening a way to ${request.getHeader('host')}.`;
    request.destroy(Object.assign(new Error(message), { code: 'EPROXYREFUSED' }));
  });
}
