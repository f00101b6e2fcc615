/* SPDX-License-Identifier: Apache-2.0 */
/* One thread applies what comes over the bus while four others, each with a reader of its own, follow it,
 * fall out of the window, leave and come back: the threads as in the gateway. For ThreadSanitizer, above all.
 */
#include "unit.h"

#include <pthread.h>

#include "stream_client.h"

#define READERS   4
#define IDS       16
#define REVISIONS 150
#define WINDOW    20000 /* bytes; some twenty events: a reader is overtaken now and then */

typedef struct {
    Replica *replica;
    gint *done;
    unsigned number;
    unsigned joins;
    unsigned revisions[IDS];
    char *cursor; /* NULL: none */
} Follower;

/* cmocka can fail a test on its own thread only. */
static void check(bool holds, const char *what)
{
    if (holds)
        return;
    print_error("%s\n", what);
    abort();
}

static void on_statement(Follower *follower, const json_t *data)
{
    const char *id = json_string_value(json_object_get(data, "id"));
    unsigned revision = (unsigned)json_integer_value(json_object_get(data, "revision"));
    unsigned *known = &follower->revisions[*id - 'a'];
    check(revision > *known, "a revision came twice, or after a newer one");
    *known = revision;
}

static void on_frame(Follower *follower, GBytes *bytes)
{
    json_t *frame = frame_json(bytes);
    const char *type = json_string_value(json_object_get(frame, "type"));
    const char *cursor = json_string_value(json_object_get(frame, "cursor"));
    if (strcmp(type, "subscribed") == 0)
        check(strcmp(json_string_value(json_object_get(frame, "resume")), "reset") != 0,
              "a reset on the same bus");
    if (strcmp(type, "statement") == 0)
        on_statement(follower, json_object_get(frame, "data"));
    if (*cursor) {
        g_free(follower->cursor);
        follower->cursor = g_strdup(cursor);
    }
    json_decref(frame);
}

/* Returns whether there is more. */
static bool take(Follower *follower, Subscription *subscription, ViewReader *reader)
{
    g_autoptr(GPtrArray) frames = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    g_autoptr(GError) error = NULL;
    bool more = subscription_take(subscription, reader, 4000, frames, &error);
    check(error == NULL, error ? error->message : "");
    for (guint i = 0; i < frames->len; i++)
        on_frame(follower, frames->pdata[i]);
    return more;
}

/* Stays for some while and until everything has been taken, so that the cursor covers all that came. */
static void visit(Follower *follower, ViewReader *reader, unsigned steps)
{
    g_autoptr(GError) error = NULL;
    const ClientMessage request = {.channels = BOTH, .last = 1000, .since = follower->cursor};
    Subscription *subscription =
        subscription_new(follower->replica->log, reader, &request, FORMAT_JSON, &error);
    check(subscription != NULL, error ? error->message : "");
    follower->joins++;
    for (bool more = true; more || steps > 0; steps -= steps > 0)
        more = take(follower, subscription, reader);
    subscription_free(subscription);
}

static void *follow(void *user)
{
    Follower *follower = user;
    g_autoptr(ViewReader) reader = view_reader_open(follower->replica->path, NULL);
    check(reader != NULL, "the view cannot be opened");
    while (!g_atomic_int_get(follower->done))
        visit(follower, reader, follower->number * 50);
    visit(follower, reader, 0);
    return NULL;
}

static void apply_revisions(Bus *bus, Replica *replica, unsigned first, unsigned last)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(42);
    for (unsigned revision = first; revision <= last; revision++) {
        for (unsigned i = 0; i < IDS; i++) {
            const char id[] = {(char)('a' + i), '\0'};
            bus_statement(bus, make_statement(id, revision, id));
            if (g_rand_int_range(rand, 0, 8) == 0)
                replica_follow(replica);
        }
    }
    replica_follow(replica);
}

static void test_four_follow_while_one_applies(void **state)
{
    (void)state;
    gint done = 0;
    Bus *bus = bus_new(7);
    Replica *replica = replica_new(bus, WINDOW);
    /* A cursor ahead of a view that is still empty would be answered with a reset. */
    apply_revisions(bus, replica, 1, 1);
    Follower followers[READERS];
    pthread_t threads[READERS];
    for (unsigned i = 0; i < READERS; i++) {
        followers[i] = (Follower){.replica = replica, .done = &done, .number = i};
        assert_int_equal(pthread_create(&threads[i], NULL, follow, &followers[i]), 0);
    }
    apply_revisions(bus, replica, 2, REVISIONS);
    g_atomic_int_set(&done, 1);
    for (unsigned i = 0; i < READERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(followers[i].joins >= 2);
        for (unsigned k = 0; k < IDS; k++)
            assert_int_equal(followers[i].revisions[k], REVISIONS);
        g_free(followers[i].cursor);
    }
    replica_free(replica);
    bus_free(bus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_four_follow_while_one_applies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
