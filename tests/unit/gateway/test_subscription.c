/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <daywire/v1/stream.pb-c.h>

#include "common/error.h"
#include "folder.h"
#include "stream_client.h"

#define MANY  (1 << 30)
#define SMALL (64 * 1024)

static int setup(void **state)
{
    return replica_setup(state, SMALL);
}

static void tick(ReplicaFixture *fixture, const char *counter, const char *date)
{
    bus_tick(fixture->bus, make_tick(counter, date, 1));
    replica_follow(fixture->replica);
}

/* Pushes everything that is in the window out of it. */
static void push_out(ReplicaFixture *fixture)
{
    g_autofree char *body = g_strnfill(SMALL / 2, 'x');
    for (unsigned i = 1; i <= 3; i++) {
        Statement *statement = make_statement("big", i, "big");
        message_set_string(&statement->body, body);
        statement->body_type = BODY_TYPE_PLAIN;
        message_set_string(&statement->date, "1999-12-31");
        bus_statement(fixture->bus, statement);
        replica_follow(fixture->replica);
    }
}

static void assert_begins(ReplicaFixture *fixture, const char *since, unsigned last, const char *expected)
{
    Client *client = client_new(fixture->replica, BOTH, NULL, since, last);
    assert_takes(client, expected);
    client_free(client);
}

/* -- the beginning -- */

static void test_nothing_is_served_before_the_first_state(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    char *folder = folder_new();
    g_autofree char *path = folder_path(folder, "gateway.db");
    View *view = view_open(path, NULL);
    ViewReader *reader = view_reader_open(path, NULL);
    EventLog *log = event_log_new(MANY, INSTANT_SECOND);
    const ClientMessage request = {.channels = BOTH};
    assert_null(subscription_new(log, reader, &request, FORMAT_JSON, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE));
    event_log_free(log);
    view_reader_free(reader);
    view_free(view);
    folder_remove(folder);
}

static void test_a_snapshot_then_what_comes(void **state)
{
    ReplicaFixture *fixture = *state;
    replica_publish(fixture, "a", 1);
    replica_publish(fixture, "b", 1);
    tick(fixture, "opened", "2024-05-01");
    Client *client = client_new(fixture->replica, BOTH, NULL, NULL, 10);
    assert_takes(client, "snapshot b/1 a/1 opened/2024-05-01/1 .");
    assert_takes(client, "");
    replica_publish(fixture, "a", 2);
    assert_takes(client, "a/2");
    tick(fixture, "opened", "2024-05-02");
    replica_publish(fixture, "c", 1);
    assert_takes(client, "opened/2024-05-02/1 c/1");
    client_free(client);
}

static void test_channels_filter_and_last(void **state)
{
    ReplicaFixture *fixture = *state;
    for (unsigned i = 0; i < 4; i++) {
        char id[] = "a";
        id[0] = (char)('a' + i);
        Statement *statement = make_statement(id, 1, id);
        message_set_string(&statement->source, i % 2 ? "museum" : "press");
        bus_statement(fixture->bus, statement);
    }
    tick(fixture, "opened", "2024-05-01");
    Client *statements = client_new(fixture->replica, CHANNEL_STATEMENTS, NULL, NULL, 2);
    Client *ticks = client_new(fixture->replica, CHANNEL_TICKS, NULL, NULL, 2);
    Client *press = client_new(fixture->replica, BOTH, "source=press", NULL, 1);
    assert_takes(statements, "snapshot b/1 a/1 .");
    assert_takes(ticks, "snapshot opened/2024-05-01/1 .");
    assert_takes(press, "snapshot a/1 opened/2024-05-01/1 .");
    replica_publish(fixture, "b", 2); /* has no source any more */
    tick(fixture, "opened", "2024-05-02");
    assert_takes(statements, "b/2");
    assert_takes(ticks, "opened/2024-05-02/1");
    assert_takes(press, "opened/2024-05-02/1");
    client_free(statements);
    client_free(ticks);
    client_free(press);
}

