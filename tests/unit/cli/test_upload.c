/* SPDX-License-Identifier: Apache-2.0 */
/* A stream of lines to servers that do what servers do. */
#include "unit.h"

#include <glib/gstdio.h>
#include <stdatomic.h>

#include "cli/scripted_ingest.h"
#include "cli/upload.h"
#include "common/error.h"

static volatile sig_atomic_t interrupts;

typedef struct {
    ScriptedIngest *server;
    Client *client;
    Upload *upload;
    char *token_path;
    GString *refused;
    unsigned ticks;
} Fixture;

static void note_refused(uint64_t line, const char *reason, void *user)
{
    g_string_append_printf(((Fixture *)user)->refused, "%u: %s\n", (unsigned)line, reason);
}

static void note_tick(void *user)
{
    ((Fixture *)user)->ticks++;
}

static int setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    int fd = g_file_open_tmp("daywire-upload-XXXXXX", &fixture->token_path, NULL);
    assert_true(fd >= 0);
    close(fd);
    assert_true(g_file_set_contents(fixture->token_path, "harbour-token\n", -1, NULL));
    fixture->refused = g_string_new(NULL);
    interrupts = 0;
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    Fixture *fixture = *state;
    upload_free(fixture->upload);
    client_free(fixture->client);
    if (fixture->server)
        scripted_ingest_stop(fixture->server);
    g_unlink(fixture->token_path);
    g_free(fixture->token_path);
    g_string_free(fixture->refused, TRUE);
    g_free(fixture);
    return 0;
}

static void connect_to(Fixture *fixture, const char *address)
{
    const UploadEvents events = {
        .refused = note_refused, .tick = note_tick, .user = fixture, .interrupts = &interrupts};
    ClientOptions options = {.server = address, .token_file = fixture->token_path, .back_off_ms = 1};
    fixture->client = client_new(&options, NULL);
    assert_non_null(fixture->client);
    fixture->upload = upload_new(fixture->client, &events, NULL);
    assert_non_null(fixture->upload);
}

static void start(Fixture *fixture, const Turn *turns, unsigned count)
{
    fixture->server = scripted_ingest_start(turns, count);
    connect_to(fixture, scripted_ingest_address(fixture->server));
}

static bool add_line(Fixture *fixture, unsigned number, const char *what, GError **error)
{
    g_autofree char *text = g_strdup_printf("{\"title\":\"%s %u\"}", what, number);
    return upload_add(fixture->upload, number, (uint64_t)number * 100, text, strlen(text), error);
}

static void send_lines(Fixture *fixture, unsigned count)
{
    g_autoptr(GError) error = NULL;
    for (unsigned i = 1; i <= count; i++)
        if (!add_line(fixture, i, "line", &error))
            fail_msg("%s", error->message);
    if (!upload_flush(fixture->upload, &error))
        fail_msg("%s", error->message);
}

/* Each line is stored once and counted once. */
static void assert_all(Fixture *fixture, unsigned count, unsigned connections)
{
    UploadTally tally = upload_tally(fixture->upload);
    assert_int_equal(scripted_ingest_stored(fixture->server), count);
    assert_int_equal(tally.created + tally.unchanged, count);
    assert_int_equal(upload_answered(fixture->upload), count);
    assert_int_equal(upload_position(fixture->upload), (uint64_t)count * 100);
    assert_int_equal(scripted_ingest_connections(fixture->server), connections);
    assert_string_equal(fixture->refused->str, "");
}

static void many_lines_are_one_request(void **state)
{
    Fixture *fixture = *state;
    start(fixture, &(const Turn){.then = TURN_ALL}, 1);
    send_lines(fixture, 50000);
    assert_all(fixture, 50000, 1);
    assert_int_equal(upload_tally(fixture->upload).created, 50000);
    assert_true(fixture->ticks > 0);
}

static void nothing_is_no_request(void **state)
{
    Fixture *fixture = *state;
    start(fixture, &(const Turn){.then = TURN_ALL}, 1);
    send_lines(fixture, 0);
    assert_all(fixture, 0, 0);
}

