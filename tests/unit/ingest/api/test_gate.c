/* SPDX-License-Identifier: Apache-2.0 */
/* The gate behind a server: who gets in, and that a reload disturbs nobody. ThreadSanitizer watches. */
#include "unit.h"

#include <glib/gstdio.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "common/http/server.h"
#include "common/log.h"
#include "common/server_fixture.h"
#include "folder.h"
#include "http_client.h"
#include "ingest/api/gate.h"

#define CLIENTS     3
#define RELOADS     30
#define PATIENCE_US (INT64_C(10) * G_USEC_PER_SEC)

typedef struct {
    char *folder;
    Gate *gate;
    HttpServer *server;
    unsigned port;
    HttpRequest *_Atomic held; /* the last one at /held */
    atomic_bool ending;
    atomic_uint served;
    atomic_uint misled; /* answers that should not have been */
} Fixture;

static bool admit(HttpRequest *request, void *user)
{
    return gate_admit(((Fixture *)user)->gate, request);
}

static void answer(HttpRequest *request, void *user G_GNUC_UNUSED)
{
    const char *name = gate_token_name(request);
    g_autoptr(GBytes) body = g_bytes_new(name, strlen(name));

    http_respond(request, 200, "text/plain", NULL, body);
}

static void hold(HttpRequest *request, void *user)
{
    g_assert_null(atomic_exchange(&((Fixture *)user)->held, request));
}

static void write_secret(const Fixture *fixture, const char *name, const char *secret)
{
    g_autofree char *path = g_build_filename(fixture->folder, name, NULL);

    assert_true(g_file_set_contents(path, secret, -1, NULL));
    assert_int_equal(chmod(path, 0600), 0);
}

static Config *make_config(const Fixture *fixture, const char *more)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(fixture->folder, "daywire.ini", NULL);
    g_autofree char *text =
        g_strdup_printf("[token desk]\nfile = %s/desk\nrights = publish, read\n%s", fixture->folder, more);

    assert_true(g_file_set_contents(path, text, -1, NULL));
    Config *config = config_load(path, (char *[]){NULL}, &error);
    if (!config)
        fail_msg("%s", error->message);
    return config;
}

static int setup(void **state)
{
    static const HttpRoute routes[] = {
        {"GET", "/now", answer}, {"DELETE", "/now", answer}, {"GET", "/held", hold}, {NULL, NULL, NULL}};
    Fixture *fixture = g_new0(Fixture, 1);
    g_autoptr(GError) error = NULL;

    fixture->folder = folder_new();
    write_secret(fixture, "desk", "the-press-desk");
    write_secret(fixture, "new", "the-newcomer");
    g_autoptr(Config) config = make_config(fixture, "");
    fixture->gate = gate_new(config, &error);
    assert_null(error);
    fixture->server = server_fixture_start(
        (HttpServerOptions){
            .routes = routes, .admit = admit, .user = fixture, .max_connections = 100, .timeout_s = 10},
        &fixture->port);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    Fixture *fixture = *state;

    http_server_stop(fixture->server);
    gate_free(fixture->gate);
    folder_remove(fixture->folder);
    g_free(fixture);
    return 0;
}

static HttpReply ask(const Fixture *fixture, const char *method, const char *secret)
{
    g_autofree char *header = g_strdup_printf("Authorization: Bearer %s\r\n", secret);
    return client_request(fixture->port, method, "/now", header, NULL);
}

static void expect(const Fixture *fixture, const char *method, const char *secret, int status,
                   const char *part)
{
    HttpReply reply = ask(fixture, method, secret);

    if (reply.status != status || !strstr(reply.body->str, part))
        fail_msg("%s %s: %d %s", method, secret, reply.status, reply.body->str);
    reply_clear(&reply);
}

static bool reload(Fixture *fixture, const char *more, GError **error)
{
    g_autoptr(Config) config = make_config(fixture, more);
    return gate_reload(fixture->gate, config, error);
}

static char *group_of_new(const Fixture *fixture)
{
    return g_strdup_printf("[token new]\nfile = %s/new\nrights = read\n", fixture->folder);
}