static void test_withdrawals_and_removals_arrive(void **state)
{
    ReplicaFixture *fixture = *state;
    replica_publish(fixture, "a", 1);
    tick(fixture, "opened", "2024-05-01");
    Client *client = client_new(fixture->replica, BOTH, "source=press", NULL, 10);
    assert_takes(client, "snapshot opened/2024-05-01/1 .");
    bus_statement(fixture->bus, make_withdrawal("a", 2));
    bus_removal(fixture->bus, "opened");
    replica_follow(fixture->replica);
    assert_takes(client, "-a/2 -opened"); /* nobody knows any more whether it matched */
    client_free(client);
    assert_begins(fixture, NULL, 10, "snapshot -a/2 .");
}

/* -- resuming -- */

static void test_a_resume_within_the_window_is_complete(void **state)
{
    ReplicaFixture *fixture = *state;
    replica_publish(fixture, "a", 1);
    Client *client = client_new(fixture->replica, BOTH, NULL, NULL, 10);
    assert_takes(client, "snapshot a/1 .");
    replica_publish(fixture, "a", 2);
    assert_takes(client, "a/2");
    replica_publish(fixture, "a", 3);
    replica_publish(fixture, "a", 4);
    tick(fixture, "opened", "2024-05-01");
    assert_begins(fixture, client->cursor, 10, "complete a/3 a/4 opened/2024-05-01/1 .");
    Client *again = client_new(fixture->replica, BOTH, NULL, client->cursor, 0);
    replica_publish(fixture, "a", 5);
    /* What comes while the answer waits is live, and comes after `caught_up`. */
    assert_takes(again, "complete a/3 a/4 opened/2024-05-01/1 . a/5");
    assert_begins(fixture, again->cursor, 10, "complete .");
    client_free(again);
    client_free(client);
}

static void test_a_resume_after_a_restart_of_the_gateway_is_complete(void **state)
{
    ReplicaFixture *fixture = *state;
    const int64_t from[BUS_PARTITIONS] = {0};
    replica_publish(fixture, "a", 1);
    Client *client = client_new(fixture->replica, BOTH, NULL, NULL, 10);
    assert_takes(client, "snapshot a/1 .");
    g_autofree char *cursor = g_strdup(client->cursor);
    client_free(client);
    replica_publish(fixture, "a", 2);
    replica_publish(fixture, "a", 3);
    replica_restart(fixture->replica, from);
    assert_begins(fixture, cursor, 10, "complete a/2 a/3 .");
}

static void test_an_older_resume_is_compacted(void **state)
{
    ReplicaFixture *fixture = *state;
    replica_publish(fixture, "a", 1);
    replica_publish(fixture, "b", 1);
    tick(fixture, "opened", "2024-05-01");
    tick(fixture, "closed", "2024-05-01");
    Client *client = client_new(fixture->replica, BOTH, NULL, NULL, 10);
    assert_takes(client, "snapshot b/1 a/1 closed/2024-05-01/1 opened/2024-05-01/1 .");
    replica_publish(fixture, "a", 2);
    replica_publish(fixture, "a", 3);
    bus_statement(fixture->bus, make_withdrawal("b", 2));
    tick(fixture, "opened", "2024-05-02");
    tick(fixture, "opened", "2024-05-03");
    bus_removal(fixture->bus, "closed");
    push_out(fixture);
    replica_publish(fixture, "c", 1);
    assert_begins(fixture, client->cursor, 10, "compacted a/3 -b/2 opened/2024-05-03/1 -closed big/3 c/1 .");
    client_free(client);
}