static void results_are_counted(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    start(fixture, &(const Turn){.then = TURN_ALL}, 1);
    assert_true(add_line(fixture, 1, "line", &error));
    assert_true(add_line(fixture, 3, "bad", &error));
    assert_true(add_line(fixture, 4, "line", &error));
    assert_true(add_line(fixture, 9, "bad", &error));
    assert_true(upload_flush(fixture->upload, &error));
    assert_true(add_line(fixture, 4, "line", &error));
    assert_true(upload_flush(fixture->upload, &error));
    UploadTally tally = upload_tally(fixture->upload);
    assert_int_equal(tally.created, 2);
    assert_int_equal(tally.unchanged, 1);
    assert_int_equal(tally.refused, 2);
    assert_string_equal(fixture->refused->str, "3: it is bad\n9: it is bad\n");
}

static void a_lost_connection_is_made_again(void **state)
{
    static const Turn turns[] = {{.lines = 5, .then = TURN_CUT},
                                 {.lines = 0, .then = TURN_CUT},
                                 {.lines = 1, .then = TURN_CUT},
                                 {.lines = 0, .then = TURN_END},
                                 {.lines = 3000, .then = TURN_CUT},
                                 {.lines = 7, .then = TURN_END},
                                 {.then = TURN_ALL}};
    Fixture *fixture = *state;
    start(fixture, turns, G_N_ELEMENTS(turns));
    send_lines(fixture, 20000);
    assert_all(fixture, 20000, G_N_ELEMENTS(turns));
}

static void what_found_no_room_is_sent_again(void **state)
{
    static const Turn turns[] = {{.lines = 5, .then = TURN_BUSY},
                                 {.lines = 503, .then = TURN_STATUS},
                                 {.lines = 0, .then = TURN_BUSY},
                                 {.lines = 429, .then = TURN_STATUS},
                                 {.then = TURN_ALL}};
    Fixture *fixture = *state;
    start(fixture, turns, G_N_ELEMENTS(turns));
    send_lines(fixture, 20000);
    assert_all(fixture, 20000, G_N_ELEMENTS(turns));
}

static void assert_fails(Fixture *fixture, const Turn *turns, unsigned count, int code, const char *message,
                         unsigned connections)
{
    g_autoptr(GError) error = NULL;
    start(fixture, turns, count);
    for (unsigned i = 1; i <= 100; i++)
        assert_true(add_line(fixture, i, "line", &error));
    assert_false(upload_flush(fixture->upload, &error));
    assert_string_equal(error->message, message);
    assert_true(g_error_matches(error, DAYWIRE_ERROR, code));
    assert_int_equal(scripted_ingest_connections(fixture->server), connections);
}

static void a_server_without_progress_is_given_up(void **state)
{
    static const Turn turns[] = {{.lines = 5, .then = TURN_END}, {.lines = 0, .then = TURN_END}};
    assert_fails(*state, turns, 2, DAYWIRE_ERROR_UNAVAILABLE,
                 "after several attempts: the server ends before it has answered all; import again later", 7);
}

static void a_server_without_room_is_given_up(void **state)
{
    assert_fails(*state, &(const Turn){.lines = 0, .then = TURN_BUSY}, 1, DAYWIRE_ERROR_UNAVAILABLE,
                 "after several attempts: the server takes nothing now: no room; import again later", 7);
}

static void a_refused_request_is_told(void **state)
{
    assert_fails(*state, &(const Turn){.lines = 415, .then = TURN_STATUS}, 1, DAYWIRE_ERROR_FAILED,
                 "the server refused the request: no.", 1);
}

static void another_server_is_told(void **state)
{
    assert_fails(*state, &(const Turn){.lines = 3, .then = TURN_NOISE}, 1, DAYWIRE_ERROR_FAILED,
                 "the server's answer number 4 is not about the statement sent: is --server the address of "
                 "daywire-ingest?",
                 1);
}

