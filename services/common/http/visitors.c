/* SPDX-License-Identifier: Apache-2.0 */
/* libwebsockets has time-outs of its own, which begin anew with every packet. And it does not tell when the head of a
 * further request on a connection begins: that is looked for on each tick, so those may be late by one. */
#include "common/http/visitors.h"

#include <glib.h>

#include "common/http/exchange_lws.h"

#define TICK_MIN_US (20 * LWS_US_PER_MS)
#define TICK_MAX_US (1 * LWS_US_PER_SEC)

typedef struct {
    struct lws *wsi;
    int64_t head_since; /* monotonic */
    bool in_head;       /* its head is being read: it is in `heads` */
    bool known;         /* else it is in `strangers` */
    GList link;         /* in `all` */
    GList head_link;
    GList stranger_link;
} Visitor;

struct Visitors {
    VisitorRules rules;
    GQueue all;       /* of Visitor, by their link */
    GQueue heads;     /* the oldest first */
    GQueue strangers; /* the oldest first */
    lws_sorted_usec_list_t tick;
    bool ticking;
};

Visitors *visitors_new(const VisitorRules *rules)
{
    Visitors *visitors = g_new0(Visitors, 1);

    visitors->rules = *rules;
    g_queue_init(&visitors->all);
    g_queue_init(&visitors->heads);
    g_queue_init(&visitors->strangers);
    return visitors;
}

void visitors_close(Visitors *visitors)
{
    lws_sul_cancel(&visitors->tick);
    visitors->ticking = true; /* and does not begin again */
}

void visitors_free(Visitors *visitors)
{
    if (!visitors)
        return;
    g_assert(visitors->all.length == 0);
    g_free(visitors);
}

/* ---- heads ---- */

static void begin_head(Visitors *visitors, Visitor *visitor, int64_t now)
{
    visitor->in_head = true;
    visitor->head_since = now;
    g_queue_push_tail_link(&visitors->heads, &visitor->head_link);
}

static void end_head(Visitors *visitors, Visitor *visitor)
{
    if (visitor->in_head)
        g_queue_unlink(&visitors->heads, &visitor->head_link);
    visitor->in_head = false;
}

/* libwebsockets gives a connection its table of headers when a head begins; having one is when this call writes to its
 * argument. No header can have that name. */
static bool has_head(struct lws *wsi)
{
    char probe[2] = "x";

    (void)lws_hdr_custom_copy(wsi, probe, sizeof probe, ":", 1);
    return probe[0] == '\0';
}

/* At once: visitors_leave() is called in here. What libwebsockets was going to do with it, it does not do. */
static void drop(Visitor *visitor, int status, const char *reason)
{
    if (visitor->in_head)
        (void)http_refuse(visitor->wsi, status, reason);
    lws_set_timeout(visitor->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
}

static void drop_late_heads(Visitors *visitors, int64_t now)
{
    for (;;) {
        Visitor *oldest = g_queue_peek_head(&visitors->heads);
        if (!oldest || now - oldest->head_since < visitors->rules.header_timeout_us)
            return;
        drop(oldest, 408, "the head of the request was not complete in time");
    }
}

static void find_new_heads(Visitors *visitors, int64_t now)
{
    for (GList *link = visitors->all.head; link; link = link->next) {
        Visitor *visitor = link->data;
        const HttpConnection *connection = lws_wsi_user(visitor->wsi);
        if (!visitor->in_head && connection && !connection->exchange && has_head(visitor->wsi))
            begin_head(visitors, visitor, now);
    }
}

static void on_tick(lws_sorted_usec_list_t *tick);

static void set_tick(Visitors *visitors, struct lws_context *context)
{
    int64_t us = CLAMP(visitors->rules.header_timeout_us / 4, TICK_MIN_US, TICK_MAX_US);

    visitors->ticking = true;
    lws_sul_schedule(context, 0, &visitors->tick, on_tick, us);
}

/* Only while there is somebody. */
static void on_tick(lws_sorted_usec_list_t *tick)
{
    Visitors *visitors = lws_container_of(tick, Visitors, tick);
    int64_t now = g_get_monotonic_time();

    drop_late_heads(visitors, now);
    find_new_heads(visitors, now);
    visitors->ticking = false;
    const Visitor *any = g_queue_peek_head(&visitors->all);
    if (any)
        set_tick(visitors, lws_get_context(any->wsi));
}

/* ---- coming and going ---- */

static bool drop_stranger(Visitors *visitors)
{
    Visitor *oldest = g_queue_peek_head(&visitors->strangers);

    if (visitors->rules.max_strangers == 0 || !oldest)
        return false;
    drop(oldest, 503, "too many connect without saying who they are: try again later");
    return true;
}

bool visitors_make_room(Visitors *visitors)
{
    return visitors->all.length < visitors->rules.max || drop_stranger(visitors);
}

void visitors_arrive(Visitors *visitors, struct lws *wsi)
{
    Visitor *visitor = g_new0(Visitor, 1);

    visitor->wsi = wsi;
    visitor->link.data = visitor->head_link.data = visitor->stranger_link.data = visitor;
    lws_set_opaque_user_data(wsi, visitor);
    if (visitors->strangers.length >= visitors->rules.max_strangers)
        (void)drop_stranger(visitors);
    g_queue_push_tail_link(&visitors->all, &visitor->link);
    g_queue_push_tail_link(&visitors->strangers, &visitor->stranger_link);
    begin_head(visitors, visitor, g_get_monotonic_time());
    if (!visitors->ticking)
        set_tick(visitors, lws_get_context(wsi));
}

void visitors_leave(Visitors *visitors, struct lws *wsi)
{
    Visitor *visitor = lws_get_opaque_user_data(wsi);

    if (!visitor)
        return;
    lws_set_opaque_user_data(wsi, NULL);
    end_head(visitors, visitor);
    if (!visitor->known)
        g_queue_unlink(&visitors->strangers, &visitor->stranger_link);
    g_queue_unlink(&visitors->all, &visitor->link);
    g_free(visitor);
}

void visitors_head_complete(Visitors *visitors, struct lws *wsi, bool known)
{
    Visitor *visitor = lws_get_opaque_user_data(wsi);

    end_head(visitors, visitor);
    if (known && !visitor->known)
        g_queue_unlink(&visitors->strangers, &visitor->stranger_link);
    else if (!known && visitor->known)
        g_queue_push_tail_link(&visitors->strangers, &visitor->stranger_link);
    visitor->known = known;
}