static void test_a_compacted_resume_goes_on_where_it_was_cut(void **state)
{
    ReplicaFixture *fixture = *state;
    bool more = false;
    replica_publish(fixture, "a", 1);
    Client *client = client_new(fixture->replica, BOTH, NULL, NULL, 10);
    assert_takes(client, "snapshot a/1 .");
    replica_publish(fixture, "b", 1);
    replica_publish(fixture, "d", 1);
    push_out(fixture);
    Client *cut = client_new(fixture->replica, BOTH, NULL, client->cursor, 10);
    g_autofree char *answer = client_take(cut, 1, &more);
    g_autofree char *first = client_take(cut, 1, &more);
    assert_string_equal(answer, "compacted");
    assert_string_equal(first, "b/1");
    assert_begins(fixture, cut->cursor, 10, "compacted b/1 d/1 big/3 .");
    client_free(cut);
    client_free(client);
}

static void test_a_snapshot_that_was_cut_begins_anew(void **state)
{
    ReplicaFixture *fixture = *state;
    bool more = false;
    replica_publish(fixture, "a", 1);
    replica_publish(fixture, "b", 1);
    Client *cut = client_new(fixture->replica, BOTH, NULL, NULL, 10);
    for (int i = 0; i < 2; i++)
        g_free(client_take(cut, 1, &more));
    assert_string_equal(subscription_cursor(cut->subscription), "");
    g_free(client_take(cut, 1, &more)); /* the last one */
    assert_null(cut->cursor);           /* nothing to resume from before caught_up */
    g_free(client_take(cut, 1, &more));
    assert_non_null(cut->cursor);
    assert_string_equal(subscription_cursor(cut->subscription), cut->cursor);
    client_free(cut);
}

static void test_what_is_no_cursor_of_ours_is_reset(void **state)
{
    ReplicaFixture *fixture = *state;
    replica_publish(fixture, "a", 1);
    g_autofree Cursor *foreign = cursor_copy(applier_cursor(fixture->replica->applier));
    g_autofree Cursor *replaced = cursor_copy(foreign);
    g_autofree Cursor *wide = cursor_new(7, 4);
    foreign->epoch++;
    replaced->positions[1].stamp++;
    g_autofree char *foreign_text = cursor_format(foreign);
    g_autofree char *replaced_text = cursor_format(replaced);
    g_autofree char *wide_text = cursor_format(wide);
    const char *const cursors[] = {"nonsense", foreign_text, replaced_text, wide_text};
    for (size_t i = 0; i < G_N_ELEMENTS(cursors); i++)
        assert_begins(fixture, cursors[i], 10, "reset a/1 .");
}

static void test_too_many_changes_are_a_reset(void **state)
{
    ReplicaFixture *fixture = *state;
    replica_publish(fixture, "a", 1);
    Client *client = client_new(fixture->replica, BOTH, NULL, NULL, 0);
    assert_takes(client, "snapshot .");
    for (unsigned i = 0; i < 10001; i++) {
        g_autofree char *id = g_strdup_printf("s%u", i);
        bus_statement(fixture->bus, make_statement(id, 1, id));
    }
    replica_follow(fixture->replica);
    assert_begins(fixture, client->cursor, 2, "reset s0/1 a/1 .");
    client_free(client);
}

/* -- another replica -- */

