/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/assets.h"

#include <errno.h>
#include <stdbool.h>
#include <glib/gstdio.h>
#include <zlib.h>

#include "common/error.h"

#define FILES_MAX 100
#define FILE_MAX  1048576

struct Assets {
    GHashTable *by_name; /* of Asset */
};

static void asset_free(void *data)
{
    Asset *asset = data;
    if (!asset)
        return;
    g_free(asset->name);
    g_free(asset->etag);
    g_clear_pointer(&asset->plain, g_bytes_unref);
    g_clear_pointer(&asset->gzip, g_bytes_unref);
    g_free(asset);
}

/* NULL: a file of this name is not served. */
static const char *media_type(const char *name)
{
    static const struct {
        const char *ending, *type;
    } types[] = {
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".html", "text/html; charset=utf-8"},
        {".map", "application/json"},
    };
    if (name[0] == '.')
        return NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        if (g_str_has_suffix(name, types[i].ending))
            return types[i].type;
    }
    return NULL;
}

/* With no time in its header, so that equal files are equal on every replica. NULL when memory is short. */
static GBytes *gzip_bytes(GBytes *plain)
{
    z_stream stream = {0};
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, MAX_MEM_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return NULL;
    gsize size = 0;
    stream.next_in = (Bytef *)g_bytes_get_data(plain, &size);
    stream.avail_in = (uInt)size;
    uLong bound = deflateBound(&stream, size);
    g_autofree guint8 *out = g_malloc(bound);
    stream.next_out = out;
    stream.avail_out = (uInt)bound;
    int result = deflate(&stream, Z_FINISH);
    gsize length = stream.total_out;
    deflateEnd(&stream);
    return result == Z_STREAM_END ? g_bytes_new(out, length) : NULL;
}

static GBytes *read_file(const char *path, GError **error)
{
    GStatBuf status;
    char *text = NULL;
    gsize size = 0;
    g_autoptr(GError) reason = NULL;
    if (g_stat(path, &status) != 0) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "%s: %s", path, g_strerror(errno));
        return NULL;
    }
    if (status.st_size > FILE_MAX) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE, "%s: a web file has at most %d bytes",
                    path, FILE_MAX);
        return NULL;
    }
    if (!g_file_get_contents(path, &text, &size, &reason)) {
        g_set_error_literal(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, reason->message);
        return NULL;
    }
    return g_bytes_new_take(text, size);
}

static Asset *load_asset(const char *folder, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    GBytes *plain = read_file(path, error);
    if (!plain)
        return NULL;
    Asset *asset = g_new0(Asset, 1);
    asset->name = g_strdup(name);
    asset->media_type = media_type(name);
    asset->plain = plain;
    asset->gzip = gzip_bytes(plain);
    g_autofree char *hash = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, plain);
    asset->etag = g_strdup_printf("\"%.32s\"", hash);
    if (!asset->gzip) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "%s: it cannot be compressed", path);
        asset_free(asset);
        return NULL;
    }
    return asset;
}

static bool load_folder(Assets *assets, const char *folder, GError **error)
{
    g_autoptr(GError) reason = NULL;
    g_autoptr(GDir) files = g_dir_open(folder, 0, &reason);
    if (!files) {
        g_set_error_literal(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND, reason->message);
        return false;
    }
    for (const char *name = NULL; (name = g_dir_read_name(files));) {
        if (!media_type(name))
            continue;
        if (g_hash_table_size(assets->by_name) == FILES_MAX) {
            g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE, "%s: more than %d web files", folder,
                        FILES_MAX);
            return false;
        }
        Asset *asset = load_asset(folder, name, error);
        if (!asset)
            return false;
        g_hash_table_insert(assets->by_name, asset->name, asset);
    }
    return true;
}

Assets *assets_load(const char *folder, GError **error)
{
    Assets *assets = g_new0(Assets, 1);
    assets->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, asset_free);
    if (load_folder(assets, folder, error))
        return assets;
    assets_free(assets);
    return NULL;
}

void assets_free(Assets *assets)
{
    if (!assets)
        return;
    g_hash_table_unref(assets->by_name);
    g_free(assets);
}

const Asset *assets_find(const Assets *assets, const char *name)
{
    return g_hash_table_lookup(assets->by_name, name);
}
