/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "cli/fake_ingest.h"

#include <fcntl.h>
#include <glib/gstdio.h>

#include "common/http/exchange.h"
#include "common/http/server.h"

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

static void handle(HttpRequest *request, void *user)
{
    FakeIngest *fake = user;
    unsigned number = (unsigned)g_atomic_int_add(&fake->count, 1);
    if (strcmp(or_empty(http_request_header(request, "authorization")), "Bearer " FAKE_TOKEN) != 0) {
        http_respond_problem(request, 401, "the bearer token is missing or wrong", NULL);
        return;
    }
    size_t size = 0;
    const char *data = g_bytes_get_data(http_request_body(request), &size);
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
    GString *text = g_string_new(NULL);
    int status = fake->answer(&asked, text, fake->user);
    g_autoptr(GBytes) answer = g_string_free_to_bytes(text);
    if (status < 300) {
        const char *headers[] = {"ETag", g_atomic_pointer_get(&fake->etag), NULL};
        http_respond(request, status, *asked.content_type ? asked.content_type : "application/json",
                     headers[1] ? headers : NULL, answer);
        return;
    }
    g_autofree char *detail = g_strndup(or_empty(g_bytes_get_data(answer, NULL)), g_bytes_get_size(answer));
    http_respond_problem(request, status, detail, NULL);
}

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
                                 .user = fake,
                                 .max_body = (size_t)8 * 1024 * 1024,
                                 .max_bodies = (size_t)64 * 1024 * 1024,
                                 .max_connections = 16,
                                 .timeout_s = 30};
    g_autoptr(GError) error = NULL;
    fake->server = http_server_start(&options, &error);
    assert_null(error);
    fake->address = g_strdup_printf("http://127.0.0.1:%u", http_server_port(fake->server));
    fake->folder = g_dir_make_tmp("daywire-cli-XXXXXX", NULL);
    assert_non_null(fake->folder);
    fake->token_file = g_build_filename(fake->folder, "token", NULL);
    assert_true(g_file_set_contents(fake->token_file, FAKE_TOKEN "\n", -1, NULL));
    return fake;
}

void fake_ingest_stop(FakeIngest *fake)
{
    http_server_stop(fake->server);
    g_unlink(fake->token_file);
    g_rmdir(fake->folder);
    g_free(fake->address);
    g_free(fake->folder);
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

int run_command(int (*command)(int argc, char **argv), const char *const *argv, char **ret_out,
                char **ret_err)
{
    g_auto(GStrv) arguments = g_strdupv((char **)argv);
    Capture out = {0};
    Capture err = {0};
    capture_begin(&out, stdout);
    capture_begin(&err, stderr);
    int status = command((int)g_strv_length(arguments), arguments);
    *ret_err = capture_end(&err);
    *ret_out = capture_end(&out);
    return status;
}