/* Replicas read the partitions in different orders: no event may come twice, and none be missed. */
static void test_a_cursor_is_good_at_any_replica(void **state)
{
    ReplicaFixture *fixture = *state;
    bus_statement(fixture->bus, make_statement("y", 1, "y")); /* partition 1 */
    bus_statement(fixture->bus, make_statement("z", 1, "z")); /* partition 0 */
    replica_follow(fixture->replica);
    Replica *other = replica_new(fixture->bus, MANY);
    replica_follow(other);
    bus_statement(fixture->bus, make_statement("a", 1, "a")); /* partition 1 */
    bus_statement(fixture->bus, make_statement("b", 1, "b")); /* partition 0 */
    bus_statement(fixture->bus, make_statement("a", 2, "a"));
    bus_statement(fixture->bus, make_statement("b", 2, "b"));
    replica_read(fixture->replica, 1, 1);
    replica_flush(fixture->replica);
    Client *client = client_new(fixture->replica, BOTH, NULL, NULL, 10);
    assert_takes(client, "snapshot z/1 y/1 a/1 .");

    replica_read(other, 0, 2);
    replica_flush(other);
    /* The other one has not read a/1 yet. */
    Client *moved = client_new(other, BOTH, NULL, client->cursor, 0);
    assert_takes(moved, "complete b/1 b/2 .");
    replica_follow(other);
    assert_takes(moved, "a/2");
    assert_begins(fixture, moved->cursor, 0, "complete ."); /* the first replica is behind now */

    /* In the midst of it, and back to the first: b/1 was seen, b/2 not. */
    Client *half = client_new(other, BOTH, NULL, client->cursor, 0);
    bool more = false;
    g_autofree char *answer = client_take(half, 1, &more);
    g_autofree char *first = client_take(half, 1, &more);
    assert_string_equal(answer, "complete");
    assert_string_equal(first, "b/1");
    Client *back = client_new(fixture->replica, BOTH, NULL, half->cursor, 0);
    replica_follow(fixture->replica);
    assert_takes(back, "complete . b/2 a/2");
    client_free(back);
    client_free(half);
    client_free(moved);
    client_free(client);
    replica_free(other);
}

/* Offsets beyond our own: another replica is ahead, or the topic was made anew and is shorter. */
static void test_a_topic_made_anew_is_a_reset(void **state)
{
    ReplicaFixture *fixture = *state;
    Bus *anew = bus_new(7); /* the same cluster, the same names */
    for (unsigned i = 1; i <= 5; i++)
        replica_publish(fixture, "a", i);
    Client *client = client_new(fixture->replica, BOTH, NULL, NULL, 10);
    assert_takes(client, "snapshot a/5 .");
    anew->time = fixture->bus->time + 5 * INSTANT_SECOND;
    replica_change_bus(fixture->replica, anew);
    assert_begins(fixture, client->cursor, 10, "reset .");
    bus_statement(anew, make_statement("c", 1, "c"));
    replica_follow(fixture->replica);
    assert_begins(fixture, client->cursor, 10, "reset c/1 .");
    assert_takes(client, "reset c/1 .");
    client_free(client);
    bus_free(anew);
}

static void test_a_cursor_from_the_future_waits(void **state)
{
    ReplicaFixture *fixture = *state;
    Replica *ahead = replica_new(fixture->bus, MANY);
    replica_publish(fixture, "a", 1);
    for (unsigned i = 2; i <= 5; i++)
        bus_statement(fixture->bus, make_statement("a", i, "a"));
    replica_follow(ahead);
    Client *client = client_new(ahead, BOTH, NULL, NULL, 10);
    assert_takes(client, "snapshot a/5 .");
    Client *moved = client_new(fixture->replica, BOTH, NULL, client->cursor, 10);
    assert_takes(moved, "complete .");
    replica_read(fixture->replica, 1, 2);
    replica_flush(fixture->replica);
    assert_takes(moved, "");
    assert_string_equal(subscription_cursor(moved->subscription), client->cursor);
    bus_statement(fixture->bus, make_statement("a", 6, "a"));
    replica_follow(fixture->replica);
    assert_takes(moved, "a/6");
    client_free(moved);
    client_free(client);
    replica_free(ahead);
}

/* As after a power cut of the only broker: the client has seen records that nobody has any more. */
static void test_a_bus_that_lost_its_end_is_a_reset(void **state)
{
    ReplicaFixture *fixture = *state;
    replica_publish(fixture, "b", 1);
    Client *client = client_new(fixture->replica, BOTH, NULL, NULL, 10);
    assert_takes(client, "snapshot b/1 .");
    g_autofree Cursor *lost = cursor_parse(client->cursor);
    lost->positions[0].offset += 3;
    g_autofree char *text = cursor_format(lost);
    Client *back = client_new(fixture->replica, BOTH, NULL, text, 10);
    assert_takes(back, "complete .");
    replica_publish(fixture, "b", 2);
    replica_publish(fixture, "b", 3);
    assert_takes(back, "");
    replica_publish(fixture, "b", 4); /* where the client stood, and another one */
    assert_takes(back, "reset b/4 .");
    replica_publish(fixture, "b", 5);
    assert_takes(back, "b/5");
    client_free(back);
    client_free(client);
}

