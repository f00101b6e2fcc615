/* SPDX-License-Identifier: Apache-2.0 */
#include "fault_vfs.h"

#include <glib.h>
#include <sqlite3.h>

#include "common/sqlite/sql.h"
#include "disk.h"

typedef struct {
    sqlite3_file base;
    DiskFile *file;
    const char *path;   /* SQLite's, as long as the file is open */
    bool sync_folder;   /* with the first sync of a journal or log */
    sqlite3_file *real; /* behind this struct */
} FaultFile;

static struct {
    sqlite3_vfs base;
    sqlite3_vfs *real;
    uint64_t random;
} vfs;

static FaultFile *fault_file(sqlite3_file *file)
{
    return (FaultFile *)file;
}

static sqlite3_file *real_file(sqlite3_file *file)
{
    return ((FaultFile *)file)->real;
}

/* For operations that transfer nothing. */
static bool succeeds(DiskOperation operation, const char *path)
{
    return disk_begin(operation, path, 0, 0, NULL) == DISK_GOOD;
}

/* ---- a file ---- */

static int on_close(sqlite3_file *file)
{
    int result = real_file(file)->pMethods->xClose(real_file(file));
    disk_file_close(fault_file(file)->file);
    return result;
}

static int on_read(sqlite3_file *file, void *data, int size, sqlite3_int64 offset)
{
    if (!succeeds(DISK_READ, fault_file(file)->path))
        return SQLITE_IOERR_READ;
    return real_file(file)->pMethods->xRead(real_file(file), data, size, offset);
}

static int on_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
    int part = size;
    DiskVerdict verdict = disk_begin(DISK_WRITE, fault_file(file)->path, offset, size, &part);
    int result = SQLITE_OK;

    if (part > 0) {
        result = real_file(file)->pMethods->xWrite(real_file(file), data, part, offset);
        disk_file_written(fault_file(file)->file, offset, data, part);
    }
    if (verdict == DISK_GOOD)
        return result;
    return verdict == DISK_HAS_NO_SPACE ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    if (!succeeds(DISK_TRUNCATE, fault_file(file)->path))
        return SQLITE_IOERR_TRUNCATE;
    disk_file_truncated(fault_file(file)->file, size);
    return real_file(file)->pMethods->xTruncate(real_file(file), size);
}

/* `unix` writes at most 128 KB at a time. */
static void show(sqlite3_file *real, const GByteArray *bytes)
{
    int result = real->pMethods->xTruncate(real, bytes->len);
    guint size;

    for (guint from = 0; result == SQLITE_OK && from < bytes->len; from += size) {
        size = MIN(bytes->len - from, 1 << 16);
        result = real->pMethods->xWrite(real, bytes->data + from, (int)size, from);
    }
    if (result != SQLITE_OK)
        g_error("a file cannot be written: SQLite %d, %u bytes", result, bytes->len);
}

static int on_sync(sqlite3_file *file, int flags G_GNUC_UNUSED)
{
    FaultFile *own = fault_file(file);

    if (!succeeds(DISK_SYNC, own->path)) {
        const GByteArray *seen = disk_is_dead() ? NULL : disk_file_sync_failed(own->file);
        if (seen)
            show(own->real, seen);
        return SQLITE_IOERR_FSYNC;
    }
    disk_file_synced(own->file);
    if (own->sync_folder && succeeds(DISK_SYNC_FOLDER_TOO, own->path))
        disk_folder_synced();
    own->sync_folder = false;
    return SQLITE_OK;
}

static int on_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
    if (!succeeds(DISK_LOOK, fault_file(file)->path))
        return SQLITE_IOERR_FSTAT;
    return real_file(file)->pMethods->xFileSize(real_file(file), ret_size);
}

static int on_lock(sqlite3_file *file, int level)
{
    return real_file(file)->pMethods->xLock(real_file(file), level);
}

static int on_unlock(sqlite3_file *file, int level)
{
    return real_file(file)->pMethods->xUnlock(real_file(file), level);
}

static int on_check_lock(sqlite3_file *file, int *ret_locked)
{
    return real_file(file)->pMethods->xCheckReservedLock(real_file(file), ret_locked);
}

static int on_control(sqlite3_file *file, int operation, void *argument)
{
    /* These would write behind our back. */
    if (operation == SQLITE_FCNTL_SIZE_HINT || operation == SQLITE_FCNTL_CHUNK_SIZE)
        return SQLITE_OK;
    return real_file(file)->pMethods->xFileControl(real_file(file), operation, argument);
}

static int on_sector_size(sqlite3_file *file)
{
    return real_file(file)->pMethods->xSectorSize(real_file(file));
}

static int on_characteristics(sqlite3_file *file)
{
    return real_file(file)->pMethods->xDeviceCharacteristics(real_file(file));
}

