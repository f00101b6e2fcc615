/* SPDX-License-Identifier: Apache-2.0 */
/* Items of feeds that carry no date (FeedItem in common/formats/feed.h): the first import dates them, further ones
 * keep that date. */
#ifndef DAYWIRE_CLI_KNOWN_DATE_H
#define DAYWIRE_CLI_KNOWN_DATE_H

#include "cli/client.h"
#include "common/model.h"

/* Gives `statement` the date that the server has under its id; one that is not there stays as it is. One request.
 * The errors of client_send(); FAILED when the server does not tell. */
bool known_date_keep(Client *client, Statement *statement, GError **error) MUST_CHECK;

#endif
