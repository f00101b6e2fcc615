/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "cli/fake_ingest.h"

#include <fcntl.h>
#include <glib/gstdio.h>

#include "common/http/exchange.h"
#include "common/http/server.h"
#include "folder.h"

struct FakeIngest {
    HttpServer *server;
    FakeAnswer answer;
    void *user;
    char *address;
    char *folder;
    char *token_file;
    gint count;       /* atomic */
    const char *etag; /* atomic */
};

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

/* The answer's body in *ret_text. */
static int decide(FakeIngest *fake, const HttpRequest *request, GBytes *bytes, GString **ret_text)
{
    unsigned number = (unsigned)g_atomic_int_add(&fake->count, 1);
    *ret_text = g_string_new(NULL);
    if (strcmp(or_empty(http_request_header(request, "authorization")), "Bearer " FAKE_TOKEN) != 0) {
        g_string_assign(*ret_text, "the bearer token is missing or wrong");
        return 401;
    }
    size_t size = 0;
    const char *data = g_bytes_get_data(bytes, &size);
    g_autofree char *body = g_strndup(data ? data : "", size);
    FakeRequest asked = {
        .method = http_request_method(request),
        .path = http_request_path(request),
        .content_type = or_empty(http_request_header(request, "content-type")),
        .wait = or_empty(http_request_query(request, "wait")),
        .before = or_empty(http_request_query(request, "before")),
        .if_match = or_empty(http_request_header(request, "if-match")),
        .body = body,
        .number = number,
    };
    return fake->answer(&asked, *ret_text, fake->user);
}

static void handle(HttpRequest *request, void *user)
{
    GString *text = NULL;
    const char *type = or_empty(http_request_header(request, "content-type"));
    int status = decide(user, request, http_request_body(request), &text);
    g_autoptr(GBytes) answer = g_bytes_new(text->str, text->len);
    const char *headers[] = {"ETag", g_atomic_pointer_get(&((FakeIngest *)user)->etag), NULL};
    if (status < 300)
        http_respond(request, status, *type ? type : "application/json", headers[1] ? headers : NULL, answer);
    else
        http_respond_problem(request, status, text->str, NULL);
    g_string_free(text, TRUE);
}

/* JSON lines may come in pieces; a test decides about the whole. */
typedef struct {
    FakeIngest *fake;
    HttpRequest *request;
    GByteArray *body;
} Pieces;

static bool takes_pieces(const HttpRequest *request)
{
    return strcmp(or_empty(http_request_header(request, "content-type")), "application/x-ndjson") == 0;
}

static void *begin_pieces(HttpRequest *request, void *user)
{
    Pieces *pieces = g_new0(Pieces, 1);
    *pieces = (Pieces){.fake = user, .request = request, .body = g_byte_array_new()};
    return pieces;
}

static size_t take_piece(void *user, const char *data, size_t size)
{
    Pieces *pieces = user;
    g_byte_array_append(pieces->body, (const guint8 *)data, (guint)size);
    return size;
}

static void end_pieces(void *user)
{
    Pieces *pieces = user;
    g_autoptr(GBytes) body = g_byte_array_free_to_bytes(g_steal_pointer(&pieces->body));
    GString *text = NULL;
    int status = decide(pieces->fake, pieces->request, body, &text);
    if (status >= 300) {
        g_string_prepend(text, "{\"detail\":\"");
        g_string_append(text, "\"}");
    }
    http_stream_begin(pieces->request, status, "application/x-ndjson", NULL);
    http_stream_write(pieces->request, text->str, text->len);
    http_stream_end(pieces->request);
    g_string_free(text, TRUE);
}

static void nothing_to_do(void *user G_GNUC_UNUSED)
{
}

static void close_pieces(void *user, HttpStreamEnd end G_GNUC_UNUSED)
{
    Pieces *pieces = user;
    http_stream_release(pieces->request);
    if (pieces->body)
        g_byte_array_unref(pieces->body);
    g_free(pieces);
}

