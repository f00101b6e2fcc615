/* SPDX-License-Identifier: Apache-2.0 */
/* The copy of a database that a Store has open, or had. */
#include "unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "cli/commands.h"
#include "cli/database_copy.h"
#include "cli/fake_ingest.h"
#include "common/error.h"
#include "folder.h"
#include "ingest/store/database.h"
#include "ingest/store/store.h"

typedef struct {
    char *folder; /* nothing but what a test expects may be left in it */
    char *source;
    char *destination;
    Store *store;
    Printed printed;
} Fixture;

static void add(Store *store, unsigned first, unsigned count)
{
    g_autoptr(GError) error = NULL;
    int64_t position = 0;
    bool good = store_begin(store, &error);
    for (unsigned i = first; good && i < first + count; i++) {
        g_autoptr(Statement) statement = statement_new();
        g_autofree char *id = g_strdup_printf("ferry-%u", i);
        message_set_string(&statement->id, id);
        message_set_string(&statement->title, "The ferry leaves at nine");
        message_set_string(&statement->date, "2026-03-02");
        statement->status = STATEMENT_STATUS_USABLE;
        statement->change = STATEMENT_CHANGE_PUBLISHED;
        statement->revision = 1;
        statement->updated_at = instant_to_timestamp(INSTANT_SECOND);
        good = store_add(store, statement, NULL, &position, NULL, &error);
    }
    if (!good || !store_commit(store, &error))
        fail_msg("%s", error->message);
}

static int setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    g_autoptr(GError) error = NULL;
    fixture->folder = folder_new();
    fixture->source = g_build_filename(fixture->folder, "ingest.db", NULL);
    fixture->destination = g_build_filename(fixture->folder, "copy.db", NULL);
    fixture->store = store_open(fixture->source, &error);
    if (!fixture->store)
        fail_msg("%s", error->message);
    add(fixture->store, 0, 100);
    *state = fixture;
    return 0;
}

static int compare(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, with a space behind each. */
static char *names(const char *folder)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while ((name = g_dir_read_name(dir)))
        g_ptr_array_add(all, g_strdup(name));
    g_dir_close(dir);
    g_ptr_array_sort(all, compare);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < all->len; i++)
        g_string_append_printf(text, "%s ", (const char *)all->pdata[i]);
    return g_string_free(text, FALSE);
}

static int teardown(void **state)
{
    Fixture *fixture = *state;
    store_close(fixture->store);
    folder_remove(fixture->folder);
    g_free(fixture->source);
    g_free(fixture->destination);
    printed_clear(&fixture->printed);
    g_free(fixture);
    return 0;
}

static int run(Fixture *fixture, const char *const *arguments)
{
    g_autoptr(GStrvBuilder) argv = g_strv_builder_new();
    g_strv_builder_add(argv, "backup");
    for (const char *const *argument = arguments; *argument; argument++)
        g_strv_builder_add(argv, *argument);
    g_auto(GStrv) all = g_strv_builder_end(argv);
    return run_command(command_backup, (const char *const *)all, &fixture->printed);
}

#define RUN(...) run(fixture, (const char *const[]){__VA_ARGS__, NULL})

/* -1, told, when it cannot be had. */
static int64_t number_in(const char *path, const char *sql)
{
    g_autoptr(GError) error = NULL;
    SqlDatabase *database = database_open(path, false, &error);
    int64_t number = -1;
    if (!database || !sql_number(database, sql, &number, &error))
        print_error("%s: %s\n", sql, error->message);
    sql_close(database);
    return number;
}

static char *checksum(const char *path)
{
    g_autofree char *data = NULL;
    gsize size = 0;
    assert_true(g_file_get_contents(path, &data, &size, NULL));
    return g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)data, size);
}

static void a_copy_is_one_file_with_all_that_was_acknowledged(void **state)
{
    Fixture *fixture = *state;
    struct stat written;
    assert_int_equal(RUN("--database", fixture->source, fixture->destination), 0);
    assert_string_equal(fixture->printed.err, "");
    assert_int_equal(stat(fixture->destination, &written), 0);
    g_autofree char *line = g_strdup_printf("%s: 100 statements, %" G_GINT64_FORMAT " bytes\n",
                                            fixture->destination, (gint64)written.st_size);
    assert_string_equal(fixture->printed.out, line);
    assert_int_equal(written.st_mode & 0777, 0600);
    g_autofree char *left = names(fixture->folder);
    assert_string_equal(left, "copy.db ingest.db ingest.db-lock ingest.db-shm ingest.db-wal ");
    assert_int_equal(number_in(fixture->destination, "SELECT count(*) FROM revisions"), 100);
    assert_int_equal(number_in(fixture->destination, "SELECT count(*) FROM outbox"), 100);
    assert_int_equal(
        number_in(fixture->destination, "SELECT (SELECT journal_mode FROM pragma_journal_mode) = 'delete'"),
        1);
    /* A service starts on it. */
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) restored = store_open(fixture->destination, &error);
    assert_non_null(restored);
    add(restored, 100, 1);
}

