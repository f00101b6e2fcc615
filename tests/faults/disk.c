/* SPDX-License-Identifier: Apache-2.0 */
#include "disk.h"

#include <errno.h>
#include <fcntl.h>

#include <glib/gstdio.h>

#include "pending.h"

/* What a name stands for; another one after the name was deleted and made again. */
struct DiskFile {
    int references;
    GByteArray *durable;
    GPtrArray *pending; /* of Pending, oldest first */
};

static struct {
    char *folder;
    GHashTable *names;         /* as the program sees them: name -> DiskFile */
    GHashTable *durable_names; /* as of the last sync of the folder */
    Dice *dice;
    Fault fault;
    bool dead, hit, over, trace;
    uint64_t changes, operations;
} disk;

/* ---- files ---- */

static DiskFile *file_new(void)
{
    DiskFile *file = g_new0(DiskFile, 1);
    file->references = 1;
    file->durable = g_byte_array_new();
    file->pending = g_ptr_array_new_with_free_func(g_free);
    return file;
}

static DiskFile *file_ref(DiskFile *file)
{
    file->references++;
    return file;
}

void disk_file_close(DiskFile *file)
{
    if (--file->references > 0)
        return;
    g_byte_array_unref(file->durable);
    g_ptr_array_unref(file->pending);
    g_free(file);
}

static GHashTable *names_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)disk_file_close);
}

static void names_set(GHashTable *names, const char *name, DiskFile *file)
{
    g_hash_table_insert(names, g_strdup(name), file_ref(file));
}

static const char *name_of(const char *path)
{
    return strrchr(path, '/') + 1;
}

DiskFile *disk_file_open(const char *path)
{
    DiskFile *file = g_hash_table_lookup(disk.names, name_of(path));

    if (file)
        return file_ref(file);
    file = file_new();
    names_set(disk.names, name_of(path), file);
    return file;
}

void disk_file_deleted(const char *path)
{
    g_hash_table_remove(disk.names, name_of(path));
}

void disk_folder_synced(void)
{
    GHashTableIter each;
    gpointer name, file;

    g_hash_table_remove_all(disk.durable_names);
    g_hash_table_iter_init(&each, disk.names);
    while (g_hash_table_iter_next(&each, &name, &file))
        names_set(disk.durable_names, name, file);
}

/* ---- bytes ---- */

void disk_file_written(DiskFile *file, int64_t offset, const void *data, int size)
{
    Pending *write = g_malloc(sizeof *write + (size_t)size);
    write->offset = offset;
    write->size = size;
    memcpy(write->data, data, (size_t)size);
    g_ptr_array_add(file->pending, write);
}

void disk_file_truncated(DiskFile *file, int64_t size)
{
    Pending *write = g_new0(Pending, 1);
    write->offset = size;
    write->size = -1;
    g_ptr_array_add(file->pending, write);
}

void disk_file_synced(DiskFile *file)
{
    for (guint i = 0; i < file->pending->len; i++)
        pending_apply(file->durable, g_ptr_array_index(file->pending, i));
    g_ptr_array_set_size(file->pending, 0);
}

const GByteArray *disk_file_sync_failed(DiskFile *file)
{
    pending_apply_some(file->durable, file->pending, disk.dice);
    g_ptr_array_set_size(file->pending, 0);
    return dice_chance(disk.dice, 50) ? file->durable : NULL;
}

/* ---- faults ---- */

static bool is_change(DiskOperation operation)
{
    return operation != DISK_LOOK && operation != DISK_READ;
}

static bool can_fail(FaultKind kind, DiskOperation operation)
{
    switch (kind) {
    case FAULT_CUT:
    case FAULT_KILL:
        return is_change(operation);
    case FAULT_FULL:
        return operation == DISK_WRITE || operation == DISK_CREATE || operation == DISK_GROW;
    case FAULT_SHORT:
        return operation == DISK_WRITE;
    case FAULT_BROKEN:
        return operation != DISK_SYNC_FOLDER_TOO;
    default:
        return false;
    }
}

uint64_t disk_count(FaultKind kind)
{
    return kind == FAULT_BROKEN ? disk.operations : disk.changes;
}

static bool meets(DiskOperation operation)
{
    if (disk.over || disk_count(disk.fault.kind) < disk.fault.at || !can_fail(disk.fault.kind, operation))
        return false;
    disk.hit = true;
    disk.over = !disk.fault.lasting;
    return true;
}

void disk_trace(bool on)
{
    disk.trace = on;
}

static void trace(DiskOperation operation, const char *path, int64_t offset, int size, bool met)
{
    static const char *const names[] = {"look",     "read",   "create", "write",       "grow",
                                        "truncate", "delete", "sync",   "sync-folder", "sync-folder"};

    if (disk.trace && is_change(operation))
        fprintf(stderr, "%lu/%lu %s %s %d at %ld%s\n", (unsigned long)disk.changes,
                (unsigned long)disk.operations, names[operation], name_of(path), size, (long)offset,
                met ? " FAILS" : "");
}