static int on_shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **ret_memory)
{
    switch (extend ? disk_begin(DISK_GROW, fault_file(file)->path, 0, 0, NULL) : DISK_GOOD) {
    case DISK_HAS_NO_SPACE:
        return SQLITE_IOERR_SHMSIZE;
    case DISK_FAILS:
        return SQLITE_IOERR_SHMMAP;
    default:
        return real_file(file)->pMethods->xShmMap(real_file(file), region, size, extend, ret_memory);
    }
}

static int on_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return real_file(file)->pMethods->xShmLock(real_file(file), offset, count, flags);
}

static void on_shm_barrier(sqlite3_file *file)
{
    real_file(file)->pMethods->xShmBarrier(real_file(file));
}

static int on_shm_unmap(sqlite3_file *file, int delete)
{
    return real_file(file)->pMethods->xShmUnmap(real_file(file), delete);
}

/* Version 2: with shared memory, without memory-mapped reading. */
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = on_close,
    .xRead = on_read,
    .xWrite = on_write,
    .xTruncate = on_truncate,
    .xSync = on_sync,
    .xFileSize = on_size,
    .xLock = on_lock,
    .xUnlock = on_unlock,
    .xCheckReservedLock = on_check_lock,
    .xFileControl = on_control,
    .xSectorSize = on_sector_size,
    .xDeviceCharacteristics = on_characteristics,
    .xShmMap = on_shm_map,
    .xShmLock = on_shm_lock,
    .xShmBarrier = on_shm_barrier,
    .xShmUnmap = on_shm_unmap,
};

/* ---- the folder ---- */

static int on_open(sqlite3_vfs *self G_GNUC_UNUSED, const char *path, sqlite3_file *file, int flags,
                   int *ret_flags)
{
    FaultFile *own = fault_file(file);
    int exists = 0;

    *own = (FaultFile){.real = (sqlite3_file *)(own + 1), .path = path};
    g_assert(path); /* a file without a name: temporary ones are kept in memory */
    int result = vfs.real->xAccess(vfs.real, path, SQLITE_ACCESS_EXISTS, &exists);
    if (result != SQLITE_OK)
        return result;
    bool creates = !exists && flags & SQLITE_OPEN_CREATE;
    if (!succeeds(creates ? DISK_CREATE : DISK_LOOK, path))
        return SQLITE_CANTOPEN;
    result = vfs.real->xOpen(vfs.real, path, own->real, flags, ret_flags);
    if (result != SQLITE_OK)
        return result;
    own->file = disk_file_open(path);
    /* As `unix`: also of one that was there. */
    own->sync_folder = flags & SQLITE_OPEN_CREATE &&
                       flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL);
    own->base.pMethods = &methods;
    return SQLITE_OK;
}

static int on_delete(sqlite3_vfs *self G_GNUC_UNUSED, const char *path, int sync_folder)
{
    int exists = 0;
    int result = vfs.real->xAccess(vfs.real, path, SQLITE_ACCESS_EXISTS, &exists);

    if (result == SQLITE_OK && !exists)
        return SQLITE_IOERR_DELETE_NOENT;
    if (!succeeds(DISK_DELETE, path))
        return SQLITE_IOERR_DELETE;
    result = vfs.real->xDelete(vfs.real, path, 0);
    if (result != SQLITE_OK)
        return result;
    disk_file_deleted(path);
    if (sync_folder && !succeeds(DISK_SYNC_FOLDER, path))
        return SQLITE_IOERR_DIR_FSYNC;
    if (sync_folder)
        disk_folder_synced();
    return SQLITE_OK;
}

static int on_access(sqlite3_vfs *self G_GNUC_UNUSED, const char *path, int flags, int *ret_yes)
{
    if (!succeeds(DISK_LOOK, path))
        return SQLITE_IOERR_ACCESS;
    return vfs.real->xAccess(vfs.real, path, flags, ret_yes);
}

static int on_random(sqlite3_vfs *self G_GNUC_UNUSED, int size, char *ret_bytes)
{
    memset(ret_bytes, 0, (size_t)size);
    memcpy(ret_bytes, &vfs.random, MIN((size_t)size, sizeof vfs.random));
    return size;
}

void fault_vfs_seed(uint64_t seed)
{
    vfs.random = seed;
    sqlite3_randomness(0, NULL);
}

void fault_vfs_register(void)
{
    sql_set_up();
    vfs.real = sqlite3_vfs_find("unix");
    g_assert(vfs.real);
    vfs.base = *vfs.real;
    vfs.base.pNext = NULL;
    vfs.base.zName = "fault";
    vfs.base.szOsFile = (int)sizeof(FaultFile) + vfs.real->szOsFile;
    vfs.base.xOpen = on_open;
    vfs.base.xDelete = on_delete;
    vfs.base.xAccess = on_access;
    vfs.base.xRandomness = on_random;
    int result = sqlite3_vfs_register(&vfs.base, 1);
    g_assert(result == SQLITE_OK);
}
