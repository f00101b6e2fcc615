/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib/gstdio.h>
#include <zlib.h>

#include "common/error.h"
#include "folder.h"
#include "gateway/assets.h"

#define BUNDLE_MAX (12 * 1024) /* what the widgets may weigh on the wire */

static char *folder;

static int make_folder(void **state)
{
    (void)state;
    folder = folder_new();
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    folder_remove(folder);
    return 0;
}

static void write_file(const char *name, const char *content, gssize size)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    assert_true(g_file_set_contents(path, content, size, NULL));
}

static Assets *load(void)
{
    g_autoptr(GError) error = NULL;
    Assets *assets = assets_load(folder, &error);
    assert_null(error);
    return assets;
}

static char *gunzip(GBytes *bytes)
{
    gsize size = 0;
    z_stream stream = {0};
    assert_int_equal(inflateInit2(&stream, MAX_WBITS + 16), Z_OK);
    stream.next_in = (Bytef *)g_bytes_get_data(bytes, &size);
    stream.avail_in = (uInt)size;
    char *out = g_malloc0(100000);
    stream.next_out = (Bytef *)out;
    stream.avail_out = 99999;
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    inflateEnd(&stream);
    return out;
}

static void files_are_found_with_their_type(void **state)
{
    (void)state;
    write_file("a.js", "export {};\n", -1);
    write_file("b.css", "p{}\n", -1);
    write_file("notes.txt", "not for the web", -1);
    write_file(".hidden.js", "no", -1);
    Assets *assets = load();
    assert_string_equal(assets_find(assets, "a.js")->media_type, "text/javascript; charset=utf-8");
    assert_string_equal(assets_find(assets, "b.css")->media_type, "text/css; charset=utf-8");
    assert_null(assets_find(assets, "notes.txt"));
    assert_null(assets_find(assets, ".hidden.js"));
    assert_null(assets_find(assets, "../a.js"));
    assets_free(assets);
}

static void both_forms_hold_the_same(void **state)
{
    (void)state;
    g_autofree char *text = g_strnfill(50000, 'x');
    write_file("long.svg", text, -1);
    Assets *assets = load();
    const Asset *asset = assets_find(assets, "long.svg");
    g_autofree char *unpacked = gunzip(asset->gzip);
    assert_string_equal(unpacked, text);
    assert_int_equal(g_bytes_get_size(asset->plain), 50000);
    assert_true(g_bytes_get_size(asset->gzip) < 500);
    assets_free(assets);
}

static void the_etag_follows_the_content(void **state)
{
    (void)state;
    write_file("a.js", "one", -1);
    Assets *first = load();
    Assets *again = load();
    write_file("a.js", "two", -1);
    Assets *changed = load();
    const char *etag = assets_find(first, "a.js")->etag;
    assert_string_equal(assets_find(again, "a.js")->etag, etag);
    assert_string_not_equal(assets_find(changed, "a.js")->etag, etag);
    assert_int_equal(strlen(etag), 34);
    assert_true(etag[0] == '"' && etag[33] == '"');
    assets_free(first);
    assets_free(again);
    assets_free(changed);
}

static void what_is_too_large_is_refused_by_name(void **state)
{
    (void)state;
    g_autofree char *text = g_strnfill(1024 * 1024 + 1, 'x');
    write_file("huge.css", text, 1024 * 1024 + 1);
    g_autoptr(GError) error = NULL;
    assert_null(assets_load(folder, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE));
    assert_non_null(strstr(error->message, "huge.css"));
}

static void a_missing_folder_is_named(void **state)
{
    (void)state;
    g_autofree char *path = g_build_filename(folder, "nowhere", NULL);
    g_autoptr(GError) error = NULL;
    assert_null(assets_load(path, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND));
    assert_non_null(strstr(error->message, path));
}

static void the_bundle_is_small(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    Assets *assets = assets_load(DAYWIRE_TEST_WEB, &error);
    assert_null(error);
    const Asset *bundle = assets_find(assets, "daywire.js");
    assert_non_null(bundle);
    assert_in_range(g_bytes_get_size(bundle->gzip), 2048, BUNDLE_MAX);
    assert_non_null(assets_find(assets, "daywire.css"));
    assert_non_null(assets_find(assets, "favicon.svg"));
    assert_non_null(assets_find(assets, "page.html"));
    assets_free(assets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_are_found_with_their_type, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(both_forms_hold_the_same, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(the_etag_follows_the_content, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(what_is_too_large_is_refused_by_name, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_missing_folder_is_named, make_folder, remove_folder),
        cmocka_unit_test(the_bundle_is_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
