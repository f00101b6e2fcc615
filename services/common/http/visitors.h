/* SPDX-License-Identifier: Apache-2.0 */
/* The connections of a server (server.h), and how many and how slow those may be that nobody knows (yet).
 *
 * A head that does not end holds memory and a connection. It is bounded in time, however busily it dribbles; and
 * strangers are bounded in number, where the newest pushes out the oldest, since an honest client needs milliseconds
 * to say who it is, and must get in while others just hold on. All of it belongs to the context's thread. */
#ifndef DAYWIRE_COMMON_HTTP_VISITORS_H
#define DAYWIRE_COMMON_HTTP_VISITORS_H

#include <stdbool.h>
#include <stdint.h>

#include <libwebsockets.h>

typedef struct {
    unsigned max;           /* connections */
    unsigned max_strangers; /* those of them that are not known; 0: nobody has to be known */
    int64_t header_timeout_us;
} VisitorRules;

typedef struct Visitors Visitors;

Visitors *visitors_new(const VisitorRules *rules);
/* After the context's end. NULL is fine. */
void visitors_free(Visitors *visitors);
/* Before the context's end. */
void visitors_close(Visitors *visitors);

/* Whether one more may come; drops the oldest stranger for it if there is one. */
bool visitors_make_room(Visitors *visitors);
void visitors_arrive(Visitors *visitors, struct lws *wsi);
/* Any connection that ends; those that never arrived do not matter. */
void visitors_leave(Visitors *visitors, struct lws *wsi);
/* LWS_CALLBACK_HTTP: the head is complete; `known`: it told who it is from. */
void visitors_head_complete(Visitors *visitors, struct lws *wsi, bool known);

#endif
