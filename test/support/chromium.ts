/** A headless Chromium page that loads one script and nothing from any network. */
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';

/** What the page answered. */
export interface PageAnswer {
  /** The value of the asked expression; JSON values only. */
  readonly value: unknown;
  /** Errors the page threw and addresses it tried to reach; empty when all is well. */
  readonly complaints: readonly string[];
}

/** Where Debian's package `chromium` puts the program. */
const executablePath = '/usr/bin/chromium';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts Chromium; the caller closes it.
 *
 * @throws when the program is missing or does not start within 60 s
 */
export async function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath, headless: true, args: flags, timeout: 60_000 });
}

/**
 * Loads a classic script into an empty page and evaluates an expression there.
 *
 * @param browser - from {@link startChromium}
 * @param page.script - inlined into the page as it is
 * @param page.expression - evaluated when the script has run; its value must be JSON, a promise is awaited
 */
export async function askPage(browser: Browser, page: { readonly script: string; readonly expression: string }): Promise<PageAnswer> {
  const context = await browser.newContext({ offline: true });
  try {
    const tab = await context.newPage();
    const complaints: string[] = [];
    tab.on('pageerror', (error) => complaints.push(error.message));
    tab.on('request', (request) => complaints.push(`asked for ${request.url()}`));
    // A page reads "</script" as the end wherever it stands; inside JavaScript strings "<\/script" means the same.
    const inlined = page.script.replaceAll('</script', '<\\/script');
    await tab.setContent(`<!doctype html><title>idflow</title><script>${inlined}</script>`);
    const value: unknown = await tab.evaluate(page.expression);
    return { value, complaints };
  } finally {
    await context.close();
  }
}
