// SPDX-License-Identifier: Apache-2.0
// Everything that the widgets say by themselves.

export const words = {
  live: 'Live',
  reconnecting: 'Reconnecting',
  closed: 'Reload the page for news',
  asOf: 'As of ',
  original: 'Original',
  corrected: 'Corrected',
  withdrawn: 'Statement withdrawn',
  none: 'No statements yet.',
  news: (count) => (count === 1 ? '1 new statement' : `${count} new statements`),
  correction: (title, note) => `Correction: ${title}. ${note}`,
  withdrawal: (note) => `A statement was withdrawn: ${note}`,
};
