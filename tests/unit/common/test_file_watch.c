/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib/gstdio.h>

#include "common/file_watch.h"
#include "folder.h"

static char *folder;

static char *path_of(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void write_file(const char *name, const char *content)
{
    g_autofree char *path = path_of(name);
    assert_true(g_file_set_contents(path, content, -1, NULL)); /* a new file in place of the old one */
}

static void remove_file(const char *name)
{
    g_autofree char *path = path_of(name);
    assert_int_equal(g_remove(path), 0);
}

/* Watches the files of these names, separated by spaces. */
static void set(FileWatch *watch, const char *names)
{
    g_auto(GStrv) words = g_strsplit(names, " ", -1);
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    for (char **word = words; *word; word++)
        g_ptr_array_add(paths, path_of(*word));
    file_watch_set(watch, paths);
}

static void expect_nothing(FileWatch *watch)
{
    for (int look = 0; look < 3; look++)
        assert_false(file_watch_changed(watch));
}

/* Taken at the second look, once. */
static void expect_change(FileWatch *watch)
{
    assert_false(file_watch_changed(watch));
    assert_true(file_watch_changed(watch));
    expect_nothing(watch);
}

static void test_changes(void **state)
{
    (void)state;
    FileWatch *watch = file_watch_new();
    expect_nothing(watch);
    write_file("a", "1");
    set(watch, "a b a");
    expect_nothing(watch);
    write_file("a", "2"); /* of the same size */
    expect_change(watch);
    write_file("b", "1"); /* comes */
    expect_change(watch);
    remove_file("a"); /* goes */
    expect_change(watch);
    write_file("a", "2");
    write_file("b", "2");
    expect_change(watch); /* one change */
    set(watch, "b");
    write_file("a", "3");
    expect_nothing(watch);
    file_watch_free(watch);
}

/* As Kubernetes changes what a volume shows, and dpkg what a zone's name leads to. */
static void test_a_link_that_is_moved(void **state)
{
    (void)state;
    g_autofree char *link = path_of("link"), *other = path_of("other-link"), *a = path_of("a"),
                    *b = path_of("b");
    write_file("a", "1");
    write_file("b", "2");
    assert_int_equal(symlink(a, link), 0);
    FileWatch *watch = file_watch_new();
    set(watch, "link");
    assert_int_equal(symlink(b, other), 0);
    assert_int_equal(g_rename(other, link), 0);
    expect_change(watch);
    file_watch_free(watch);
    remove_file("link");
}

static void test_who_writes_is_waited_for(void **state)
{
    (void)state;
    write_file("a", "1");
    write_file("b", "1");
    FileWatch *watch = file_watch_new();
    set(watch, "a b");
    for (int i = 0; i < 5; i++) {
        g_autofree char *content = g_strnfill((gsize)i + 2, 'x');
        write_file(i % 2 ? "a" : "b", content);
        assert_false(file_watch_changed(watch));
    }
    assert_true(file_watch_changed(watch));
    expect_nothing(watch);
    file_watch_free(watch);
}

/* What was not read is a change, also when it was there before the first look; what was read is none. */
static void test_what_was_noted(void **state)
{
    (void)state;
    g_autofree char *path = path_of("a");
    write_file("a", "1");
    FileStamp read = file_stamp(path);
    write_file("a", "22");
    FileWatch *watch = file_watch_new();
    set(watch, "a");
    file_watch_note(watch, path, &read);
    file_watch_note(watch, "/not/watched", &read);
    assert_true(file_watch_changed(watch)); /* it has stood like this since it was set */
    expect_nothing(watch);

    write_file("a", "333");
    file_watch_note_all(watch);
    expect_nothing(watch);

    write_file("a", "4444"); /* and then more files are watched: this one was not read yet */
    set(watch, "a b");
    expect_change(watch);
    file_watch_free(watch);
}

static void test_stamps(void **state)
{
    (void)state;
    g_autofree char *path = path_of("a");
    FileStamp none = file_stamp(NULL), missing = file_stamp("/nowhere/at/all");
    write_file("a", "1");
    FileStamp there = file_stamp(path), again = file_stamp(path);
    assert_true(file_stamp_equal(&none, &missing));
    assert_true(file_stamp_equal(&there, &again));
    assert_false(file_stamp_equal(&none, &there));
}

static int setup(void **state)
{
    (void)state;
    folder = folder_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    folder_remove(folder);
    return 0;
}

#define FOLDER_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(test_changes),
        FOLDER_TEST(test_a_link_that_is_moved),
        FOLDER_TEST(test_who_writes_is_waited_for),
        FOLDER_TEST(test_what_was_noted),
        FOLDER_TEST(test_stamps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
