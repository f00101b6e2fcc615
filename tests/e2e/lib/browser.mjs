// SPDX-License-Identifier: Apache-2.0
// Debian's Chromium, without a window.
import { chromium } from 'playwright-core';

/** Options of Playwright's launch() beside these. */
export async function openBrowser(options = {}) {
  const browser = await chromium.launch({
    ...options,
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
  return {
    /** Playwright's own. */
    browser,
    /** Opens a page whose console errors are kept in `page.problems`. */
    async page(url, options = {}) {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      page.problems = [];
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) page.problems.push(message.text());
      });
      page.on('pageerror', (error) => page.problems.push(String(error)));
      await page.goto(url);
      return page;
    },
    close: () => browser.close(),
  };
}