DiskVerdict disk_begin(DiskOperation operation, const char *path, int64_t offset, int size, int *ret_part)
{
    int part = 0;

    if (disk.dead)
        return DISK_FAILS;
    disk.operations++;
    disk.changes += is_change(operation);
    bool met = meets(operation);
    trace(operation, path, offset, size, met);
    if (!met)
        return DISK_GOOD;
    if (size > 0 && disk.fault.kind != FAULT_FULL && dice_chance(disk.dice, 80))
        part = dice_range(disk.dice, 0, disk.fault.kind == FAULT_SHORT ? size - 1 : size);
    if (ret_part)
        *ret_part = part;
    disk.dead = disk.fault.kind == FAULT_CUT || disk.fault.kind == FAULT_KILL;
    return disk.fault.kind == FAULT_FULL || disk.fault.kind == FAULT_SHORT ? DISK_HAS_NO_SPACE : DISK_FAILS;
}

void disk_heal(void)
{
    disk.over = true;
}

void disk_kill(void)
{
    disk.dead = true;
}

void disk_revive(void)
{
    disk.dead = false;
}

bool disk_is_dead(void)
{
    return disk.dead;
}

bool disk_was_hit(void)
{
    return disk.hit;
}

bool disk_is_failing(void)
{
    return disk.dead || (disk.hit && !disk.over);
}

static void set_fault(Fault fault)
{
    disk.fault = fault;
    disk.dead = disk.hit = false;
    disk.over = fault.kind == FAULT_NONE;
    disk.changes = disk.operations = 0;
}

/* ---- the real files ---- */

static void write_file(const char *name, const void *data, size_t size)
{
    g_autofree char *path = g_build_filename(disk.folder, name, NULL);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        g_error("%s: %s", path, g_strerror(errno));
    close(fd);
}

static void remove_files(void)
{
    g_autoptr(GDir) dir = g_dir_open(disk.folder, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(disk.folder, name, NULL);
        g_unlink(path);
    }
}

static void forget_files(void)
{
    g_hash_table_remove_all(disk.names);
    g_hash_table_remove_all(disk.durable_names);
    remove_files();
}

static void add_file(const char *name, const void *data, size_t size)
{
    DiskFile *file = file_new();
    g_byte_array_append(file->durable, data, (guint)size);
    names_set(disk.names, name, file);
    names_set(disk.durable_names, name, file);
    disk_file_close(file);
    write_file(name, data, size);
}

void disk_init(const char *folder)
{
    disk.folder = g_strdup(folder);
    disk.names = names_new();
    disk.durable_names = names_new();
}

void disk_end(void)
{
    forget_files();
    g_hash_table_unref(disk.names);
    g_hash_table_unref(disk.durable_names);
    g_free(disk.folder);
    g_clear_pointer(&disk.dice, g_rand_free);
}

void disk_set(DiskImage *image, Fault fault)
{
    GHashTableIter each;
    gpointer name, bytes;

    forget_files();
    if (image) {
        g_hash_table_iter_init(&each, image);
        while (g_hash_table_iter_next(&each, &name, &bytes))
            add_file(name, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    }
    set_fault(fault);
}

void disk_reset(DiskImage *image, uint64_t seed, Fault fault)
{
    g_clear_pointer(&disk.dice, g_rand_free);
    disk.dice = dice_new(seed, (uint64_t)fault.kind * 2 + fault.lasting, fault.at);
    disk_set(image, fault);
}

DiskImage *disk_image(void)
{
    DiskImage *image = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
    GHashTableIter each;
    gpointer name;

    g_hash_table_iter_init(&each, disk.names);
    while (g_hash_table_iter_next(&each, &name, NULL)) {
        g_autofree char *path = g_build_filename(disk.folder, name, NULL);
        char *data = NULL;
        size_t size = 0;
        if (!g_file_get_contents(path, &data, &size, NULL))
            g_error("%s cannot be read", path);
        g_hash_table_insert(image, g_strdup(name), g_bytes_new_take(data, size));
    }
    return image;
}

/* Those that were there and those that are, sorted: chance must not depend on the order of a hash table. */
static GList *all_names(void)
{
    g_autoptr(GHashTable) set = g_hash_table_new(g_str_hash, g_str_equal);
    GHashTableIter each;
    gpointer name;

    g_hash_table_iter_init(&each, disk.names);
    while (g_hash_table_iter_next(&each, &name, NULL))
        g_hash_table_add(set, name);
    g_hash_table_iter_init(&each, disk.durable_names);
    while (g_hash_table_iter_next(&each, &name, NULL))
        g_hash_table_add(set, name);
    return g_list_sort(g_hash_table_get_keys(set), (GCompareFunc)strcmp);
}

void disk_restart(void)
{
    g_autoptr(GHashTable) left =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
    g_autoptr(GList) names = all_names();

    for (GList *link = names; link; link = link->next) {
        GHashTable *side = dice_chance(disk.dice, 50) ? disk.names : disk.durable_names;
        DiskFile *file = g_hash_table_lookup(side, link->data);
        if (!file)
            continue;
        pending_apply_some(file->durable, file->pending, disk.dice);
        g_hash_table_insert(left, g_strdup(link->data), g_bytes_new(file->durable->data, file->durable->len));
    }
    disk_set(left, (Fault){0});
}
