/* SPDX-License-Identifier: Apache-2.0 */
#include "common/file_watch.h"

#include <sys/stat.h>

typedef struct {
    FileStamp noted; /* when it was read */
    FileStamp seen;  /* at the last look */
} File;

struct FileWatch {
    GHashTable *files; /* path -> File */
};

FileStamp file_stamp(const char *path)
{
    struct stat status;
    if (!path || stat(path, &status) != 0)
        return (FileStamp){0};
    return (FileStamp){
        .device = status.st_dev,
        .inode = status.st_ino,
        .size = status.st_size,
        .modified = status.st_mtim,
        .changed = status.st_ctim,
    };
}

static bool equal_times(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool file_stamp_equal(const FileStamp *a, const FileStamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           equal_times(a->modified, b->modified) && equal_times(a->changed, b->changed);
}

static GHashTable *new_table(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

FileWatch *file_watch_new(void)
{
    FileWatch *watch = g_new(FileWatch, 1);
    watch->files = new_table();
    return watch;
}

void file_watch_free(FileWatch *watch)
{
    if (!watch)
        return;
    g_hash_table_unref(watch->files);
    g_free(watch);
}

void file_watch_set(FileWatch *watch, const GPtrArray *paths)
{
    GHashTable *files = new_table();
    for (guint i = 0; i < paths->len; i++) {
        const char *path = paths->pdata[i];
        if (g_hash_table_contains(files, path))
            continue;
        const File *known = g_hash_table_lookup(watch->files, path);
        File *file = g_new(File, 1);
        if (known)
            *file = *known;
        else
            file->noted = file->seen = file_stamp(path);
        g_hash_table_insert(files, g_strdup(path), file);
    }
    g_hash_table_unref(watch->files);
    watch->files = files;
}

void file_watch_note(FileWatch *watch, const char *path, const FileStamp *stamp)
{
    File *file = g_hash_table_lookup(watch->files, path);
    if (file)
        file->noted = *stamp;
}

void file_watch_note_all(FileWatch *watch)
{
    GHashTableIter iterator;
    gpointer path = NULL, file = NULL;
    g_hash_table_iter_init(&iterator, watch->files);
    while (g_hash_table_iter_next(&iterator, &path, &file))
        ((File *)file)->noted = ((File *)file)->seen = file_stamp(path);
}

bool file_watch_changed(FileWatch *watch)
{
    bool other = false, steady = true;
    GHashTableIter iterator;
    gpointer path = NULL, value = NULL;
    g_hash_table_iter_init(&iterator, watch->files);
    while (g_hash_table_iter_next(&iterator, &path, &value)) {
        File *file = value;
        FileStamp now = file_stamp(path);
        other = other || !file_stamp_equal(&now, &file->noted);
        steady = steady && file_stamp_equal(&now, &file->seen);
        file->seen = now;
    }
    if (!other || !steady)
        return false;
    g_hash_table_iter_init(&iterator, watch->files);
    while (g_hash_table_iter_next(&iterator, NULL, &value))
        ((File *)value)->noted = ((File *)value)->seen;
    return true;
}
