/* SPDX-License-Identifier: Apache-2.0 */
/* One request at a time, which lasts as long as nothing goes wrong. libcurl asks for lines (give) and hands over
 * answers (take) whenever this side moves it (pump). A request is over when the server has ended its answer, which it
 * does after the last line, when it stops, or early; whatever then has no answer is sent in the next. */
#include "cli/upload.h"

#include "cli/client_stream.h"
#include "cli/upload_window.h"
#include "common/error.h"
#include "common/line_reader.h"

#define ANSWER_LINE_MAX ((size_t)64 * 1024)
#define PROBLEM_MAX     ((size_t)64 * 1024)
#define TICK_MS         200
/* Nothing moves though something should. */
#define STALLED_US ((int64_t)90 * G_USEC_PER_SEC)
/* The server would end a silent request sooner or later. */
#define QUIET_US ((int64_t)10 * G_USEC_PER_SEC)
#define GRACE_US ((int64_t)15 * G_USEC_PER_SEC)

struct Upload {
    Client *client;
    UploadEvents events;
    CURLM *multi;
    UploadWindow window;
    UploadTally tally;
    uint64_t answered;
    bool reached; /* the server has answered once */
    /* the request under way */
    CURL *curl; /* NULL: none */
    bool paused;
    int64_t ask_at;  /* then */
    bool ending;     /* no more lines are given to it */
    uint64_t number; /* of the last line that it had an answer for */
    LineReader *answers;
    GString *problem; /* the body of another answer than 2xx */
    int64_t moved_at;
    /* between requests */
    unsigned attempt; /* without progress */
    int64_t open_at;
    GError *error; /* ends the upload */
};

Upload *upload_new(Client *client, const UploadEvents *events, GError **error)
{
    CURLM *multi = curl_multi_init();
    if (!multi) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "libcurl cannot be initialised");
        return NULL;
    }
    Upload *upload = g_new0(Upload, 1);
    upload->client = client;
    upload->events = *events;
    upload->multi = multi;
    upload_window_init(&upload->window);
    upload->problem = g_string_new(NULL);
    return upload;
}

static void close_request(Upload *upload)
{
    if (!upload->curl)
        return;
    curl_multi_remove_handle(upload->multi, upload->curl);
    client_stream_end(upload->client);
    upload->curl = NULL;
}

void upload_free(Upload *upload)
{
    if (!upload)
        return;
    close_request(upload);
    curl_multi_cleanup(upload->multi);
    upload_window_clear(&upload->window);
    line_reader_free(upload->answers);
    g_string_free(upload->problem, TRUE);
    g_clear_error(&upload->error);
    g_free(upload);
}

UploadTally upload_tally(const Upload *upload)
{
    return upload->tally;
}

uint64_t upload_answered(const Upload *upload)
{
    return upload->answered;
}

uint64_t upload_position(const Upload *upload)
{
    return upload->window.position;
}

/* ---- answers ---- */

static bool take_result(Upload *upload, uint64_t line, yyjson_val *result)
{
    const char *detail = yyjson_get_str(yyjson_obj_get(result, "detail"));
    const char *outcome = yyjson_get_str(yyjson_obj_get(result, "result"));
    int64_t status = json_member_integer(result, "status", 0);
    if (status == 429 || status == 503) {
        g_string_assign(upload->problem, detail ? detail : "no room");
        upload->ending = true;
        upload_window_answer(&upload->window, true);
        return true;
    }
    if (status == 201 || status == 202) {
        upload->tally.created++;
    } else if (status == 200) {
        bool unchanged = !outcome || strcmp(outcome, "unchanged") == 0;
        upload->tally.unchanged += unchanged ? 1 : 0;
        upload->tally.updated += unchanged ? 0 : 1;
    } else if (status >= 400 && status < 600) {
        upload->tally.refused++;
        upload->events.refused(line, detail ? detail : "refused without a reason", upload->events.user);
    } else {
        return false;
    }
    upload_window_answer(&upload->window, false);
    upload->answered++;
    upload->attempt = 0;
    return true;
}