/* -- slow clients -- */

static void test_frames_are_taken_in_portions(void **state)
{
    ReplicaFixture *fixture = *state;
    for (unsigned i = 1; i <= 3; i++)
        replica_publish(fixture, "a", i);
    replica_publish(fixture, "b", 1);
    Client *client = client_new(fixture->replica, BOTH, NULL, NULL, 10);
    static const char *const expected[] = {"snapshot", "b/1", "a/3", ".", ""};
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        bool more = false;
        g_autofree char *text = client_take(client, 1, &more);
        assert_string_equal(text, expected[i]);
        assert_int_equal(more, i < 3);
    }
    replica_publish(fixture, "a", 4);
    replica_publish(fixture, "a", 5);
    replica_publish(fixture, "a", 6);
    bool more = false;
    g_autofree char *two = client_take(client, 900, &more);
    assert_string_equal(two, "a/4 a/5");
    assert_true(more);
    assert_takes(client, "a/6");
    client_free(client);
}

static void test_who_falls_out_of_the_window_gets_the_latest(void **state)
{
    ReplicaFixture *fixture = *state;
    replica_publish(fixture, "a", 1);
    tick(fixture, "opened", "2024-05-01");
    Client *client = client_new(fixture->replica, BOTH, NULL, NULL, 10);
    assert_takes(client, "snapshot a/1 opened/2024-05-01/1 .");
    for (unsigned i = 2; i < 9; i++) {
        g_autofree char *date = g_strdup_printf("2024-05-0%u", i);
        replica_publish(fixture, "a", i);
        tick(fixture, "opened", date);
    }
    push_out(fixture);
    assert_takes(client, "compacted a/8 opened/2024-05-08/1 big/3 .");
    replica_publish(fixture, "a", 9);
    assert_takes(client, "a/9");
    client_free(client);
}

/* Falling out while the snapshot is still being taken: what came since follows it. */
static void test_a_slow_snapshot_is_not_repeated(void **state)
{
    ReplicaFixture *fixture = *state;
    bool more = false;
    replica_publish(fixture, "a", 1);
    replica_publish(fixture, "b", 1);
    replica_publish(fixture, "c", 1);
    Client *client = client_new(fixture->replica, BOTH, NULL, NULL, 10);
    g_autofree char *answer = client_take(client, 1, &more);
    g_autofree char *first = client_take(client, 1, &more);
    assert_string_equal(first, "c/1");
    replica_publish(fixture, "c", 2);
    push_out(fixture);
    assert_takes(client, "b/1 a/1 . compacted c/2 big/3 .");
    client_free(client);
}

static void test_another_bus_is_a_reset(void **state)
{
    ReplicaFixture *fixture = *state;
    Bus *other = bus_new(8);
    replica_publish(fixture, "a", 5);
    Client *client = client_new(fixture->replica, BOTH, NULL, NULL, 10);
    assert_takes(client, "snapshot a/5 .");
    bus_statement(other, make_statement("b", 1, "b"));
    replica_change_bus(fixture->replica, other);
    replica_follow(fixture->replica);
    assert_takes(client, "reset b/1 .");
    bus_statement(other, make_statement("b", 2, "b"));
    replica_follow(fixture->replica);
    assert_takes(client, "b/2");
    client_free(client);
    bus_free(other);
}

/* -- the rest -- */

