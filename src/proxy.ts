// Lets calls to the outside go through a proxy where the environment names one, as other programs do: HTTPS_PROXY, HTTP_PROXY,
// ALL_PROXY and NO_PROXY, in either case. What is on this machine or at its link (stand-ins, where credentials of instances
// and containers come from) is always reached directly.
import type { Agent as HttpAgent, ClientRequest } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { ProxyAgent } from 'proxy-agent';
import { getProxyForUrl } from 'proxy-from-env';

const variable = /^(https?|all)_proxy$/i;
const near = /^(localhost|127(\.\d{1,3}){3}|169\.254(\.\d{1,3}){2}|\[::1\]|\[fe80:.*\])$/;

/** Both agents for a client, which ends them; none where no proxy is named. */
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
  // Without TLS there is no way to open: the proxy's answer is the answer.
  if (proxy !== '' && url.startsWith('https:')) tellRefusal(request, new URL(proxy).host);
  return proxy;
}

/** The answer of a proxy that opens no way would otherwise be taken for the answer of whoever was to be reached. */
function tellRefusal(request: ClientRequest, proxy: string): void {
  request.once('proxyConnect', ({ statusCode }: { readonly statusCode: number }) => {
    if (statusCode === 200) return;
    const message = `The proxy ${proxy} answered ${statusCode} instead of opening a way to ${request.getHeader('host')}.`;
    request.destroy(Object.assign(new Error(message), { code: 'EPROXYREFUSED' }));
  });
}