static void the_source_is_only_read(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *log = g_strconcat(fixture->source, "-wal", NULL);
    g_autofree char *before = checksum(fixture->source);
    g_autofree char *log_before = checksum(log);
    assert_int_equal(RUN("--database", fixture->source, fixture->destination), 0);
    g_autofree char *after = checksum(fixture->source);
    g_autofree char *log_after = checksum(log);
    assert_string_equal(before, after);
    assert_string_equal(log_before, log_after);
}

/* As after a reboot: what was written since the last checkpoint is in the log alone. */
static void a_stopped_service_is_copied_with_its_log(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *log = g_strconcat(fixture->source, "-wal", NULL);
    g_autofree char *memory = g_strconcat(fixture->source, "-shm", NULL);
    store_close(g_steal_pointer(&fixture->store));
    assert_int_equal(g_unlink(memory), 0);
    g_autofree char *log_before = checksum(log);
    assert_int_equal(RUN("--database", fixture->source, fixture->destination), 0);
    g_autofree char *log_after = checksum(log);
    assert_string_equal(log_before, log_after);
    assert_int_equal(number_in(fixture->destination, "SELECT count(*) FROM revisions"), 100);
}

static void the_configuration_names_the_database(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *file = g_build_filename(fixture->folder, "daywire.ini", NULL);
    g_autofree char *text = g_strdup_printf("[ingest]\ndatabase = %s\n", fixture->source);
    assert_true(g_file_set_contents(file, text, -1, NULL));
    assert_int_equal(RUN("--config", file, fixture->destination), 0);
    assert_true(g_setenv("DAYWIRE_INGEST_DATABASE", fixture->source, TRUE));
    g_unlink(fixture->destination);
    assert_int_equal(RUN(fixture->destination), 0);
    g_unsetenv("DAYWIRE_INGEST_DATABASE");
}

static void a_file_is_replaced_only_with_force(void **state)
{
    Fixture *fixture = *state;
    assert_true(g_file_set_contents(fixture->destination, "mine", -1, NULL));
    assert_int_equal(RUN("--database", fixture->source, fixture->destination), 2);
    g_autofree char *taken =
        g_strdup_printf("daywire backup: %s is there already; --force replaces it\n", fixture->destination);
    assert_string_equal(fixture->printed.err, taken);
    g_autofree char *kept = NULL;
    assert_true(g_file_get_contents(fixture->destination, &kept, NULL, NULL));
    assert_string_equal(kept, "mine");
    assert_int_equal(RUN("--force", "--database", fixture->source, fixture->destination), 0);
    assert_int_equal(number_in(fixture->destination, "SELECT count(*) FROM statements"), 100);
}

/* ---- what goes wrong ---- */

typedef struct {
    const char *name;
    const char *source;      /* in the folder */
    const char *destination; /* in the folder */
    const char *message;     /* its %s is the folder */
} Refusal;

static const Refusal refusals[] = {
    {"no database", "none.db", "copy.db",
     "there is no database %s/none.db; --config or --database names it (No such file or directory)"},
    {"a folder of no database", "none/ingest.db", "copy.db",
     "there is no database %s/none/ingest.db; --config or --database names it (No such file or directory)"},
    {"a folder as database", "folder", "copy.db", "%s/folder is not a file"},
    {"text", "text", "copy.db", "the database %s/text failed: file is not a database (SQLite 26)"},
    {"an empty file", "empty", "copy.db", "%s/empty is not a database of daywire-ingest"},
    {"another program's database", "other.db", "copy.db", "%s/other.db is not a database of daywire-ingest"},
    {"a folder as destination", "ingest.db", "folder", "%s/folder is not a file: name the file to write"},
    {"a link as destination", "ingest.db", "link", "%s/link is not a file: name the file to write"},
    {"a missing folder", "ingest.db", "none/copy.db", "%s/none/copy.db: No such file or directory"},
    {"the database itself", "ingest.db", "ingest.db", "%s/ingest.db is the database itself"},
    {"the database by another name", "ingest.db", "same.db", "%s/same.db is the database itself"},
    {"beside a log", "ingest.db", "busy.db",
     "%s/busy.db-wal belongs to a database of this name: copy to another one"},
};