static void test_leaving_a_channel(void **state)
{
    ReplicaFixture *fixture = *state;
    bool more = false;
    replica_publish(fixture, "a", 1);
    tick(fixture, "opened", "2024-05-01");
    Client *client = client_new(fixture->replica, BOTH, NULL, NULL, 10);
    g_autofree char *answer = client_take(client, 1, &more);
    assert_int_equal(subscription_leave(client->subscription, CHANNEL_STATEMENTS), CHANNEL_TICKS);
    assert_takes(client, "opened/2024-05-01/1 .");
    replica_publish(fixture, "a", 2);
    tick(fixture, "opened", "2024-05-02");
    assert_takes(client, "opened/2024-05-02/1");
    assert_int_equal(subscription_leave(client->subscription, CHANNEL_STATEMENTS), CHANNEL_TICKS);
    assert_int_equal(subscription_leave(client->subscription, CHANNEL_TICKS), 0);
    client_free(client);
}

/* A client that saw no event for long resumes as well as any other. */
static void test_the_cursor_moves_on_past_what_is_not_wanted(void **state)
{
    ReplicaFixture *fixture = *state;
    Client *client = client_new(fixture->replica, BOTH, "source=press", NULL, 10);
    assert_takes(client, "snapshot .");
    replica_publish(fixture, "a", 1);
    replica_publish(fixture, "a", 2);
    assert_takes(client, "");
    g_autofree char *log_cursor = event_log_cursor(fixture->replica->log);
    assert_string_equal(subscription_cursor(client->subscription), log_cursor);
    client_free(client);
}

static void test_the_protobuf_form_is_the_same_stream(void **state)
{
    ReplicaFixture *fixture = *state;
    const ClientMessage request = {.channels = BOTH, .last = 10};
    g_autoptr(GPtrArray) frames = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    replica_publish(fixture, "a", 1);
    Subscription *subscription =
        subscription_new(fixture->replica->log, fixture->replica->reader, &request, FORMAT_PROTO, NULL);
    assert_false(subscription_take(subscription, fixture->replica->reader, SIZE_MAX, frames, NULL));
    subscription_free(subscription);
    static const Daywire__V1__ServerMessage__MessageCase expected[] = {
        DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_SUBSCRIBED, DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_STATEMENT,
        DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_CAUGHT_UP};
    assert_int_equal(frames->len, G_N_ELEMENTS(expected));
    for (guint i = 0; i < frames->len; i++) {
        g_autoptr(GBytes) payload = frame_payload(frames->pdata[i], NULL);
        size_t size = 0;
        const void *data = g_bytes_get_data(payload, &size);
        Daywire__V1__ServerMessage *message = daywire__v1__server_message__unpack(NULL, size, data);
        assert_int_equal(message->message_case, expected[i]);
        daywire__v1__server_message__free_unpacked(message, NULL);
    }
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, setup, replica_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_served_before_the_first_state),
        TEST(test_a_snapshot_then_what_comes),
        TEST(test_channels_filter_and_last),
        TEST(test_withdrawals_and_removals_arrive),
        TEST(test_a_resume_within_the_window_is_complete),
        TEST(test_a_resume_after_a_restart_of_the_gateway_is_complete),
        TEST(test_an_older_resume_is_compacted),
        TEST(test_a_compacted_resume_goes_on_where_it_was_cut),
        TEST(test_a_snapshot_that_was_cut_begins_anew),
        TEST(test_what_is_no_cursor_of_ours_is_reset),
        TEST(test_too_many_changes_are_a_reset),
        TEST(test_a_cursor_is_good_at_any_replica),
        TEST(test_a_topic_made_anew_is_a_reset),
        TEST(test_a_cursor_from_the_future_waits),
        TEST(test_a_bus_that_lost_its_end_is_a_reset),
        TEST(test_frames_are_taken_in_portions),
        TEST(test_who_falls_out_of_the_window_gets_the_latest),
        TEST(test_a_slow_snapshot_is_not_repeated),
        TEST(test_another_bus_is_a_reset),
        TEST(test_leaving_a_channel),
        TEST(test_the_cursor_moves_on_past_what_is_not_wanted),
        TEST(test_the_protobuf_form_is_the_same_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