static void test_who_gets_in(void **state)
{
    Fixture *fixture = *state;

    expect(fixture, "GET", "the-press-desk", 200, "desk");
    expect(fixture, "DELETE", "the-press-desk", 403,
           "the token desk lacks the right withdraw, which DELETE needs");
    expect(fixture, "GET", "the-newcomer", 401, "the bearer token is missing or wrong");
}

static void test_a_bad_reload_changes_nothing(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *new = group_of_new(fixture);
    g_autoptr(GError) error = NULL;

    write_secret(fixture, "new", "");
    assert_false(reload(fixture, new, &error));
    assert_non_null(strstr(error->message, "[token new] file: "));
    expect(fixture, "GET", "the-press-desk", 200, "desk");
    write_secret(fixture, "new", "the-newcomer");
    assert_true(reload(fixture, new, NULL));
    expect(fixture, "GET", "the-newcomer", 200, "new");
    assert_true(reload(fixture, "", NULL));
    expect(fixture, "GET", "the-newcomer", 401, "");
}

/* Its name can be asked for until the answer, long after the token has gone. */
static void test_a_request_keeps_its_token(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *new = group_of_new(fixture);
    int64_t deadline = g_get_monotonic_time() + PATIENCE_US;
    HttpRequest *request = NULL;

    assert_true(reload(fixture, new, NULL));
    int fd = client_connect(fixture->port);
    client_send_text(fd, "GET /held HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer the-newcomer\r\n\r\n");
    while (!(request = atomic_exchange(&fixture->held, NULL)) && g_get_monotonic_time() < deadline)
        g_usleep(1000);
    assert_non_null(request);
    assert_true(reload(fixture, "", NULL));
    expect(fixture, "GET", "the-newcomer", 401, "");
    assert_string_equal(gate_token_name(request), "new");
    answer(request, NULL);
    HttpReply reply = client_read(fd, false);
    assert_string_equal(reply.body->str, "new");
    reply_clear(&reply);
    close(fd);
}

/* Asks all the time; whoever is in the configuration throughout is never refused. */
static void *ask_on(void *user)
{
    Fixture *fixture = user;

    while (!atomic_load(&fixture->ending)) {
        HttpReply reply = ask(fixture, "GET", "the-press-desk");
        atomic_fetch_add(reply.status == 200 ? &fixture->served : &fixture->misled, 1);
        reply_clear(&reply);
        reply = ask(fixture, "GET", "the-newcomer"); /* now in, now out */
        if (reply.status != 200 && reply.status != 401)
            atomic_fetch_add(&fixture->misled, 1);
        reply_clear(&reply);
    }
    return NULL;
}

static void test_reloads_disturb_nobody(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *new = group_of_new(fixture);
    GThread *clients[CLIENTS];

    for (size_t i = 0; i < CLIENTS; i++)
        clients[i] = g_thread_new("client", ask_on, fixture);
    for (unsigned i = 0; i < RELOADS; i++) {
        unsigned before = atomic_load(&fixture->served);
        int64_t deadline = g_get_monotonic_time() + PATIENCE_US;
        assert_true(reload(fixture, i % 2 ? "" : new, NULL));
        gate_report(fixture->gate);
        while (atomic_load(&fixture->served) < before + CLIENTS && g_get_monotonic_time() < deadline)
            g_usleep(1000);
    }
    atomic_store(&fixture->ending, true);
    for (size_t i = 0; i < CLIENTS; i++)
        g_thread_join(clients[i]);
    assert_int_equal(atomic_load(&fixture->misled), 0);
    assert_true(atomic_load(&fixture->served) >= RELOADS * CLIENTS);
}

int main(void)
{
#define GATE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        GATE_TEST(test_who_gets_in),
        GATE_TEST(test_a_bad_reload_changes_nothing),
        GATE_TEST(test_a_request_keeps_its_token),
        GATE_TEST(test_reloads_disturb_nobody),
    };

    log_init("test", LOG_FORMAT_TEXT, LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