static const HttpStreamRoute streams[] = {
    {.method = "POST",
     .path = "/v1/statements",
     .takes = takes_pieces,
     .begin = begin_pieces,
     .data = take_piece,
     .end = end_pieces,
     .wake = nothing_to_do,
     .stop = nothing_to_do,
     .closed = close_pieces},
    {0},
};

static const HttpRoute routes[] = {
    {"POST", "/v1/statements", handle},
    {"GET", "/v1/statements/{id}", handle},
    {"PUT", "/v1/statements/{id}", handle},
    {"DELETE", "/v1/statements/{id}", handle},
    {"DELETE", "/v1/statements/{id}/schedule", handle},
    {"GET", "/v1/statements/{id}/revisions", handle},
    {"POST", "/v1/republish", handle},
    {NULL, NULL, NULL},
};

FakeIngest *fake_ingest_start(FakeAnswer answer, void *user)
{
    FakeIngest *fake = g_new0(FakeIngest, 1);
    fake->answer = answer;
    fake->user = user;
    HttpServerOptions options = {.listen = "127.0.0.1:0",
                                 .routes = routes,
                                 .streams = streams,
                                 .user = fake,
                                 .max_body = (size_t)8 * 1024 * 1024,
                                 .max_bodies = (size_t)64 * 1024 * 1024,
                                 .max_connections = 16,
                                 .timeout_s = 30};
    g_autoptr(GError) error = NULL;
    fake->server = http_server_start(&options, &error);
    assert_null(error);
    fake->address = g_strdup_printf("http://127.0.0.1:%u", http_server_port(fake->server));
    fake->folder = folder_new();
    fake->token_file = g_build_filename(fake->folder, "token", NULL);
    assert_true(g_file_set_contents(fake->token_file, FAKE_TOKEN "\n", -1, NULL));
    return fake;
}

void fake_ingest_stop(FakeIngest *fake)
{
    http_server_stop(fake->server);
    folder_remove(fake->folder);
    g_free(fake->address);
    g_free(fake->token_file);
    g_free(fake);
}

void fake_ingest_set_etag(FakeIngest *fake, const char *etag)
{
    g_atomic_pointer_set(&fake->etag, etag);
}

const char *fake_ingest_address(const FakeIngest *fake)
{
    return fake->address;
}

const char *fake_ingest_token_file(const FakeIngest *fake)
{
    return fake->token_file;
}

unsigned fake_ingest_count(FakeIngest *fake)
{
    return (unsigned)g_atomic_int_get(&fake->count);
}

/* Sends a stream to a file without a name, and back. */
typedef struct {
    FILE *stream;
    int saved;
    int file;
} Capture;

static void capture_begin(Capture *capture, FILE *stream)
{
    (void)fflush(stream);
    capture->stream = stream;
    capture->saved = dup(fileno(stream));
    capture->file = open(g_get_tmp_dir(), O_TMPFILE | O_RDWR, 0600);
    assert_true(capture->saved >= 0 && capture->file >= 0);
    assert_true(dup2(capture->file, fileno(stream)) >= 0);
}

static char *capture_end(Capture *capture)
{
    (void)fflush(capture->stream);
    assert_true(dup2(capture->saved, fileno(capture->stream)) >= 0);
    off_t size = lseek(capture->file, 0, SEEK_END);
    assert_true(size >= 0);
    char *text = g_malloc0((gsize)size + 1);
    assert_int_equal(pread(capture->file, text, (size_t)size, 0), size);
    (void)close(capture->saved);
    (void)close(capture->file);
    return text;
}

void printed_clear(Printed *printed)
{
    g_clear_pointer(&printed->out, g_free);
    g_clear_pointer(&printed->err, g_free);
}

int run_command(int (*command)(int argc, char **argv), const char *const *argv, Printed *printed)
{
    g_auto(GStrv) arguments = g_strdupv((char **)argv);
    Capture out = {0};
    Capture err = {0};
    capture_begin(&out, stdout);
    capture_begin(&err, stderr);
    int status = command((int)g_strv_length(arguments), arguments);
    printed_clear(printed);
    printed->err = capture_end(&err);
    printed->out = capture_end(&out);
    return status;
}