static void a_wrong_token_is_told(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    start(fixture, &(const Turn){.lines = 401, .then = TURN_STATUS}, 1);
    assert_true(add_line(fixture, 1, "line", &error));
    assert_false(upload_flush(fixture->upload, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
    assert_non_null(strstr(error->message, "does not accept the token"));
}

static void nobody_there_is_told_at_once(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    connect_to(fixture, "http://127.0.0.1:1");
    assert_true(add_line(fixture, 1, "line", &error));
    assert_false(upload_flush(fixture->upload, &error));
    assert_non_null(strstr(error->message, "cannot reach http://127.0.0.1:1: is daywire-ingest running?"));
}

typedef struct {
    Fixture *fixture;
    atomic_uint added;
} Adder;

static void *add_many(void *user)
{
    Adder *adder = user;
    g_autoptr(GError) error = NULL;
    for (unsigned i = 1; i <= 50000; i++) {
        if (!add_line(adder->fixture, i, "line", &error))
            fail_msg("%s", error->message);
        atomic_store(&adder->added, i);
    }
    if (!upload_flush(adder->fixture->upload, &error))
        fail_msg("%s", error->message);
    return NULL;
}

static void what_has_no_answer_is_bounded(void **state)
{
    Fixture *fixture = *state;
    Adder adder = {.fixture = fixture};
    start(fixture, &(const Turn){.then = TURN_HOLD}, 1);
    GThread *thread = g_thread_new("adder", add_many, &adder);
    int64_t deadline = g_get_monotonic_time() + (int64_t)20 * G_USEC_PER_SEC;
    while (atomic_load(&adder.added) < UPLOAD_LINES_MAX && g_get_monotonic_time() < deadline)
        g_usleep(1000);
    g_usleep(300000); /* longer than a tick: it would go on now */
    assert_int_equal(atomic_load(&adder.added), UPLOAD_LINES_MAX);
    scripted_ingest_go_on(fixture->server);
    g_thread_join(thread);
    assert_all(fixture, 50000, 1);
}

/* What was sent is still answered, the rest is dropped. */
static void an_interrupt_ends_in_order(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    start(fixture, &(const Turn){.then = TURN_ALL}, 1);
    for (unsigned i = 1; i <= 100; i++)
        assert_true(add_line(fixture, i, "line", &error));
    while (upload_answered(fixture->upload) < 100)
        assert_true(upload_wait(fixture->upload, -1, &error));
    assert_true(add_line(fixture, 101, "line", &error));
    interrupts = 1;
    assert_true(upload_flush(fixture->upload, &error));
    assert_all(fixture, 100, 1);
}

/* And does not wait for a server that does not answer. */
static void a_second_interrupt_ends_at_once(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    start(fixture, &(const Turn){.then = TURN_HOLD}, 1);
    for (unsigned i = 1; i <= 100; i++)
        assert_true(add_line(fixture, i, "line", &error));
    while (scripted_ingest_connections(fixture->server) == 0)
        assert_true(upload_wait(fixture->upload, -1, &error));
    interrupts = 2;
    int64_t before = g_get_monotonic_time();
    assert_true(upload_flush(fixture->upload, &error));
    assert_true(g_get_monotonic_time() - before < 3 * G_USEC_PER_SEC);
}

int main(void)
{
#define UPLOAD_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        UPLOAD_TEST(many_lines_are_one_request),
        UPLOAD_TEST(nothing_is_no_request),
        UPLOAD_TEST(results_are_counted),
        UPLOAD_TEST(a_lost_connection_is_made_again),
        UPLOAD_TEST(what_found_no_room_is_sent_again),
        UPLOAD_TEST(a_server_without_progress_is_given_up),
        UPLOAD_TEST(a_server_without_room_is_given_up),
        UPLOAD_TEST(a_refused_request_is_told),
        UPLOAD_TEST(another_server_is_told),
        UPLOAD_TEST(a_wrong_token_is_told),
        UPLOAD_TEST(nobody_there_is_told_at_once),
        UPLOAD_TEST(what_has_no_answer_is_bounded),
        UPLOAD_TEST(an_interrupt_ends_in_order),
        UPLOAD_TEST(a_second_interrupt_ends_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
