/* SPDX-License-Identifier: Apache-2.0 */
/* JSON lines of any length: parsed as they come, stored in batches, answered line by line in their order.
 *
 *     body --> line reader --> open batch --> batches under way (BATCHES_MAX, first in first out) --> answer
 *                                              the engine has their jobs
 *
 * Memory is bounded by the batches. When all are under way and the open one is full, the body is not read; that is
 * also what an answer that the peer does not take comes to. While the engine idles a batch goes out with whatever
 * lines have come, so that nobody waits for it to be filled; while it is busy they fill up by themselves.
 *
 * When the engine takes no more jobs the stream stands still and asks again. Only when that has lasted for
 * PATIENCE_US the lines are answered 503.
 *
 * All of it runs on the server's thread, but for on_finished(). A job under way holds a reference to its stream,
 * which outlives the connection until the engine is done with it. */
#include "ingest/api/routes.h"

#include <stdatomic.h>

#include "common/log.h"
#include "ingest/ingest_metrics.h"
#include "ingest/api/line_batch.h"

#define BATCHES_MAX  4
#define MEMORY       ((size_t)8 * 1024 * 1024) /* of the batches, decoded */
#define ANSWER_PIECE ((size_t)16 * 1024)
#define ASK_AGAIN_MS 50
#define PATIENCE_US  ((int64_t)10 * G_USEC_PER_SEC)

typedef struct {
    atomic_uint references;
    Api *api;
    HttpRequest *request;
    char *submitter;
    int64_t wait_us;
    LineReader *reader;
    LineBatch *open;
    GQueue under_way; /* of Batch */
    bool ended;       /* no more lines come */
    bool stopping;    /* and nobody waits for the engine */
    bool begun;       /* the answer */
    bool finished;
    int64_t refused_since; /* the engine has taken no job since then; 0: it takes them */
} LineStream;

typedef struct {
    LineStream *stream;
    LineBatch *lines;
    atomic_bool done; /* set with all that the engine's thread has written */
} Batch;

static void stream_unref(LineStream *stream)
{
    Batch *batch;

    if (atomic_fetch_sub(&stream->references, 1) != 1)
        return;
    while ((batch = g_queue_pop_head(&stream->under_way))) {
        line_batch_free(batch->lines);
        g_free(batch);
    }
    line_batch_free(stream->open);
    line_reader_free(stream->reader);
    http_stream_release(stream->request);
    g_free(stream->submitter);
    g_free(stream);
}

/* ---- to the engine and back ---- */

/* On the engine's thread. */
static void on_finished(Job *job, JobOutcome outcome, const GError *failure)
{
    Batch *batch = job->user;
    LineStream *stream = batch->stream;

    batch->lines->job = job;
    batch->lines->outcome = outcome;
    batch->lines->failure = failure ? g_strdup(failure->message) : NULL;
    atomic_store(&batch->done, true);
    http_stream_wake(stream->request);
    stream_unref(stream);
}

static bool submit(LineStream *stream, Batch *batch, GError **error)
{
    Job *job = g_steal_pointer(&batch->lines->job);

    job->user = batch;
    job->finished = on_finished;
    job->wait_us = stream->wait_us;
    atomic_fetch_add(&stream->references, 1);
    if (engine_submit(stream->api->engine, job, error))
        return true;
    atomic_fetch_sub(&stream->references, 1);
    batch->lines->job = job;
    return false;
}

static bool is_patient(LineStream *stream)
{
    int64_t now = g_get_monotonic_time();

    if (stream->refused_since == 0)
        stream->refused_since = now;
    return !stream->stopping && now - stream->refused_since < PATIENCE_US;
}

/* Puts the open batch under way. False: it stays open. */
static bool send_open(LineStream *stream)
{
    g_autoptr(GError) error = NULL;

    if (stream->open->lines->len == 0 || stream->under_way.length >= BATCHES_MAX || stream->finished)
        return false;
    Batch *batch = g_new0(Batch, 1);
    batch->stream = stream;
    batch->lines = stream->open;
    if (batch->lines->job->items->len == 0) {
        atomic_store(&batch->done, true); /* no line was worth a job */
    } else if (submit(stream, batch, &error)) {
        stream->refused_since = 0;
    } else if (is_patient(stream)) {
        g_free(batch);
        http_stream_wake_after(stream->request, ASK_AGAIN_MS);
        return false;
    } else {
        batch->lines->outcome = JOB_FAILED;
        batch->lines->failure = g_strdup(error->message);
        atomic_store(&batch->done, true);
    }
    g_queue_push_tail(&stream->under_way, batch);
    stream->open = line_batch_new();
    return true;
}