static void make_obstacles(const Fixture *fixture)
{
    static const struct {
        const char *name;
        const char *text;
    } files[] = {{"text", "This is a note to the harbour master, and no database at all."},
                 {"empty", ""},
                 {"busy.db-wal", "x"}};
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(fixture->folder, files[i].name, NULL);
        assert_true(g_file_set_contents(path, files[i].text, -1, NULL));
    }
    g_autofree char *other = g_build_filename(fixture->folder, "other.db", NULL);
    g_autofree char *folder = g_build_filename(fixture->folder, "folder", NULL);
    g_autofree char *symbolic = g_build_filename(fixture->folder, "link", NULL);
    g_autofree char *same = g_build_filename(fixture->folder, "same.db", NULL);
    g_autoptr(GError) error = NULL;
    SqlDatabase *database = sql_open(other, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &error);
    assert_true(database && sql_run(database, "CREATE TABLE statements (id TEXT)", &error));
    sql_close(database);
    assert_int_equal(g_mkdir(folder, 0700), 0);
    assert_int_equal(symlink("copy.db", symbolic), 0);
    assert_int_equal(link(fixture->source, same), 0);
}

static void what_cannot_be_is_told_and_leaves_nothing(void **state)
{
    Fixture *fixture = *state;
    make_obstacles(fixture);
    g_autofree char *before = names(fixture->folder);
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        const Refusal *row = &refusals[i];
        g_autofree char *source = g_build_filename(fixture->folder, row->source, NULL);
        g_autofree char *destination = g_build_filename(fixture->folder, row->destination, NULL);
        g_auto(GStrv) parts = g_strsplit(row->message, "%s", 2);
        g_autofree char *expected =
            g_strdup_printf("daywire backup: %s%s%s\n", parts[0], fixture->folder, parts[1]);
        int status = RUN("--force", "--database", source, destination);
        g_autofree char *after = names(fixture->folder);
        if (status != 2 || strcmp(fixture->printed.err, expected) != 0 || strcmp(before, after) != 0)
            fail_msg("%s: %d, %s, expected %s; %s", row->name, status, fixture->printed.err, expected, after);
        assert_string_equal(fixture->printed.out, "");
    }
}

static void wrong_usage_is_told(void **state)
{
    Fixture *fixture = *state;
    assert_int_equal(RUN("--database", fixture->source), 2);
    assert_string_equal(fixture->printed.err,
                        "daywire backup: name one file to write; `daywire backup --help` shows how\n");
    assert_int_equal(RUN("--database", fixture->source, "a", "b"), 2);
    assert_int_equal(RUN("--database", fixture->source, ""), 2);
    assert_int_equal(RUN("--database", fixture->source, "--config", "x", fixture->destination), 2);
    assert_string_equal(fixture->printed.err, "daywire backup: --config and --database: give one of them\n");
    assert_int_equal(RUN("--config", "/none.ini", fixture->destination), 2);
    assert_non_null(strstr(fixture->printed.err, "/none.ini"));
}

