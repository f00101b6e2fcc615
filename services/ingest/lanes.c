/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/lanes.h"

static void lane_free(void *data)
{
    Lane *lane = data;

    g_free(lane->id);
    g_free(lane);
}

void lanes_init(Lanes *lanes)
{
    *lanes = (Lanes){.by_id = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, lane_free)};
}

void lanes_clear(Lanes *lanes)
{
    g_hash_table_unref(lanes->by_id);
    *lanes = (Lanes){0};
}

void lanes_reset(Lanes *lanes)
{
    GHashTable *by_id = lanes->by_id;

    g_hash_table_remove_all(by_id);
    *lanes = (Lanes){.by_id = by_id};
}

static Lane *head_of(const GQueue *queue)
{
    return queue->head != NULL ? queue->head->data : NULL;
}

static void move(Lane *lane, GQueue *queue)
{
    if (lane->queue != NULL)
        g_queue_unlink(lane->queue, &lane->link);
    if (queue != NULL)
        g_queue_push_tail_link(queue, &lane->link);
    lane->queue = queue;
}

Lane *lanes_find(const Lanes *lanes, const char *id)
{
    return g_hash_table_lookup(lanes->by_id, id);
}

Lane *lanes_begin(Lanes *lanes, const char *id)
{
    Lane *lane = g_new0(Lane, 1);

    lane->id = g_strdup(id);
    lane->link.data = lane;
    (void)g_hash_table_insert(lanes->by_id, lane->id, lane);
    return lane;
}

void lanes_end(Lanes *lanes, Lane *lane)
{
    move(lane, NULL);
    (void)g_hash_table_remove(lanes->by_id, lane->id);
}

void lanes_sent(Lanes *lanes, Lane *lane, int64_t position, uint32_t revision, Instant accepted_at)
{
    lane->position = position;
    lane->revision = revision;
    lane->accepted_at = accepted_at;
    move(lane, &lanes->under_way);
}

void lanes_confirmed(Lanes *lanes, Lane *lane)
{
    lane->done = lane->revision;
    if (lane->more)
        move(lane, &lanes->ready);
    else
        lanes_end(lanes, lane);
}

void lanes_refused(Lanes *lanes, Lane *lane)
{
    lane->done = lane->revision - 1;
    move(lane, &lanes->refused);
}

void lanes_isolate(Lanes *lanes, bool due)
{
    Lane *lane;

    if (lanes->isolating && (lanes->alone.length > 0 || lanes->under_way.length > 0))
        return;
    lanes->isolating = due && lanes->refused.length > 0;
    while (lanes->isolating && (lane = head_of(&lanes->refused)) != NULL)
        move(lane, &lanes->alone);
}

Lane *lanes_next(const Lanes *lanes)
{
    if (!lanes->isolating)
        return head_of(&lanes->ready);
    return lanes->under_way.length == 0 ? head_of(&lanes->alone) : NULL;
}

bool lanes_has_refused(const Lanes *lanes)
{
    return lanes->refused.length > 0 || lanes->alone.length > 0;
}