/* ---- answering ---- */

/* 202 is what a request of few lines has for all of them, as a single statement has; where it is too late for that,
 * each line tells its state. */
static void begin_answer(LineStream *stream, int status)
{
    stream->begun = true;
    http_stream_begin(stream->request, status, "application/x-ndjson", NULL);
}

/* So that also those who look at the status alone know that the beginning, or all of a short body, was not stored. */
static void refuse(LineStream *stream, const char *reason)
{
    stream->finished = true;
    http_stream_refuse(stream->request, 503, reason);
}

/* Some of what is known, in order. False: there is nothing, or nobody takes it. */
static bool answer_some(LineStream *stream)
{
    Batch *batch = g_queue_peek_head(&stream->under_way);
    g_autoptr(GString) text = g_string_new(NULL);

    if (!batch || stream->finished || !atomic_load(&batch->done) || !http_stream_has_room(stream->request))
        return false;
    LineBatch *lines = batch->lines;
    if (!stream->begun && lines->failure) {
        refuse(stream, lines->failure);
        return false;
    }
    if (!stream->begun)
        begin_answer(stream, stream->wait_us > 0 && lines->job->items->len > 0 && lines->outcome == JOB_STORED
                                 ? 202
                                 : 200);
    bool all = line_batch_answer(lines, text, ANSWER_PIECE);
    http_stream_write(stream->request, text->str, text->len);
    if (all) {
        g_queue_pop_head(&stream->under_way);
        line_batch_free(lines);
        g_free(batch);
    }
    return true;
}

/* ---- the stream ---- */

static void advance(LineStream *stream)
{
    while (answer_some(stream) || send_open(stream))
        continue;
    if (!line_batch_is_full(stream->open))
        http_stream_resume(stream->request);
    bool busy = stream->open->lines->len > 0 || !g_queue_is_empty(&stream->under_way);
    http_stream_set_busy(stream->request, busy);
    if (busy || !stream->ended || stream->finished)
        return;
    stream->finished = true;
    if (!stream->begun)
        begin_answer(stream, 200);
    http_stream_end(stream->request);
}

static void take_line(LineStream *stream, const Line *line)
{
    line_batch_add(stream->open, body_line(line, stream->api->max_line), line->length, stream->submitter);
    if (line_batch_is_full(stream->open))
        (void)send_open(stream); /* later, when not now */
}

static bool takes(const HttpRequest *request)
{
    return media_type_parse(http_request_header(request, "content-type")) == MEDIA_NDJSON;
}

static void *begin(HttpRequest *request, void *user)
{
    Api *api = user;

    if (!api_check_query(request, (const char *const[]){"wait", NULL}) ||
        !api_check_preconditions(request, false))
        return NULL;
    LineStream *stream = g_new0(LineStream, 1);
    atomic_init(&stream->references, 1);
    stream->api = api;
    stream->request = request;
    stream->submitter = g_strdup(api_token_name(request));
    stream->wait_us = http_request_query(request, "wait") ? api->wait_us : 0;
    stream->reader = line_reader_new(api->max_line);
    stream->open = line_batch_new();
    return stream;
}

static size_t on_data(void *user, const char *data, size_t size)
{
    LineStream *stream = user;
    size_t left = size;
    Line line;

    while (!line_batch_is_full(stream->open) && line_reader_take(stream->reader, &data, &left, &line))
        take_line(stream, &line);
    advance(stream);
    return size - left;
}

static void on_end(void *user)
{
    LineStream *stream = user;
    Line line;

    if (line_reader_end(stream->reader, &line))
        take_line(stream, &line);
    stream->ended = true;
    advance(stream);
}

static void on_wake(void *user)
{
    advance(user);
}

static void on_stop(void *user)
{
    LineStream *stream = user;

    stream->stopping = true;
    stream->ended = true;
    advance(stream);
}

static void on_closed(void *user, HttpStreamEnd end)
{
    LineStream *stream = user;

    ingest_metrics_count_stream(end);
    if (end == HTTP_STREAM_SLOW)
        log_info("a stream of lines was broken off: its client neither sent nor read for too long",
                 LOG_STR("peer", http_request_peer(stream->request)));
    stream_unref(stream);
}

const HttpStreamRoute api_streams[] = {
    {.method = "POST",
     .path = "/v1/statements",
     .memory = MEMORY,
     .takes = takes,
     .begin = begin,
     .data = on_data,
     .end = on_end,
     .wake = on_wake,
     .stop = on_stop,
     .closed = on_closed},
    {0},
};