static void a_full_disk_is_told_and_leaves_nothing(void **state)
{
    Fixture *fixture = *state;
    struct rlimit before;
    add(fixture->store, 100, 5000);
    g_autofree char *left_before = names(fixture->folder);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    const struct rlimit small = {.rlim_cur = 100000, .rlim_max = before.rlim_max};
    const DatabaseCopyOptions options = {.source = fixture->source, .destination = fixture->destination};
    DatabaseCopy copy = {0};
    g_autoptr(GError) error = NULL;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    bool good = database_copy(&options, &copy, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_false(good);
    g_autofree char *expected =
        g_strdup_printf("copying %s to %s failed: disk I/O error", fixture->source, fixture->destination);
    assert_string_equal(error->message, expected);
    assert_int_equal(error->code, DAYWIRE_ERROR_UNAVAILABLE);
    g_autofree char *left = names(fixture->folder);
    assert_string_equal(left, left_before);
}

static void a_signal_ends_it_and_leaves_nothing(void **state)
{
    Fixture *fixture = *state;
    volatile sig_atomic_t stopped = 1;
    const DatabaseCopyOptions options = {
        .source = fixture->source, .destination = fixture->destination, .stopped = &stopped};
    DatabaseCopy copy = {0};
    g_autoptr(GError) error = NULL;
    g_autofree char *before = names(fixture->folder);
    assert_false(database_copy(&options, &copy, &error));
    g_autofree char *expected =
        g_strdup_printf("copying %s to %s failed: it was stopped", fixture->source, fixture->destination);
    assert_string_equal(error->message, expected);
    g_autofree char *after = names(fixture->folder);
    assert_string_equal(before, after);
}

/* Bytes of a page that nothing reads for a count. */
static void damage(const char *path)
{
    static const char junk[3000];
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    off_t size = lseek(fd, 0, SEEK_END);
    for (off_t at = 4096 * 8 + 8; at + 4096 < size; at += (off_t)4096 * 4)
        assert_int_equal(pwrite(fd, junk, sizeof junk, at), sizeof junk);
    (void)close(fd);
}

static void a_damaged_database_is_told_and_not_kept(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *second = g_build_filename(fixture->folder, "second.db", NULL);
    add(fixture->store, 100, 5000);
    /* Without a log, from which pages would be read in place of the damaged ones. */
    assert_int_equal(RUN("--database", fixture->source, fixture->destination), 0);
    damage(fixture->destination);
    assert_int_equal(RUN("--database", fixture->destination, second), 2);
    g_autofree char *start = g_strdup_printf("daywire backup: the database %s ", fixture->destination);
    if (!g_str_has_prefix(fixture->printed.err, start))
        fail_msg("%s", fixture->printed.err);
    assert_ptr_equal(strchr(fixture->printed.err, '\n'), strrchr(fixture->printed.err, '\n'));
    g_autofree char *left = names(fixture->folder);
    assert_string_equal(left, "copy.db ingest.db ingest.db-lock ingest.db-shm ingest.db-wal ");
}

/* ---- while it is written to ---- */

typedef struct {
    Store *store;
    atomic_uint committed; /* statements, from the first 100 on */
    atomic_bool stop;
} Writer;

static void *write_on(void *user)
{
    Writer *writer = user;
    while (!atomic_load(&writer->stop)) {
        unsigned count = atomic_load(&writer->committed);
        g_autoptr(GError) error = NULL;
        add(writer->store, count, 20);
        atomic_store(&writer->committed, count + 20);
        assert_true(store_checkpoint(writer->store, &error));
    }
    return NULL;
}

/* What is wrong with a copy of when so many were acknowledged; NULL: nothing. g_free it. */
static char *problem_of(const char *copy, unsigned acknowledged)
{
    static const char sound[] = "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'";
    int64_t statements = number_in(copy, "SELECT count(*) FROM statements");
    int64_t revisions = number_in(copy, "SELECT count(*) FROM revisions");
    if (statements >= acknowledged && statements % 20 == 0 && revisions == statements &&
        number_in(copy, sound) == 1)
        return NULL;
    return g_strdup_printf("%u were acknowledged; %d statements and %d revisions were copied", acknowledged,
                           (int)statements, (int)revisions);
}

static void a_copy_under_writers_is_one_state(void **state)
{
    Fixture *fixture = *state;
    Writer writer = {.store = fixture->store, .committed = 100};
    pthread_t thread;
    g_autofree char *problem = NULL;
    assert_int_equal(pthread_create(&thread, NULL, write_on, &writer), 0);
    for (unsigned round = 0; round < 10 && !problem; round++) {
        unsigned acknowledged = atomic_load(&writer.committed);
        problem = RUN("--force", "--database", fixture->source, fixture->destination) == 0
                      ? problem_of(fixture->destination, acknowledged)
                      : g_strdup(fixture->printed.err);
    }
    atomic_store(&writer.stop, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    if (problem)
        fail_msg("%s", problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_copy_is_one_file_with_all_that_was_acknowledged, setup, teardown),
        cmocka_unit_test_setup_teardown(the_source_is_only_read, setup, teardown),
        cmocka_unit_test_setup_teardown(a_stopped_service_is_copied_with_its_log, setup, teardown),
        cmocka_unit_test_setup_teardown(the_configuration_names_the_database, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_is_replaced_only_with_force, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_is_told_and_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_usage_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_is_told_and_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_signal_ends_it_and_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_damaged_database_is_told_and_not_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(a_copy_under_writers_is_one_state, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