static bool take_line(Upload *upload, const Line *answer)
{
    g_autoptr(yyjson_doc) doc = answer->text ? json_read(answer->text, answer->length, 1, NULL) : NULL;
    yyjson_val *result = yyjson_doc_get_root(doc);
    int64_t number = json_member_integer(result, "line", 0);
    uint64_t line = 0;
    bool good = upload_window_awaited(&upload->window, &line) && (uint64_t)number == upload->number + 1 &&
                take_result(upload, line, result);
    upload->number++;
    if (!good)
        g_set_error(&upload->error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED,
                    "the server's answer number %" G_GUINT64_FORMAT
                    " is not about the statement sent: is --server the address of daywire-ingest?",
                    upload->number);
    return good;
}

static long status_of(const Upload *upload)
{
    long status = 0;
    curl_easy_getinfo(upload->curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static size_t take(char *data, size_t size, size_t count, void *user)
{
    Upload *upload = user;
    const char *rest = data;
    size_t left = size * count;
    long status = status_of(upload);
    Line line;
    upload->moved_at = g_get_monotonic_time();
    upload->reached = true;
    if (status < 200 || status >= 300) {
        g_string_append_len(upload->problem, data,
                            (gssize)MIN(left, PROBLEM_MAX - MIN(upload->problem->len, PROBLEM_MAX)));
        return size * count;
    }
    while (line_reader_take(upload->answers, &rest, &left, &line))
        if (!take_line(upload, &line))
            return 0; /* ends the transfer */
    return size * count;
}

/* ---- requests ---- */

static size_t give(char *buffer, size_t size, size_t count, void *user)
{
    Upload *upload = user;
    size_t given = upload_window_give(&upload->window, buffer, size * count, upload->ending);
    if (given > 0)
        upload->moved_at = g_get_monotonic_time();
    if (given > 0 || upload->ending)
        return given;
    upload->paused = true;
    upload->ask_at = g_get_monotonic_time() + (int64_t)TICK_MS * 1000;
    return CURL_READFUNC_PAUSE;
}

static void open_request(Upload *upload)
{
    CURL *curl = client_stream_begin(upload->client, "/v1/statements", "application/x-ndjson", give, take,
                                     upload, &upload->error);
    if (!curl)
        return;
    upload->curl = curl;
    upload->paused = false;
    upload->ending = false;
    upload->number = 0;
    line_reader_free(upload->answers);
    upload->answers = line_reader_new(ANSWER_LINE_MAX);
    g_string_truncate(upload->problem, 0);
    upload->moved_at = g_get_monotonic_time();
    if (curl_multi_add_handle(upload->multi, curl) != CURLM_OK) {
        g_set_error(&upload->error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "libcurl cannot begin a request");
        close_request(upload);
    }
}

/* Takes over `cause`. */
static void try_later(Upload *upload, GError *cause)
{
    unsigned wait_ms = 0;
    if (*upload->events.interrupts > 0 || !client_back_off_ms(upload->client, upload->attempt, &wait_ms)) {
        g_propagate_prefixed_error(&upload->error, cause, "%s",
                                   upload->attempt > 0 ? "after several attempts: " : "");
        return;
    }
    g_error_free(cause);
    upload->attempt++;
    upload->open_at = g_get_monotonic_time() + (int64_t)wait_ms * 1000;
}

static char *problem_detail(const Upload *upload, long status)
{
    const ClientAnswer answer = {.status = (unsigned)status, .body = upload->problem};
    return client_answer_problem(&answer);
}

/* The transfer went well; the server's word need not have. */
static void judge_answer(Upload *upload, long status, bool unanswered, bool busy)
{
    g_autofree char *detail = NULL;
    if (status == 401) {
        client_explain_token(upload->client, &upload->error);
        return;
    }
    if (status == 429 || status == 503 || busy) {
        detail = busy ? g_strdup(upload->problem->str) : problem_detail(upload, status);
        try_later(upload, g_error_new(DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE,
                                      "the server takes nothing now: %s; import again later", detail));
    } else if (status < 200 || status >= 300) {
        detail = problem_detail(upload, status);
        g_set_error(&upload->error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "the server refused the request: %s",
                    detail);
    } else if (unanswered) {
        try_later(upload, g_error_new(DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE,
                                      "the server ends before it has answered all; import again later"));
    }
}

static void request_is_over(Upload *upload, CURLcode code)
{
    long status = status_of(upload);
    bool unanswered = upload_window_awaits(&upload->window) || upload->window.given > 0;
    bool busy = upload->window.busy > 0;
    GError *cause = NULL;
    if (code != CURLE_OK)
        client_explain(upload->client, code, &cause);
    close_request(upload);
    upload_window_rewind(&upload->window);
    if (upload->error) /* the transfer was ended by it */
        g_clear_error(&cause);
    else if (!cause)
        judge_answer(upload, status, unanswered, busy);
    else if (!upload->reached && (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST))
        upload->error = cause; /* it may never have been there */
    else
        try_later(upload, cause);
}

static void watch_over(Upload *upload)
{
    int64_t still = g_get_monotonic_time() - upload->moved_at;
    bool waits = upload_window_waits(&upload->window) || upload_window_awaits(&upload->window);
    if (!upload->ending && !waits && still > QUIET_US)
        upload->ending = true;
    else if ((waits || upload->ending) && still > STALLED_US)
        request_is_over(upload, CURLE_OPERATION_TIMEDOUT);
}

/* Also when there is nothing to send, now and then: while it is paused, libcurl 7.88 does not see that the server has
 * ended the answer, and would wait for ever. */
static void unpause(Upload *upload)
{
    int64_t now = g_get_monotonic_time();
    if (!upload->curl || !upload->paused ||
        !(upload->ending || upload_window_waits(&upload->window) || now >= upload->ask_at))
        return;
    upload->paused = false;
    curl_easy_pause(upload->curl, CURLPAUSE_CONT);
}

/* Moves what can be moved, then waits at most so long for more, or for `fd` (-1: none). */
static bool pump(Upload *upload, int timeout_ms, int fd, GError **error)
{
    struct curl_waitfd also = {.fd = fd, .events = CURL_WAIT_POLLIN};
    int running = 0;
    int left = 0;
    const CURLMsg *message;
    upload->events.tick(upload->events.user);
    if (!upload->curl && !upload->error && upload_window_waits(&upload->window) &&
        g_get_monotonic_time() >= upload->open_at)
        open_request(upload);
    unpause(upload);
    curl_multi_perform(upload->multi, &running);
    while ((message = curl_multi_info_read(upload->multi, &left)))
        if (message->msg == CURLMSG_DONE)
            request_is_over(upload, message->data.result);
    if (upload->curl)
        watch_over(upload);
    unpause(upload);
    if (upload->error) {
        g_propagate_error(error, g_steal_pointer(&upload->error));
        return false;
    }
    if (timeout_ms > 0)
        curl_multi_poll(upload->multi, fd >= 0 ? &also : NULL, fd >= 0 ? 1 : 0, timeout_ms, NULL);
    return true;
}

/* ---- for users ---- */

static bool is_full(const Upload *upload)
{
    return upload->window.bytes > UPLOAD_BYTES_MAX || upload->window.lines.length > UPLOAD_LINES_MAX;
}

bool upload_add(Upload *upload, uint64_t line, uint64_t position, const char *text, size_t size,
                GError **error)
{
    upload_window_add(&upload->window, line, position, text, size);
    while (is_full(upload) && *upload->events.interrupts == 0)
        if (!pump(upload, TICK_MS, -1, error))
            return false;
    return true;
}

bool upload_wait(Upload *upload, int fd, GError **error)
{
    return pump(upload, TICK_MS, fd, error);
}

bool upload_flush(Upload *upload, GError **error)
{
    int64_t give_up_at = 0;
    while (!upload_window_is_empty(&upload->window) || upload->curl) {
        if (*upload->events.interrupts > 0 && give_up_at == 0) {
            give_up_at = g_get_monotonic_time() + GRACE_US;
            upload_window_drop_waiting(&upload->window);
        }
        bool over = !upload->curl || *upload->events.interrupts > 1 || g_get_monotonic_time() > give_up_at;
        if (give_up_at != 0 && over)
            break;
        upload->ending = upload->ending || !upload_window_waits(&upload->window) || give_up_at != 0;
        if (!pump(upload, TICK_MS, -1, error))
            return false;
    }
    return true;
}
